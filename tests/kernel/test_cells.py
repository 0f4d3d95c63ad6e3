"""Cells one after another: stop on error, questions, exit, and the wait for tasks that nbclient needs."""
import pytest


def test_stop_on_error(client):
    cells = [client.execute(code) for code in ("1", "nowhere", 'print("never")', "2")]
    info = client.send("kernel_info_request")
    statuses = [cell.done().status for cell in cells]
    assert statuses == ["ok", "error", "aborted", "aborted"]
    assert cells[2].outputs == [] and cells[2].reply["ename"]
    assert info.done().status == "ok"
    assert client.run("3").result == "3"


def test_cells_that_arrive_while_the_first_fails(client):
    """'Run all' sends cells one by one: those that were sent before the reply could be seen are aborted too."""
    client.run("%config abort_ms = 1000")
    cells = [client.execute("nowhere")]
    client.wait(lambda: cells[0].errors)
    cells += [client.execute('print("never")') for _ in range(5)]
    assert [cell.done().status for cell in cells] == ["error"] + ["aborted"] * 5
    client.run("%config abort_ms = 0")
    assert client.run("nowhere").status == "error"
    assert client.run("3").result == "3"


def test_no_stop_on_error(client):
    cells = [client.execute(code, stop_on_error=False) for code in ("nowhere", 'print("on")')]
    assert [cell.done().status for cell in cells] == ["error", "ok"]
    assert cells[1].text() == "on\n"


def test_input(client):
    cell = client.execute('print("hello")\nlet name = input("name? ")\nprint("you are", name)')
    client.wait(lambda: cell.questions)
    assert cell.questions[0]["content"] == {"prompt": "name? ", "password": False}
    client.wait(lambda: cell.text() == "hello\n")
    client.answer(cell, "ännä")
    assert cell.done().text() == "hello\nyou are ännä\n"


def test_of_many_interrupted_questions_one_was_asked_and_none_is_kept(client):
    cell = client.execute('for i in 1..100 { go input("question " + i) }\nsleep(1000000)')
    client.wait(lambda: cell.questions)
    client.ask("interrupt_request", channel="control")
    assert cell.done().status == "error"
    assert client.run('import task\ntask.usage()["requests"]').result == "0"
    last = client.execute('input("last? ")')
    client.wait(lambda: last.questions)
    client.answer(last, "yes")
    assert last.done().result == '"yes"' and len(cell.questions) == 1


def test_a_task_cancelled_on_its_way_to_input_does_not_ask(client):
    cell = client.run("""
let door = chan()
let asks = go func() { receive(door); input("never? ") }()
sleep(0)
send(door, "open")
cancel(asks)
try { await asks } catch (e) { print(e.name) }""")
    assert cell.text() == "Cancelled\n" and not cell.questions


def test_questions_of_a_background_task(client):
    first = client.run('go func() { sleep(50); let a = input("first? "); print("a", a) }()')
    second = client.execute('let b = input("second? ")\nprint("b", b)')
    client.wait(lambda: first.questions or second.questions)
    for _ in range(2):
        asked = next(cell for cell in (first, second) if cell.questions and not cell.text())
        client.answer(asked, "yes")
        client.wait(lambda: asked.text())
        other = second if asked is first else first
        client.wait(lambda: other.questions)
    second.done()
    assert (first.text(), second.text()) == ("a yes\n", "b yes\n")


def test_answers_that_nobody_asked_for(kernel, client):
    client.session.send(client.sockets["stdin"], "input_reply", {"value": "early"})
    client.session.send(client.sockets["stdin"], "input_reply", {"too": "early"})  # is refused, and the first has arrived
    client.wait(lambda: "input_reply refused: no value" in kernel.stderr())
    cell = client.execute('input("? ")')
    client.wait(lambda: cell.questions)
    stale = dict(cell.questions[0]["header"], msg_id="someone_12345")
    client.session.send(client.sockets["stdin"], "input_reply", {"value": "stale"}, parent=stale)
    client.answer(cell, "right")
    assert cell.done().result == '"right"'


def test_end_of_input(client):
    cell = client.execute('let s = input("? ")\nprint(s == "" || s == null)')
    client.wait(lambda: cell.questions)
    client.answer(cell, "\x04")
    assert cell.done().text() == "true\n"


def test_input_not_allowed(client):
    cell = client.run('input("? ")', allow_stdin=False)
    assert cell.status == "error" and not cell.questions


@pytest.mark.parametrize("word", ["exit", " quit\n"])
def test_exit_without_parentheses(kernel, client, word):
    cell = client.run(word)
    assert cell.reply["payload"] == [{"source": "ask_exit", "keepkernel": False}] and kernel.exit_status() == 0


def test_other_things_named_exit(client):
    client.run("let exit = 5\nlet quit = [6]")
    assert [client.run(code).result for code in ("exit", "quit", "[exit, quit]")] == ["5", "[6]", "[5, [6]]"]
    client.run("%reset")
    assert client.run("1 + 1; exit").status == "ok", "the function as a value"
    assert client.run("1", user_expressions={"a": "exit"}).reply["user_expressions"]["a"]["status"] == "ok"


def test_exit(kernel, client):
    cell = client.execute('print("bye")\ninput("now? ")\nexit(0)\nprint("never")')
    client.wait(lambda: cell.questions)
    waiting = client.execute("1")
    client.ask("kernel_info_request")  # comes after it on the same socket, so that one has arrived, too
    client.answer(cell, "")
    assert cell.done().text() == "bye\n"
    assert cell.reply["payload"] == [{"source": "ask_exit", "keepkernel": False}]
    assert waiting.done().status == "aborted"
    assert kernel.exit_status() == 0


LATE = 'go func() { sleep(200); print("late") }()\nprint("early")'


def test_drain_for_nbclient(client):
    cell = client.run(LATE, metadata={}, allow_stdin=False)
    kinds = [m["header"]["msg_type"] for m in cell.iopub]
    assert cell.text() == "early\nlate\n" and kinds[-1] == "status"


def test_no_drain_for_notebooks(client):
    for fields in ({"allow_stdin": False}, {"metadata": {}}):
        cell = client.run(LATE, **fields)
        assert cell.text() == "early\n"
        client.wait(lambda: cell.text() == "early\nlate\n")


def test_drain_limit(start):
    client = start(VINT_DRAIN_MS="100").client()
    cell = client.run('go func() { sleep(1000000) }()\nprint("early")', metadata={}, allow_stdin=False)
    assert cell.status == "ok" and cell.text() == "early\n"


def test_drain_can_be_interrupted(client):
    cell = client.execute("go func() { sleep(1000000) }()", metadata={}, allow_stdin=False).started()
    client.ask("interrupt_request", channel="control")
    cell.done()
    assert client.run("1").result == "1"


def test_a_declared_type_holds_in_later_cells(client):
    assert client.run("let n: int = 1").status == "ok"
    cell = client.run('n = "two"')
    assert cell.reply["ename"] == "TypeError" and "variable 'n' of type int" in cell.reply["evalue"]
    assert client.run("n = 2\nn").result == "2"
    assert client.run('let n = "three"\nn = [4]\nn').result == "[4]", "a new declaration has its own type"


def test_every_task_has_its_first_turn_before_the_reply(client):
    """However many there are, and though some of them spin."""
    cell = client.run("""
go func() { while (true) {} }()
let done = 0
for i in 1..100000 { go func() { for j in 1..20 {}; done += 1; if (done == 100000) { print("all") } }() }
go func() { while (true) {} }()
""")
    assert cell.text() == "all\n"


def test_tasks_that_keep_each_other_going_do_not_hold_the_reply(client):
    client.run("""
let ball = chan
go func() { while (true) { send(ball, 1) } }()
go func() { for v in ball {} }()
func breed() { go breed() }
breed()
""")
    assert client.run("1").result == "1"
