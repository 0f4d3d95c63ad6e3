"""Interrupts of every kind of wait: the cell ends, cleans up, and leaves nothing behind. (None would end by itself.)"""

import pytest

SETUP = """
import context, http, net, os, shell, sync, task
let mutex = sync.Mutex()
mutex.lock()
let readers = sync.RWMutex()
readers.rLock()
let semaphore = sync.Semaphore(1)
semaphore.acquire()
let group = sync.WaitGroup()
group.add()
let full = chan(1)
send(full, 0)
let server = net.listen(0) // accepts nobody and answers nothing
let url = "http://127.0.0.1:" + server.port + "/"
let never = async func() { sleep(1000000) }
func connected() { return net.dial("127.0.0.1", server.port) }
// What is made once is made now.
try { http.get("http://127.0.0.1:1/") } catch (e: NetworkError) { }
// Something that may come keeps a wait from being a deadlock.
(go sleep(1000000)).detach()
1
"""

WAITS = {
    "send": "send(chan, 1)",
    "send to a full channel": "send(full, 1)",
    "receive": "receive(chan)",
    "loop over a channel": "for v in chan { }",
    "select": "select { case v = receive(chan) { } case send(chan, 1) { } case after(1000000) { } }",
    "sleep": "sleep(1000000)",
    "Mutex": "mutex.lock()",
    "RWMutex": "readers.lock()",
    "Semaphore": "semaphore.acquire()",
    "WaitGroup": "group.wait()",
    "a group of tasks": "task.group(func(g) { g.start(func() { sleep(1000000) }) })",
    "http": "http.get(url)",
    "connection": "connected().receive()",
    "sending": 'let c = connected()\nwhile (true) { c.send("x".repeat(1000000)) }',
    "accept": "net.listen(0).accept()",
    "os.run": 'os.run("sleep 1000")',
    "shell.run": 'shell.run("sleep 1000; true")',
    "files": 'while (true) { os.readFile("/proc/self/maps") }',
    "lookup": 'while (true) { net.lookup("localhost") }',
}

CELL = """
defer print("deferred")
try {
    print("begun")
    %s
} finally {
    print("finally")
}
"""

@pytest.fixture
def session(client):
    assert client.run(SETUP).result == "1"
    return client


def usage(client):
    """What the session holds; without the heap's bytes, to which each cell adds its code."""
    return client.run('let u = task.usage()\n[u["tasks"], u["timers"], u["requests"], u["handles"]]').result


@pytest.mark.parametrize("what", WAITS)
def test_interrupt_of_waits(session, what):
    code = CELL % WAITS[what]
    before = usage(session)
    for _ in range(2):
        cell = session.execute(code)
        session.wait(lambda: "begun" in cell.text())
        session.ask("interrupt_request", channel="control")
        cell.done()
        assert cell.status == "error" and cell.reply["ename"] == "Interrupted"
        assert cell.text() == "begun\nfinally\ndeferred\n"
    for _ in range(300):  # processes take a moment to end
        if usage(session) == before:
            break
        session.run("sleep(10)")
    assert usage(session) == before
