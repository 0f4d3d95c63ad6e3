"""CurveZMQ: a kernel whose connection file has keys talks to nobody who does not know them."""
import json
import subprocess

import pytest
import zmq
from jupyter_client import KernelManager
from zmq.utils.monitor import recv_monitor_message

from frontend import FILE, PROGRAM, free_ports

KINDS = {"shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER, "iopub": zmq.SUB, "hb": zmq.REQ}


def keys():
    public, secret = zmq.curve_keypair()
    return {"curve_publickey": public.decode(), "curve_secretkey": secret.decode()}


@pytest.fixture
def encrypted(spawn):
    return spawn({**FILE, **keys()}).connect()


def test_an_authenticated_client_works(encrypted):
    cell = encrypted.execute('print(input("? "))\n6 * 7')
    encrypted.wait(lambda: cell.questions)
    encrypted.answer(cell, "secret")
    assert cell.done().text() == "secret\n" and cell.result == "42"
    assert encrypted.ask("kernel_info_request", channel="control")["status"] == "ok"
    heart = encrypted.context.socket(zmq.REQ)
    encrypted.encrypt(heart)
    heart.connect(encrypted.endpoint("hb"))
    heart.send(b"ping")
    assert heart.poll(10000) and heart.recv() == b"ping"
    heart.close()


def is_refused(client, name, prepare):
    """Connects another socket and waits until the kernel hangs up."""
    socket = client.context.socket(KINDS[name])
    socket.linger = 0
    prepare(socket)
    events = zmq.Event.HANDSHAKE_FAILED_NO_DETAIL | zmq.Event.HANDSHAKE_FAILED_PROTOCOL | \
        zmq.Event.HANDSHAKE_FAILED_AUTH | zmq.Event.DISCONNECTED | zmq.Event.HANDSHAKE_SUCCEEDED
    monitor = socket.get_monitor_socket(events)
    if name == "iopub":
        socket.subscribe(b"")
    socket.connect(client.endpoint(name))
    assert monitor.poll(10000), "the kernel says nothing"
    event = recv_monitor_message(monitor)["event"]
    socket.disable_monitor()
    heard = socket.poll(0)
    socket.close()
    return event != zmq.Event.HANDSHAKE_SUCCEEDED and not heard


@pytest.mark.parametrize("name", KINDS)
def test_a_plain_client_is_dropped(encrypted, name):
    assert is_refused(encrypted, name, lambda socket: None)
    assert encrypted.run("1").result == "1"


@pytest.mark.parametrize("name", KINDS)
def test_a_client_with_another_key_is_dropped(encrypted, name):
    def prepare(socket):
        socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
        socket.curve_serverkey = zmq.curve_keypair()[0]
    assert is_refused(encrypted, name, prepare)
    assert encrypted.run("1").result == "1"


def test_ipc(spawn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = spawn({**FILE, **keys(), "transport": "ipc", "ip": "socket"}).connect()
    assert client.run("1").result == "1"


GOOD = keys()


@pytest.mark.parametrize("bad", [
    {"curve_publickey": GOOD["curve_publickey"]}, {"curve_secretkey": GOOD["curve_secretkey"]},
    {**GOOD, "curve_publickey": keys()["curve_publickey"]}, {**GOOD, "curve_secretkey": "short"},
    {**GOOD, "curve_secretkey": "~" * 40}, {**GOOD, "curve_publickey": 5}, {**GOOD, "curve_secretkey": None},
], ids=lambda bad: " ".join(f"{name[6:9]}={str(value)[:5]}" for name, value in bad.items()))
def test_bad_keys(tmp_path, bad):
    """It refuses to start: half an encryption is none."""
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**FILE, **bad}))
    run = subprocess.run([PROGRAM, "-f", path], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and run.stderr.count("\n") == 1 and "curve_" in run.stderr
    assert GOOD["curve_secretkey"] not in run.stderr


@pytest.mark.skipif(not hasattr(KernelManager, "transport_encryption"), reason="jupyter_client is too old")
@pytest.mark.parametrize("policy", ["disabled", "auto", "required"])
def test_jupyter_client_encrypts(start, policy):
    """Keys of 40 characters stand in the connection file, and stay over a restart; none do when it is disabled."""
    kernel = start(options={"transport_encryption": policy})
    client = kernel.client()
    assert client.run("1").result == "1"
    written = json.loads((kernel.folder / "kernel.json").read_text())
    names = ("curve_publickey", "curve_secretkey")
    if policy == "disabled":
        assert not any(name in written for name in names)
        return
    assert all(len(written[name]) == 40 for name in names)
    blocking = kernel.manager.client()
    blocking.start_channels()
    blocking.wait_for_ready(timeout=60)
    assert blocking.execute("1", reply=True, timeout=60)["content"]["status"] == "ok"
    blocking.stop_channels()
    kernel.manager.restart_kernel(now=False)
    assert json.loads((kernel.folder / "kernel.json").read_text())["curve_publickey"] == written["curve_publickey"]
    assert kernel.client().run("2").result == "2"


@pytest.mark.parametrize("encryption, lines", [({}, 1), (keys(), 0)])
def test_a_warning_when_others_can_listen(spawn, encryption, lines):
    process = spawn({**FILE, **encryption, **free_ports(), "ip": "0.0.0.0"})
    client = process.connect()
    assert client.run("1").result == "1"
    client.ask("shutdown_request", {"restart": False}, "control")
    assert process.wait(10) == 0
    text = process.stderr.read()
    assert text.count("\n") == lines == text.count("curve")
