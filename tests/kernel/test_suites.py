"""What the test suites of other kernels check and no other file here does. README.md lists all of it."""
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq

from frontend import FILE, free_ports

HERE = Path(__file__).resolve().parent


def test_the_table_names_tests_that_exist():
    """Each row of the table in README.md has a test, or says why there is none."""
    rows = [line.strip("| ").split(" | ") for line in (HERE / "README.md").read_text().splitlines()
            if line.startswith("| ") and not line.startswith("| what |")]
    assert len(rows) > 80
    for what, *where in rows:
        assert len(where) == 1, what
        if where[0].startswith("–"):
            continue
        names = re.findall(r"`(\w+)::(\w+)`", where[0])
        assert names, f"{what}: no test"
        for file, name in names:
            text = (HERE / f"test_{file}.py").read_text()
            assert re.search(rf"^def test_{name}\(", text, re.M), f"{what}: no {file}::{name}"


# ---- ipykernel ----

def test_a_failing_cell_stops_cells_only(client):
    """non_execute_stop_on_error"""
    failing, cell = client.execute("nowhere"), client.execute("1")
    others = [client.send("kernel_info_request"), client.send("comm_info_request"),
              client.send("inspect_request", {"code": "print", "cursor_pos": 5, "detail_level": 0})]
    assert failing.done().status == "error" and cell.done().status == "aborted"
    assert [other.done().status for other in others] == ["ok"] * 3


def test_an_error_that_is_printed_is_none(client):
    """execute_reply_error_status"""
    cell = client.run('try { nowhere } catch (e) { printErr("Traceback:", e.message) }')
    assert cell.status == "ok" and not cell.errors and cell.text("stderr").startswith("Traceback:")
    assert client.run('throw "on purpose"').status == "error"


def test_control_comes_before_what_waits_on_shell(client):
    """control_thread_priority"""
    cells = [client.execute("sleep(5)") for _ in range(200)]
    client.ask("kernel_info_request", channel="control")
    assert not cells[-1].replies
    for cell in cells:
        assert cell.done().status == "ok"


def test_requests_on_control_are_answered_in_order(client):
    """sequential_control_messages"""
    requests = [client.send("kernel_info_request", channel="control") for _ in range(100)]
    dates = [request.done().replies[0]["header"]["date"] for request in requests]
    assert dates == sorted(dates)


def test_silence_counts_nothing_and_says_nothing(client):
    """execute_silent, execute_inc"""
    first = client.run("1").reply["execution_count"]
    for code in ("2", 'print("x")', "nowhere"):
        cell = client.run(code, silent=True)
        assert cell.reply["execution_count"] == first and not cell.outputs
    assert client.run("3").reply["execution_count"] == first + 1


def test_ports_in_use_are_tried_again(spawn):
    """As when a kernel is started anew before the old one is quite gone."""
    info = {**FILE, **free_ports()}
    with zmq.Context() as context:
        other = context.socket(zmq.REP)
        other.bind(f"tcp://127.0.0.1:{info['hb_port']}")
        process = spawn(info)
        while not Path(f"/proc/{process.pid}/net/tcp").exists():
            pass
        listening = f":{info['shell_port']:04X} "
        while listening not in Path(f"/proc/{process.pid}/net/tcp").read_text():
            assert process.poll() is None
            time.sleep(0.001)
        other.close(0)
    assert process.connect().run("1").result == "1"


@pytest.mark.parametrize("place, why", [({"ip": "192.0.2.1"}, "cannot listen on tcp://192.0.2.1"),
                                        ({"ip": "no such host"}, "cannot listen on tcp://no such host"),
                                        ({"transport": "ipc", "ip": "nowhere/socket"}, "cannot listen on ipc://nowhere")])
def test_places_where_nobody_can_listen(spawn, place, why):
    process = spawn({**FILE, **place})
    assert process.wait(20) == 1
    text = process.stderr.read()
    assert why in text and text.count("\n") == 1


def test_a_port_that_stays_in_use(spawn):
    info = {**FILE, **free_ports()}
    with zmq.Context() as context:
        other = context.socket(zmq.REP)
        other.bind(f"tcp://127.0.0.1:{info['stdin_port']}")
        process = spawn(info)
        assert process.wait(20) == 1
        other.close(0)
    text = process.stderr.read()
    assert f"{info['stdin_port']}: Address already in use" in text and text.count("\n") == 1


def test_the_end_of_a_parent_that_is_none(spawn):
    """JPY_PARENT_PID may name any process, such as a launcher's launcher."""
    launcher = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = spawn(environment={"JPY_PARENT_PID": str(launcher.pid)})
    assert process.connect().run("1").result == "1"
    launcher.communicate(b"\n")
    assert process.wait(10) == 0


def test_a_heart_beats_in_the_fresh_kernel(spawn):
    info = {**FILE, **free_ports()}
    process = spawn(info)
    with zmq.Context() as context:
        heart = context.socket(zmq.REQ)
        heart.linger = 0
        heart.connect(f"tcp://127.0.0.1:{info['hb_port']}")
        heart.send(b"ping")
        assert heart.poll(20000) and heart.recv() == b"ping"
        heart.close()
    assert process.poll() is None


# ---- Deno ----

def test_a_question_does_not_stop_the_heart(client):
    cell = client.execute('input("? ")')
    client.wait(lambda: cell.questions)
    heart = client.context.socket(zmq.REQ)
    heart.connect(client.endpoint("hb"))
    for _ in range(3):
        heart.send(b"ping")
        assert heart.poll(10000) and heart.recv() == b"ping"
    heart.close()
    client.answer(cell, "x")
    assert cell.done().result == '"x"'


@pytest.mark.parametrize("answer", ["interrupt_request", "shutdown_request"])
def test_replies_on_control_while_idle_and_busy(kernel, client, answer):
    cell = client.execute("while (true) {}").started()
    content = {"restart": True} if answer == "shutdown_request" else {}
    reply = client.ask(answer, content, channel="control")
    assert reply["status"] == "ok" and reply.get("restart", True) is True
    if answer == "interrupt_request":
        assert cell.done().status == "error"
        assert client.ask(answer, content, channel="control")["status"] == "ok"
    else:
        assert kernel.exit_status() == 0


def test_relative_imports(client, tmp_path):
    (tmp_path / "helper.vint").write_text("func twice(x) { return 2 * x }\n")
    assert client.run(f"%cd {tmp_path}").status == "ok"
    assert client.run('import "helper"\nhelper.twice(21)').result == "42"


def test_a_long_running_server(client):
    """It goes on between cells, and serves the cells after it; what it prints is its own cell's."""
    first = client.run('import http\nlet app = http.app()\n'
                       'app.get("/hello", func(request, response) { print("asked"); return "hi" })\napp.start();')
    assert first.status == "ok", first.errors
    for _ in range(3):
        cell = client.run('http.get("http://127.0.0.1:" + app.port + "/hello").text()')
        assert cell.result == '"hi"', cell.errors
    client.wait(lambda: first.text() == "asked\n" * 3)
    assert client.run("app.stop()").status == "ok"
