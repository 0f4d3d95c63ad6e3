"""Completion, help and is_complete, as frontends ask for them. `|` in a sample is the cursor; else it is at the end."""
from frontend import PROGRAM
from test_frontends import Terminal

SESSION = """\
import math
let cfg = {"db": {"host": "h", "port": 1}, "it's": 2, "two words": [1], 7: "no name"}
let numbers = [1, 2.5, "x"]
let channel = chan(2)
// The area of a box.
// Of any size.
func area(w, h = 1): int { return w * h }
func twice(x) { return x }
func twice(x, y) { return x }
struct Address { street: string = "", zip: int = 0 }
// Somebody.
struct User {
    name: string
    age: int = 0
    home: Address? = null
    // Says hello.
    func greet(greeting = "hi") { return greeting + this.name }
    func address(): Address { return this.home }
}
enum Color { RED, GREEN = 5 }
error NotFound(what, where)
type Person = User
let ann = User("Ann", 5, Address("Street", 12))
let users = [ann]
let fetch = async func(url) { return ann }
let done = fetch("x")
let text = "some text"
let pointer = &ann
package Shapes { let side = 2  func square() { return side * side }  let _own = 1 }
let ambiguous_one = 1
let ambiguous_two = 2
"""
USER = ["address", "age", "greet", "home", "name"]


def split(sample):
    cursor = sample.find("|")
    return (sample, len(sample)) if cursor < 0 else (sample[:cursor] + sample[cursor + 1:], cursor)


def complete(client, sample):
    code, cursor = split(sample)
    reply = client.ask("complete_request", {"code": code, "cursor_pos": cursor})
    assert reply["status"] == "ok" and reply["cursor_start"] <= reply["cursor_end"] == cursor
    types = reply["metadata"]["_jupyter_types_experimental"]
    assert [item["text"] for item in types] == reply["matches"]
    for item in types:
        assert (item["start"], item["end"]) == (reply["cursor_start"], cursor) and item["type"]
    return reply


def inspect(client, sample, level=0):
    code, cursor = split(sample)
    reply = client.ask("inspect_request", {"code": code, "cursor_pos": cursor, "detail_level": level})
    assert set(reply) == {"status", "found", "data", "metadata"} and reply["status"] == "ok"
    assert set(reply["data"]) == ({"text/plain", "text/markdown", "text/html"} if reply["found"] else set())
    return reply["data"].get("text/plain")


# sample -> (what is replaced, all the matches)
EXACT = {
    # members
    "ann.": ("", USER),
    "ann.g": ("g", ["greet"]),
    "ann.home.": ("", ["street", "zip"]),
    "users[0].home.s": ("s", ["street"]),
    "User('x', 1).": ("", USER),
    "User{name: 'x'}.h": ("h", ["home"]),
    "ann.address().": ("", ["street", "zip"]),
    "(ann).a": ("a", ["address", "age"]),
    "pointer.na": ("na", ["name"]),
    "(numbers as User).gr": ("gr", ["greet"]),
    "(await done).gr": ("gr", ["greet"]),
    "math.SQ": ("SQ", ["sqrt", "sqrt1_2", "sqrt2", "sqrt3", "sqrt5"]),
    "math.ln": ("ln", ["ln10", "ln2"]),
    "Color.": ("", ["GREEN", "RED"]),
    "Shapes.": ("", ["side", "square"]),
    "'abc'.tri": ("tri", ["trim", "trimEnd", "trimStart"]),
    "text.tri": ("tri", ["trim", "trimEnd", "trimStart"]),
    "text[0].tri": ("tri", ["trim", "trimEnd", "trimStart"]),
    "text.upper().lower().tri": ("tri", ["trim", "trimEnd", "trimStart"]),
    "[1, 2].pus": ("pus", ["push"]),
    "[[1], 2][0].pus": ("pus", ["push"]),
    "{\"a\": [1]}[\"a\"].pus": ("pus", ["push"]),
    "channel.": ("", ["cap", "close", "closed", "receive", "send"]),
    "done.st": ("st", ["state"]),
    "5.abs().cl": ("cl", ["clamp"]),
    "(1 + 2.5).cl": ("cl", ["clamp"]),
    "('a' + 1).tri": ("tri", ["trim", "trimEnd", "trimStart"]),
    "(text ?? 1).trimS": ("trimS", ["trimStart"]),
    "area(1).cl": ("cl", ["clamp"]),
    "if (ann.gr": ("gr", ["greet"]),
    "print(users[0].gr|": ("gr", ["greet"]),
    "ann.gr|eet(1)": ("gr", ["greet"]),
    "numbers\n    .pus": ("pus", ["push"]),
    "nothing.": ("", []),
    "numbers.first().": ("", []),
    "twice(1).": ("", []),
    # a chain never runs anything
    "exit().": ("", []),
    "users.pop().": ("", []),
    # the text of the cell
    "let zed1 = 1\nlet zed2 = zed": ("zed", ["zed1"]),
    "func f(alpha1, beta) {\n    let alpha2 = [1]\n    alph": ("alph", ["alpha1", "alpha2"]),
    "func f(alpha1) { let alpha2 = 1 }\nalph": ("alph", []),
    "func alphabet(x) { }\nalph": ("alph", ["alphabet"]),
    "func f(who: User) { who.gr": ("gr", ["greet"]),
    "func f(who: Person) { who.gr": ("gr", ["greet"]),
    "func f(who: string? = null) { who.trimS": ("trimS", ["trimStart"]),
    "func f() {\n  let gamma = [1]\n  if (true) {\n    gamma.pus": ("pus", ["push"]),
    "struct P { xx: int = 0, yy: User\n func m() { this.": ("", ["m", "xx", "yy"]),
    "struct P { xx: int = 0, yy: User\n func m() { this.yy.gr": ("gr", ["greet"]),
    "struct P { xx: int = 0\n func m(a) { return 1 } }\nlet p = P(1)\np.": ("", ["m", "xx"]),
    "enum E { ONE, TWO = 7 }\nE.": ("", ["ONE", "TWO"]),
    "for somebody in users { somebody.gr": ("gr", ["greet"]),
    "try { } catch (problem) { problem.mes": ("mes", ["message"]),
    "let cfg = 5\ncfg.cl": ("cl", ["clamp"]),
    "let a = b\nlet b = a\na.": ("", []),
    "import sync as s\ns.Mu": ("Mu", ["Mutex"]),
    "let f = func(x): string { return x }\nf(1).trimS": ("trimS", ["trimStart"]),
    "let f = async func(x) { return x }\nf(1).st": ("st", ["state"]),
    "let five = func() { return 5 }()\nfive.trimS": ("trimS", []),
    "import random\nrandom.shuf": ("shuf", ["shuffle"]),
    # keys
    'cfg["': ("", ['db"]', 'it\'s"]', 'two words"]']),
    'cfg["t': ("t", ['two words"]']),
    "cfg['": ("", ["db']", "it\\'s']", "two words']"]),
    "cfg[\"db\"]['": ("", ["host']", "port']"]),
    'cfg["db"]["h|"]': ("h", ["host"]),
    'cfg["db"]["h|]': ("h", ['host"']),
    '{"one": 1, "two": 2}["': ("", ['one"]', 'two"]']),
    'let d = {"one": {"two": 2}}\nd["one"]["': ("", ['two"]']),
    # types, modules
    "let x: Use": ("Use", ["User"]),
    "func f(x: floa": ("floa", ["float", "float32", "float64"]),
    "func f(): Addr": ("Addr", ["Address"]),
    "struct S { x: Addr": ("Addr", ["Address"]),
    "ann is Addr": ("Addr", ["Address"]),
    "catch (e: NotF": ("NotF", ["NotFound"]),
    "try { } catch (e: ZeroD": ("ZeroD", ["ZeroDivisionError"]),
    "import mat": ("mat", ["math"]),
    "import math, rand": ("rand", ["random"]),
    # nothing to offer
    "// are": ("", []),
    "# are": ("", []),
    "/* are": ("", []),
    "/* x */ are": ("are", ["area"]),
    "let are": ("are", []),
    "func are": ("are", []),
    "func f(are": ("are", []),
    "for are": ("are", []),
    "12": ("", []),
    "xyzzy": ("xyzzy", []),
    "'plain text'": ("", []),
    # names
    "ambiguous_": ("ambiguous_", ["ambiguous_one", "ambiguous_two"]),
    "ambig|uous": ("ambig", ["ambiguous_one", "ambiguous_two"]),
    "AMBIG": ("AMBIG", ["ambiguous_one", "ambiguous_two"]),
    "whil": ("whil", ["while"]),
    "::printE": ("printE", ["printErr"]),
    "let x = 1; \U0001f600\U0001f600 ann.na": ("na", ["name"]),
    "'\U0001f600\U0001f600' + ambiguous_t": ("ambiguous_t", ["ambiguous_two"]),
    # magics
    "%tim": ("%tim", ["%time", "%timeit"]),
    "%%tim": ("%%tim", ["%%time", "%%timeit"]),
    "let x = 1\n%tim": ("%tim", ["%time", "%timeit"]),
    "let x = 1\n%%tim": ("tim", []),
    "%time ambiguous_t": ("ambiguous_t", ["ambiguous_two"]),
    "%time ann.gr": ("gr", ["greet"]),
    "%%time\nlet zed1 = 1\nzed": ("zed", ["zed1"]),
    "%%writefile x.vint\nambig": ("", []),
    "%%bash\nambig": ("", []),
    "%%capture out\nambiguous_t": ("ambiguous_t", ["ambiguous_two"]),
    "?ambiguous_t": ("ambiguous_t", ["ambiguous_two"]),
    "?ann.gr": ("gr", ["greet"]),
    "!echo": ("", []),
}


def test_exact(client):
    assert not client.run(SESSION).errors
    for sample, (word, matches) in EXACT.items():
        reply = complete(client, sample)
        code = split(sample)[0]
        replaced = code[reply["cursor_start"]:reply["cursor_end"]]
        assert (sample, replaced, reply["matches"]) == (sample, word, matches)
    assert client.run("[users.length(), ann.name]").result == '[1, "Ann"]'


# sample -> the first matches: arguments, before all names that could stand there
FIRST = {
    "area(": ["w: ", "h: "],
    "area(w: 1, ": ["h: "],
    "print(area(1, ": ["w: ", "h: "],
    "User(": ["name: ", "age: ", "home: "],
    "User{": ["name: ", "age: ", "home: "],
    "ann.greet(": ["greeting: "],
    "math.pow(b": ["base: "],
    "NotFound(": ["what: ", "where: "],
    "twice(": ["x: ", "y: "],
    "'a'.replace(": ["old: ", "new: "],
    "func loc(one, two = 1) { }\nloc(": ["one: ", "two: "],
    "let loc = func(one, two = 1) { }\nloc(": ["one: ", "two: "],
    "let loc = func(one, two = 1) {\n    loc(": ["one: ", "two: "],
    "struct P { xx: int = 0 }\nP(": ["xx: "],
    "%": ["%cd"],
    "%%": ["%%bash", "%%capture"],
}


def test_first(client):
    client.run(SESSION)
    for sample, first in FIRST.items():
        assert (sample, complete(client, sample)["matches"][:len(first)]) == (sample, first)
    everything = complete(client, "")["matches"]
    assert {"ann", "area", "User", "while", "print", "go"} <= set(everything) and len(everything) == len(set(everything))
    assert not any(name.startswith("__") for name in everything)


# sample -> type and signature of the match
KINDS = {
    "ambiguous_o": ("variable", ": INTEGER"),
    "numbe": ("variable", ": ARRAY"),
    "ann.name": ("property", ": STRING"),
    "ann.gre": ("method", '(greeting = "hi")'),
    "are": ("function", "(w, h = 1): int"),
    "Addr": ("class", '(street: string = "", zip: int = 0)'),
    "math": ("module", ": MODULE"),
    "whil": ("keyword", ""),
    "Color.RE": ("constant", ": INTEGER"),
    "math.P": ("constant", ": FLOAT"),
    "printE": ("function", "(values: any...) -> null"),
    "[].pus": ("method", "(items: any...) -> array"),
    "[].filte": ("method", "(f)"),
    "area(w": ("param", ""),
    'cfg["d': ("key", ": DICT"),
    "%who": ("magic", ""),
    "func loc(one) { }\nlo": ("function", "(one)"),
}


def test_kinds(client):
    client.run(SESSION)
    for sample, expected in KINDS.items():
        item = complete(client, sample)["metadata"]["_jupyter_types_experimental"][0]
        assert (sample, (item["type"], item["signature"])) == (sample, expected)


def test_files(client, tmp_path):
    tmp_path = tmp_path / "place"
    tmp_path.mkdir()
    for name in ("plain.txt", "data file.csv", ".hidden", "quote\".txt", "one.vint"):
        (tmp_path / name).write_text("let x = 1\nfunc reach(far) { }\n")
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    client.run(f'%cd {tmp_path}')
    for sample, word, matches in [
            ('open("', "", ["data file.csv", "folder/", "one.vint", "plain.txt", 'quote\\".txt']),
            ("open('q", "q", ['quote".txt']), ('open("folder/', "", ["inner/"]), ('open(".', ".", [".hidden"]),
            ('open("./pl', "pl", ["plain.txt"]), ('open("nowhere/', "", []), ('["a", "pl', "pl", ["plain.txt"]),
            (f'"{tmp_path}/pl', "pl", ["plain.txt"]), ("`pl", "pl", ["plain.txt"]),
            ("%run on", "on", ["one.vint"]),
            ("%load ", "", ["data file.csv", "folder/", "one.vint", "plain.txt", 'quote".txt']),
            ("!cat pl", "pl", ["plain.txt"]),
            ("let lines = %sx cat pl", "pl", ["plain.txt"]),
            ("!cat folder/", "", ["inner/"]), ("%cd f", "f", ["folder/"]), ("%cd p", "p", []),
            ("%%writefile pl", "pl", ["plain.txt"]), ("import on", "on", ["one"]), ("import one\none.", "", ["reach", "x"])]:
        reply = complete(client, sample)
        assert (sample, sample[reply["cursor_start"]:], reply["matches"]) == (sample, word, matches)


# sample -> texts that the help in short, and the one in detail, has
HELP = {
    "area": (["func area(w, h = 1): int", "The area of a box.\nOf any size.", "defined: In[1]:7"], ["return w * h"]),
    "ar|ea(1)": (["func area(w, h = 1): int"], []),
    "area|(1)": (["func area(w, h = 1): int"], []),
    "print(1, |": (["print(values: any...) -> null", "Prints the values"], []),
    "print(1, |)": (["print(values: any...) -> null"], []),
    "print(unknown": (["print(values: any...) -> null"], []),
    'print("tex|t")': (["print(values: any...) -> null"], []),
    "print(area(1, |": (["func area"], []),
    "print(area(1), |": (["print(values"], []),
    "print(ann": (["type: User"], []),
    "math.sq|rt(2)": (["sqrt(x: number) -> float", "square root"], []),
    "math": (["type: MODULE", "sqrt(x: number) -> float  The square root"], []),
    "import sync": (["type: MODULE", "Mutex(", "Lets one task through"], []),
    "cfg": (["type: DICT", "length: 4", 'value: {"db": {"host": "h", "port": 1}'], ['"two words": [1], 7: "no name"}']),
    "ann": (["type: User", "name  \"Ann\"", "home  Address{", "greet(", "Says hello."], ['User{name: "Ann", age: 5']),
    "ann.greet": (['func greet(greeting = "hi")', "Says hello.", "defined: In[1]:17"], ["greeting + this.name"]),
    "ann.home.zip": (["type: INTEGER", "value: 12"], []),
    "User": (["User(name: string, age: int = 0, home: Address? = null)", "Somebody.", "greet(",
              "defined: In[1]:12"], ["struct User {"]),
    "Color": (["type: ENUM", "RED  0", "GREEN  5"], []),
    "NotFound": (["NotFound(what, where)"], []),
    "twice": (["func twice(x)", "twice(x, y)"], []),
    "fetch": (["async func fetch(url)"], ["return ann"]),
    "[1].map": (["map(f)", "A new array of what f(item)"], []),
    "'a'.upper": (["upper() -> string"], []),
    "while": (["while condition"], []),
    "1 ..| 5": (["from..to"], []),
    "a ?|? b": (["a ?? b"], []),
    "// Local words.\nfunc loc(x) { return 1 }\nloc": (["func loc(x)", "Local words.", "in line 2"], ["return 1"]),
    "// Its words.\nlet loc = async func(x) { return 1 }\nloc": (["async func loc(x)", "Its words.", "line 2"], ["return 1"]),
    "%time": (["%time CODE", "how long"], []),
    "%time area": (["func area"], []),
    "%%time\narea": (["func area"], []),
}


def test_help(client):
    client.run(SESSION)
    for sample, (short, detailed) in HELP.items():
        for level in (0, 1):
            text = inspect(client, sample, level)
            missing = [part for part in (short if level == 0 else detailed) if part not in (text or "")]
            assert not missing, f"{sample}: {missing} in {text}"


def test_no_help(client):
    client.run(SESSION)
    for sample in ("nowhere", "ann.nothing", "// area", "1 + 2", "", "exit().x"):
        assert (sample, inspect(client, sample)) == (sample, None)


def test_every_word_has_help(client):
    words = [word for word in complete(client, "")["metadata"]["_jupyter_types_experimental"] if word["type"] == "keyword"]
    assert len(words) > 45
    for word in words:
        assert inspect(client, word["text"]), word


def test_forms_are_escaped(client):
    client.run('let evil = "<b>&`*x*`"\n// <i>*Words*</i> & more.\nfunc spell(a = "<u>") { return "a ``` b" }')
    data = client.ask("inspect_request", {"code": "evil", "cursor_pos": 4, "detail_level": 0})["data"]
    assert "<b>&" not in data["text/html"] and "&lt;b&gt;&amp;" in data["text/html"]
    assert '`` "<b>&`*x*`" ``' in data["text/markdown"]
    data = client.ask("inspect_request", {"code": "spell", "cursor_pos": 5, "detail_level": 1})["data"]
    assert "<i>" not in data["text/html"] and "\\*Words\\*" in data["text/markdown"]
    assert "````vint\nfunc spell" in data["text/markdown"]


def test_large_values_are_elided(client):
    client.run("let big = []\nfor i in 1..300000 { big.push({\"n\": i, \"all\": big}) }\nlet long = \"x\".repeat(3000000)")
    for name in ("big", "long"):
        short, detailed = inspect(client, name, 0), inspect(client, name, 1)
        assert len(short) < 1000 and "…" in short and 10000 < len(detailed) < 200000


COMPLETE = ["", "1 + 1", "func f(a) { return a }", "if (x) { }", "%time 1", "!ls", "?print", "print?",
            "%%time\n1\n", "// {", "\"{\""]
INVALID = ["let = 5 )", "1 + * / 2", "func f() { ) }", "}"]
INCOMPLETE = {  # -> indent of the next line
    "func f() {": "    ", "let x = [1,": "    ", "f(1,": "    ", "if (x) {": "    ", "if (x) {\n    a()\n} else {": "    ",
    "func f() {\n    if (x) {": "        ", "func f() {\n    if (x) {\n        y()\n    }": "    ",
    "func f() {\n    let x = 1": "    ",
    "let x = {\"a\": 1,": "    ", "f(1,\n    2,": "    ", "let x = 1 +": "", "let x =": "",
    "a &&": "", "x = `abc": "", "/* abc": "",
    "\tif (x) {": "\t    ", "switch x { case 1 {": "    ", "match x {": "    ", "a.": "", "struct P {\n    x: int": "    ",
    "let f = func(a) {": "    ", "f(func() {": "    ", "try {": "    ", "try {\n}": "", "for i in": "",
    "%%time": "", "%%time\nfunc f() {": "",
}


def test_is_complete(client):
    for status, samples in (("complete", COMPLETE), ("invalid", INVALID)):
        for code in samples:
            assert (code, client.ask("is_complete_request", {"code": code})) == (code, {"status": status})
    for code, indent in INCOMPLETE.items():
        reply = client.ask("is_complete_request", {"code": code})
        assert (code, reply) == (code, {"status": "incomplete", "indent": indent})


def test_while_a_cell_computes(client):
    client.run(SESSION)
    cell = client.execute("while (true) { let busy = 1 }").started()
    for _ in range(20):
        assert complete(client, "ann.gr")["matches"] == ["greet"]
        assert "func area" in inspect(client, "area(")
        assert client.ask("is_complete_request", {"code": "f("})["status"] == "incomplete"
    assert not cell.replies
    client.ask("interrupt_request", channel="control")
    assert cell.done().errors[0]["ename"] == "Interrupted"


def test_many_names(client):
    """The first thousand come, in order."""
    for part in range(3):
        client.run("\n".join(f"let many{part * 1000 + i} = {i}" for i in range(1000)) + "\n;")
    client.run("let manyfold = 1")
    assert complete(client, "many")["matches"] == sorted(f"many{i}" for i in range(3000))[:1000]
    assert complete(client, "manyf")["matches"] == ["manyfold"]
    assert complete(client, "MANYF")["matches"] == ["manyfold"]


def test_towers(client):
    """What is deep or long costs an answer, never the kernel."""
    names = "let a0 = [1]\n" + "".join(f"let a{i} = a{i - 1}\n" for i in range(1, 3000))
    assert complete(client, names + "a40.pus")["matches"] == ["push"]
    assert complete(client, names + "a2999.pus")["matches"] == []
    assert len(complete(client, names)["matches"]) == 1000
    doubled = "let a0 = 1\n" + "".join(f"let a{i} = a{i - 1} + a{i - 1}\n" for i in range(1, 60))
    assert complete(client, doubled + "a59.ab")["matches"] == []
    for tower in ("(" * 9000, "[" * 9000, "{" * 9000, "f(" * 9000, "a" + ".a" * 9000 + ".", "func f() {" * 3000):
        assert complete(client, tower)["status"] == "ok" and client.ask(
            "inspect_request", {"code": tower, "cursor_pos": len(tower), "detail_level": 1})["status"] == "ok"


def test_tab_at_the_prompt(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    vint = PROGRAM.with_name("vint")
    terminal = Terminal(str(vint))
    terminal.expect("vint> ")
    terminal.type('let apples = {"golden": [41]}')
    terminal.expect("vint> ")
    terminal.type('appl\t["g\t[0].ab\t() + 1')
    terminal.expect("42\n")
    terminal.expect("vint> ")
    terminal.type('APPL\t.leng\t() + 76')
    terminal.expect("77\n")
    terminal.expect("vint> ")
    terminal.type("?APPL\t")
    terminal.expect("type: DICT")
    terminal.expect("vint> ")
    terminal.type("func f(alpha) {")
    terminal.expect("... ")
    terminal.type("return alp\t + 1 }")
    terminal.expect("vint> ")
    terminal.type("f(87)")
    terminal.expect("88\n")
    terminal.type("exit()")
    terminal.close()
