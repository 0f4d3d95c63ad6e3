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
    client.run('go func() { sleep(200); print("lives") }()')
    for _ in range(3):
        interrupt(kernel, client, way)
    client.ask("kernel_info_request", channel="control")  # the signals have been noticed
    assert client.run("sleep(100)\n5").result == "5"


def test_interrupt_spares_background_tasks(client):
    first = client.run('go func() { sleep(300); print("lives") }()')
    second = client.execute("while (true) {}").started()
    client.ask("interrupt_request", channel="control")
    assert second.done().status == "error"
    client.wait(lambda: first.text() == "lives\n")


def test_interrupt_aborts_what_waits(client):
    first = client.execute("while (true) {}").started()
    second = client.execute('print("never")')
    client.ask("kernel_info_request")  # the second cell has arrived before this one was answered
    client.ask("interrupt_request", channel="control")
    assert first.done().reply["ename"] == "Interrupted"
    assert second.done().status == "aborted" and second.outputs == []
