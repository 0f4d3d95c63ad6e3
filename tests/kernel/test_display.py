"""Rich display: results in their best form, display() and its updates, clear()."""


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
