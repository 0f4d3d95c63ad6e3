"""From start to end: connection files, shutdown, signals, the parent's death, install and uninstall."""
import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
import zmq

from frontend import FILE, NAMES, PROGRAM, Client, free_ports, install


def test_any_ports(spawn):
    process = spawn({**FILE, "curious": [1, "kept"]})
    client = process.connect()
    assert client.run("1").result == "1"
    written = json.loads(process.path.read_text())
    assert written["curious"] == [1, "kept"] and written["key"] == "a-key"
    assert len({written[f"{name}_port"] for name in NAMES}) == 5
    assert stat.S_IMODE(process.path.stat().st_mode) == 0o600


def test_ports_as_text(spawn):
    ports = free_ports()
    process = spawn({**FILE, **{name: str(port) for name, port in ports.items()}})
    client = process.connect()
    assert client.run("1").result == "1"


def test_no_file(spawn):
    process = spawn(None)
    client = process.connect()
    assert client.run("1").result == "1"
    assert len(client.info["key"]) >= 32
    assert stat.S_IMODE(process.path.stat().st_mode) == 0o600
    client.ask("shutdown_request", {"restart": False}, "control")
    assert process.wait(10) == 0
    assert not process.path.exists()


@pytest.mark.parametrize("scheme", ["hmac-sha256", "hmac-sha512", "hmac-md5"])
def test_signature_schemes(spawn, scheme):
    assert spawn({**FILE, "signature_scheme": scheme}).connect().run("1").result == "1"


def test_no_key(spawn):
    assert spawn({**FILE, "key": ""}).connect().run("1").result == "1"


def test_ipc(spawn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = spawn({**FILE, "transport": "ipc", "ip": "socket"}).connect()
    assert client.run("1").result == "1"


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({**FILE, "transport": "pigeon"}),
                                  json.dumps({**FILE, "signature_scheme": "hmac-rot13"}),
                                  json.dumps({**FILE, "shell_port": 70000}), json.dumps({**FILE, "hb_port": "x"}),
                                  json.dumps({**FILE, "ip": 5}), json.dumps({**FILE, "ip": "1.2.3.4.5"})])
def test_bad_connection_file(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    run = subprocess.run([PROGRAM, "-f", path], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and run.stderr.startswith("vint-kernel: ") and run.stderr.count("\n") == 1
    assert "a-key" not in run.stderr


@pytest.mark.parametrize("limit", [5, 6, 7, 8, 10, 12, 20, 28, 40])
def test_too_few_file_descriptors(tmp_path, limit):
    run = subprocess.run(["prlimit", f"--nofile={limit}", PROGRAM, "-f", tmp_path / "connection.json"],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert run.stderr.startswith("vint-kernel: too few file descriptors: ") and f"limit of {limit} " in run.stderr


def test_a_limit_of_file_descriptors_that_can_be_raised(spawn):
    assert spawn(command=["prlimit", "--nofile=8:256"]).connect().run("1").result == "1"


@pytest.mark.parametrize("limit", [5, 6, 7, 8, 12, 16])
def test_a_program_with_too_few_file_descriptors(limit):
    run = subprocess.run(["prlimit", f"--nofile={limit}", PROGRAM.parent / "vint", "-e", "print(1)"],
                         capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert run.stderr.startswith("vint: too few file descriptors: ") and f"limit of {limit} " in run.stderr


def test_starting_is_said_once(spawn):
    """A client that has subscribed before the kernel runs sees it as the first message."""
    ports = free_ports()
    info = {**FILE, **ports}
    client = Client(info)
    spawn(info)
    client.ready()
    client.run("1")
    assert client.starting <= 1  # it may come before the connection does
    client.close()


def test_heartbeat_while_a_cell_computes(client):
    cell = client.execute("while (true) {}").started()
    socket = client.context.socket(zmq.REQ)
    socket.connect(client.endpoint("hb"))
    for i in range(100):
        socket.send(b"ping %d" % i)
        assert socket.poll(5000)
        assert socket.recv() == b"ping %d" % i
    socket.close()
    client.ask("interrupt_request", channel="control")
    cell.done()


@pytest.mark.parametrize("channel", ["control", "shell"])
@pytest.mark.parametrize("busy", [None, "while (true) {}", "sleep(1000000)", 'while (true) { print("x") }', "input()"])
def test_shutdown(kernel, client, channel, busy):
    if busy:
        client.execute(busy).started()
    request = client.send("shutdown_request", {"restart": False}, channel)
    client.wait(lambda: request.replies and request.is_idle)
    assert request.reply == {"status": "ok", "restart": False}
    assert [kind for kind, _ in request.outputs] == ["shutdown_reply"]
    assert kernel.exit_status() == 0 and kernel.stderr() == ""


def test_shutdown_with_background_tasks(kernel, client):
    client.run("for i in 1..1000 { go func() { sleep(1000000) }() }\ngo func() { while (true) {} }()")
    client.ask("shutdown_request", {"restart": True}, "control")
    assert kernel.exit_status() == 0 and kernel.stderr() == ""


def test_shutdown_ends_child_processes(kernel, client):
    file = kernel.folder / "pid"
    client.execute(f"!echo $$ > '{file}'; sleep 1000")
    client.wait(lambda: file.exists() and file.read_text().endswith("\n"))
    descriptor = os.pidfd_open(int(file.read_text()))
    client.ask("shutdown_request", {"restart": False}, "control")
    assert kernel.exit_status() == 0
    poller = zmq.Poller()
    poller.register(descriptor, zmq.POLLIN)
    assert poller.poll(10000), "the child lives on"
    os.close(descriptor)


def test_restart(kernel, client):
    """The new process listens on the old ports."""
    client.run("let x = 1")
    kernel.manager.restart_kernel(now=False)
    client.close()
    again = kernel.client()
    assert again.info == client.info and again.judge.session != client.judge.session
    assert again.run("x").status == "error"
    assert again.run("1").reply["execution_count"] == 2


def test_shutdown_by_the_manager(kernel, client):
    cell = client.execute("while (true) {}").started()
    process = kernel.process
    kernel.manager.shutdown_kernel()
    assert process.returncode == 0 and kernel.stderr() == ""
    assert cell.is_busy


@pytest.mark.parametrize("busy", [None, "while (true) {}"])
def test_sigterm(kernel, client, busy):
    if busy:
        client.execute(busy).started()
    kernel.process.send_signal(signal.SIGTERM)
    assert kernel.exit_status() == 0 and kernel.stderr() == ""


# Runs a command in a network of its own, whose name server never answers: the socket that is its port stays open.
SILENCE = '''
import fcntl, os, socket, struct, subprocess, sys
name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(name_server, 0x8914, struct.pack("16sh14x", b"lo", 1))  # up
name_server.bind(("127.0.0.1", 53))
name_server.set_inheritable(True)
for path, text in ("/etc/resolv.conf", "nameserver 127.0.0.1\\noptions timeout:30 attempts:5"), ("/etc/nsswitch.conf", "hosts: dns"):
    with open(sys.argv[1], "w") as file:
        file.write(text + "\\n")
    subprocess.run(["mount", "--bind", sys.argv[1], path], check=True)
    os.unlink(sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
'''


@pytest.fixture
def silence(tmp_path):
    command = ["unshare", "--user", "--map-root-user", "--mount", "--net", sys.executable, "-c", SILENCE, tmp_path / "file"]
    if subprocess.run([*command, "/bin/true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    return command


def test_a_silent_name_server_does_not_hold_up_the_end(spawn, silence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    process = spawn({**FILE, "transport": "ipc", "ip": "socket"}, command=silence)
    client = process.connect()
    client.run('import net\nlet t = go net.lookup("example.org")\nsleep(0)')
    assert client.run("t.info()['state']").result == '"waiting for the address of a host"'
    client.ask("shutdown_request", {"restart": False}, "control")
    assert process.wait(10) == 0


def test_a_program_ends_beside_a_silent_name_server(silence):
    code = 'import net\ngo net.lookup("example.org")\nsleep(0)\nprint("done")\nexit(3)'
    run = subprocess.run([*silence, PROGRAM.parent / "vint", "-e", code], capture_output=True, text=True, timeout=20)
    assert (run.returncode, run.stdout, run.stderr) == (3, "done\n", "")


def test_files_are_read_beside_a_silent_name_server(silence):
    code = ('import net\nfor i in 1..20 { go net.lookup("host" + i + ".example.org") }\nsleep(0)\n'
            'print(open("/etc/resolv.conf").read().contains("127.0.0.1"))\nexit(3)')
    run = subprocess.run([*silence, PROGRAM.parent / "vint", "-e", code], capture_output=True, text=True, timeout=15)
    assert (run.returncode, run.stdout, run.stderr) == (3, "true\n", "")


def test_the_end_of_the_parent(spawn, tmp_path):
    """A kernel whose parent has died ends by itself."""
    script = f"""
import os, subprocess, sys
kernel = subprocess.Popen([{str(PROGRAM)!r}, "-f", "c.json"], env={{**os.environ, "JPY_PARENT_PID": str(os.getpid())}})
print(kernel.pid, flush=True)
sys.stdin.read()
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    descriptor = os.pidfd_open(int(parent.stdout.readline()))
    while not (tmp_path / "c.json").exists():
        time.sleep(0.001)
    client = Client(json.loads((tmp_path / "c.json").read_text())).ready()
    client.run("go func() { while (true) {} }()")
    client.close()
    parent.kill()
    parent.wait()
    poller = zmq.Poller()
    poller.register(descriptor, zmq.POLLIN)
    assert poller.poll(10000), "the kernel lives on"
    os.close(descriptor)
    parent.stdin.close()
    parent.stdout.close()


def test_command_line():
    def run(*arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    assert run("--version").stdout.startswith("vint-kernel ")
    assert "install" in run("--help").stdout
    assert run().returncode == 2
    assert run("--nonsense").returncode == 2
    assert run("install", "--nonsense").returncode == 2
    assert run("install", "--name", "../x").returncode == 2


def test_install(tmp_path):
    folder = install(tmp_path) / "vint"
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["argv"] == [str(PROGRAM), "-f", "{connection_file}"]
    assert spec["kernel_protocol_version"] == "5.6.0"
    assert spec["metadata"]["supported_encryption"] == ["curve"]
    assert spec["interrupt_mode"] == "message" and spec["language"] == "vint" and spec["display_name"] == "VintLang"
    for size in (32, 64):
        image = (folder / f"logo-{size}x{size}.png").read_bytes()
        assert image[:8] == b"\x89PNG\r\n\x1a\n" and image[16:24] == size.to_bytes(4, "big") * 2
    assert (folder / "logo-svg.svg").read_text().startswith("<svg")
    install(tmp_path)  # again
    assert subprocess.run([PROGRAM, "uninstall", "--prefix", tmp_path], capture_output=True).returncode == 0
    assert not folder.exists()


@pytest.mark.parametrize("variables, arguments, place", [
    ({"JUPYTER_DATA_DIR": "{}/data"}, [], "data/kernels/vint"),
    ({"XDG_DATA_HOME": "{}/xdg"}, ["--user"], "xdg/jupyter/kernels/vint"),
    ({"HOME": "{}"}, ["--name", "vint-2", "--display-name", "V 2"], ".local/share/jupyter/kernels/vint-2"),
    ({"VIRTUAL_ENV": "{}/venv"}, ["--sys-prefix"], "venv/share/jupyter/kernels/vint"),
])
def test_places_to_install_to(tmp_path, variables, arguments, place):
    clean = {name: value for name, value in os.environ.items()
             if name not in ("JUPYTER_DATA_DIR", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX")}
    environment = {**clean, **{name: value.format(tmp_path) for name, value in variables.items()}}
    subprocess.run([PROGRAM, "install", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
    assert (tmp_path / place / "kernel.json").is_file()
