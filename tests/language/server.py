"""A web server for the language cases that ask for one: it answers on this machine only, at ports that happen to be free.

    /echo            what was asked, as JSON: method, path, headers, body
    /status/404      that status
    /redirect/3      to /redirect/2, and so on to /echo
    /away            a redirect to a scheme that is no web server's
    /rubbish         an answer with something behind it that belongs to nothing
    /bytes/100000    so many times "x"
    /gzip            a compressed body
    /pieces/5        so many pieces "piece 1\\n" …, by chunked transfer
    /endless         a body that never ends
    /flood           a body that never ends, as fast as the machine can
    /half            a body that breaks off
    /reset           a body that breaks off, and the connection is reset
    /slow            no answer, until the client is gone
    /waiting         how many of /slow, /endless and /flood are under way
"""
import gzip
import http.server
import json
import os
import select
import socket
import ssl
import struct
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
waiting = 0
lock = threading.Lock()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # a client is gone, as clients may


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def count(self, more):
        global waiting
        with lock:
            waiting += more

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name, _, number = self.path.split("?")[0].strip("/").partition("/")
        if name == "echo":
            said = {"method": self.command, "path": self.path, "body": body.decode(errors="replace"),
                    "headers": {key.lower(): value for key, value in self.headers.items()}}
            self.answer(200, json.dumps(said).encode(), Content_Type="application/json", X_Twice="one", x_twice="two")
        elif name == "status":
            self.answer(int(number), b"" if number == "204" else b"status " + number.encode())
        elif name == "redirect":
            self.answer(302, Location=f"/redirect/{int(number) - 1}" if int(number) > 1 else "/echo")
        elif name == "away":
            self.answer(302, Location="file:///etc/passwd")
        elif name == "rubbish":
            self.answer(200, b"")
            self.wfile.write(b"rubbish")
        elif name == "bytes":
            self.answer(200, b"x" * int(number))
        elif name == "gzip":
            self.answer(200, gzip.compress("läuft".encode()), Content_Encoding="gzip")
        elif name == "waiting":
            self.answer(200, str(waiting).encode())
        elif name in ("pieces", "endless", "flood", "half", "reset", "slow"):
            self.close_connection = True
            self.count(name in ("endless", "flood", "slow"))
            try:
                getattr(self, name)(number)
            except OSError:
                pass  # the client is gone
            finally:
                self.count(-(name in ("endless", "flood", "slow")))
        else:
            self.answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def pieces(self, number):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(1, int(number) + 1):
            piece = f"piece {i}\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def endless(self, _):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def flood(self, _):
        self.send_response(200)
        self.end_headers()
        with tempfile.TemporaryFile() as file:
            file.write(bytes(1 << 24))
            file.flush()
            while True:
                os.sendfile(self.connection.fileno(), file.fileno(), 0, 1 << 24)

    def half(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"half")

    def reset(self, _):
        self.half(_)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def slow(self, _):
        select.select([self.connection], [], [])  # the client says nothing more: it has gone


def start(context=None):
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def environment():
    """Starts the servers; the variables that tell the cases where they are."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "server.pem")
    return {"VINT_TEST_HTTP": f"http://127.0.0.1:{start()}", "VINT_TEST_HTTPS": f"https://127.0.0.1:{start(context)}",
            "VINT_TEST_CERTIFICATE": str(HERE / "server.pem")}
