"""Interrupts, by message and by signal, of whatever a cell may be doing."""
import signal

import pytest

WAYS = ["message", "signal"]

BUSY = {
    "loop": "while (true) {}",
    "sleep": "sleep(1000000)",
    "receive": "let ch = chan\ngo func() { sleep(1000000); send(ch, 1) }()\nreceive(ch)",
    "await": "let f = async func() { sleep(1000000) }\nawait f()",
    "printing loop": 'while (true) { print("x") }',
    "call": "func f() { while (true) { } }\nf()",
}


def interrupt(kernel, client, way):
    if way == "message":
        assert client.ask("interrupt_request", channel="control") == {"status": "ok"}
    else:
        kernel.process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", BUSY)
def test_interrupt(kernel, client, what, way):
    cell = client.execute(BUSY[what]).started()
    interrupt(kernel, client, way)
    cell.done()
    assert cell.status == "error" and cell.reply["ename"] == "Interrupted"
    assert [error["ename"] for error in cell.errors] == ["Interrupted"]
    assert client.run("1 + 1").result == "2"


@pytest.mark.parametrize("way", WAYS)
def test_interrupt_of_input(kernel, client, way):
    cell = client.execute('input("name? ")')
    client.wait(lambda: cell.questions)
    interrupt(kernel, client, way)
    assert cell.done().reply["ename"] == "Interrupted"
    client.answer(cell, "too late")
    cell = client.execute('input("again? ")')
    client.wait(lambda: cell.questions)
    client.answer(cell, "in time")
    assert cell.done().result == '"in time"'


@pytest.mark.parametrize("way", WAYS)
def test_interrupt_of_nothing(kernel, client, way):
    client.run("1")
    for _ in range(3):
        interrupt(kernel, client, way)
    client.ask("kernel_info_request", channel="control")  # the signals have been noticed
    assert client.run("sleep(100)\n5").result == "5"


WORKER = """
let gate = chan
let ready = []
func worker(name) {
    defer print(name, "deferred")
    ready.push(name)
    try { receive(gate) } finally { print(name, "cleaned up") }
}
"""


@pytest.mark.parametrize("way", WAYS)
def test_interrupt_stops_the_tasks_of_the_running_cell(kernel, client, way):
    """And no others: those of earlier cells live on."""
    client.run(WORKER)
    earlier = client.run('let early = go worker("early")')
    cell = client.execute("""
go worker("late")
go func() { go worker("nested"); try { while (true) {} } finally { print("spinner cleaned up") } }()
while (len(ready) < 3) { sleep(1) }
try { print("all there"); sleep(1000000) } finally { print("main cleaned up") }
""")
    client.wait(lambda: cell.text() == "all there\n")
    interrupt(kernel, client, way)
    assert cell.done().reply["ename"] == "Interrupted"
    assert sorted(cell.text().splitlines()[1:]) == [
        "late cleaned up", "late deferred", "main cleaned up", "nested cleaned up", "nested deferred",
        "spinner cleaned up"]
    assert [error["ename"] for error in cell.errors] == ["Interrupted"] and earlier.text() == ""
    client.run("send(gate, 1)\nawait early")
    client.wait(lambda: earlier.text() == "early cleaned up\nearly deferred\n")


@pytest.mark.parametrize("way", WAYS)
def test_interrupts_of_the_background(kernel, client, way):
    """The first one says in each cell what it has there; the second one stops it all."""
    client.run(WORKER)
    cells = [client.run(f'go worker("{name}")') for name in "ab"]
    idle = client.run("1")
    interrupt(kernel, client, way)
    client.wait(lambda: all(cell.text("stderr") for cell in cells))
    for cell in cells:
        notice = cell.text("stderr")
        assert notice.startswith("In the background: 1 task of this cell.") and "worker: blocked in receive" in notice
        assert cell.text() == "" and idle.text("stderr") == ""
    interrupt(kernel, client, way)
    client.wait(lambda: all("deferred" in cell.text() for cell in cells))
    assert [cell.text() for cell in cells] == [f"{name} cleaned up\n{name} deferred\n" for name in "ab"]
    assert client.run("import task\ntask.list().length()").result == "1"


def test_an_interrupt_is_not_the_second_one_of_a_stopped_cell(client):
    background = client.run('let ch = chan\ngo func() { receive(ch); print("lives") }()')
    cell = client.execute("while (true) {}").started()
    client.ask("interrupt_request", channel="control")
    assert cell.done().status == "error"
    client.ask("interrupt_request", channel="control")
    client.wait(lambda: background.text("stderr"))
    client.run("send(ch, 1)")
    client.wait(lambda: background.text() == "lives\n")


def test_shutdown_says_nothing_of_the_background(kernel, client):
    """Frontends interrupt before they end a kernel."""
    cell = client.run("go receive(chan)")
    client.ask("interrupt_request", channel="control")
    client.ask("shutdown_request", channel="control", content={"restart": True})
    assert kernel.exit_status() == 0
    while client.receive(0.05):
        pass
    assert cell.text("stderr") == ""


def test_interrupt_while_a_cell_waits_for_its_tasks(client):
    cell = client.execute("""
go func() { try { print("there"); sleep(1000000) } finally { print("cleaned up") } }()
""", metadata={}, allow_stdin=False)
    client.wait(lambda: cell.text() == "there\n")
    client.ask("interrupt_request", channel="control")
    assert cell.done().reply["ename"] == "Interrupted" and cell.text() == "there\ncleaned up\n"
    assert client.run("1 + 1").result == "2"


def test_interrupt_aborts_what_waits(client):
    first = client.execute("while (true) {}").started()
    second = client.execute('print("never")')
    client.ask("kernel_info_request")  # the second cell has arrived before this one was answered
    client.ask("interrupt_request", channel="control")
    assert first.done().reply["ename"] == "Interrupted"
    assert second.done().status == "aborted" and second.outputs == []
