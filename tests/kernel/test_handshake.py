"""The handshake of protocol 5.6: the kernel finds its ports and tells them to a registration socket."""
import hmac
import json
import os
import stat
import subprocess
import sys

import pytest
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import find_connection_file

from frontend import LIMIT, NAMES, Client

KEY = b"a-key"
DELIMITER = b"<IDS|MSG>"


def sign(content, key=KEY):
    return hmac.digest(key, content, "sha256").hex().encode()


class Registrar:
    """A launcher's registration socket."""

    def __init__(self, folder, transport="tcp", **fields):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        if transport == "tcp":
            ip, port = "127.0.0.1", self.socket.bind_to_random_port("tcp://127.0.0.1")
        else:
            ip, port = str(folder / "registration"), 1
            self.socket.bind(f"ipc://{ip}-{port}")
        self.file = {"kernel_id": "an-id", "transport": transport, "registration_ip": ip, "registration_port": port,
                     "signature_scheme": "hmac-sha256", "key": KEY.decode(), **fields}
        self.environment = {"JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
        self.written = folder / "runtime/kernel-an-id.json"

    def receive(self):
        """The address of a kernel that registers, and what it says."""
        assert self.socket.poll(LIMIT * 1000), "no kernel registers"
        *address, delimiter, signature, content = self.socket.recv_multipart()
        assert len(address) == 1 and delimiter == DELIMITER and signature == sign(content)
        return address, json.loads(content)

    def register(self):
        """Answers as a launcher should; returns the connection's description."""
        address, content = self.receive()
        assert content.pop("kernel_id") == self.file["kernel_id"]
        assert sorted(content) == sorted(f"{name}_port" for name in NAMES)
        assert all(isinstance(port, str) for port in content.values()) and len(set(content.values())) == 5
        self.socket.send_multipart([*address, DELIMITER, sign(b"ACK"), b"ACK"])
        return {"ip": "127.0.0.1", **self.file, **content}


@pytest.fixture
def registrar(tmp_path):
    made = []

    def registrar(**fields):
        made.append(Registrar(tmp_path, **fields))
        return made[-1]

    yield registrar
    for one in made:
        one.context.destroy()


@pytest.fixture
def launch(spawn):
    """Starts a kernel that registers, and a client of it."""
    clients = []

    def launch(registrar):
        process = spawn(registrar.file, registrar.environment)
        clients.append(Client(registrar.register()))
        return process, clients[-1].ready()

    yield launch
    for client in clients:
        client.close()


@pytest.mark.parametrize("form", [int, str])
def test_registration(registrar, launch, form):
    """As xeus tests it: register, kernel_info, shutdown."""
    launcher = registrar()
    launcher.file["registration_port"] = form(launcher.file["registration_port"])
    process, client = launch(launcher)
    assert client.ask("kernel_info_request", channel="control")["protocol_version"] == "5.6"
    assert client.run("6 * 7").result == "42"
    client.ask("shutdown_request", {"restart": False}, "control")
    assert process.wait(10) == 0 and process.stderr.read() == ""
    assert not launcher.written.exists()


def test_other_clients_find_a_connection_file(registrar, launch, monkeypatch):
    launcher = registrar()
    process, client = launch(launcher)
    client.run("let x = 5")
    written = json.loads(launcher.written.read_text())
    assert all(written[f"{name}_port"] == int(client.info[f"{name}_port"]) for name in NAMES)
    assert written["ip"] == "127.0.0.1" and written["key"] == KEY.decode()
    assert stat.S_IMODE(launcher.written.stat().st_mode) == 0o600
    assert json.loads(process.path.read_text()) == launcher.file, "the registration file is for restarts"

    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(launcher.written.parent))
    other = BlockingKernelClient(connection_file=find_connection_file())
    other.load_connection_file()
    other.start_channels()
    other.wait_for_ready(timeout=LIMIT)
    reply = other.execute("", user_expressions={"x": "x"}, reply=True, timeout=LIMIT)
    assert reply["content"]["user_expressions"]["x"]["data"]["text/plain"] == "5"
    other.stop_channels()


def test_console_existing(registrar, launch):
    pytest.importorskip("jupyter_console")
    launcher = registrar()
    launch(launcher)[1].run('let greeting = "he" + "llo"')
    run = subprocess.run([sys.executable, "-m", "jupyter_console", "--existing", "--simple-prompt"], text=True,
                         input="greeting\n", capture_output=True, env={**os.environ, **launcher.environment},
                         timeout=LIMIT)
    assert '"hello"' in run.stdout


def test_restart(registrar, launch):
    """The launcher starts the kernel with the same file again."""
    launcher = registrar()
    process, client = launch(launcher)
    client.ask("shutdown_request", {"restart": True}, "control")
    assert process.wait(10) == 0
    assert launch(launcher)[1].run("1").result == "1"


def test_the_runtime_folder_may_hold_the_registration_file(registrar, launch):
    """Then one file serves both: it keeps what a restart needs."""
    launcher = registrar()
    launcher.environment["JUPYTER_RUNTIME_DIR"] = "."
    launcher.file["kernel_id"] = "x"
    process, client = launch(launcher)
    assert (process.path.parent / "kernel-x.json").exists()
    assert client.run("1").result == "1"


def test_ipc(registrar, launch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    launcher = registrar(transport="ipc", ip="kernel-socket")
    launcher.environment["JUPYTER_RUNTIME_DIR"] = str(launcher.written.parent)
    _, client = launch(launcher)
    assert client.run("1").result == "1"


def test_encrypted(registrar, launch):
    public, secret = zmq.curve_keypair()
    launcher = registrar(curve_publickey=public.decode(), curve_secretkey=secret.decode())
    _, client = launch(launcher)
    assert client.run("1").result == "1"


def test_many_kernels_at_once(registrar, spawn):
    """What the handshake is for: no two kernels get the same port."""
    launcher = registrar()
    for _ in range(8):
        spawn(launcher.file, launcher.environment)
    ports = [port for _ in range(8) for name, port in launcher.receive()[1].items() if name.endswith("_port")]
    assert len(set(ports)) == 40


@pytest.mark.parametrize("answer, why", [
    ([DELIMITER, sign(b"ACK", b"another key"), b"ACK"], "wrong signature"), ([DELIMITER, b"", b"ACK"], "wrong signature"),
    ([b"garbage"], "wrong signature"), ([DELIMITER, b"x" * 2000, b"ACK"], "too long"),
    ([DELIMITER, b"1", b"2", b"3"], "too long"), (None, "no answer"),
])
def test_bad_answers(registrar, spawn, answer, why):
    """No launcher that can be trusted: the kernel ends."""
    launcher = registrar()
    process = spawn(launcher.file, launcher.environment)
    address, _ = launcher.receive()
    if answer:
        launcher.socket.send_multipart([*address, *answer])
    assert process.wait(20) == 1
    text = process.stderr.read()
    assert why in text and text.count("\n") == 1
    assert not launcher.written.exists()


@pytest.mark.parametrize("fields", [{"kernel_id": None}, {"kernel_id": "../x"}, {"kernel_id": ""},
                                    {"registration_port": 0}, {"registration_port": "x"}, {"registration_ip": 5}])
def test_bad_files(registrar, spawn, fields):
    launcher = registrar(**fields)
    process = spawn(launcher.file, launcher.environment)
    assert process.wait(20) == 1
    text = process.stderr.read()
    assert "registration needs" in text and text.count("\n") == 1
