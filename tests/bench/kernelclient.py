"""kernelclient - a kernel's process and its five sockets, for kernelbench.py.

pyzmq sockets, HMAC and nothing in between. Requests are built and signed before the clock starts; answers are verified
and parsed after it stops.
"""
import collections
import contextlib
import hmac
import json
import os
import random
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import zmq

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
DELIM = b"<IDS|MSG>"
EMPTY = b"{}"
SLICE_MS = 250          # how long a read blocks before it looks around
now = time.perf_counter


class Trouble(Exception):
    """The kernel did not do what a measure needs; str() is put in the table."""


class NotAvailable(Exception):
    """The kernel has no such feature, or no snippet for it."""


# ---------------------------------------------------------------- messages

def split(frames):
    """The (header, parent header, content) frames of a received message."""
    if DELIM not in frames:
        raise Trouble(f"malformed message, frames of {[len(f) for f in frames]} bytes")
    at = frames.index(DELIM)
    return frames[at + 2], frames[at + 3], frames[at + 5]


class Message:
    """A received message, parsed and with its signature checked."""

    def __init__(self, frames, key):
        at = frames.index(DELIM)
        signed = frames[at + 2:at + 6]
        expected = hmac.digest(key, b"".join(signed), "sha256").hex().encode()
        if frames[at + 1] != expected:
            raise Trouble("bad signature")
        self.header, self.parent, _, self.content = map(json.loads, signed)
        self.type = self.header["msg_type"]

    @property
    def parent_id(self):
        return self.parent.get("msg_id", "")


def is_idle_for(frames, msg_id):
    """Whether frames are the idle status of request msg_id, without parsing."""
    header, parent, content = split(frames)
    return b'"idle"' in content and msg_id in parent and b'"status"' in header


def stream_text(messages, name="stdout"):
    return "".join(m.content["text"] for m in messages
                   if m.type == "stream" and m.content["name"] == name)


def execute_content(code):
    return {"code": code, "silent": False, "store_history": True,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}


# ----------------------------------------------------------------- processes

def free_ports(count):
    """Free TCP ports below the range of outgoing ports.

    A client that keeps trying to connect to a free port *inside* that range
    can be given that very port as its own, and so connect to itself.
    """
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = set()
    while len(ports) < count:
        port = random.randrange(10000, max(low, 20000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports.add(port)
    return sorted(ports)


def process_tree(root):
    """root and all of its descendants."""
    children = collections.defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                children[int(stat.rpartition(")")[2].split()[1])].append(int(entry.name))
    tree = [root]
    for pid in tree:
        tree += children[pid]
    return tree


def memory_mb(root):
    """Resident memory of the tree at root: (all of it, its anonymous part)."""
    total = anonymous = 0
    for pid in process_tree(root):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
                elif line.startswith("RssAnon:"):
                    anonymous += int(line.split()[1])
    return total / 1024, anonymous / 1024


def cpu_seconds(root):
    """Processor time that the tree at root has used so far."""
    ticks = 0
    for pid in process_tree(root):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class OtherLoad:
    """Processor time that is used by others than this program and its kernels.

    On a machine that is not all ours it tells which figures to believe.
    """
    TOLERANCE = 0.03        # s; the counts come in ticks of 10 ms

    def __init__(self):
        self.begin = self._sample()

    @staticmethod
    def _sample():
        busy = Path("/proc/stat").read_text().split()[1:9]      # user nice system idle ... steal
        ticks = sum(int(busy[i]) for i in (0, 1, 2, 7))
        own = sum(cpu_seconds(pid) for pid in process_tree(os.getpid())[1:]
                  if os.getpgid(pid) == pid)
        return now(), ticks / os.sysconf("SC_CLK_TCK") - own - sum(os.times()[:4])

    def share(self):
        """Processors used by others since the start, on average."""
        (start, before), (end, after) = self.begin, self._sample()
        return round(max(0.0, after - before - self.TOLERANCE) / (end - start), 3)


def wait_for_quiet(options):
    """Wait until others leave the machine alone, or options.patience is over."""
    end = now() + options.patience
    while now() < end:
        load = OtherLoad()
        time.sleep(1)
        if load.share() <= options.max_others:
            break


# -------------------------------------------------------------------- kernels

class Spec:
    """What to start, how to interrupt it and what code it understands."""

    def __init__(self, name, argv, language, interrupt_mode, env, cwd, snippets):
        self.name, self.argv, self.language = name, argv, language
        self.interrupt_mode, self.env, self.cwd = interrupt_mode, env, cwd
        self.snippets = snippets

    def snippet(self, name):
        code = self.snippets.get(name)
        if not code:
            raise NotAvailable(f"no {name} snippet")
        return code


def kernelspec_dirs():
    if os.environ.get("JUPYTER_PATH"):
        yield from (Path(p) / "kernels" for p in os.environ["JUPYTER_PATH"].split(os.pathsep))
    data = os.environ.get("JUPYTER_DATA_DIR") or Path.home() / ".local/share/jupyter"
    for parent in (f"{sys.prefix}/share/jupyter", data, "/usr/local/share/jupyter",
                   "/usr/share/jupyter"):
        yield Path(parent) / "kernels"


def find_kernelspec(name):
    for parent in kernelspec_dirs():
        path = parent / name / "kernel.json"
        if path.is_file():
            spec = json.loads(path.read_text())
            spec["argv"] = [a.replace("{resource_dir}", str(path.parent)) for a in spec["argv"]]
            return spec
    raise LookupError(f"no kernel {name!r} in the configuration, and no such kernelspec")


def make_spec(text, config):
    """The Spec of one --kernel argument."""
    head, equals, command = text.partition("=")
    name, *rest = head.split(":")
    entry = dict(config["kernels"].get(name, {}))
    if equals:
        entry["argv"] = shlex.split(command)
        entry.update(zip(("language", "interrupt_mode"), rest))
    elif "argv" not in entry:
        entry = {**find_kernelspec(entry.get("kernelspec", name)), **entry}
    language = entry.get("language", "").lower()
    language = config["aliases"].get(language, language)
    place = lambda text: text.replace("{top}", str(TOP))
    argv = [place(a) for a in entry["argv"]]
    if argv[0] in ("python", "python3"):
        argv[0] = sys.executable                # as Jupyter does
    if not shutil.which(argv[0]):
        raise LookupError(f"{name}: no program {argv[0]}")
    return Spec(name, argv, language,
                entry.get("interrupt_mode", "signal"), entry.get("env", {}),
                place(entry["cwd"]) if "cwd" in entry else None,
                {**config["languages"].get(language, {}), **entry.get("snippets", {})})


class Kernel:
    """One running kernel and a client connected to it."""

    def __init__(self, spec, workdir, cpu=None):
        self.spec, self.cpu = spec, cpu
        self.workdir = Path(workdir).resolve()      # the kernel may start in another folder
        self.key = uuid.uuid4().hex.encode()
        self.session = uuid.uuid4().hex
        self.date = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        self.count = 0
        self.ctx = zmq.Context()
        self.info = {}
        self._connect()
        self._spawn()

    def _connect(self):
        ports = dict(zip(CHANNELS, free_ports(len(CHANNELS))))
        self.connection = {"transport": "tcp", "ip": "127.0.0.1", "key": self.key.decode(),
                           "signature_scheme": "hmac-sha256", "kernel_name": self.spec.name,
                           **{f"{name}_port": port for name, port in ports.items()}}
        identity = self.session.encode()
        for name, port in ports.items():
            sock = self.ctx.socket(zmq.SUB if name == "iopub" else zmq.DEALER)
            sock.linger = 0
            sock.rcvhwm = sock.sndhwm = 0           # this side never drops a message
            sock.rcvtimeo = SLICE_MS
            sock.reconnect_ivl = 1                  # ms: see the kernel at once when it is up
            if name == "iopub":
                sock.subscribe(b"")
            elif name != "hb":
                sock.identity = identity            # stdin must have shell's
            sock.connect(f"tcp://127.0.0.1:{port}")
            setattr(self, name, sock)

    def _spawn(self):
        path = self.workdir / f"{self.spec.name}-{self.session[:8]}.json"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as out:
            json.dump(self.connection, out)
        self.connection_file = path
        argv = [a.replace("{connection_file}", str(path)) for a in self.spec.argv]
        env = {**os.environ, "JPY_PARENT_PID": str(os.getpid()),
               "VINT_HISTORY": str(self.workdir / "history.sqlite"), **self.spec.env}
        pin = None if self.cpu is None else (lambda: os.sched_setaffinity(0, {self.cpu}))
        with open(self.workdir / f"{self.spec.name}.log", "ab") as log:
            self.started = now()
            self.process = subprocess.Popen(argv, env=env, cwd=self.spec.cwd, preexec_fn=pin,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    # -- sending and receiving

    def build(self, msg_type, content, **more):
        """(msg_id, frames) of a signed request; the id is in bytes, with quotes; more is for the header."""
        self.count += 1
        msg_id = f"{self.session}_{self.count:08d}"
        header = {"msg_id": msg_id, "msg_type": msg_type, "username": "kernelbench",
                  "session": self.session, "date": self.date, "version": "5.3", **more}
        parts = [json.dumps(header).encode(), EMPTY, EMPTY, json.dumps(content).encode()]
        signature = hmac.digest(self.key, b"".join(parts), "sha256").hex().encode()
        return f'"{msg_id}"'.encode(), [DELIM, signature, *parts]

    def send(self, sock, msg_type, content, **more):
        msg_id, frames = self.build(msg_type, content, **more)
        sock.send_multipart(frames)
        return msg_id

    def receive(self, sock, deadline, otherwise="no answer"):
        while True:
            try:
                return sock.recv_multipart()
            except zmq.Again:
                if self.process.poll() is not None:
                    raise Trouble(f"kernel exited ({self.process.returncode})") from None
                if now() > deadline:
                    raise Trouble(otherwise) from None

    def reply(self, sock, msg_id, seconds=10):
        """The reply to msg_id, parsed. Replies to others are skipped."""
        deadline = now() + seconds
        while True:
            frames = self.receive(sock, deadline)
            if msg_id in split(frames)[1]:
                return Message(frames, self.key)

    def until_idle(self, msg_id, seconds=10, sink=None):
        """Read iopub up to the idle status of msg_id, into sink if there is one."""
        deadline = now() + seconds
        while True:
            frames = self.receive(self.iopub, deadline, "no idle status")
            if sink is not None:
                sink.append(frames)
            if is_idle_for(frames, msg_id):
                return

    def idle_came(self, msg_id, seconds=2.0, sink=None):
        """until_idle(), for measures that can bear the loss of the idle status."""
        try:
            self.until_idle(msg_id, seconds, sink)
            return True
        except Trouble:
            if self.process.poll() is not None:
                raise
            return False

    def until_started(self, msg_id, seconds=10):
        """Read iopub until the kernel says that it took up msg_id."""
        deadline = now() + seconds
        while msg_id not in split(self.receive(self.iopub, deadline))[1]:
            pass

    def drain(self, sock, seconds=0.0):
        """Read what has come, or comes within so many seconds."""
        frames = []
        end = now() + seconds
        while sock.poll(max(0, int((end - now()) * 1000))):
            frames.append(sock.recv_multipart())
        return frames

    def execute(self, code, seconds=30):
        """Run a cell: (its reply, its iopub messages), parsed."""
        sink = []
        msg_id = self.send(self.shell, "execute_request", execute_content(code))
        self.until_idle(msg_id, seconds, sink)
        reply = self.reply(self.shell, msg_id, seconds)
        return reply, [Message(f, self.key) for f in sink if msg_id in split(f)[1]]

    # -- life

    def wait_ready(self, seconds=60):
        """Seconds from spawn to the first kernel_info_reply.

        The request is on its way before the kernel is; it is repeated after
        5 s, as the replies of some kernels get lost.
        """
        while True:
            self.send(self.shell, "kernel_info_request", {})
            try:
                frames = self.receive(self.shell, now() + 5)
                took = now() - self.started
                self.info = Message(frames, self.key).content
                return took
            except Trouble:
                if self.process.poll() is not None or now() - self.started > seconds:
                    raise

    def settle(self):
        """Make sure that iopub is connected; leave it and shell empty."""
        for _ in range(20):
            with contextlib.suppress(Trouble):
                self.reply(self.shell, self.send(self.shell, "kernel_info_request", {}), 2)
            if self.drain(self.iopub, 0.1):
                break
        self.drain(self.iopub, 0.1)
        self.drain(self.shell)

    def interrupt(self, mode=None):
        if (mode or self.spec.interrupt_mode) == "message":
            self.send(self.control, "interrupt_request", {})
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def shut_down(self, seconds=5):
        """Seconds from shutdown_request to the end of the process; None if it never ends."""
        pidfd = os.pidfd_open(self.process.pid)
        try:
            start = now()
            self.send(self.control, "shutdown_request", {"restart": False})
            ended = select.select([pidfd], [], [], seconds)[0]
            return now() - start if ended else None
        finally:
            os.close(pidfd)
            self.close()

    def close(self):
        """End the process, if it still runs, and the sockets."""
        if self.ctx.closed:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection_file.unlink(missing_ok=True)
        self.ctx.destroy(linger=0)
