"""Magics: the lines of a cell that are no VintLang, what they bring to the reply, and where errors in them point."""
import os
import re

import pytest

from frontend import TOP


def shown(cell, kind="display_data"):
    return [content for kind_of, content in cell.outputs if kind_of == kind]


def payloads(cell, source):
    return [payload for payload in cell.reply["payload"] if payload["source"] == source]


def page(cell):
    """The one text that the cell asks to be read."""
    assert [payload["source"] for payload in cell.reply["payload"]] == ["page"] and cell.outputs == []
    return cell.reply["payload"][0]["data"]["text/plain"]


def error_of(cell):
    """The report of the cell's error, without its colours."""
    assert cell.status == "error"
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(cell.errors[0]["traceback"])) + "\n"


# ---- Payloads ----

def test_help_is_a_page(client):
    client.run("func twice(x) { return 2 * x }")
    for code in ("?print", "print?", "%help print", "let a = 1\nprint?"):
        assert page(client.run(code)).startswith("print(")
    for code in ("twice??", "??twice", "%source twice"):
        assert "func twice(x) { return 2 * x }" in page(client.run(code))
    data = payloads(client.run("?print"), "page")[0]["data"]
    assert sorted(data) == ["text/html", "text/markdown", "text/plain"]
    two = client.run("?print\n?len")
    assert [payload["data"]["text/plain"].split("(")[0] for payload in payloads(two, "page")] == ["print", "len"]


def test_where_nobody_reads_pages_help_is_printed(client):
    cell = client.run("?print", allow_stdin=False)
    assert cell.text().startswith("print(") and cell.reply["payload"] == []


def test_a_failed_cell_keeps_its_pages(client):
    cell = client.run('?print\nerror "no"')
    assert cell.status == "error" and len(payloads(cell, "page")) == 1


def test_late_help_is_printed(client):
    first = client.run('let go_on = chan\ngo func() {\n receive(go_on)\n %help print\n}()')
    client.run("send(go_on, 1)")
    client.wait(lambda: first.text().startswith("print("))
    assert first.reply["payload"] == []


def test_the_last_next_input_wins(client, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(f'print("{name} é")\n')
    cell = client.run(f"%load {tmp_path}/one\n%load {tmp_path}/two\n?print")
    [payload] = payloads(cell, "set_next_input")
    assert payload["text"] == f'// %load {tmp_path}/two\nprint("two é")\n' and payload["replace"] is True
    assert len(payloads(cell, "page")) == 1
    assert "there is no file" in error_of(client.run(f"%load {tmp_path}/three"))


def test_what_is_too_large_is_not_loaded(client, tmp_path):
    path = tmp_path / "large.vint"
    path.touch()
    os.truncate(path, 1_000_001)
    assert f"read {path}: file too large" in error_of(client.run(f"%load {path}"))
    assert "read /dev/zero: file too large" in error_of(client.run("%load /dev/zero"))
    os.truncate(path, (64 << 20) + 1)
    assert f"cannot include {path}: it has more than 64 MB" in error_of(client.run(f"%run {path}"))
    assert "cannot read large.vint: it has more than 64 MB" in error_of(client.run(f"%cd {tmp_path}\nimport large"))


def test_a_pipe_that_nobody_writes_to(client, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert f"cannot include {pipe}: it is no regular file" in error_of(client.run(f"%run {pipe}"))
    writer = os.open(pipe, os.O_RDWR)
    cell = client.execute(f"%load {pipe}").started()
    subshell = client.ask("create_subshell_request", channel="control")["subshell_id"]
    assert client.run("1 + 1", subshell=subshell).result == "2"
    client.ask("interrupt_request", channel="control")
    assert cell.done().errors[0]["ename"] == "Interrupted"
    os.close(writer)


# ---- Finding them, and errors in them ----

def test_every_magic_has_help(client):
    table = shown(client.run("%lsmagic"))[0]["data"]
    assert "text/html" in table
    names = {line.split()[0] for line in table["text/plain"].splitlines()[1:]}
    source = (TOP / "interp/modules/magics.vint").read_text()
    assert names == set(re.findall(r'^    "(%+\w+)": ', source, re.M)), "one list says what they are, one what they do"
    for name in names:
        assert page(client.run(f"{name}?")).startswith(name)
        assert page(client.run(f"?{name}")).startswith(name)


def test_unknown_magics(client):
    assert "there is no magic %whoz, did you mean '%who'?" in error_of(client.run("%whoz"))
    assert "there is no magic %writefile, but there is %%writefile" in error_of(client.run("%writefile x"))
    assert "there is no magic %%nothing; %lsmagic lists them" in error_of(client.run("%%nothing\n1"))
    assert "%who" in error_of(client.run("?%whoz"))
    assert "%load needs a file" in error_of(client.run("%load"))


@pytest.mark.parametrize("code, place, line, caret", [
    ("let a = 1\n  %nothing 3", "2:3", "  %nothing 3", "  ^"),
    ("%time 1 + gone", "1:11", "%time 1 + gone", "          ^~~~"),
    ("%%time\nlet x = 1\n\nx + gone", "4:5", "x + gone", "    ^~~~"),
    ("%%timeit\ngone", "2:1", "gone", "^~~~"),
    ("%time let = 3", "1:11", "%time let = 3", "          ^"),
    ("let é = %time gone", "1:15", "let é = %time gone", "              ^~~~"),
])
def test_errors_point_into_the_line_as_it_was_written(client, code, place, line, caret):
    report = error_of(client.run(code))
    assert f"In[1]:{place}: " in report
    assert f" {place[0]} | {line}\n   | {caret}\n" in report


def test_text_that_only_looks_like_a_magic(client):
    cell = client.run('let b = 3\nlet a = 10\n% b\nlet s = "\n%who\n"\nprint(a, s.trim())')
    assert cell.text() == "1 %who\n"
    assert client.run("let yes = true &&\n!false\nyes").result == "true"
    assert client.run("let no = !yes\nlet r = if (yes) {\n!no\n} else {\nno\n}\nr").result == "true"
    assert client.run("[7,\n!no][1]").result == "true"
    assert client.run("// %who\n/*\n%who\n*/ 1").result == "1"


def test_magics_in_blocks_and_as_values(client, tmp_path):
    assert client.run("for i in 1..2 {\n    %sh echo in a block\n}").text() == "in a block\n" * 2
    assert client.run(f"%cd {tmp_path}").text() == f"{tmp_path}\n"
    assert client.run("let here = %pwd\nhere").result == f'"{tmp_path}"'


def test_completeness(client):
    def status(code):
        return client.ask("is_complete_request", {"code": code})["status"]

    assert [status(code) for code in ("%who", "!ls (", "print?", "let x = %pwd", "%time f(")] == ["complete"] * 5
    assert status("if (true) {\n    %who") == "incomplete"
    assert [status(code) for code in ("%%time", "%%time\nf()", "%%time\nf()\n")] == \
        ["incomplete", "incomplete", "complete"]


# ---- One by one ----

def test_variables(client):
    client.run("let answer = 42\nfunc twice(x) { return 2 * x }")
    assert client.run("%who").text() == "answer  twice\n"
    table = shown(client.run("%whos"))[0]["data"]["text/plain"]
    assert ["answer", "INTEGER", "42"] in [line.split() for line in table.splitlines()]
    assert client.run("let x = 7\n%who\nx").result == "7"


def test_reset(client):
    client.run("let gone = 1\nlet print = 2")
    assert client.run("%reset").text() == "2 variables forgotten.\n"
    assert client.run("gone").status == "error"
    assert client.run('print("back")').text() == "back\n"


def test_time(client):
    client.run("func twice(x) { return 2 * x }")
    cell = client.run("%time twice(42)")
    assert cell.result == "84" and "Wall time:" in cell.text()
    cell = client.run("%%time\nlet slow = 1\nslow + 1")
    assert cell.result == "2" and "Wall time:" in cell.text()
    assert "best of 5 rounds" in client.run("%timeit twice(1)").text()
    assert client.run("let t = %time twice(4)\nt").result == "8"


def test_files(client, tmp_path):
    path = tmp_path / "out file.vint"
    client.run(f'%%writefile {path}\nlet written = "é\\n"\n')
    assert path.read_text() == 'let written = "é\\n"\n'
    assert client.run(f'%%writefile -a {path}\nlet more = 2\n').text() == f"Added to: {path}\n"
    assert path.read_text() == 'let written = "é\\n"\nlet more = 2\n'
    client.run(f"%run {path}")
    assert client.run("[written, more]").result == '["é\\n", 2]'


def test_folders(client, tmp_path):
    first, second = tmp_path / "a b", tmp_path / "c"
    first.mkdir()
    second.mkdir()
    assert client.run(f"%cd {first}").text() == f"{first}\n"
    client.run(f"%cd {second}")
    assert client.run("%cd -").text() == f"{first}\n"
    assert client.run("%pwd").result == f'"{first}"'
    assert client.run("%cd nowhere").status == "error"


def test_the_environment(client):
    client.run("%env VINT_TEST = a = b")
    assert client.run("%env VINT_TEST").result == '"a = b"'
    assert client.run("!echo $VINT_TEST").text() == "a = b\n"
    assert shown(client.run("%env"), "execute_result")[0]["data"]["application/json"]["VINT_TEST"] == "a = b"
    assert "VINT_NOT_SET" in error_of(client.run("%env VINT_NOT_SET"))


def test_shell_commands(client):
    assert client.run('!echo "one two" | tr a-z A-Z').text() == "ONE TWO\n"
    failed = client.run("!echo out; echo err >&2; exit 3\nprint(7)")
    assert (failed.status, failed.text(), failed.text("stderr")) == ("ok", "out\n7\n", "err\nexit status 3\n")
    assert client.run("!kill -9 $$").text("stderr") == "ended by signal 9 (Killed)\n"
    assert client.run("!cat; echo é").text() == "é\n", "stdin is empty"
    assert client.run("%%sh\nfor i in 1 2; do\n  echo $i\ndone").text() == "1\n2\n"
    assert client.run("%%bash\nx=(a b); echo ${x[1]}").text() == "b\n"


def test_variables_in_commands(client):
    client.run("let name = [1, \"x\"]")
    assert client.run("!echo '{name} $name ${name} $$ {no} $no {a,b}'").text() == \
        '[1, "x"] [1, "x"] ${name} $$ {no} $no {a,b}\n'


def test_lines_of_a_command(client):
    assert client.run("let lines = %sx printf 'a\\n\\nb\\n'\nlines").result == '["a", "", "b"]'
    assert client.run("%sx true").result == "[]"
    cell = client.run("%sx echo out; echo err >&2; exit 1")
    assert (cell.result, cell.text("stderr")) == ('["out"]', "err\nexit status 1\n")


def test_commands_stream_and_are_interrupted(client, tmp_path):
    pipe = tmp_path / "pipe"
    client.run(f"!mkfifo {pipe}")
    cell = client.execute(f"!echo first; cat {pipe}; trap 'echo ended; exit 1' INT; echo second; "
                          "while true; do sleep 0.05; done")
    client.wait(lambda: cell.text() == "first\n")
    assert not cell.replies
    pipe.write_text("from the pipe\n")
    client.wait(lambda: cell.text() == "first\nfrom the pipe\nsecond\n")
    client.ask("interrupt_request", channel="control")
    assert cell.done().status == "error" and cell.reply["ename"] == "Interrupted"
    client.wait(lambda: cell.text().endswith("ended\n"))


def test_commands_that_do_not_listen_are_killed(client):
    cell = client.execute("!trap '' INT TERM; echo $$; while true; do sleep 0.05; done")
    client.wait(lambda: cell.text().endswith("\n"))
    pid = int(cell.text())
    client.ask("interrupt_request", channel="control")
    assert cell.done().reply["ename"] == "Interrupted"
    client.wait(lambda: not os.path.exists(f"/proc/{pid}"))


def test_commands_in_the_background(client, kernel, tmp_path):
    pipe = tmp_path / "pipe"
    client.run(f"!mkfifo {pipe}")
    first = client.run(f"!cat {pipe}; echo $$; exec sleep 1000 &")
    assert first.text() == ""
    pipe.write_text("late\n")
    client.wait(lambda: first.text().count("\n") == 2)
    assert first.text().startswith("late\n")
    pid = int(first.text().split()[1])
    assert os.path.exists(f"/proc/{pid}")
    client.ask("shutdown_request", {"restart": False}, channel="control")
    assert kernel.exit_status() == 0
    assert not os.path.exists(f"/proc/{pid}"), "it ends with the kernel"


# ---- %%capture ----

def test_capture(client):
    cell = client.run('%%capture kept\nprint("out")\nprintlnErr("err")\ndisplay([1])\n!echo sub\nclear()\n"result"')
    assert cell.outputs == [] and cell.status == "ok"
    assert client.run("[kept.stdout, kept.stderr, kept.displays]").result == \
        '["out\\nsub\\n", "err\\n", [[1], "result"]]'
    again = client.run("kept.show()")
    assert (again.text(), again.text("stderr")) == ("out\nsub\n", "err\n")
    assert [content["data"]["text/plain"] for content in shown(again)] == ["[1]", '"result"']


def test_capture_of_a_failing_cell(client):
    cell = client.run('%%capture kept\nprint("before")\ngone')
    assert "In[1]:3:1: NameError" in error_of(cell) and cell.text() == ""
    assert client.run("kept.stdout").result == '"before\\n"'
    assert client.run("%%capture\nprint(1)").outputs == []
    assert client.run("print(2)").text() == "2\n"
    assert "the name of a variable" in error_of(client.run("%%capture 1x\n1"))


def test_what_a_task_prints_after_a_capture_is_shown(client):
    first = client.run('%%capture kept\nlet go_on = chan\n'
                       'go func() { print("kept"); send(go_on, 1); receive(go_on); print("late") }()\nreceive(go_on)')
    client.run("send(go_on, 1)")
    client.wait(lambda: first.text() == "late\n")
    assert client.run("kept.stdout").result == '"kept\\n"'


def test_history(start, tmp_path):
    shared = {"VINT_HISTORY": str(tmp_path / "history.sqlite")}
    first = start(**shared).client()
    first.run("let old = 1")
    first.run("old")
    first.run("%history")  # who asks gets what is saved
    client = start(**shared).client()
    client.run("let a = 1")
    client.run("let b = 2\nb")
    assert client.run("%history").text() == "let a = 1\nlet b = 2\nb\n%history\n"
    assert client.run("%history -n 1 2-3").text() == "1: let a = 1\n2: let b = 2\nb\n3: %history\n"
    assert client.run("%history ~1/").text() == "let old = 1\nold\n%history\n"
    assert client.run("%history -n ~1/2 1").text() == "2: old\n1: let a = 1\n"
    assert client.run("%history -g let o?d").text() == "1/1: let old = 1\n2/7: %history -g let o?d\n"
    assert client.run("%history -l 2").text() == "%history -g let o?d\n%history -l 2\n"
    client.run("let a = 1")
    assert client.run("%history -u -n 1 2 9").text() == "2: let b = 2\nb\n9: let a = 1\n"
    [payload] = payloads(client.run("%history -i 1-2"), "set_next_input")
    assert payload["text"] == "let a = 1\nlet b = 2\nb" and payload["replace"] is False
    [payload] = payloads(client.run("%load ~1/1"), "set_next_input")
    assert payload["text"] == "let old = 1" and payload["replace"] is True
    for wrong in ("x", "1-2-3", "~/1", "1/2/3", "-q", "-l x"):
        assert "%history" in error_of(client.run(f"%history {wrong}"))


def test_options(client):
    table = shown(client.run("%config"))[0]["data"]["text/plain"]
    assert ["drain_ms", "30000"] in [line.split()[:2] for line in table.splitlines()]
    client.run("%config drain_ms = 20")
    assert client.run("%config drain_ms").result == "20"
    assert "did you mean 'drain_ms'" in error_of(client.run("%config drain_m"))
    assert "drain_ms is a number from -1 to" in error_of(client.run("%config drain_ms = soon"))
    cell = client.run("go func() { sleep(1000000) }()", metadata={}, allow_stdin=False)
    assert "1 task of this cell is still at work after 0.02 s" in cell.text("stderr")


def test_tasks_are_listed_and_cancelled(client):
    first = client.run("let never = chan\ngo func() { try { receive(never) } finally { print(\"ended\") } }()")
    table = shown(client.run("%tasks"))[0]["data"]["text/plain"]
    row = next(line for line in table.splitlines() if "blocked in receive" in line)
    assert "In[1]" in row and "In[1]:2:19" in row and "In[1]:2:1" in row
    client.run("%tasks cancel all")
    client.wait(lambda: first.text() == "ended\n")
    assert "blocked" not in shown(client.run("%tasks"))[0]["data"]["text/plain"]
