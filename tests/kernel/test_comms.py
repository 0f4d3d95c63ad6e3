"""Comms: lines between frontends and tasks, in both directions.

test_comm in a first line names ipykernel's tests of that name, test_message_spec those for comm_info.
"""
import json
import uuid

import pytest


class Comm:
    """A frontend's end of a comm."""

    def __init__(self, client, comm_id=None, subshell=None):
        self.client, self.id, self.subshell = client, comm_id or uuid.uuid4().hex, subshell

    def say(self, kind, buffers=None, **content):
        return self.client.send(kind, {"comm_id": self.id, **content}, subshell=self.subshell, buffers=buffers)

    def open(self, target, data=None, buffers=None):
        self.opening = self.say("comm_open", buffers, target_name=target, data=data or {})
        return self

    def send(self, data=None, buffers=None):
        return self.say("comm_msg", buffers, data=data or {})

    def close(self, data=None):
        return self.say("comm_close", data=data or {})


def heard(request, kind="comm_msg"):
    """What came out on comms with that request as its parent: (data, buffers)."""
    return [(message["content"]["data"], [bytes(buffer) for buffer in message["buffers"]])
            for message in request.iopub if message["header"]["msg_type"] == kind]


def data_of(request, kind="comm_msg"):
    return [data for data, _ in heard(request, kind)]


def comms(client, target=None, channel="shell"):
    return client.ask("comm_info_request", {"target_name": target}, channel)["comms"]


ECHO = """
import comm
go func() {
    for c in comm.listen("echo") {
        c.send({"opened": c.data, "id": c.id, "target": c.target}, c.buffers)
        go func() {
            for m in c.messages { c.send({"echo": m["data"]}, m["buffers"]) }
            c.ended == null || print("ended with", c.ended["data"])
        }()
    }
}()
"""


@pytest.fixture
def echo(client):
    """A cell that listens for the target `echo`."""
    cell = client.run(ECHO)
    assert cell.status == "ok"
    return cell


def test_nobody_listens(client):
    """Unknown target: closed again; messages on unknown comms are ignored."""
    comm = Comm(client).open("nobody")
    client.wait(lambda: comm.opening.is_idle)
    assert comm.opening.outputs == [("comm_close", {"comm_id": comm.id, "data": {}})]
    for request in (comm.send({"a": 1}), comm.close()):
        client.wait(lambda: request.is_idle)
        assert request.outputs == []
    assert comms(client) == {}


def test_there_and_back(client, echo):
    """test_comm: open, message and close, with data and buffers, each once and in order."""
    comm = Comm(client).open("echo", {"n": [1, 2.5, "ä😀", None, True]}, [b"\x00\xff", b""])
    client.wait(lambda: heard(echo))
    assert heard(echo) == [({"opened": {"n": [1, 2.5, "ä😀", None, True]}, "id": comm.id, "target": "echo"},
                            [b"\x00\xff", b""])]
    for i in range(300):
        comm.send({"i": i}, [bytes([i % 256]) * 3])
    client.wait(lambda: len(heard(echo)) == 301)
    assert heard(echo)[1:] == [({"echo": {"i": i}}, [bytes([i % 256]) * 3]) for i in range(300)]
    closing = comm.close({"why": "done"})
    client.wait(lambda: echo.text())
    assert echo.text() == 'ended with {"why": "done"}\n'
    client.wait(lambda: closing.is_idle)
    assert closing.outputs == [] and comms(client) == {}


def test_large_and_many_buffers(client, echo):
    comm = Comm(client).open("echo")
    buffers = [bytes(range(256)) * 20000, *(bytes([i]) for i in range(256)), b""]
    comm.send(buffers=buffers)
    client.wait(lambda: len(heard(echo)) == 2)
    assert heard(echo)[1] == ({"echo": {}}, buffers)


def test_opened_by_the_kernel(client):
    cell = client.run("""
import comm
let c = comm.open("plot", {"kind": "line"}, ["bytes"])
c.send({"points": [1, 2]})
let m = null
go func() { m = receive(c.messages); c.close({"got": m["data"]}) }()
c
""")
    assert cell.result == "Comm(plot)"
    assert heard(cell, "comm_open") == [({"kind": "line"}, [b"bytes"])] and data_of(cell) == [{"points": [1, 2]}]
    opening = next(m["content"] for m in cell.iopub if m["header"]["msg_type"] == "comm_open")
    assert opening["target_name"] == "plot" and comms(client) == {opening["comm_id"]: {"target_name": "plot"}}
    Comm(client, opening["comm_id"]).send({"zoom": 2})
    client.wait(lambda: data_of(cell, "comm_close"))
    assert data_of(cell, "comm_close") == [{"got": {"zoom": 2}}]
    assert comms(client) == {}
    assert client.run("c.send()").result == "false"
    again = client.run("c.close({})\nc")
    assert again.result == "Comm(plot, closed)" and data_of(again, "comm_close") == []
    assert client.run("receive(c.messages) == null && c.ended").result == '{"data": {"got": {"zoom": 2}}, "buffers": []}'


def test_closed_by_a_frontend_that_does_not_know_the_target(client):
    cell = client.execute('import comm\nlet c = comm.open("unknown")\nfor m in c.messages {}\nc.ended["data"]')
    client.wait(lambda: heard(cell, "comm_open"))
    opening = next(m["content"] for m in cell.iopub if m["header"]["msg_type"] == "comm_open")
    Comm(client, opening["comm_id"]).close({"no": "target"})
    assert cell.done().result == '{"no": "target"}'


def test_comm_info(client, echo):
    """test_message_spec: comm_info; with and without a target, on both channels, while a cell computes."""
    client.run('import comm\nlet other = comm.listen("other")')
    busy = client.execute("while (true) {}").started()
    one, two = Comm(client).open("echo"), Comm(client).open("other")
    for channel in ("shell", "control"):
        assert comms(client, None, channel) == {one.id: {"target_name": "echo"}, two.id: {"target_name": "other"}}
        assert comms(client, "other", channel) == {two.id: {"target_name": "other"}}
        assert comms(client, "nothing", channel) == {}
    client.ask("interrupt_request", channel="control")
    busy.done()
    client.wait(lambda: one.opening.is_idle and two.opening.is_idle)
    two.close()
    assert comms(client) == {one.id: {"target_name": "echo"}}


def test_messages_while_the_main_shell_is_busy(client, echo):
    """The reason why JupyterLab has subshells: one for each target. Comms that are open need none."""
    subshell = client.ask("create_subshell_request", channel="control")["subshell_id"]
    before = Comm(client).open("echo")
    client.wait(lambda: len(heard(echo)) == 1)
    busy = client.execute("while (true) {}").started()
    inside = Comm(client, subshell=subshell).open("echo")
    client.wait(lambda: len(heard(echo)) == 2)
    for comm in (before, inside):
        comm.send({"from": comm.id})
    client.wait(lambda: len(heard(echo)) == 4)
    assert {"echo": {"from": inside.id}} in data_of(echo) and {"echo": {"from": before.id}} in data_of(echo)
    assert not busy.replies
    client.ask("delete_subshell_request", {"subshell_id": subshell}, "control")
    inside.send({"after": "the end"})  # the shell is gone, the comm is not
    client.wait(lambda: {"echo": {"after": "the end"}} in data_of(echo))
    client.ask("interrupt_request", channel="control")
    busy.done()


def test_open_keeps_its_place_among_cells(client):
    """The cell that listens was sent before it, so it must have run before it."""
    first = client.execute("sleep(50)")
    listening = client.execute(ECHO)
    comm = Comm(client).open("echo", {"n": 0})
    for i in range(5):
        comm.send({"i": i})
    last = client.execute('print("last")')
    for cell in (first, listening, last):
        assert cell.done().status == "ok"
    client.wait(lambda: len(heard(listening)) == 6)
    assert data_of(listening)[0]["opened"] == {"n": 0}
    assert data_of(listening)[1:] == [{"echo": {"i": i}} for i in range(5)]
    comm.send({"i": 5})
    client.wait(lambda: data_of(listening)[6:] == [{"echo": {"i": 5}}])


def test_messages_on_another_shell_do_not_overtake_the_open(client):
    """JupyterLab opens a comm on the main shell while it makes the subshell for what follows."""
    cell = client.run("""
import comm
func collect(c) {
    let got = []
    for m in c.messages { got.push(m["data"]["i"]) }
    print(c.data, got, c.ended["data"], c.send())
}
go func() { for c in comm.listen("x") { go collect(c) } }()""")
    busy = client.execute("while (true) {}").started()
    comm = Comm(client).open("x", {"n": 0})
    comm.subshell = client.ask("create_subshell_request", channel="control")["subshell_id"]
    for i in range(3):
        comm.send({"i": i})
    comm.close({"bye": 0})
    other = Comm(client, subshell=comm.subshell).open("x", {"n": 1})
    other.send({"i": "other"})
    other.close({"bye": 1})
    client.wait(lambda: cell.text() == '{"n": 1} ["other"] {"bye": 1} false\n')
    assert not comm.opening.iopub and comms(client) == {comm.id: {"target_name": "x"}}
    client.ask("interrupt_request", channel="control")
    assert busy.done().status == "error"
    client.wait(lambda: cell.text().endswith('\n{"n": 0} [0, 1, 2] {"bye": 0} false\n'))
    assert comms(client) == {}


def test_a_failing_cell_aborts_no_messages(client, echo):
    failing = client.execute("sleep(50)\nnowhere")
    comm = Comm(client).open("echo")
    aborted = client.execute("1")
    comm.send({"i": 1})
    assert failing.done().status == "error" and aborted.done().status == "aborted"
    client.wait(lambda: data_of(echo)[1:] == [{"echo": {"i": 1}}])


def test_a_cell_waits_for_a_message(client):
    """What can come from outside is no deadlock."""
    cell = client.execute("""
import comm
let c = receive(comm.listen("ask"))
c.send()
receive(c.messages)["data"]["answer"]""")
    opened = Comm(client, subshell=client.ask("create_subshell_request", channel="control")["subshell_id"])
    while not heard(cell):  # refused until the cell has come so far as to listen
        opened.open("ask")
        client.wait(lambda: opened.opening.is_idle)
        client.wait(lambda: heard(cell) or data_of(opened.opening, "comm_close"))
    opened.send({"answer": 42})
    assert cell.done().result == "42"


def test_select_on_messages(client):
    cell = client.execute("""
import comm
let opened = comm.listen("s")
print("listens")
let c = null
while (c == null) { select { case x = receive(opened) { c = x } case after(10) {} } }
let got = []
while (got.length() < 2) {
    select {
        case m = receive(c.messages) { got.push(m["data"]["n"]) }
        case after(100000) { got.push("late") }
    }
}
got
""")
    subshell = client.ask("create_subshell_request", channel="control")["subshell_id"]
    client.wait(lambda: cell.text())
    comm = Comm(client, subshell=subshell).open("s")
    comm.send({"n": 1})
    comm.send({"n": 2})
    assert cell.done().result == "[1, 2]"


def test_output_of_handlers_is_the_listeners(client):
    """A handler is a task like others: what it prints goes to the cell that started it."""
    cell = client.run('import comm\ngo func() { for c in comm.listen("p") { print("hello", c.data["who"]) } }()')
    other = client.run("1")
    comm = Comm(client).open("p", {"who": "you"})
    client.wait(lambda: cell.text() == "hello you\n")
    assert comm.opening.outputs == [] and len(other.outputs) == 1


def test_listening_anew_takes_over(client):
    """As when the cell that listens is run again. Comms that nobody has received yet go to the new one."""
    client.run('import comm\nlet opened = comm.listen("x")')
    waiting = Comm(client).open("x", {"n": 1})
    client.wait(lambda: waiting.opening.is_idle)
    client.run('let before = opened\nopened = comm.listen("x")')
    Comm(client).open("x", {"n": 2})
    cell = client.run('[receive(before), receive(opened).data["n"], receive(opened).data["n"]]')
    assert cell.result == "[null, 1, 2]"
    client.run("close(opened)")
    refused = Comm(client).open("x")
    client.wait(lambda: refused.opening.is_idle)
    assert data_of(refused.opening, "comm_close") == [{}]


def test_messages_that_nobody_receives(client):
    """Up to a limit they wait; then the comm is closed, and both sides are told. None before that is lost."""
    cell = client.run('import comm\nlet opened = comm.listen("x")')
    comm = Comm(client).open("x")
    for i in range(4_000):
        comm.send({"i": i})
    client.ask("kernel_info_request")
    assert comms(client) == {comm.id: {"target_name": "x"}}
    comm.send({"i": "one too many"})
    client.wait(lambda: data_of(cell, "comm_close"))
    why = "too many messages wait to be received"
    assert data_of(cell, "comm_close") == [{"error": why}]
    client.wait(lambda: cell.text("stderr") == f"comm 'x' closed: {why}\n")
    count = client.run("""
let c = receive(opened)
let next = 0
for m in c.messages { if (m["data"]["i"] == next) { next++ } }
[next, c.ended["data"]["error"]]""")
    assert json.loads(count.result) == [4_000, why] and comms(client) == {}


def test_bytes_that_nobody_receives(client):
    cell = client.run('import comm\nlet opened = comm.listen("x")')
    comm = Comm(client).open("x")
    for _ in range(5):
        comm.send(buffers=[bytes(15 << 20)])
    client.wait(lambda: data_of(cell, "comm_close"))
    count = client.run("let n = 0\nlet c = receive(opened)\nfor m in c.messages { n += len(m[\"buffers\"][0]) }\nn")
    assert count.result == str(4 * (15 << 20))


def test_a_slow_receiver_keeps_its_comm(client):
    """The limit is for what waits, not for what has come in all."""
    cell = client.run("""
import comm
let n = 0
go func() { for c in comm.listen("x") { for m in c.messages {
    n += len(m["buffers"][0])
    if (m["data"]["last"]) { c.send() }
} } }()""")
    comm = Comm(client).open("x")
    for i in range(1, 13):
        comm.send({"last": i % 3 == 0}, [bytes(20 << 20)])
        client.wait(lambda: len(heard(cell)) == i // 3)
    assert client.run("n").result == str(12 * (20 << 20)) and comms(client) == {comm.id: {"target_name": "x"}}


def test_a_full_channel_grows_behind_who_waits(client):
    """A task may send into the channel of messages as well; what comes from outside keeps its place behind it."""
    client.run("""
import comm
let opened = comm.listen("x")
let c = null
go func() { for x in opened { c = x; for i in 1..40 { send(c.messages, i) } } }()""")
    comm = Comm(client).open("x")
    client.wait(lambda: comm.opening.is_idle)
    full = client.run("while (c == null || len(c.messages) < 16) { sleep(1) }\n[c.messages.cap(), len(c.messages)]")
    assert full.result == "[16, 16]"
    for _ in range(3):
        request = comm.send({"n": 1})
    client.wait(lambda: request.is_idle)
    cell = client.run("let got = []\nfor i in 1..43 { got.push(receive(c.messages)) }\n"
                      "[got.filter(func(x) { return type(x) == \"INTEGER\" }), got.findIndex(func(x) { return x == 17 }), "
                      "got.filter(func(x) { return type(x) == \"DICT\" }).length()]")
    assert json.loads(cell.result) == [list(range(1, 41)), 16, 3]


def test_silent_cells_may_open_comms(client):
    cell = client.run('import comm\nprint("x")\nlet c = comm.open("quiet")', silent=True)
    assert [kind for kind, _ in cell.outputs] == ["comm_open"]


def test_order_of_output_and_messages(client):
    cell = client.run('import comm\nlet c = comm.open("x")\nprint("a")\nc.send()\nprint("b")\nc.close()\nprint("c")')
    kinds = [content.get("text", kind) for kind, content in cell.outputs]
    assert kinds == ["comm_open", "a\n", "comm_msg", "b\n", "comm_close", "c\n"]


@pytest.mark.parametrize("call, name", [
    ('c.send("text")', "TypeError"), ("c.send({}, [5])", "TypeError"), ("c.send({}, 5)", "TypeError"),
    ('c.send({"x": 1.0 / 0.0})', "ZeroDivisionError"), ("c.send({1: 2})", "TypeError"),
    ('comm.open(5)', "TypeError"), ("comm.listen()", "ArgumentError"),
])
def test_mistakes(client, call, name):
    client.run('import comm\nlet c = comm.open("x")')
    cell = client.run(call)
    assert cell.reply["ename"] == name and heard(cell) == []
    assert client.run('c.send({"still": "open"})').status == "ok"


def test_odd_messages(client, echo):
    """Data that is no object counts as an empty one; a comm that is opened twice begins anew."""
    comm = Comm(client).open("echo")
    for data in (None, 5, [1]):
        comm.say("comm_msg", data=data)
    comm.say("comm_msg")
    client.wait(lambda: len(heard(echo)) == 5)
    assert data_of(echo)[1:] == [{"echo": {}}] * 4
    comm.open("echo", {"again": True})
    client.wait(lambda: len(heard(echo)) == 6)
    comm.send({"n": 1})
    client.wait(lambda: len(heard(echo)) == 7)
    assert data_of(echo)[5]["opened"] == {"again": True} and data_of(echo)[6] == {"echo": {"n": 1}}
    assert comms(client) == {comm.id: {"target_name": "echo"}}


@pytest.mark.parametrize("kind, content", [
    ("comm_open", {"comm_id": "c"}), ("comm_open", {"target_name": "x"}), ("comm_msg", {}), ("comm_close", {"comm_id": 5}),
])
def test_missing_fields(kernel, client, kind, content):
    request = client.send(kind, content)
    client.wait(lambda: request.is_idle)
    assert len(request.iopub) == 2 and "refused: no comm_id" in kernel.stderr()


def test_drain_does_not_wait_for_messages(client):
    """nbclient's cells are over although a task of theirs listens."""
    cell = client.run(ECHO, metadata={}, allow_stdin=False)
    assert cell.status == "ok" and cell.text("stderr") == ""
    Comm(client).open("echo")
    client.wait(lambda: heard(cell))


def test_a_subshell_for_comms_brings_no_cells(client, echo):
    """A deadlock is still told, although JupyterLab has made a subshell for a comm."""
    subshell = client.ask("create_subshell_request", channel="control")["subshell_id"]
    client.run("let ch = chan")
    comm = Comm(client, subshell=subshell).open("nobody")
    client.wait(lambda: comm.opening.is_idle)
    client.run('import comm\nclose(comm.listen("echo"))')  # the echo's task ends: nothing waits for comms
    assert client.run("receive(ch)").reply["ename"] == "DeadlockError"


def test_shutdown_with_open_comms(kernel, client, echo):
    comm = Comm(client).open("echo")
    client.wait(lambda: heard(echo))
    busy = client.execute("while (true) {}").started()
    comm.send({"n": 1})
    client.ask("shutdown_request", {"restart": False}, "control")
    assert kernel.exit_status() == 0 and not busy.replies
