"""What a notebook's user sees of background tasks, and does with them: %tasks, cancel(), %%replace, %output."""
import uuid

import pytest


def tables(cell):
    """The texts of the displays of a cell, oldest first."""
    return [content["data"]["text/plain"] for kind, content in cell.outputs if kind.endswith("display_data")]


def key():
    return {"cellId": uuid.uuid4().hex}


# ---- The table ----

def test_the_table_says_who_waits_for_what_and_where(client):
    client.run('let box = chan\nfunc worker(n) {\n print("at work", n)\n receive(box)\n}')
    client.run("go worker(1)\nlet spin = go func() { while (true) {} }()")
    [table] = tables(client.run("%tasks"))
    worker, spinner = table.splitlines()[1:]
    for part in ("worker", "In[2]:1:1", "blocked in receive", "chan(unbuffered) made at In[1]:1:11", "In[1]:4:2", "10 B"):
        assert part in worker
    assert "ready" in spinner and "In[2]:2:12" in spinner
    assert tables(client.run("tasks()"))[0].splitlines()[1].split()[:3] == worker.split()[:3]
    client.run("cancel(spin)")


def test_cpu_time_is_that_of_the_task(client):
    client.run("let idle = go receive(chan)\nlet spin = go func() { while (true) {} }()")
    cell = client.run("sleep(300)\n[idle.info()['cpu'] < 50, spin.info()['cpu'] > 100, spin.info()['age'] >= 300]")
    assert cell.result == "[true, true, true]"
    client.run("%tasks cancel all")


def test_the_table_stays_up_to_date_until_the_tasks_end(client):
    client.run("let go_on = chan\nlet t = go receive(go_on)")
    cell = client.run("%tasks")
    client.wait(lambda: len(tables(cell)) >= 3)
    client.run("send(go_on, 1)")
    client.wait(lambda: tables(cell)[-1] == "No tasks.")
    ids = {content["transient"]["display_id"] for kind, content in cell.outputs}
    kinds = [kind for kind, _ in cell.outputs]
    assert len(ids) == 1 and kinds[0] == "display_data" and set(kinds[1:]) == {"update_display_data"}


def test_a_table_ends_when_its_cell_is_run_again(client):
    client.run("go receive(chan)")
    metadata = key()
    first = client.run("%tasks", metadata=metadata)
    second = client.run("%tasks", metadata=metadata)
    seen = len(tables(first))
    client.wait(lambda: len(tables(second)) >= 3)
    assert len(tables(first)) <= seen + 1


def test_a_table_holds_neither_nbclient_nor_the_search_for_deadlocks(client):
    client.run("go receive(chan)")
    client.run("%tasks", metadata={}, allow_stdin=False)
    assert client.run("receive(chan)").reply["ename"] == "DeadlockError"


def test_long_tables_are_cut(client):
    client.run("for i in 1..1000 { go receive(chan) }")
    table = tables(client.run("%tasks"))[0]
    assert "and 900 more" in table and len(table.splitlines()) < 110


# ---- Ending tasks ----

def test_cancel_of_a_cell(client):
    client.run('func worker() { try { receive(chan) } finally { print("ended") } }')
    first = client.run("go worker()\ngo worker()")
    second = client.run("go worker()")
    assert client.run("cancel(cell: 2)").result == "2"
    client.wait(lambda: first.text() == "ended\nended\n")
    assert second.text() == ""
    number = tables(client.run("%tasks"))[0].splitlines()[1].split()[0]
    client.run(f"%tasks cancel {number}")
    client.wait(lambda: second.text() == "ended\n")


def test_cancel_all(client):
    client.run("for i in 1..5 { go receive(chan) }")
    assert client.run("%tasks cancel all").text() == "5 tasks cancelled.\n"
    assert tables(client.run("%tasks")) == ["No tasks."]


def test_wrong_commands_say_what_there_is(client):
    for code, word in (("%tasks stop", "%tasks cancel all"), ("%tasks cancel x", "cancel 7"),
                       ("%tasks cancel 99", "no task 99"), ("%output", "needs the number"), ("%output 99", "[99]"),
                       ("cancel()", "needs a task")):
        assert word in client.run(code).reply["evalue"]


# ---- Running a cell again ----

TICKER = 'go func() { try { sleep(1000000) } finally { print("ended") } }()'


def test_a_cell_run_again_keeps_its_former_tasks(client):
    metadata = key()
    for _ in range(2):
        client.run(TICKER, metadata=metadata)
    assert client.run("import task\ntask.list().length()").result == "3"


def test_replace_ends_the_tasks_of_former_runs(client):
    metadata, other = key(), client.run(TICKER)
    first = client.run(TICKER, metadata=metadata)
    second = client.run("%%replace\n" + TICKER + "\n5", metadata=metadata)
    client.wait(lambda: first.text() == "ended\n")
    assert second.result == "5" and second.text() == "" and other.text() == ""


def test_an_option_replaces_in_all_cells(client):
    metadata = key()
    client.run("%config tasks.on_rerun = replace")
    first = client.run(TICKER, metadata=metadata)
    client.run(TICKER, metadata=metadata)
    client.wait(lambda: first.text() == "ended\n")
    client.run("%config tasks.on_rerun = keep")
    assert client.run("%config tasks.on_rerun").result == '"keep"'
    failed = client.run("%config tasks.on_rerun = x")
    assert failed.reply["evalue"] == "tasks.on_rerun is one of keep|replace"


def test_replace_knows_a_cell_by_its_code_where_it_has_no_id(client):
    code = "%%replace\n" + TICKER
    first, other = [client.run(text, metadata={}) for text in (code, code + "\n")]
    client.run(code, metadata={})
    client.wait(lambda: first.text() == "ended\n")
    assert other.text() == ""


def test_errors_below_replace_point_into_the_cell(client):
    cell = client.run("%%replace\nlet a = 1\nnowhere")
    assert cell.reply["ename"] == "NameError" and "In[1]:3" in "\n".join(cell.reply["traceback"])


# ---- What cells have shown ----

def test_output_is_printed_again(client):
    cell = client.run('print("one")\ndisplay([1])\ngo func() { throw "lost" }()\nprintErr("two")\n3 * 4')
    client.wait(lambda: cell.errors)
    text = client.run("%output 1").text()
    assert text.startswith("one\n[1]\ntwo\n") and "12\n" in text and "Error: lost" in text.replace("\x1b[0m", "").replace(
        "\x1b[1;31m", "")


def test_output_is_followed_until_the_tasks_end(client):
    client.run('let go_on = chan\ngo func() { for v in go_on { print("got", v) }\n print("end") }()')
    follower = client.execute("%output --follow 1").started()
    client.ask("interrupt_request", channel="control")
    assert follower.done().reply["ename"] == "Interrupted"
    client.run('go func() { for i in 1..3 { send(go_on, i); sleep(100) }\n close(go_on) }()')
    follower = client.run("%output --follow 1")
    assert follower.text() == "got 1\ngot 2\ngot 3\nend\n"


def test_the_last_256_kb_are_kept(client):
    client.run('for i in 1..100000 { print("line", i) }')
    cell = client.run("%output 1")
    text = cell.text()
    assert text.endswith("line 99999\nline 100000\n") and 250000 < len(text) <= 256 * 1024
    lost = sum(len(f"line {i}\n") for i in range(1, 100001)) - len(text)
    assert f"[{lost} bytes before this are not kept]" in cell.text("stderr")


def test_kept_output_begins_with_a_whole_character(client):
    client.run('print("x" + "ä€" * 100000)')
    text = client.run("%output 1").text()
    assert "\ufffd" not in text and text.endswith("ä€\n")


def test_all_that_is_kept_is_bounded(client):
    """The oldest cells go first."""
    client.run('print("oldest")')
    for _ in range(70):
        client.run('print("x" * 300000)')
    assert client.run("%output 1").status == "error"
    assert len(client.run("%output 71").text()) > 200000


# ---- Deadlocks and leaks ----

def test_leaks(client):
    client.run("func leak() {\n for i in 1..12 {\n  let results = chan\n  go func() { send(results, i) }()\n }\n}")
    client.run("await (go leak())")
    client.run("let shared = chan\ngo receive(shared)")
    lines = client.run("%tasks leaks").text().splitlines()
    assert lines == [
        "12 tasks are blocked for ever: func, started at In[1]:4:3, blocked in send on chan(unbuffered) made at In[1]:3:17, "
        "at In[1]:4:15",
        "1 task waits for what only a later cell can do: receive, started at In[3]:2:1, blocked in receive on "
        "chan(unbuffered) made at In[3]:1:14"]
    client.run("%tasks cancel all")
    assert client.run("%tasks leaks").text().startswith("No leaks")


@pytest.mark.parametrize("restart", [True, False])
def test_leaks_are_told_in_the_log(kernel, client, restart):
    client.run("func leak() {\n for i in 1..12 {\n  let results = chan\n  go func() { send(results, i) }()\n }\n}")
    client.run("await (go leak())\nlet known = chan\ngo receive(known)\ngo sleep(1000000)")
    client.ask("shutdown_request", {"restart": restart}, "control")
    assert kernel.exit_status() == 0
    assert kernel.stderr().splitlines() == [
        "vint-kernel: 12 tasks wait for what can never come:",
        "  12 tasks: blocked in send at In[1]:4:15, on chan(unbuffered) made at In[1]:3:17 (started at In[1]:4:3)"]


def test_a_session_without_leaks_ends_without_a_word(kernel, client):
    client.run("let known = chan\ngo receive(known)\ngo sleep(1000000)")
    client.ask("shutdown_request", {"restart": False}, "control")
    assert kernel.exit_status() == 0 and kernel.stderr() == ""



def test_a_deadlock_over_several_cells_draws_the_circle(client):
    client.run("let a = chan\nlet b = chan")
    client.run("go func() { receive(a); send(b, 1) }()")
    cell = client.run("receive(b)\nsend(a, 1)")
    report = "\n".join(cell.errors[0]["traceback"])
    assert cell.reply["ename"] == "DeadlockError"
    for part in ("main code: blocked in receive on chan(unbuffered) at In[3]:1:1",
                 "chan(unbuffered) was made at In[1]:2:9; task", "In[2]:1:13 (started at In[2]:1:1)",
                 "a circle: main code waits for task"):
        assert part in report
