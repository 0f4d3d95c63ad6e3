"""Fixtures: a kernel of its own for each test, and a client of it."""
import json
import os
import subprocess
import time

import pytest

from frontend import FILE, NAMES, PROGRAM, Client, Kernel


@pytest.fixture
def start(tmp_path):
    """Starts kernels; all of them end with the test, and have to end well."""
    kernels = []

    def start(options=None, **environment):
        folder = tmp_path / str(len(kernels))
        folder.mkdir()
        kernels.append(Kernel(folder, options, **environment))
        return kernels[-1]

    yield start
    statuses = [kernel.close() for kernel in kernels]
    reports = [kernel.stderr() for kernel in kernels]
    assert "ERROR: AddressSanitizer" not in str(reports) and "runtime error" not in str(reports), "\n".join(reports)
    assert not any(statuses), f"exit statuses {statuses}: {reports}"


@pytest.fixture
def kernel(start):
    return start()


@pytest.fixture
def client(kernel):
    return kernel.client()


@pytest.fixture
def spawn(tmp_path):
    """Starts kernels without Jupyter, from a connection file of the test's own."""
    processes, clients = [], []

    def spawn(file=FILE, environment=None, command=()):
        path = tmp_path / "connection.json"
        if file is not None and not (path.exists() and path.read_text() == json.dumps(file)):
            path.write_text(json.dumps(file))
        process = subprocess.Popen([*command, PROGRAM, "-f", path], stderr=subprocess.PIPE, text=True, cwd=tmp_path,
                                   env={**os.environ, **(environment or {})})
        processes.append(process)

        def connect():
            while not path.exists() or not all(json.loads(path.read_text()).get(f"{n}_port") for n in NAMES):
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.001)
            clients.append(Client(json.loads(path.read_text())))
            return clients[-1].ready()

        process.connect, process.path = connect, path
        return process

    yield spawn
    for client in clients:
        client.close()
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()
