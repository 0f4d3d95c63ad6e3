"""Much output, and output that comes late: all of it, in order, under the right parent."""
import os

import pytest

from frontend import resident_mb


def lines(text):
    return text.split("\n")[:-1]


def test_late_output_goes_to_its_cell(client):
    first = client.run('go func() { sleep(300); print("late") }()')
    assert first.text() == ""
    second = client.run('print("second")')
    client.wait(lambda: first.text())
    assert first.text() == "late\n" and second.text() == "second\n"


def test_late_output_while_another_cell_runs(client):
    first = client.run('go func() { sleep(100); print("late") }()')
    second = client.run('print("a")\nsleep(600)\nprint("b")')
    client.wait(lambda: first.text())
    assert first.text() == "late\n" and second.text() == "a\nb\n"


def test_tasks_of_tasks_promises_and_channels(client):
    first = client.run("""
let ch = chan
let slow = async func(n) { sleep(50); return n }
go func() {
    go func() { let v = receive(ch); print("got", v) }()
    print("promised", await slow(7))
}()
""")
    second = client.run('sleep(150)\nsend(ch, "x")')
    client.wait(lambda: len(lines(first.text())) == 2)
    assert first.text() == "promised 7\ngot x\n" and second.text() == ""


def test_a_task_that_can_run_prints_before_the_reply(client):
    cell = client.run('go print("at once")')
    kinds = [m["header"]["msg_type"] for m in cell.iopub]
    assert kinds == ["status", "execute_input", "stream", "status"]


def test_late_error(client):
    cell = client.run('go func() { sleep(50); throw "lost" }()')
    assert cell.status == "ok"
    client.wait(lambda: cell.errors)
    assert "lost" in cell.errors[0]["evalue"]
    assert client.run("1").result == "1"


def test_ten_thousand_tasks_of_three_cells(client):
    code = """
for i in 0..9999 {
    go func(n) { sleep(n % 100); print("CELL", n) }(i)
}
"""
    cells = [client.execute(code.replace("CELL", name)) for name in ("one", "two", "three")]
    for name, cell in zip(("one", "two", "three"), cells):
        cell.done()
        client.wait(lambda: cell.text().count("\n") == 10000)
        assert sorted(lines(cell.text())) == sorted(f"{name} {n}" for n in range(10000))


def test_late_output_is_batched(client):
    """A client that waits for silence on IOPub must find some."""
    cell = client.run("go func() { for i in 1..200 { print(i); sleep(5) } }()")
    client.wait(lambda: cell.text().endswith("\n200\n"))
    assert cell.text() == "".join(f"{i}\n" for i in range(1, 201))
    kinds = [m["header"]["msg_type"] for m in cell.iopub]
    late = cell.iopub[len(kinds) - kinds[::-1].index("status"):]
    times = [m["header"]["date"].timestamp() for m in late]
    assert len(times) > 2 and min(b - a for a, b in zip(times, times[1:])) > 0.2


def test_a_hundred_thousand_lines(client):
    cell = client.run('for i in 0..99999 { print("line", i) }')
    assert cell.text() == "".join(f"line {i}\n" for i in range(100000))
    assert len(cell.outputs) < 1000


def test_ten_megabytes(client):
    cell = client.run('print("ä" * 5000000)')
    assert cell.text() == "ä" * 5000000 + "\n"


def test_first_output_comes_while_the_cell_runs(client):
    cell = client.execute('print("first")\nsleep(100000)')
    client.wait(lambda: cell.text() == "first\n")
    client.ask("interrupt_request", channel="control")
    cell.done()


def test_output_of_a_computing_cell_comes(client):
    cell = client.execute('print("first")\nwhile (true) {}')
    client.wait(lambda: cell.text() == "first\n")
    client.ask("interrupt_request", channel="control")
    cell.done()


def test_late_output_of_a_computing_task_comes(client):
    cell = client.run("""
let going = true
go func() { let i = 0; while (going) { i += 1; if (i % 100000 == 0) { print(i) } } }()
""")
    client.wait(lambda: len(lines(cell.text())) > 10)
    client.run("going = false")


@pytest.mark.skipif("asan" in os.environ.get("VINT_KERNEL", ""), reason="memory means nothing there")
def test_memory_stays_flat_over_many_cells(kernel, client):
    """A cell leaves nothing behind: neither its code nor what it printed."""
    def run(count):
        for _ in range(count):
            client.run('let f = func(x) { return [x, "text"] }\nf(1)')
        client.requests.clear()
        return resident_mb(kernel.process.pid)

    before = run(1500)
    assert run(3000) < before + 8


def beats(cell):
    """The times at which late messages of the cell were made, each with its number of bytes."""
    after = [m["header"]["msg_type"] == "status" and m["content"]["execution_state"] == "idle" for m in cell.iopub].index(True)
    return [(m["header"]["date"].timestamp(), len(m["content"].get("text", ""))) for m in cell.iopub[after + 1:]]


def test_a_new_client_finds_silence(kernel, client):
    """wait_for_ready() of jupyter_client waits until IOPub has been silent for a while."""
    cell = client.run("let going = true\ngo func() { while (going) { print(1); display(2); sleep(20) } }()")
    client.wait(lambda: len(beats(cell)) > 4)
    before = beats(cell)[-1][0]
    other = kernel.client()
    client.wait(lambda: beats(cell)[-1][0] > before + 1.5)
    times = [time for time, _ in beats(cell)]
    assert max(b - a for a, b in zip(times, times[1:])) > 0.4
    client.run("going = false")
    assert other.run("1").result == "1"


def test_a_flood_of_late_output_is_bounded(client):
    """What is too much is left out, and that is said; the kernel goes on answering, and other cells have their share."""
    flood = client.run('let going = true\ngo func() { let i = 0; while (going) { print("flood", i); i += 1 } }()')
    other = client.run('go func() { for i in 1..100 { print("other", i); sleep(10) } }()')
    client.wait(lambda: other.text().endswith("other 100\n") and "bytes were left out" in flood.text("stderr"))
    assert other.text() == "".join(f"other {i}\n" for i in range(1, 101))
    assert client.run("going = false\n1 + 1").result == "2"
    rate = beats(flood)
    seconds = rate[-1][0] - rate[0][0]
    assert sum(size for _, size in rate) < (seconds + 0.5) * 1.1e6


def test_late_displays_and_streams_keep_their_order(client):
    cell = client.run("""
go func() {
    sleep(1)
    for i in 1..20 { print("out", i); printErr("err", i); display(i) }
    display("first", id = "d")
    for i in 1..500 { display(i, id = "d", update = true) }
    print("end")
    throw "last"
}()
""")
    client.wait(lambda: cell.errors)
    said = []
    for kind, content in cell.outputs:
        if kind == "stream":
            said += content["text"].split("\n")[:-1]
        elif kind == "error":
            said.append("error")
        elif kind == "display_data":
            said.append(content["data"]["text/plain"])
    expected = [text for i in range(1, 21) for text in (f"out {i}", f"err {i}", f"{i}")]
    assert said == [*expected, '"first"', "end", "error"]
    updates = [content["data"]["text/plain"] for kind, content in cell.outputs if kind == "update_display_data"]
    assert updates[-1] == "500" and len(updates) < 100, "of updates that wait the last one is enough"
