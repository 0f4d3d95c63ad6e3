"""Subshells (JEP 91): shells beside the main one, each with a queue of its own.

Which lines of ipykernel's tests a test here stands for is said in its first line: test_subshells, test_subshell_wedge,
test_message_spec.
"""
import pytest


def create(client):
    return client.ask("create_subshell_request", channel="control")["subshell_id"]


def delete(client, subshell):
    return client.ask("delete_subshell_request", {"subshell_id": subshell}, "control")


def listed(client):
    return client.ask("list_subshell_request", channel="control")["subshell_id"]


@pytest.fixture
def subshell(client):
    return create(client)


def test_supported(client):
    """test_subshells: supported flag."""
    for channel in ("shell", "control"):
        assert "kernel subshells" in client.ask("kernel_info_request", channel=channel)["supported_features"]


def test_list(client):
    """test_subshells: ids appear in the list and disappear; test_message_spec: subshell create, list, delete."""
    assert listed(client) == []
    first, second = create(client), create(client)
    assert first != second and listed(client) == [first, second]
    assert delete(client, first) == {"status": "ok"}
    assert listed(client) == [second]
    assert delete(client, second) == {"status": "ok"}
    assert listed(client) == []


@pytest.mark.parametrize("content", [{"subshell_id": "never"}, {"subshell_id": ""}, {"subshell_id": 5}, {}])
def test_delete_of_what_is_not_there(client, content):
    request = client.send("delete_subshell_request", content, "control").done()
    assert request.status == "error" and request.reply["ename"] == "UnknownSubshell"


def test_names_are_shared(client, subshell):
    client.run("let x = 1")
    assert client.run("x + 1", subshell=subshell).result == "2"
    client.run("x = 10", subshell=subshell)
    assert client.run("x").result == "10"


def test_one_count_for_all(client, subshell):
    counts = [client.run("1", subshell=shell).reply["execution_count"] for shell in (None, subshell, None, subshell)]
    assert counts == [1, 2, 3, 4]


def meet(client, here, there):
    """Runs two cells of which each waits for the other one."""
    client.run("let there = chan\nlet back = chan")
    first = client.execute('send(there, "ping")\nreceive(back)', subshell=here)
    second = client.execute('print(receive(there))\nsend(back, "pong")', subshell=there)
    assert first.done().result == '"pong"'
    assert second.done().text() == "ping\n"


def test_main_and_subshell_are_concurrent(client, subshell):
    """test_subshells: concurrent, main and child, by barriers."""
    meet(client, None, subshell)
    meet(client, subshell, None)


def test_subshells_are_concurrent(client, subshell):
    """test_subshells: concurrent, child and child, by barriers."""
    meet(client, subshell, create(client))


def test_each_waits_for_one_that_is_not_sent_yet(client, subshell):
    """A cell that waits is in no deadlock while another shell could bring the cell that wakes it."""
    client.run("let ch = chan")
    for waiting, waking in ((None, subshell), (subshell, None)):
        cell = client.execute('print("waits")\nreceive(ch)', subshell=waiting)
        client.wait(lambda: cell.text() == "waits\n")
        client.run("send(ch, 7)", subshell=waking)
        assert cell.done().result == "7"


def test_deadlock_of_all_shells(client, subshell):
    """When each shell waits nothing can come any more; the first one is told, and then the other may go on."""
    client.run("let ch = chan")
    first = client.execute("receive(ch)")
    second = client.execute("receive(ch)", subshell=subshell)
    assert first.done().reply["ename"] == "DeadlockError"
    client.run("send(ch, 1)")
    assert second.done().result == "1"


def test_deadlock_when_the_subshell_goes(client, subshell):
    client.run("let ch = chan")
    cell = client.execute('print("waits")\nreceive(ch)')
    client.wait(lambda: cell.text() == "waits\n")
    assert listed(client) == [subshell] and not cell.replies
    delete(client, subshell)
    assert cell.done().reply["ename"] == "DeadlockError"


def test_sequential_in_itself(client, subshell):
    """test_subshells: sequential in one shell, by barriers: the second cell is not there yet to meet the first."""
    client.run("let gate = chan")
    for shell, other in ((None, subshell), (subshell, None)):
        cells = [client.execute(code, subshell=shell) for code in ('receive(gate)\nprint("1")', 'print("2")')]
        cells[0].started()
        assert client.run("1", subshell=other).result == "1"
        assert not cells[1].iopub, "it has not begun"
        client.run("send(gate, 1)", subshell=other)
        assert [cell.done().text() for cell in cells] == ["1\n", "2\n"]


def test_busy_shell_beside_a_busy_shell(client, subshell):
    """test_subshell_wedge: a shell that computes holds up neither the others nor control."""
    busy = client.execute("while (true) {}").started()
    cells = [client.execute(f"print({i})", subshell=subshell) for i in range(200)]
    assert [cell.done().text() for cell in cells] == [f"{i}\n" for i in range(200)]
    assert "print" in client.ask("complete_request", {"code": "prin", "cursor_pos": 4}, subshell=subshell)["matches"]
    assert not busy.replies
    client.ask("interrupt_request", channel="control")
    assert busy.done().reply["ename"] == "Interrupted"


def test_many_requests_to_many_shells(client):
    """test_subshell_wedge: requests to several shells at once, under load: none is lost."""
    shells = [None, *(create(client) for _ in range(5))]
    cells = [client.execute(f"let n{i} = 0\nfor k in 1..50 {{ n{i} += k }}\nprint(n{i})", subshell=shells[i % 6])
             for i in range(600)]
    for cell in cells:
        assert cell.done().text() == "1275\n"
    assert sorted(cell.reply["execution_count"] for cell in cells) == list(range(1, 601))


def test_create_while_executing(client):
    """test_subshells: create while executing."""
    busy = client.execute("while (true) {}").started()
    subshell = create(client)
    assert client.run("1 + 1", subshell=subshell).result == "2"
    assert delete(client, subshell) == {"status": "ok"} and listed(client) == []
    client.ask("interrupt_request", channel="control")
    busy.done()


def test_stop_on_error_is_a_matter_of_one_shell(client, subshell):
    """test_subshells: stop_on_error restricted to one subshell, and cleared."""
    for failing, other in ((None, subshell), (subshell, None)):
        first = [client.execute(code, subshell=failing) for code in ("sleep(50)\nnowhere", 'print("never")', "2")]
        second = [client.execute(code, subshell=other) for code in ("sleep(100)", 'print("on")', "3")]
        assert [cell.done().status for cell in first] == ["error", "aborted", "aborted"]
        assert [cell.done().status for cell in second] == ["ok"] * 3
        assert second[1].text() == "on\n"
        assert client.run("4", subshell=failing).result == "4"


def test_statuses(client, subshell):
    """test_subshells: idle messages of both with the right parent and subshell_id: 2 busy, 2 idle."""
    client.run("let there = chan")
    cells = [client.execute("receive(there)"), client.execute("send(there, 1)", subshell=subshell)]
    for cell in cells:
        cell.done()  # the judge compares parents, statuses are counted
    named = [{message["parent_header"].get("subshell_id") for message in [*cell.iopub, *cell.replies]}
             for cell in cells]
    assert named == [{None}, {subshell}]


def test_silent(client, subshell):
    """test_subshells: silent in a subshell."""
    cell = client.run('print("x")\n1', subshell=subshell, silent=True)
    assert cell.status == "ok" and len(cell.iopub) == 2
    assert client.run("1").reply["execution_count"] == 1


def test_shutdown_with_subshells(kernel, client, subshell):
    """test_subshells: shutdown with a live subshell."""
    cells = [client.execute("while (true) {}", subshell=shell).started() for shell in (None, subshell)]
    assert client.ask("shutdown_request", {"restart": False}, "control")["status"] == "ok"
    assert kernel.exit_status() == 0 and not cells[0].replies


def test_interrupt_is_for_all(client, subshell):
    cells = [client.execute("while (true) {}", subshell=shell).started() for shell in (None, subshell)]
    client.ask("interrupt_request", channel="control")
    assert [cell.done().reply["ename"] for cell in cells] == ["Interrupted"] * 2


def test_late_output(client, subshell):
    cell = client.run('go func() { sleep(100); print("late") }()', subshell=subshell)
    delete(client, subshell)
    client.wait(lambda: cell.text() == "late\n")


def test_questions(client, subshell):
    """Each question goes to the cell that asks, one at a time."""
    cells = [client.execute(f'let {name} = input("{name}? ")\n{name}', subshell=shell)
             for name, shell in (("a", None), ("b", subshell))]
    for _ in cells:
        client.wait(lambda: any(cell.questions and not cell.replies for cell in cells))
        asked = next(cell for cell in cells if cell.questions and not cell.replies)
        client.answer(asked, "yes")
        asked.done()
    assert [cell.result for cell in cells] == ['"yes"'] * 2
    assert cells[1].questions[0]["parent_header"]["subshell_id"] == subshell


@pytest.mark.parametrize("kind, content", [
    ("execute_request", {"code": "1"}), ("complete_request", {"code": "p", "cursor_pos": 1}),
    ("is_complete_request", {"code": "1"}), ("kernel_info_request", {}), ("execute_request", {}),
])
def test_unknown_subshell(client, kind, content):
    """Busy, an error, idle; ipykernel once left clients waiting for ever."""
    request = client.send(kind, content, subshell="never").done()
    assert request.status == "error" and request.reply["ename"] == "UnknownSubshell"
    assert [content["evalue"] for content in request.errors] == \
        ([request.reply["evalue"]] if kind == "execute_request" else []), "a cell shows it, too"
    assert client.run("1").reply["execution_count"] == 1


def test_deleted_subshell(client, subshell):
    client.run("1", subshell=subshell)
    delete(client, subshell)
    assert client.run("1", subshell=subshell).reply["ename"] == "UnknownSubshell"
    assert delete(client, subshell)["status"] == "error"


def test_subshell_id_of_the_main_shell(client):
    """null and "" are the main shell."""
    for name in (None, ""):
        request, message = client.prepare("execute_request", {"code": "1 + 1"})
        message["header"]["subshell_id"] = name
        client.session.send(client.sockets["shell"], message)
        assert request.done().result == "2"


def test_delete_with_work_queued(client, subshell):
    """What waits is aborted, what runs comes to its end."""
    client.run("let gate = chan")
    cells = [client.execute(code, subshell=subshell) for code in ('receive(gate)\nprint("end")', 'print("never")')]
    cells[0].started()
    client.ask("kernel_info_request")  # the second has arrived, too
    assert delete(client, subshell) == {"status": "ok"} and listed(client) == []
    assert cells[1].done().status == "aborted" and not cells[0].replies
    assert client.run("1", subshell=subshell).reply["ename"] == "UnknownSubshell"
    client.run("send(gate, 1)")
    assert cells[0].done().text() == "end\n"


def test_delete_while_a_failure_is_held_back(client, subshell):
    cells = [client.execute(code, subshell=subshell) for code in ("nowhere", "1")]
    client.wait(lambda: cells[0].errors)
    assert delete(client, subshell) == {"status": "ok"}
    assert cells[0].done().reply["ename"] == "NameError" and cells[1].done().status == "aborted"
    assert client.run("2").result == "2"


def test_exit_in_a_subshell(kernel, client, subshell):
    main = client.execute("while (true) {}").started()
    waiting = client.execute("1")
    client.ask("kernel_info_request")
    cell = client.execute('print("bye")\nexit(3)', subshell=subshell)
    assert cell.done().text() == "bye\n" and main.done() and waiting.done().status == "aborted"
    assert cell.reply["payload"] == main.reply["payload"] == [{"source": "ask_exit", "keepkernel": False}]
    assert kernel.exit_status() == 3
    kernel.manager.provisioner.process = None  # its exit status has been seen


def test_create_and_delete_often(client):
    """JupyterLab makes a subshell for each comm target, and drops it again."""
    kept = create(client)
    for _ in range(1000):
        subshell = create(client)
        delete(client, subshell)
    assert listed(client) == [kept]
    many = [create(client) for _ in range(300)]
    assert client.run("1 + 1", subshell=many[-1]).result == "2"
    for subshell in many:
        delete(client, subshell)
    assert listed(client) == [kept]
