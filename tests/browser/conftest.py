"""Fixtures: a browser for all tests, a Jupyter server for those of one file, pages that hold a notebook."""
import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PICTURES = TOP / "build/browser"
PROGRAM = Path(os.environ.get("VINT_KERNEL", TOP / "build/vint-kernel")).resolve()
TOKEN = "secret"
LIMIT = 60  # seconds

from browser import Browser  # noqa: E402


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A Jupyter server with nothing but this kernel, in a folder of its own."""

    def __init__(self, module, folder, *options):
        self.folder, self.port = folder, free_port()
        self.files = folder / "files"
        self.files.mkdir()
        no_news = folder / "config/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        no_news.parent.mkdir(parents=True)
        no_news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
        subprocess.run([PROGRAM, "install", "--prefix", folder], check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "HOME": str(folder), "JUPYTER_PATH": str(folder / "share/jupyter"),
                       "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data"),
                       "JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "IPYTHONDIR": str(folder / "ipython")}
        self.log = open(folder / "server.log", "w")
        command = [sys.executable, "-m", module, "--no-browser", "--ip=127.0.0.1", f"--port={self.port}", *options]
        if os.getuid() == 0:
            command.append("--allow-root")
        self.process = subprocess.Popen(command, cwd=self.files, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True)
        self.ready()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}?token={TOKEN}&reset"

    def ready(self):
        end = time.monotonic() + LIMIT
        while True:
            assert self.process.poll() is None and time.monotonic() < end, Path(self.log.name).read_text()
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url("api/status"), timeout=5):
                return
            time.sleep(0.05)

    def write(self, *cells):
        """The name of a new notebook of these cells."""
        made = [{"cell_type": "code", "id": f"cell{number}", "metadata": {}, "execution_count": None, "outputs": [],
                 "source": cell} for number, cell in enumerate(cells)]
        spec = {"name": "vint", "language": "vint", "display_name": "VintLang"}
        book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": made}
        path = self.files / f"test{len(list(self.files.iterdir()))}.ipynb"
        path.write_text(json.dumps(book))
        return path.name

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.log.close()


@contextlib.contextmanager
def serving(folder, module, *options):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not in this environment")
    server = Server(module, folder, *options)
    try:
        yield server
    finally:
        server.close()


class Notebook:
    """A page with a notebook, and its cells by number. Each application's says in JavaScript what a cell shows (shown())
    and whether the cursor is in it (has_cursor()), and as a selector where its code stands (lines())."""

    def wait_text(self, number, text):
        self.page.wait(f"{self.shown(number)}.includes({json.dumps(text)})")

    def edit(self, number):
        """Puts the cursor at the end of a cell."""
        self.page.click(self.lines(number))
        self.page.wait(self.has_cursor(number))
        self.page.press("Control+End")

    def run(self, number):
        self.edit(number)
        self.page.press("Control+Enter")


@pytest.fixture
def pages(browser):
    """Opens pages that end with the test."""
    opened = []

    def open_page(url):
        opened.append(browser.open(url))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def guide():
    """{cell id: lines it prints} of the async guide, and what compares a line."""
    spec = importlib.util.spec_from_file_location("notebooks_run", TOP / "tests/notebooks/run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = TOP / "notebooks/async-guide.ipynb"
    return path, module.expectations(path), module
