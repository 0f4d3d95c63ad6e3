"""A frontend for tests: starts kernels as Jupyter does and speaks to them through ZeroMQ sockets.

Nothing here waits for a fixed time: Client.wait() reads messages until something is true. The limits only end a test
that would hang.
"""
import os
import subprocess
import uuid
from pathlib import Path

import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session

from judge import Judge, check_request

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("VINT_KERNEL", TOP / "build/vint-kernel")).resolve()
LIMIT = 60  # seconds
os.environ.setdefault("VINT_HISTORY", "off")  # tests stay out of the user's history
NAMES = ("shell", "iopub", "stdin", "control", "hb")
FILE = {"transport": "tcp", "ip": "127.0.0.1", "key": "a-key", "signature_scheme": "hmac-sha256",
        **{f"{name}_port": 0 for name in NAMES}}
SOCKETS = {"shell": zmq.DEALER, "iopub": zmq.SUB, "stdin": zmq.DEALER, "control": zmq.DEALER}


class Request:
    """A request that was sent, and everything that came back for it."""

    def __init__(self, client, kind, message):
        self.client, self.kind = client, kind
        self.header, self.content = message["header"], message["content"]
        self.id = self.header["msg_id"]
        self.iopub, self.replies, self.questions, self.states = [], [], [], set()

    @property
    def is_busy(self):
        return "busy" in self.states

    @property
    def is_idle(self):
        return "idle" in self.states

    @property
    def reply(self):
        """The content of the reply."""
        return self.replies[0]["content"]

    @property
    def status(self):
        return self.reply["status"]

    @property
    def outputs(self):
        """(type, content) of what a notebook would show."""
        return [(m["header"]["msg_type"], m["content"]) for m in self.iopub
                if m["header"]["msg_type"] not in ("status", "execute_input")]

    def text(self, name="stdout"):
        return "".join(content["text"] for kind, content in self.outputs
                       if kind == "stream" and content["name"] == name)

    @property
    def result(self):
        return next((content["data"]["text/plain"] for kind, content in self.outputs if kind == "execute_result"), None)

    @property
    def errors(self):
        return [content for kind, content in self.outputs if kind == "error"]

    def started(self):
        """Waits until the kernel has taken it up."""
        self.client.wait(lambda: self.is_busy and len(self.iopub) > 1)
        return self

    def done(self):
        """Waits for idle and for the reply."""
        self.client.wait(lambda: self.is_idle and self.replies)
        check_request(self)
        return self


class Client:
    """One frontend of a kernel: its own session, sockets and judge."""

    def __init__(self, info, limit=LIMIT, topic=b"", unread=0):
        """[unread]: how many messages of a channel ZeroMQ reads ahead; 0: as many as come."""
        self.info, self.limit = info, limit
        self.context = zmq.Context()
        key = info["key"].encode() if isinstance(info["key"], str) else info["key"]
        self.session = Session(key=key, signature_scheme=info["signature_scheme"], session=uuid.uuid4().hex)
        self.requests, self.judge, self.welcomes, self.strangers = {}, Judge(), [], []
        self.starting = 0
        self.sockets = {}
        self.poller = zmq.Poller()
        for name, kind in SOCKETS.items():
            socket = self.context.socket(kind)
            socket.linger = 0
            socket.rcvhwm = unread
            socket.reconnect_ivl = 5
            self.encrypt(socket)
            if name == "iopub":
                socket.subscribe(topic)
            else:
                socket.identity = self.session.session.encode()
            socket.connect(self.endpoint(name))
            self.sockets[name] = socket
            self.poller.register(socket, zmq.POLLIN)

    def encrypt(self, socket):
        """Does what the connection file asks for: keys of our own, and the kernel's public one."""
        if "curve_publickey" in self.info:
            socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
            socket.curve_serverkey = self.info["curve_publickey"].encode()

    def endpoint(self, name):
        ip, port = self.info["ip"], self.info[f"{name}_port"]
        return f"ipc://{ip}-{port}" if self.info["transport"] == "ipc" else f"tcp://{ip}:{port}"

    def close(self):
        if not self.context.closed:
            self.context.destroy()

    def receive(self, timeout=0.0):
        """Reads and judges what is there, or comes first within [timeout] seconds. False: nothing."""
        names = {socket: name for name, socket in self.sockets.items()}
        ready = self.poller.poll(timeout * 1000)
        for socket, _ in ready:
            channel = names[socket]
            _, frames = self.session.feed_identities(socket.recv_multipart())
            message = self.session.deserialize(frames)
            request = self.judge.see(channel, message, self.requests)
            kind = message["header"]["msg_type"]
            if kind == "iopub_welcome":
                self.welcomes.append(message)
            elif message["content"].get("execution_state") == "starting":
                self.starting += 1
            elif request is None:
                self.strangers.append(message)
            elif channel == "iopub":
                request.iopub.append(message)
                request.states.add(message["content"].get("execution_state"))
            elif kind == "input_request":
                request.questions.append(message)
            else:
                request.replies.append(message)
        return bool(ready)

    def wait(self, condition, limit=None):
        """Reads messages until [condition] holds."""
        left = (limit or self.limit) * 100
        while not condition():
            left = left if self.receive(0.01) else left - 1
            assert left > 0, "waited in vain"

    def prepare(self, kind, content=None, metadata=None, subshell=None):
        message = self.session.msg(kind, content=content or {}, metadata=metadata)
        if subshell:
            message["header"]["subshell_id"] = subshell
        request = Request(self, kind, message)
        self.requests[request.id] = request
        return request, message

    def send(self, kind, content=None, channel="shell", metadata=None, subshell=None, buffers=None):
        request, message = self.prepare(kind, content, metadata, subshell)
        self.session.send(self.sockets[channel], message, buffers=buffers)
        return request

    def ask(self, kind, content=None, channel="shell", subshell=None):
        """Sends a request and returns the content of its reply."""
        return self.send(kind, content, channel, subshell=subshell).done().reply

    def execute(self, code, metadata=None, subshell=None, **fields):
        """Sends a cell as a notebook does. What is asked for in [fields] differs from that."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
                   "stop_on_error": True, **fields}
        return self.send("execute_request", content, metadata={"cellId": uuid.uuid4().hex} if metadata is None
                         else metadata, subshell=subshell)

    def run(self, code, **fields):
        return self.execute(code, **fields).done()

    def answer(self, request, value):
        """Answers the last question of a cell."""
        question = request.questions[-1]["header"]
        self.session.send(self.sockets["stdin"], "input_reply", {"value": value}, parent=question)

    def ready(self):
        """Waits until the kernel answers and IOPub is connected."""
        first = self.send("kernel_info_request")  # its statuses may be sent before IOPub is connected
        self.wait(lambda: first.replies and self.welcomes)
        self.ask("kernel_info_request")
        return self


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def free_ports():
    with zmq.Context() as context:
        sockets = [context.socket(zmq.REP) for _ in NAMES]
        ports = {f"{name}_port": socket.bind_to_random_port("tcp://127.0.0.1") for name, socket in zip(NAMES, sockets)}
        for socket in sockets:
            socket.close(0)
    return ports


def install(prefix):
    """Installs the kernel below [prefix] and returns the folder of its kernelspec."""
    subprocess.run([PROGRAM, "install", "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    return Path(prefix) / "share/jupyter/kernels"


class Kernel:
    """A kernel process, started as Jupyter does it."""

    def __init__(self, folder, options=None, **environment):
        """[options] are the manager's."""
        self.folder = folder
        specs = KernelSpecManager(kernel_dirs=[str(install(folder / "prefix"))])
        self.manager = KernelManager(kernel_name="vint", kernel_spec_manager=specs,
                                     connection_file=str(folder / "kernel.json"), **(options or {}))
        self.log = open(folder / "stderr.txt", "w+")
        self.clients = []
        self.manager.start_kernel(env={**os.environ, "VINT_HISTORY": str(folder / "history.sqlite"), **environment}, stderr=self.log, stdout=self.log)

    @property
    def process(self):
        provisioner = getattr(self.manager, "provisioner", None)
        return provisioner.process if provisioner else self.manager.kernel

    def client(self, **options):
        client = Client(self.manager.get_connection_info(), **options)
        self.clients.append(client)
        return client.ready()

    def stderr(self):
        return (self.folder / "stderr.txt").read_text()

    def exit_status(self):
        """Waits for the end of the process."""
        return self.process.wait(LIMIT)

    def close(self):
        """Ends the kernel politely, if it still runs: it has to exit with status 0 and without a word."""
        status, process = 0, self.process
        if process and process.poll() is None:
            for client in self.clients:
                if not client.context.closed:
                    client.session.send(client.sockets["control"], "shutdown_request", {"restart": False})
                    break
            else:
                process.terminate()
            try:
                status = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                status = "killed"
        for client in self.clients:
            client.close()
        self.manager.cleanup_resources()
        self.log.close()
        return status
