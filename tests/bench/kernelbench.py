#!/usr/bin/env python3
"""kernelbench - time Jupyter kernels through their five ZeroMQ sockets.

    kernelbench.py --kernel ipykernel --kernel deno
    kernelbench.py --kernel 'mine:javascript:message=mine {connection_file}'
    kernelbench.py --all --rounds 2 --json out.json --markdown out.md

--kernel NAME               an entry of "kernels" in the configuration file,
                            or else an installed kernelspec of that name
--kernel NAME:LANG[:MODE]=ARGV
                            any command line with {connection_file} in it; LANG
                            names the snippets to run (a key of "languages"),
                            MODE is how it is interrupted: signal or message

The client is this file: pyzmq sockets, HMAC and nothing in between. Requests
are built and signed before the clock starts; answers are verified and parsed
after it stops, so what it adds to a figure is small and the same for every
kernel. "zmqecho" (zmqecho.c) shows how much that is.

The code that the kernels run comes from kernels.json beside this file. A kernel
that lacks a feature, or a snippet, gets "n/a"; one that fails a measure gets
the reason, and is started anew for the next measure.

When the kernel "vint" is among them, a line for each aim follows (kernelaims.py),
and the exit status is 1 if one is missed or has become worse.

On a machine that is not idle, --patience waits for others to finish, and a
measure that they disturbed all the same is taken again (--tries); the last row
of the table, and "others" in the JSON, tell how much they got in the way.

Needs Python 3.9 or later and pyzmq, on Linux.
"""
import argparse
import collections
import contextlib
import gc
import hmac
import json
import os
import platform
import random
import select
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import zmq

from kernelaims import judge
from table import Table

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


# ------------------------------------------------------------------- measures
# Each takes a settled Kernel and the options, and returns a flat dict.

def spread(seconds, unit=1e6, **more):
    """p50, p99, least and most of a list of times, in units of 1/unit s."""
    ordered = sorted(seconds)
    rank = lambda p: ordered[min(len(ordered) - 1, int(p * len(ordered)))] * unit
    return {"n": len(ordered), "p50": rank(.50), "p99": rank(.99),
            "min": ordered[0] * unit, "max": ordered[-1] * unit, **more}


def repeat(options, once, warmup):
    """Times that once() returns: options.n of them, or what fits in the limit.

    It returns None where the kernel lost a status message: up to 20 of these
    are borne (and waited for, some seconds each, so the limit counts too).
    """
    times, lost, end = [], 0, now() + options.limit
    for i in range(warmup + options.n):
        seconds = once()
        if seconds is None:
            lost += 1
            if lost > 20:
                raise Trouble("idle statuses get lost")
        elif i >= warmup:
            times.append(seconds)
        if now() > end and len(times) >= 20:
            break
    return times, lost


def measure_heartbeat(kernel, options):
    def once():
        start = now()
        kernel.hb.send_multipart([b"", b"ping"])
        answer = kernel.receive(kernel.hb, start + 5)
        took = now() - start
        if answer[-1] != b"ping":
            raise Trouble("wrong echo")
        return took
    return spread(repeat(options, once, options.warmup)[0])


def request_times(kernel, options, sock, msg_type, content, check=lambda reply: None):
    """spread() from request to reply; the statuses on iopub are read untimed.

    Some kernels send no status for some requests: three tries tell.
    """
    has_status = any(kernel.idle_came(kernel.send(sock, msg_type, content), 0.5) for _ in range(3))
    kernel.drain(sock, 0.5)

    def once():
        msg_id, frames = kernel.build(msg_type, content)
        start = now()
        sock.send_multipart(frames)
        answer = kernel.receive(sock, start + 5)
        took = now() - start
        reply = Message(answer, kernel.key)
        if reply.parent_id != msg_id.decode().strip('"'):
            raise Trouble("reply to another request")
        check(reply)
        return took if not has_status or kernel.idle_came(msg_id) else None

    times, lost = repeat(options, once, min(options.warmup, options.n))
    return spread(times, has_status=has_status, lost_idle=lost)


def measure_info(kernel, options):
    return request_times(kernel, options, kernel.shell, "kernel_info_request", {})


def measure_control(kernel, options):
    return request_times(kernel, options, kernel.control, "kernel_info_request", {})


def measure_execute(kernel, options):
    """From request to both execute_reply and iopub idle."""
    content = execute_content(kernel.spec.snippet("expr"))
    sink, strays = [], []

    def once():
        msg_id, frames = kernel.build("execute_request", content)
        sink.clear()
        start = now()
        kernel.shell.send_multipart(frames)
        idle = kernel.idle_came(msg_id, 2, sink)
        answer = kernel.receive(kernel.shell, start + 10)
        took = now() - start
        reply = Message(answer, kernel.key)
        if msg_id.decode().strip('"') != reply.parent_id:
            raise Trouble("reply to another request")
        if reply.content["status"] != "ok":
            raise Trouble(f"cell failed: {reply.content.get('ename')}")
        strays.extend(f for f in sink if msg_id not in split(f)[1])     # of the cell before
        return took if idle else None

    for _ in range(options.warmup):
        once()
    cpu = cpu_seconds(kernel.process.pid)
    times, lost = repeat(options, once, 0)
    cpu = (cpu_seconds(kernel.process.pid) - cpu) / (len(times) + lost) * 1e6
    kinds = [Message(f, kernel.key).type for f in sink]
    return spread(times, cpu_us=cpu, lost_idle=lost, after_idle=len(strays),
                  iopub=" ".join(kinds))


def few(options, count):
    return argparse.Namespace(**{**vars(options), "n": min(options.n, count),
                                 "warmup": min(options.warmup, 10)})


def measure_complete(kernel, options):
    code = kernel.spec.snippet("complete")
    found = []
    result = request_times(kernel, few(options, 200), kernel.shell, "complete_request",
                           {"code": code, "cursor_pos": len(code)},
                           lambda reply: found.append(len(reply.content.get("matches", []))))
    return {**result, "matches": found[-1]}


def measure_inspect(kernel, options):
    code = kernel.spec.snippet("inspect")
    found = []
    result = request_times(kernel, few(options, 200), kernel.shell, "inspect_request",
                           {"code": code, "cursor_pos": len(code), "detail_level": 0},
                           lambda reply: found.append(bool(reply.content.get("found"))))
    return {**result, "found": found[-1]}


def measure_busy(kernel, options):
    """Answers on control and heartbeat while a cell computes for 3 s."""
    sockets = {"control": kernel.control, "hb": kernel.hb}
    by_socket = {sock: name for name, sock in sockets.items()}
    times = {name: [] for name in sockets}
    sent = dict.fromkeys(sockets)               # when the ping that is out was sent
    due = dict.fromkeys(sockets, 0.0)           # when the next one is to go out
    cell = kernel.send(kernel.shell, "execute_request",
                       execute_content(kernel.spec.snippet("busy")))
    kernel.until_started(cell)
    time.sleep(0.2)
    poller = zmq.Poller()
    for sock in (kernel.iopub, *by_socket):     # iopub first: an answer after idle is late
        poller.register(sock, zmq.POLLIN)
    begin, done = now(), False
    while not done:
        for name, sock in sockets.items():
            if sent[name] is None and now() >= due[name]:
                frames = ([b"", b"ping"] if name == "hb"
                          else kernel.build("kernel_info_request", {})[1])
                sent[name] = now()
                sock.send_multipart(frames)
        for sock, _ in poller.poll(2):
            arrived = now()
            frames = sock.recv_multipart()
            if sock is kernel.iopub:
                done = done or is_idle_for(frames, cell)
            elif not done:
                name = by_socket[sock]
                times[name].append(arrived - sent[name])
                sent[name], due[name] = None, arrived + 0.02
        if now() - begin > 30:
            raise Trouble("the busy cell did not end")
        if kernel.process.poll() is not None:
            raise Trouble("kernel exited")
    lasted = now() - begin
    kernel.reply(kernel.shell, cell)
    for name, sock in sockets.items():
        if sent[name] is not None:
            kernel.drain(sock, 0.5)
    kernel.drain(kernel.iopub, 0.2)
    result = {"lasted_s": lasted}
    for name, values in times.items():
        result[name] = spread(values) if values else "no answer"
    return result


def measure_asked(kernel, options):
    """Answers to the usual questions while a cell computes."""
    complete, inspect = kernel.spec.snippets.get("complete", "x"), kernel.spec.snippets.get("inspect", "x")
    questions = {
        "info": (kernel.control, "kernel_info_request", {}),
        "complete": (kernel.shell, "complete_request", {"code": complete, "cursor_pos": len(complete)}),
        "inspect": (kernel.shell, "inspect_request", {"code": inspect, "cursor_pos": len(inspect), "detail_level": 0}),
        "is_complete": (kernel.shell, "is_complete_request", {"code": "f("}),
        "history": (kernel.shell, "history_request", {"hist_access_type": "tail", "n": 100, "output": False, "raw": True}),
        "comm_info": (kernel.shell, "comm_info_request", {}),
    }
    cell = kernel.send(kernel.shell, "execute_request", execute_content(kernel.spec.snippet("endless")))
    kernel.until_started(cell)
    result, silent = {}, set()
    for name, (sock, msg_type, content) in questions.items():
        times = []
        while sock not in silent and len(times) < 100:
            msg_id, frames = kernel.build(msg_type, content)
            start = now()
            sock.send_multipart(frames)
            try:
                while msg_id not in split(kernel.receive(sock, start + 1))[1]:
                    pass
                times.append(now() - start)
            except Trouble:
                silent.add(sock)
        result[name] = spread(times, 1e3) if times else "no answer"
    kernel.interrupt()
    kernel.until_idle(cell, 10)
    kernel.drain(kernel.shell, 0.2)
    kernel.drain(kernel.control, 0.05)
    kernel.drain(kernel.iopub, 0.2)
    return result


def interrupted(kernel, code, mode):
    """Interrupt a running cell: (seconds until its reply, its ename, how the next cell fared)."""
    cell = kernel.send(kernel.shell, "execute_request", execute_content(code))
    kernel.until_started(cell)
    if kernel.shell.poll(300):
        raise Trouble("the cell ended by itself")
    start = now()
    kernel.interrupt(mode)
    reply = kernel.reply(kernel.shell, cell, 10)
    took = now() - start
    if reply.content["status"] == "ok":
        raise Trouble("the cell ended with status ok")
    kernel.until_idle(cell, 5)
    kernel.drain(kernel.control, 0.05)
    for following in ("next", "second"):
        after, _ = kernel.execute(kernel.spec.snippet("expr"), 10)
        if after.content["status"] == "ok":
            return took, reply.content.get("ename") or reply.content["status"], following
        time.sleep(1)
    raise Trouble("interrupted, but no cell works after")


def measure_interrupt(kernel, options, snippet="endless", mode=None):
    code = kernel.spec.snippet(snippet)
    kernel.execute(kernel.spec.snippet("expr"))     # some load half of themselves for the first cell
    runs = [interrupted(kernel, code, mode) for _ in range(options.repeats)]
    works = "second" if any(r[2] == "second" for r in runs) else "next"
    return spread([r[0] for r in runs], 1e3, ename=runs[-1][1], working_cell=works)


def measure_interrupt_wait(kernel, options):
    return measure_interrupt(kernel, options, "wait")


def measure_interrupt_other(kernel, options):
    """By message, where the kernelspec asks for SIGINT; else by SIGINT."""
    mode = "signal" if kernel.spec.interrupt_mode == "message" else "message"
    return measure_interrupt(kernel, options, mode=mode)


def output_run(kernel, code, seconds=120):
    """Run a cell that prints much: (its stream messages, when it ended).

    Kernels may send output after idle, or lose the idle: so iopub is read until
    the reply is there and iopub silent for 1 s (4 s if no idle came).
    """
    msg_id, frames = kernel.build("execute_request", execute_content(code))
    streams, after_idle, malformed = [], 0, 0
    idle_at = output_at = replied = None
    start = last = now()
    kernel.shell.send_multipart(frames)
    while True:
        try:
            frames = kernel.iopub.recv_multipart()
        except zmq.Again:
            if kernel.process.poll() is not None:
                raise Trouble(f"kernel exited ({kernel.process.returncode})") from None
            replied = replied or kernel.drain(kernel.shell)
            silent = now() - last
            if replied and silent > (1 if idle_at else 4) or silent > seconds:
                break
            continue
        last = now()
        if DELIM not in frames:
            malformed += 1
            continue
        header, parent, _ = split(frames)
        if msg_id not in parent:
            continue
        if b'"stream"' in header:
            streams.append(frames)
            output_at = last
            after_idle += idle_at is not None
        elif is_idle_for(frames, msg_id):
            idle_at = last
    return [Message(f, kernel.key) for f in streams], {
        "idle_ms": (idle_at - start) * 1e3 if idle_at else "lost",
        "all_ms": (max(idle_at or start, output_at or start) - start) * 1e3,
        "messages": len(streams), "after_idle": after_idle, "malformed": malformed,
        "wire_bytes": sum(len(part) for f in streams for part in f)}


def measure_output(kernel, options, snippet, verdict):
    """The run of median length of a printing cell, or the first that went wrong."""
    code, runs = kernel.spec.snippet(snippet), []
    begin = now()
    while len(runs) < options.repeats and now() - begin < 20:
        messages, run = output_run(kernel, code)
        runs.append({**run, "intact": verdict(stream_text(messages))})
    runs_ms = [r["all_ms"] for r in runs]
    wrong = [r for r in runs if r["intact"] != "yes"]
    middle = sorted(runs, key=lambda r: r["all_ms"])[len(runs) // 2]
    return {**(wrong[0] if wrong else middle), "all_ms_runs": runs_ms, "runs_wrong": len(wrong)}


def measure_stream(kernel, options):
    """100,000 short lines from one cell."""
    expected = "".join(f"line {i}\n" for i in range(100_000))

    def verdict(text):
        lines = text.count("\n")
        return ("yes" if text == expected else
                f"no: {lines} lines" if lines != 100_000 else "no: not as printed")
    return measure_output(kernel, options, "lines", verdict)


def measure_large(kernel, options):
    """A 10 MB string printed by one call."""
    def verdict(text):
        size = len(text.rstrip("\n"))
        return "yes" if size == 10_000_000 else f"no: {size} bytes"
    return measure_output(kernel, options, "big", verdict)


def measure_burst(kernel, options):
    """500 execute requests at once, all on their way before the first answer."""
    content = execute_content(kernel.spec.snippet("expr"))
    count, runs = 500, []
    kernel.execute(kernel.spec.snippet("expr"))
    for _ in range(options.repeats):
        requests = [kernel.build("execute_request", content) for _ in range(count)]
        answers, sink = [], []
        start = now()
        for _, frames in requests:
            kernel.shell.send_multipart(frames)
        for _ in requests:
            answers.append(kernel.receive(kernel.shell, now() + 20))
        took = now() - start
        kernel.idle_came(requests[-1][0], 10, sink)
        replies = [Message(f, kernel.key) for f in answers]
        wanted = [msg_id.decode().strip('"') for msg_id, _ in requests]
        idle = sum(b'"idle"' in split(f)[2] for f in sink)
        runs.append({"ms": took * 1e3, "per_s": count / took,
                     "in_order": "yes" if [r.parent_id for r in replies] == wanted else "no",
                     "ok": sum(r.content["status"] == "ok" for r in replies), "idle": idle})
        if took > 15:
            break
    middle = sorted(runs, key=lambda r: r["ms"])[len(runs) // 2]
    return {**middle, "ms_all": [r["ms"] for r in runs]}


def measure_late(kernel, options):
    """Which cell's output a background task of cell 1 ends up in.

    Cell 1 starts a task that prints LATE after 300 ms; cell 2 comes at once
    after, and has either ended by then ("short") or still runs ("long").
    """
    tasks = kernel.spec.snippet("late")
    followers = kernel.spec.snippet("late_cell2")
    result = {}
    for task, code in tasks.items():
        for follower, second in followers.items():
            sink = []
            first_id = kernel.send(kernel.shell, "execute_request", execute_content(code))
            kernel.until_idle(first_id, 10, sink)
            if kernel.reply(kernel.shell, first_id).content["status"] != "ok":
                result[f"{task}/{follower}"] = "n/a: cell 1 fails"
                continue
            second_id = kernel.send(kernel.shell, "execute_request", execute_content(second))
            kernel.until_idle(second_id, 10, sink)
            kernel.reply(kernel.shell, second_id)
            idle_at = len(sink)
            sink += kernel.drain(kernel.iopub, 1.0)
            answer = "lost"
            for at, frames in enumerate(sink):
                header, parent, content = split(frames)
                if b"LATE" in content and b'"stream"' in header:
                    answer = ("cell 1" if first_id in parent else
                              "cell 2" if second_id in parent else
                              "no parent" if b"msg_id" not in parent else "another parent")
                    answer += " (after idle)" if at >= idle_at else ""
            result[f"{task}/{follower}"] = answer
    return result


def measure_crowd(kernel, options):
    """A cell's answer while 10 000 tasks of another print and a third, in a subshell, computes."""
    crowd, computing, end = (kernel.spec.snippet(f"crowd_{part}") for part in ("tasks", "computing", "end"))
    asking = {**execute_content(""), "allow_stdin": True}       # so that no reply waits for the tasks of its cell
    reply = kernel.reply(kernel.control, kernel.send(kernel.control, "create_subshell_request", {}))
    subshell, sink = reply.content["subshell_id"], []

    def run(code, **more):
        return kernel.send(kernel.shell, "execute_request", {**asking, "code": code}, **more)

    def once():
        start = now()
        msg_id = run("1+1")
        idle = kernel.idle_came(msg_id, 10, sink)
        kernel.reply(kernel.shell, msg_id)
        return now() - start if idle else None

    kernel.reply(kernel.shell, run(crowd))
    cell = run(computing, subshell_id=subshell)
    kernel.until_started(cell)
    try:
        times, lost = repeat(few(options, 50), once, 2)
    finally:
        ending = run(end)
        kernel.reply(kernel.shell, ending)
    kernel.send(kernel.control, "delete_subshell_request", {"subshell_id": subshell})
    kernel.drain(kernel.control, 0.5)
    kernel.drain(kernel.shell, 0.5)
    sink += kernel.drain(kernel.iopub, 0.5)
    printed = sum(b'"stream"' in split(f)[0] for f in sink)
    ends = [f for f in sink if is_idle_for(f, cell) or ending in split(f)[1]]
    if not printed or is_idle_for(ends[0], cell):       # it ended before it was told to
        raise Trouble("the others do not work")
    return spread(times, 1e3, lost_idle=lost, printed=printed)


MEASURES = {
    "hb": measure_heartbeat, "info": measure_info, "control": measure_control,
    "exec": measure_execute, "complete": measure_complete, "inspect": measure_inspect,
    "busy": measure_busy, "asked": measure_asked, "late": measure_late, "burst": measure_burst,
    "stream": measure_stream, "large": measure_large,
    "interrupt": measure_interrupt, "interrupt_wait": measure_interrupt_wait,
    "interrupt_other": measure_interrupt_other, "crowd": measure_crowd,
}


def measure_starts(spec, options, workdir):
    """Start and shut the kernel down some times over."""
    ready, first, rss, anonymous, shutdown, idle_cpu = [], [], [], [], [], []
    info = {}
    for _ in range(options.starts):
        kernel = Kernel(spec, workdir, options.kernel_cpu)
        try:
            ready.append(kernel.wait_ready())
            info = kernel.info
            kernel.settle()
            cpu = cpu_seconds(kernel.process.pid)
            time.sleep(1.0)
            idle_cpu.append(cpu_seconds(kernel.process.pid) - cpu)
            for values, value in zip((rss, anonymous), memory_mb(kernel.process.pid)):
                values.append(value)
            begin = now()
            kernel.execute(spec.snippet("expr"))
            first.append(now() - begin)
            shutdown.append(kernel.shut_down())
        finally:
            kernel.close()
    middle = statistics.median
    return {"ms": middle(ready) * 1e3, "ms_all": [t * 1e3 for t in ready],
            "rss_mb": middle(rss), "rss_anon_mb": middle(anonymous),
            "idle_cpu_ms": middle(idle_cpu) * 1e3,
            "first_exec_ms": middle(first) * 1e3,
            "shutdown_ms": "does not exit" if None in shutdown else middle(shutdown) * 1e3,
            "shutdown_ms_max": max((s or 0) for s in shutdown) * 1e3,
            "implementation": f"{info.get('implementation')} {info.get('implementation_version')}",
            "protocol": info.get("protocol_version")}


def get_ready(kernel):
    ready = kernel.wait_ready()
    kernel.settle()
    return {"ms": ready * 1e3}


def attempt(result, name, measure, options):
    """Put what measure() returns, or why it did not, under name. Tells success.

    A figure that others on the machine took part in is taken anew, a few
    times; the one with the least of their load is kept.
    """
    begin, ok = now(), True
    for _ in range(options.tries):
        if options.patience:
            wait_for_quiet(options)
        load = OtherLoad()
        try:
            found = measure()
            found["others"] = load.share()
        except NotAvailable:
            found = "n/a"
        except Trouble as error:
            found, ok = f"failed: {error}", False
        except (OSError, ValueError, LookupError, zmq.ZMQError) as error:
            found, ok = f"failed: {error!r}", False     # an answer unlike any that was foreseen
        before = result.get(name)
        if not isinstance(before, dict) or (ok and found["others"] < before["others"]):
            result[name] = found
        if not isinstance(found, dict) or found["others"] <= options.max_others:
            break
    said = result[name]
    if isinstance(said, dict):
        said = " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
                        for k, v in said.items())
    print(f"  {name:14} {now() - begin:6.1f} s  {said}"[:300], file=sys.stderr, flush=True)
    return ok


def measure_kernel(spec, options, workdir):
    """All the measures of one kernel."""
    print(f"{spec.name}: {shlex.join(spec.argv)}", file=sys.stderr, flush=True)
    result, kernel = {}, None
    try:
        if "start" in options.only:
            attempt(result, "start", lambda: measure_starts(spec, options, workdir), options)
        for name, measure in MEASURES.items():
            if name not in options.only:
                continue
            if kernel is None:
                kernel = Kernel(spec, workdir, options.kernel_cpu)
                result.pop("ready", None)
                if not attempt(result, "ready", lambda: get_ready(kernel),
                               argparse.Namespace(**{**vars(options), "tries": 1, "patience": 0})):
                    return result
            gc.collect()
            if not attempt(result, name, lambda: measure(kernel, options), options):
                kernel.close()
                kernel = None
            else:
                result["rss_most_mb"] = max(result.get("rss_most_mb", 0),
                                            memory_mb(kernel.process.pid)[0])
        result["others"] = max([r["others"] for r in result.values() if isinstance(r, dict)],
                               default=0.0)
    finally:
        if kernel is not None:
            kernel.close()
    return result


# --------------------------------------------------------------------- report

def number(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.0f}" if value >= 100 else f"{round(value, 3):.3g}"
    return str(value)


# label, then the path of the figure in a kernel's result
ROWS = [
    ("start to kernel_info_reply, ms", "start.ms"),
    ("RSS idle after start, MB", "start.rss_mb"),
    ("of it anonymous, MB", "start.rss_anon_mb"),
    ("RSS, most after a measure, MB", "rss_most_mb"),
    ("CPU while idle, ms per s", "start.idle_cpu_ms"),
    ("first cell after start, ms", "start.first_exec_ms"),
    ("exec_rtt p50, µs", "exec.p50"),
    ("exec_rtt p99, µs", "exec.p99"),
    ("exec: kernel CPU per request, µs", "exec.cpu_us"),
    ("exec: idle statuses lost", "exec.lost_idle"),
    ("exec: messages after their idle", "exec.after_idle"),
    ("info_rtt (shell) p50, µs", "info.p50"),
    ("info_rtt (shell) p99, µs", "info.p99"),
    ("info_rtt (control) p50, µs", "control.p50"),
    ("control requests have a status", "control.has_status"),
    ("hb_rtt p50, µs", "hb.p50"),
    ("hb_rtt p99, µs", "hb.p99"),
    ("busy: control p50, ms", "busy.control.p50 /1000"),
    ("busy: control max, ms", "busy.control.max /1000"),
    ("busy: heartbeat p50, ms", "busy.hb.p50 /1000"),
    ("busy: heartbeat max, ms", "busy.hb.max /1000"),
    *((f"busy: {name} p50, ms", f"asked.{name}.p50")
      for name in ("info", "complete", "inspect", "is_complete", "history", "comm_info")),
    ("interrupt of endless loop p50, ms", "interrupt.p50"),
    ("interrupt max, ms", "interrupt.max"),
    ("after it works: the … cell", "interrupt.working_cell"),
    ("interrupt of a waiting cell p50, ms", "interrupt_wait.p50"),
    ("interrupt the other way p50, ms", "interrupt_other.p50"),
    ("1+1 beside 10,000 tasks and a busy cell p50, ms", "crowd.p50"),
    ("1+1 beside them, most, ms", "crowd.max"),
    ("stream 100,000 lines: idle, ms", "stream.idle_ms"),
    ("stream: all of it there, ms", "stream.all_ms"),
    ("stream messages", "stream.messages"),
    ("stream messages after idle", "stream.after_idle"),
    ("stream bytes on the wire, MB", "stream.wire_bytes /1e6"),
    ("stream complete and in order", "stream.intact"),
    ("stream runs that were not", "stream.runs_wrong"),
    ("burst of 500, ms", "burst.ms"),
    ("burst, requests per s", "burst.per_s"),
    ("burst replies in order", "burst.in_order"),
    ("burst idle statuses, of 500", "burst.idle"),
    ("10 MB print: idle, ms", "large.idle_ms"),
    ("10 MB print: all of it there, ms", "large.all_ms"),
    ("10 MB messages", "large.messages"),
    ("10 MB intact", "large.intact"),
    ("complete p50, µs", "complete.p50"),
    ("complete matches", "complete.matches"),
    ("inspect p50, µs", "inspect.p50"),
    ("inspect found", "inspect.found"),
    ("shutdown to exit, ms", "start.shutdown_ms"),
    ("most CPUs used by others in a measure", "others"),
]


def lookup(result, path):
    path, _, divisor = path.partition(" /")
    value = result
    for key in path.split("."):
        if not isinstance(value, dict):
            break                               # "n/a" or "failed: …" stands for all below
        value = value.get(key, "–")
    if divisor and isinstance(value, (int, float)):
        value /= float(divisor)
    return value


def markdown(rounds):
    """One table; a cell holds the figures of all rounds, "a / b"."""
    names = list(rounds[0])
    lines = ["| | " + " | ".join(names) + " |", "|---" + "|---:" * len(names) + "|"]
    for label, path in ROWS:
        cells = []
        for name in names:
            values = [number(lookup(r.get(name, {}), path)) for r in rounds]
            cells.append(values[0] if len(set(values)) == 1 else " / ".join(values))
        if any(c != "–" for c in cells):
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    late = [(n, r) for n, r in ((n, rounds[0][n].get("late")) for n in names) if isinstance(r, dict)]
    if late:
        lines += ["", "Output of a background task of cell 1, 300 ms later, belongs to:", "",
                  "| kernel | task / cell 2 | parent |", "|---|---|---|"]
        lines += [f"| {n} | {k} | {v} |" for n, r in late for k, v in r.items() if "/" in k]
    return "\n".join(lines) + "\n"


def machine():
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), "?")
    return {"date": time.strftime("%Y-%m-%d %H:%M:%S"), "cpu": cpu, "cpus": os.cpu_count(),
            "system": platform.platform(), "python": platform.python_version(),
            "pyzmq": zmq.__version__, "libzmq": zmq.zmq_version()}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="append", default=[], metavar="NAME[:LANG[:MODE]=ARGV]")
    parser.add_argument("--all", action="store_true", help="all kernels of the configuration file")
    parser.add_argument("--config", default=HERE / "kernels.json", type=Path)
    parser.add_argument("--only", help="measures, with commas between: start," + ",".join(MEASURES))
    parser.add_argument("--rounds", type=int, default=1, help="run the whole table so often")
    parser.add_argument("-n", type=int, default=2000, help="timed requests per round trip measure")
    parser.add_argument("--warmup", type=int, default=200, help="untimed ones before them")
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3, help="of stream, burst, large, interrupt")
    parser.add_argument("--limit", type=float, default=60, help="seconds per round trip measure")
    parser.add_argument("--max-others", type=float, default=0.1,
                        help="processors that others may use during a measure (0.1)")
    parser.add_argument("--tries", type=int, default=3, help="of a measure that others disturbed")
    parser.add_argument("--patience", type=float, default=0,
                        help="seconds to wait before a measure until others are quiet")
    parser.add_argument("--client-cpu", type=int, help="pin the client to this processor")
    parser.add_argument("--kernel-cpu", type=int, help="pin the kernels to this processor")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the table here, not to stdout")
    parser.add_argument("--save", action="store_true", help="write the figures to baseline.json (table.py)")
    parser.add_argument("--keep-logs", type=Path, help="folder for the kernels' own output")
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    options.only = options.only.split(",") if options.only else ["start", *MEASURES]
    unknown = set(options.only) - {"start", *MEASURES}
    if unknown:
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    specs = []
    for name in options.kernel + (list(config["kernels"]) if options.all else []):
        try:
            specs.append(make_spec(name, config))
        except LookupError as error:
            if not options.all:
                parser.error(error.args[0])
            print(f"left out: {error.args[0]}", file=sys.stderr)
    if not specs:
        parser.error("name a kernel with --kernel, or use --all")
    if options.client_cpu is not None:
        os.sched_setaffinity(0, {options.client_cpu})
    gc.disable()
    signal.signal(signal.SIGINT, signal.default_int_handler)    # nohup's "ignore" would be inherited
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # so that no kernel is left behind

    report = {"machine": machine(), "options": {k: str(v) for k, v in vars(options).items()},
              "rounds": []}
    with tempfile.TemporaryDirectory(prefix="kernelbench-") as scratch:
        workdir = options.keep_logs or Path(scratch)
        workdir.mkdir(parents=True, exist_ok=True)
        for i in range(options.rounds):
            print(f"== round {i + 1}", file=sys.stderr)
            results = {}
            report["rounds"].append(results)
            for spec in specs:
                results[spec.name] = measure_kernel(spec, options, workdir)
                if options.json:
                    options.json.write_text(json.dumps(report, indent=1) + "\n")
    table = markdown(report["rounds"])
    if options.markdown:
        options.markdown.write_text(table)
    else:
        print(table)
    if "vint" not in report["rounds"][0]:
        return 0
    verdicts = Table()
    judge(report["rounds"], lookup, verdicts)
    return verdicts.end(options.save, {"libzmq": zmq.zmq_version(), **{
        f"{name} (kernel)": lookup(result, "start.implementation") for name, result in report["rounds"][0].items()
        if "zmqecho" not in name and "start" in options.only}})


if __name__ == "__main__":
    sys.exit(main())
