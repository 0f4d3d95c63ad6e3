"""Rich display: results in their best form, display() and its updates, clear()."""
import base64


def shown(cell, kind="display_data"):
    return [content for kind_of, content in cell.outputs if kind_of == kind]


def test_a_table(client):
    cell = client.run('[{"name": "Ann", "age": 3}, {"name": "<Bob>", "city": "Rome"}]')
    data = shown(cell, "execute_result")[0]["data"]
    assert data["text/plain"].splitlines()[0].split() == ["name", "age", "city"]
    assert "<td" in data["text/html"] and "&lt;Bob&gt;" in data["text/html"] and "2 rows" in data["text/html"]


def test_a_long_table_is_cut_in_the_middle(client):
    client.run("let rows = []\nfor i in 1..1000 { rows.push([i, i * i]) }")
    data = shown(client.run("rows"), "execute_result")[0]["data"]
    assert data["text/html"].count("<tr>") < 70 and "1000 rows" in data["text/html"]
    assert "1000000" in data["text/plain"] and "… 940 rows more …" in data["text/plain"]


def test_a_dict_is_a_tree(client):
    data = shown(client.run('{"a": [1, 2.5, null, true, "x\\n"], "b": {}}'), "execute_result")[0]["data"]
    assert data["application/json"] == {"a": [1, 2.5, None, True, "x\n"], "b": {}}
    assert data["text/plain"] == '{"a": [1, 2.5, null, true, "x\\n"], "b": {}}'


def test_a_long_array_is_elided(client):
    assert client.run("range(100000)").result.endswith("198, 199, … 99800 more]")


def test_kinds_of_media(client):
    cell = client.run('display(html("<b>x</b>"))\ndisplay(markdown("*x*"))\ndisplay(latex("$x$"))\n'
                      'display(svg("<svg/>"))\n'
                      'display(png("abc"))\ndisplay(json([1]))\nprint("between")\nhtml("<i>y</i>")')
    datas = [content["data"] for content in shown(cell)]
    assert [sorted(set(data) - {"text/plain"}) for data in datas] == [
        ["text/html"], ["text/markdown"], ["text/latex"], ["image/svg+xml"], ["image/png"], ["application/json"]]
    assert datas[4]["image/png"] == "YWJj" and datas[5]["application/json"] == [1]
    assert shown(cell, "execute_result")[0]["data"]["text/html"] == "<i>y</i>"
    kinds = [kind for kind, _ in cell.outputs]
    assert kinds == ["display_data"] * 6 + ["stream", "execute_result"], "in the program's order"


def test_images(client, tmp_path):
    pictures = {"image/png": b"\x89PNG\r\n\x1a\n\0\xff", "image/jpeg": b"\xff\xd8\xff\xe0\0",
                "image/gif": b"GIF89a\0"}
    for number, (mime, content) in enumerate(pictures.items()):
        (tmp_path / f"p{number}").write_bytes(content)
        data = shown(client.run(f'image("{tmp_path}/p{number}")'), "execute_result")[0]["data"]
        assert base64.b64decode(data[mime]) == content and data["text/plain"] == f"<{mime}>"
    (tmp_path / "svg").write_text('<?xml version="1.0"?>\n<svg é="&lt;"/>')
    data = shown(client.run(f'image("{tmp_path}/svg")'), "execute_result")[0]["data"]
    assert data["image/svg+xml"] == '<?xml version="1.0"?>\n<svg é="&lt;"/>'
    (tmp_path / "other").write_text("text")
    assert "no picture" in client.run(f'image("{tmp_path}/other")').reply["evalue"]
    assert "no file" in client.run(f'image("{tmp_path}/nowhere")').reply["evalue"]


def test_limits_of_tables(client):
    client.run("%config display.rows = 4\n%config display.columns = 2\n%config display.width = 5")
    data = shown(client.run('range(6).map(func(i) { return [i, "abc<defghi", i, i] })'), "execute_result")[0]["data"]
    assert data["text/plain"].splitlines() == [
        "0  1       …", "0  abc<d…  …", "1  abc<d…  …", "… 2 rows more …", "4  abc<d…  …", "5  abc<d…  …",
        "… 2 columns more"]
    assert "<th>…</th>" in data["text/html"] and "… 2 rows more …" in data["text/html"]
    assert "6 rows, 4 columns" in data["text/html"] and "abc&lt;defghi<" in data["text/html"]
    data = shown(client.run('[{"a": "x" * 26}]'), "execute_result")[0]["data"]
    assert ">" + "x" * 25 + "…<" in data["text/html"]


def test_structs_and_rows_of_several_lengths_are_tables(client):
    client.run("struct P { x: int = 1, y = null }")
    assert client.run('[P(x: 2), P(y: "<")]').result.splitlines() == ["x  y", "2  null", "1  <"]
    assert client.run("[[1], [2, 3]]").result.splitlines() == ["0  1", "1", "2  3"]
    assert client.run("[[1], 2]").result == "[[1], 2]"


def test_large_trees_are_cut(client):
    client.run('let d = {"a": range(20000), "b": {"c": 1}, "e": 2}\nd["d"] = d')
    data = shown(client.run("d"), "execute_result")[0]["data"]
    assert data["application/json"]["a"][-1] == "… 10001 more"
    assert data["application/json"]["…"] == "3 more"
    assert len(shown(client.run('json(range(20000))'), "execute_result")[0]["data"]["application/json"]) == 20000
    client.run("%config display.elements = 3")
    assert client.run("range(10)").result == "[0, 1, 2, … 7 more]"
    assert client.run('{"a": 1, "b": 2, "c": 3, "d": 4}').result == '{"a": 1, "b": 2, "c": 3, … 1 more}'


# ---- Progress bars ----

def bars(cell):
    """The displays of a bar, first shown and updated, each with its text and its HTML."""
    kinds = [kind for kind, _ in cell.outputs if kind.endswith("display_data")]
    assert kinds[:1] == ["display_data"] and set(kinds[1:]) <= {"update_display_data"}
    contents = [content for kind, content in cell.outputs if kind.endswith("display_data")]
    assert len({content["transient"]["display_id"] for content in contents}) == 1
    return [content["data"] for content in contents]


def test_progress_of_a_loop(client):
    cell = client.run('for i, x in progress(["a", "b", "c"], "load <1>") { print(i, x) }')
    assert cell.text() == "0 a\n1 b\n2 c\n"
    first, *_, last = bars(cell)
    assert first["text/plain"].startswith("load <1>:   0% |····") and " 0/3" in first["text/plain"]
    assert last["text/plain"].startswith("load <1>: 100% |████") and " 3/3" in last["text/plain"]
    assert 'value="1.0000"' in last["text/html"] and "load &lt;1&gt;" in last["text/html"]


def test_progress_is_not_shown_too_often(client):
    cell = client.run("for x in progress(1..200000) {}")
    texts = [data["text/plain"] for data in bars(cell)]
    assert " 200000/200000" in texts[-1] and len(texts) < 100


def test_progress_by_several_tasks(client):
    cell = client.run("import sync\nlet p = progress(40)\nlet group = sync.WaitGroup()\n"
                      "for t in 1..4 {\n group.add(1)\n"
                      "go func() { for i in 1..10 { p.step(); sleep(1) } group.done() }()\n}\n"
                      "group.wait()")
    assert " 40/40" in bars(cell)[-1]["text/plain"]


def test_progress_that_stops_early_shows_where(client):
    cell = client.run("for x in progress(1..10) { if (x == 4) { break } }")
    assert " 3/10" in bars(cell)[-1]["text/plain"]
    cell = client.run("let q = progress(10)\nq.step(7)\nlet never = chan\ngo func() { q.step(); receive(never) }()")
    client.wait(lambda: " 8/10" in bars(cell)[-1]["text/plain"])


def test_progress_in_a_console(client):
    cell = client.run("for x in progress([1, 2], \"load\") {}", metadata={})
    assert {kind for kind, _ in cell.outputs} == {"stream"}
    assert cell.text("stderr").startswith("\rload:   0% |") and cell.text("stderr").endswith("\x1b[K\n")
    assert cell.text("stderr").count("\n") == 1 and " 2/2" in cell.text("stderr")


def test_progress_under_nbconvert(client):
    cell = client.run("for x in progress([1, 2]) {}", metadata={}, allow_stdin=False)
    assert " 2/2" in bars(cell)[-1]["text/plain"]


def test_updates(client):
    cell = client.run('display("one", id = "d")\ndisplay("two", id = "d", update = true)')
    assert [kind for kind, _ in cell.outputs] == ["display_data", "update_display_data"]
    assert [content["transient"] for _, content in cell.outputs] == [{"display_id": "d"}] * 2


def test_clear(client):
    cell = client.run('print("a")\nclear()\nprint("b")\nclear(true)')
    assert [kind for kind, _ in cell.outputs] == ["stream", "clear_output", "stream", "clear_output"]
    assert [content["wait"] for content in shown(cell, "clear_output")] == [False, True]


def test_a_background_task_displays_in_its_own_cell(client):
    first = client.run('go func() { sleep(30); display(html("<b>late</b>")) }()')
    client.run("sleep(100)")
    client.wait(lambda: shown(first))
    assert shown(first)[0]["data"]["text/html"] == "<b>late</b>"


def test_structs_say_how_they_are_shown(client):
    client.run('struct A { x\n func display() { return html("<b>" + this.x + "</b>") } }\n'
               'struct B { x\n func toString() { sleep(1)\n return "B of " + this.x } }\n'
               'struct C { x\n func display() { throw "broken" } }')
    assert shown(client.run("A(1)"), "execute_result")[0]["data"]["text/html"] == "<b>1</b>"
    assert client.run("B(2)").result == "B of 2"
    assert shown(client.run("display(B(3))"))[0]["data"] == {"text/plain": "B of 3"}
    broken = client.run("C(4)")
    assert broken.status == "error" and broken.reply["evalue"] == "broken"


def test_silent_cells_display_nothing(client):
    cell = client.run("display(1); clear()", silent=True, store_history=False)
    assert [m["header"]["msg_type"] for m in cell.iopub] == ["status", "status"]
