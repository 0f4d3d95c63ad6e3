"""History: three ways to ask, kept over restarts, shared by kernels, and never in the way."""
import contextlib
import os
import sqlite3
import stat
import time

import pytest


def ask(client, kind, **fields):
    content = {"hist_access_type": kind, "output": False, "raw": True, **fields}
    return client.ask("history_request", content)["history"]


def codes(entries):
    return [code for _, _, code in entries]


@pytest.fixture
def shared(start, tmp_path):
    """Starts kernels that share a file of history."""
    path = tmp_path / "state" / "vint" / "history.sqlite"

    def shared(**environment):
        return start(VINT_HISTORY=str(path), **environment)

    shared.path = path
    return shared


@contextlib.contextmanager
def database(path):
    connection = sqlite3.connect(path)
    yield connection
    connection.commit()
    connection.close()


def test_three_ways_to_ask(client):
    for code in ("let aa = 1", "let b = 2", "let aa = 1", "let c = 3"):
        client.run(code)
    assert ask(client, "tail", n=2) == [[1, 3, "let aa = 1"], [1, 4, "let c = 3"]]
    assert ask(client, "tail", n=0) == []
    assert ask(client, "tail", n=1, output=True) == [[1, 4, ["let c = 3", None]]]
    assert ask(client, "range", session=0, start=2, stop=4) == [[1, 2, "let b = 2"], [1, 3, "let aa = 1"]]
    assert len(ask(client, "range", session=1, start=1, stop=None)) == 4
    assert ask(client, "range", session=7, start=1) == ask(client, "range", session=-1, start=1) == []
    assert ask(client, "search", pattern="*aa*") == [[1, 1, "let aa = 1"], [1, 3, "let aa = 1"]]
    assert ask(client, "search", pattern="*aa*", unique=True) == [[1, 3, "let aa = 1"]]
    assert ask(client, "search", pattern="let ?*", n=1) == [[1, 4, "let c = 3"]]
    assert ask(client, "search", pattern="let [bc] = [0-9]") == [[1, 2, "let b = 2"], [1, 4, "let c = 3"]]
    assert ask(client, "search", pattern="let") == ask(client, "search", pattern="LET*") == []
    assert len(ask(client, "search")) == 4


def test_results_are_kept(client):
    client.run("6 * 7")
    client.run('"ä\\n😀"')
    client.run("nowhere")
    client.run("range(5)\n7;")
    entries = ask(client, "tail", n=4, output=True)
    assert [output for _, _, (_, output) in entries] == ["42", '"ä\\n😀"', None, None]


def test_what_is_not_kept(client):
    client.run("1", silent=True)
    client.run("2", store_history=False)
    client.run("3")
    assert codes(ask(client, "tail", n=9)) == ["3"]


def test_over_restarts(shared):
    for name in ("first", "second"):
        kernel = shared()
        kernel.client().run(f'"{name}"')
        assert kernel.close() == 0
    client = shared().client()
    client.run('"third"')
    assert codes(ask(client, "tail", n=9)) == ['"first"', '"second"', '"third"']
    assert ask(client, "range", session=0, start=1, stop=None) == [[3, 1, '"third"']]
    assert ask(client, "range", session=-1, start=1, stop=2) == [[2, 1, '"second"']]
    assert ask(client, "range", session=-2, output=True) == [[1, 1, ['"first"', '"first"']]]
    assert ask(client, "range", session=-3) == []
    assert codes(ask(client, "search", pattern="*ir*")) == ['"first"', '"third"']
    assert codes(ask(client, "search", pattern="*[e]c?n*", unique=True)) == ['"second"']
    assert codes(ask(client, "search", pattern="*eco*", unique=True)) == ['"second"']
    assert stat.S_IMODE(shared.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(shared.path.parent.stat().st_mode) & 0o077 == 0


def test_sessions_without_cells_do_not_count(shared):
    for cells in (1, 0, 0):
        kernel = shared()
        client = kernel.client()
        for _ in range(cells):
            client.run("1")
        kernel.close()
    client = shared().client()
    client.run("2")
    assert codes(ask(client, "range", session=-1)) == ["1"]


def test_a_killed_kernel_loses_nothing_that_was_written(shared):
    kernel = shared()
    client = kernel.client()
    client.run('"before the end"')
    assert len(ask(client, "tail", n=9)) == 1  # the database is open
    with database(shared.path) as file:
        while not file.execute("SELECT output FROM cells WHERE output IS NOT NULL").fetchall():
            time.sleep(0.001)
    kernel.process.kill()
    kernel.exit_status()
    assert codes(ask(shared().client(), "tail", n=1)) == ['"before the end"']


def test_kernels_share_a_file(shared):
    clients = [shared().client() for _ in range(4)]
    cells = [client.execute(f'"{n} of {i}"') for n in range(50) for i, client in enumerate(clients)]
    for cell in cells:
        cell.done()
    for kernel in (client for client in clients):
        kernel.ask("shutdown_request", {"restart": False}, "control")
    reader = shared().client()
    expected = {f'"{n} of {i}"' for n in range(50) for i in range(4)}
    reader.wait(lambda: set(codes(ask(reader, "tail", n=1000))) == expected)
    sessions = {session for session, _, _ in ask(reader, "tail", n=1000)}
    assert len(sessions) == 4
    for session in sessions:
        assert [line for _, line, _ in ask(reader, "range", session=session)] == list(range(1, 51))


def test_entries_can_be_deleted(shared):
    """With any tool that speaks SQLite; searching does not find them any more."""
    kernel = shared()
    for code in ('"secret"', '"public"'):
        kernel.client().run(code)
    kernel.close()
    with database(shared.path) as file:
        file.execute("DELETE FROM cells WHERE code LIKE '%secret%'")
        file.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    client = shared().client()
    assert ask(client, "search", pattern="*secret*") == []
    assert codes(ask(client, "search", pattern="*pub*")) == ['"public"']


def test_off(start, tmp_path):
    kernel = start(VINT_HISTORY="off", XDG_STATE_HOME=str(tmp_path / "xdg"), HOME=str(tmp_path / "home"))
    client = kernel.client()
    client.run("1")
    assert codes(ask(client, "tail", n=9)) == ["1"]
    assert not (tmp_path / "xdg").exists() and not (tmp_path / "home").exists() and kernel.stderr() == ""


@pytest.mark.parametrize("variable, place", [("XDG_STATE_HOME", "vint/history.sqlite"),
                                             ("HOME", ".local/state/vint/history.sqlite")])
def test_usual_places(start, tmp_path, variable, place):
    settings = {"VINT_HISTORY": "", "XDG_STATE_HOME": "", variable: str(tmp_path / "there")}
    client = start(**settings).client()
    client.run("1")
    assert codes(ask(client, "tail", n=9)) == ["1"]  # the database is open
    assert (tmp_path / "there" / place).is_file()


def in_memory_only(kernel, lines=1):
    """The kernel works as ever, and has said one line about it."""
    client = kernel.client()
    for _ in range(3):
        client.run('"works"')
    assert codes(ask(client, "search", pattern="*work*")) == ['"works"'] * 3
    assert kernel.stderr().count("\n") == lines and "history" in kernel.stderr()


def test_a_file_that_is_no_database(shared):
    shared.path.parent.mkdir(parents=True)
    shared.path.write_bytes(b"this is not SQLite" * 1000)
    in_memory_only(shared())
    assert shared.path.read_bytes() == b"this is not SQLite" * 1000


def test_a_damaged_database(shared):
    kernel = shared()
    kernel.client().run('"first"')
    kernel.close()
    with open(shared.path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    in_memory_only(shared())


def test_a_folder_that_cannot_be_made(shared):
    shared.path.parent.parent.mkdir(parents=True, exist_ok=True)
    shared.path.parent.write_text("a file")
    in_memory_only(shared())


def test_a_database_of_the_future(shared):
    shared.path.parent.mkdir(parents=True)
    with database(shared.path) as file:
        file.execute("PRAGMA user_version = 99")
    kernel = shared()
    in_memory_only(kernel)
    assert "newer version" in kernel.stderr()


def test_a_database_that_cannot_be_written(shared):
    """Here root may write everywhere; a trigger refuses all the same."""
    kernel = shared()
    kernel.client().run('"first"')
    kernel.close()
    with database(shared.path) as file:
        file.execute("CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT raise(ABORT, 'read-only'); END")
    in_memory_only(shared())


def test_a_locked_database_when_the_kernel_starts(shared):
    shared.path.parent.mkdir(parents=True)
    with database(shared.path) as file:
        file.execute("BEGIN EXCLUSIVE")
        in_memory_only(shared())


def test_a_locked_database_while_the_kernel_runs(shared):
    """Nothing waits; what could not be saved is saved when the lock is gone."""
    kernel = shared()
    client = kernel.client()
    client.run('"first"')
    assert codes(ask(client, "tail", n=9)) == ['"first"']
    with database(shared.path) as file:
        file.execute("BEGIN IMMEDIATE")
        client.run('"second"')
        client.wait(lambda: "kept in memory" in kernel.stderr())
        assert codes(ask(client, "search", pattern="*s*")) == ['"first"', '"second"']
    assert kernel.close() == 0 and kernel.stderr().count("\n") == 1
    assert codes(ask(shared().client(), "tail", n=9)) == ['"first"', '"second"']


def fill(path, count):
    """Puts cells of an earlier session into the database."""
    with database(path) as file:
        file.execute("INSERT INTO sessions (started) VALUES ('2020-01-01T00:00:00Z')")
        session = file.execute("SELECT max(id) FROM sessions").fetchone()[0]
        file.executemany("INSERT INTO cells (session, line, entry, code) VALUES (?, ?, ?, ?)",
                         ((session, i, i, f"let number{i} = {i * 7919}") for i in range(1, count + 1)))
    return session


COUNT = 30000


def test_many_entries_while_a_cell_computes(shared):
    kernel = shared()
    kernel.client().run("1")
    kernel.close()
    session = fill(shared.path, COUNT)
    client = shared().client()
    cell = client.execute("while (true) {}").started()
    wishes = {
        "tail": {"n": 1000}, "range": {"session": session, "start": COUNT // 2, "stop": COUNT // 2 + 100},
        "search": {"pattern": f"*number{COUNT - 5} *"},
    }
    for kind, fields in wishes.items():
        assert len(ask(client, kind, **fields)) == {"tail": 1000, "range": 100, "search": 1}[kind]
    client.ask("interrupt_request", channel="control")
    cell.done()
