"""Each request by itself: what comes back, in what order."""
import os
import sys

import pytest


def test_kernel_info(client):
    for channel in ("shell", "control"):
        info = client.ask("kernel_info_request", channel=channel)
        assert info["status"] == "ok"
        assert info["protocol_version"] == "5.6"
        language = info["language_info"]
        assert language["name"] == "vint"
        assert language["file_extension"] == ".vint"
        assert isinstance(language["codemirror_mode"]["version"], int)


def test_connect(client):
    reply = client.ask("connect_request")
    for name in ("shell", "iopub", "stdin", "control", "hb"):
        assert reply[f"{name}_port"] == client.info[f"{name}_port"]


def test_kernel_info_tells_whether_a_cell_runs(client):
    def state():
        return client.ask("kernel_info_request", channel="control")["execution_state"]
    assert state() == "idle"
    cell = client.execute("while (true) {}").started()
    assert state() == "busy"
    client.ask("interrupt_request", channel="control")
    cell.done()
    client.wait(lambda: state() == "idle")


def test_usage(kernel, client):
    def ask():
        return client.ask("usage_request", channel="control")

    first = ask()
    assert first["pid"] == kernel.process.pid and first["hostname"] == os.uname().nodename
    assert first["cpu_count"] == os.cpu_count() and first["kernel_memory"] > 1 << 20
    memory = first["host_virtual_memory"]
    assert 0 < memory["available"] < memory["total"] and 0 < memory["percent"] < 100
    cell = client.execute("while (true) {}").started()
    client.wait(lambda: ask()["kernel_cpu"] > 10)
    client.wait(lambda: 0 < ask().get("host_cpu_percent", 0) <= 100)  # not when two come within a tick of the clock
    client.ask("interrupt_request", channel="control")
    cell.done()


def test_usage_counts_child_processes(kernel, client):
    file = kernel.folder / "pid"
    alone = client.ask("usage_request", channel="control")["kernel_memory"]
    code = f"x = bytearray(300_000_000); open('{file}', 'w').write('1'); import time; time.sleep(1000)"
    cell = client.execute(f'!{sys.executable} -c "{code}"')
    client.wait(file.exists)
    assert client.ask("usage_request", channel="control")["kernel_memory"] > alone + 250_000_000
    client.ask("interrupt_request", channel="control")
    cell.done()


def test_result(client):
    cell = client.run("1 + 1")
    assert cell.outputs == [("execute_result", {"execution_count": 1, "data": {"text/plain": "2"}, "metadata": {}})]
    assert cell.reply == {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    assert cell.replies[0]["metadata"]["started"]


@pytest.mark.parametrize("code", ["", "let x = 5", "null", "7;", "// nothing", "  \n\t"])
def test_no_result(client, code):
    cell = client.run(code)
    assert cell.status == "ok" and cell.outputs == []


def test_code_is_shown_as_it_came(client):
    code = "\n\t// ä 😀 \\u0041 \"'`\x7f\n\n\n1"
    assert client.run(code).result == "1"  # the judge compares the code


def test_names_live_on(client):
    client.run("let x = 20\nfunc twice(n) { return n * 2 }")
    assert client.run("twice(x) + 2").result == "42"
    client.run("let x = 1")
    assert client.run("twice(x)").result == "2"


def test_counts(client):
    assert client.run("1").reply["execution_count"] == 1
    assert client.run("1", silent=True).reply["execution_count"] == 1
    assert client.run("1", store_history=False).reply["execution_count"] == 1
    assert client.run("1").reply["execution_count"] == 2


def test_silent(client):
    cell = client.run('print("x")\n1', silent=True)
    assert cell.status == "ok" and len(cell.iopub) == 2
    cell = client.run("nowhere", silent=True)
    assert cell.status == "error" and len(cell.iopub) == 2
    assert client.ask("history_request", {"hist_access_type": "tail", "n": 9})["history"] == []


def test_print(client):
    cell = client.run('print("hello, world")\nprint("ä", 😀)'.replace("😀", '"😀"'))
    assert cell.text() == "hello, world\nä 😀\n"
    assert [kind for kind, _ in cell.outputs] == ["stream"], "one message for a burst of text"


def test_order_of_streams_and_result(client):
    cell = client.run('print("one")\nprintErr("two")\nprint("three")\n4')
    kinds = [content.get("name", kind) for kind, content in cell.outputs]
    assert kinds == ["stdout", "stderr", "stdout", "execute_result"]


def test_odd_characters(client):
    cell = client.run(r'''print("a\tb\r\n\\ \" \u0001 end")''')
    assert cell.text().endswith("end\n")


def test_error(client):
    cell = client.run('print("before")\nlet f = func(n) { return n + nowhere }\nf(1)')
    assert cell.status == "error"
    assert [kind for kind, _ in cell.outputs] == ["stream", "error"]
    error = cell.errors[0]
    assert "nowhere" in error["evalue"]
    assert any("In[1]" in line for line in error["traceback"])
    assert {name: cell.reply[name] for name in error} == error


def test_syntax_error(client):
    cell = client.run("let = 5")
    assert cell.status == "error" and cell.errors[0]["ename"] == "SyntaxError"
    assert client.run("1").result == "1"


def test_user_expressions(client):
    client.run("let a = 1")
    cell = client.run("let b = 2", user_expressions={"sum": "a + b", "bad": "nowhere", "text": '"x"'})
    values = cell.reply["user_expressions"]
    assert list(values) == ["sum", "bad", "text"]
    assert values["sum"] == {"status": "ok", "data": {"text/plain": "3"}, "metadata": {}}
    assert values["bad"]["status"] == "error" and "nowhere" in values["bad"]["evalue"] and values["bad"]["traceback"]
    assert cell.status == "ok" and cell.outputs == []
    assert client.run("nowhere", user_expressions={"a": "a"}).reply["user_expressions"] == {}
    assert client.run("", user_expressions={"a": "a", "odd": 5}).reply["user_expressions"]["a"]["status"] == "ok"


def test_user_expression_that_does_not_compile_while_a_task_sleeps(client):
    cell = client.run("go sleep(1000000)", user_expressions={"bad": "1 +", "good": "2"})
    values = cell.reply["user_expressions"]
    assert [values["bad"]["status"], values["good"]["status"]] == ["error", "ok"]


@pytest.mark.parametrize("code, status", [
    ("1 + 1", "complete"), ("", "complete"), ("func f() {", "incomplete"), ("let x = [1,", "incomplete"),
    ("let = 5 )", "invalid"), ("print(\"x\")", "complete"),
])
def test_is_complete(client, code, status):
    reply = client.ask("is_complete_request", {"code": code})
    assert reply["status"] == status
    assert ("indent" in reply) == (status == "incomplete")


def test_complete(client):
    client.run("let applePie = 1")
    code = '"😀ä"; appleP + 1'
    cursor = code.index(" + ")
    reply = client.ask("complete_request", {"code": code, "cursor_pos": cursor})
    assert reply["status"] == "ok" and reply["matches"] == ["applePie"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (cursor - 6, cursor)
    types = reply["metadata"]["_jupyter_types_experimental"]
    assert [item["text"] for item in types] == reply["matches"] and types[0]["type"]
    assert "print" in client.ask("complete_request", {"code": "pri", "cursor_pos": 3})["matches"]
    assert client.ask("complete_request", {"code": "zzzz", "cursor_pos": 99})["matches"] == []


def test_inspect(client):
    reply = client.ask("inspect_request", {"code": "print", "cursor_pos": 3, "detail_level": 0})
    assert reply["found"] and "print" in reply["data"]["text/plain"]
    assert client.ask("inspect_request", {"code": "print(1)", "cursor_pos": 5, "detail_level": 1})["found"]
    reply = client.ask("inspect_request", {"code": "nowhere", "cursor_pos": 3, "detail_level": 0})
    assert reply == {"status": "ok", "found": False, "data": {}, "metadata": {}}


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_unknown_request(client, channel):
    request = client.send("make_coffee_request", {"milk": True}, channel)
    client.wait(lambda: request.is_idle)
    assert not request.replies and len(request.iopub) == 2
    assert client.run("1").result == "1"


def test_welcome_for_each_client(kernel):
    first, second = kernel.client(), kernel.client()
    assert [client.welcomes[0]["content"] for client in (first, second)] == [{"subscription": ""}] * 2
    assert first.judge.session == second.judge.session
    first.run('print("x")')
    second.wait(lambda: any(m["content"].get("text") == "x\n" for m in second.strangers))


def test_many_requests_at_once(client):
    cells = [client.execute(f'print({i})\n{i}') for i in range(500)]
    for i, cell in enumerate(cells):
        assert cell.done().reply["execution_count"] == i + 1
        assert cell.text() == f"{i}\n" and cell.result == str(i)


def test_requests_are_answered_while_a_cell_computes(client):
    cell = client.execute("while (true) {}").started()
    assert client.ask("kernel_info_request")["status"] == "ok"
    assert client.ask("kernel_info_request", channel="control")["status"] == "ok"
    assert "print" in client.ask("complete_request", {"code": "prin", "cursor_pos": 4})["matches"]
    assert client.ask("inspect_request", {"code": "print", "cursor_pos": 3})["found"]
    assert client.ask("is_complete_request", {"code": "f("})["status"] == "incomplete"
    assert client.ask("history_request", {"hist_access_type": "tail", "n": 1})["history"][0][2] == "while (true) {}"
    assert client.ask("comm_info_request")["comms"] == {}
    assert not cell.replies
    client.ask("interrupt_request", channel="control")
    assert cell.done().status == "error"
