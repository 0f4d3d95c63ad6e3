"""JupyterLab and Notebook 7, which are made of the same parts: what somebody sees and does there."""
import json
import shutil

import pytest

from conftest import TOKEN, Notebook, serving

APPLICATIONS = {"jupyterlab": ("LabApp", "lab/tree"), "notebook": ("JupyterNotebookApp", "notebooks")}
BOOK = "jupyterapp.shell.currentWidget"
IDLE = f"{BOOK}.sessionContext.session.kernel.status === 'idle'"


@pytest.fixture(scope="module", params=APPLICATIONS)
def server(request, tmp_path_factory):
    application, path = APPLICATIONS[request.param]
    if request.param == "notebook":
        notebook = pytest.importorskip("notebook")
        if int(notebook.__version__.split(".")[0]) < 7:
            pytest.skip("this is the classic Notebook")
    with serving(tmp_path_factory.mktemp(request.param), request.param, f"--{application}.expose_app_in_browser=True",
                 f"--IdentityProvider.token={TOKEN}") as server:
        server.name, server.path = request.param, path
        yield server


class Book(Notebook):
    def __init__(self, server, pages, *cells, name=None):
        self.server = server
        name = name or server.write(*cells)
        self.page = pages(server.url(f"{server.path}/{name}"))
        self.page.wait(f"{BOOK}.context.isReady && {IDLE}")

    def cell(self, number):
        return f"{BOOK}.content.widgets[{number}]"

    def shown(self, number):
        return f"{self.cell(number)}.node.querySelector('.jp-Cell-outputWrapper').innerText"

    def prompt(self, number):
        return f"{self.cell(number)}.node.querySelector('.jp-InputPrompt').innerText"

    def lines(self, number):
        return f"[data-windowed-list-index='{number}'] .cm-content"

    def has_cursor(self, number):
        return f"document.activeElement === {self.cell(number)}.editor.editor.contentDOM"

    def source(self, number):
        return f"{self.cell(number)}.model.sharedModel.getSource()"

    def command(self, name):
        self.page.evaluate(f"void jupyterapp.commands.execute({json.dumps(name)})")

    def picture(self, name):
        self.page.screenshot(f"{self.server.name}-{name}")


COLOURS = """(() => {
    const colours = {};
    for (const line of document.querySelectorAll('.cm-line')) {
        const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const text = walk.currentNode.data.trim();
            const style = getComputedStyle(walk.currentNode.parentElement);
            if (text) colours[text] = style.color + style.fontWeight;
        }
    }
    return colours['area'] && colours['func'] !== colours['area'] && colours;
})()"""


def check_colours(page):
    colours = page.wait(COLOURS)
    plain = colours["area"]
    keywords = {colours[word] for word in ("let", "func", "return", "go", "select", "info")}
    assert len(keywords) == 1, colours
    kinds = [colours[word] for word in ("let", "len", '"text"', "12", "// words")]
    assert len({plain, *kinds}) == 6, colours


COLOURED = 'let size = func() { return len(area) }\ngo size()\ninfo "text"\nselect { default { 12 } }\n// words\narea'


def test_colours(server, pages):
    book = Book(server, pages, COLOURED)
    check_colours(book.page)
    book.picture("colours")


def test_async_guide(server, pages, guide):
    path, expected, tools = guide
    shutil.copy(path, server.files / path.name)
    book = Book(server, pages, name=path.name)
    book.command("notebook:run-all-cells")
    cells = f"""[...{BOOK}.content.widgets].filter((cell) => cell.model.type === 'code')"""
    book.page.wait(f"{cells}.every((cell) => cell.model.executionCount > 0) && {IDLE}")
    shown = dict(book.page.evaluate(f"{cells}.map((cell) => [cell.model.id, cell.model.outputs.toJSON()])"))
    for cell, lines in expected.items():
        if not matches(tools, lines, shown[cell]):  # late output may still be on its way
            book.page.wait(f"{cells}.find((cell) => cell.model.id === {json.dumps(cell)}).model.outputs.toJSON()"
                           f".map((output) => output.text ?? output.evalue).join('').includes({json.dumps(lines[-1])})")
    shown = dict(book.page.evaluate(f"{cells}.map((cell) => [cell.model.id, cell.model.outputs.toJSON()])"))
    wrong = [cell for cell, lines in expected.items() if not matches(tools, lines, shown[cell])]
    assert not wrong, {cell: shown[cell] for cell in wrong}
    book.picture("guide")


def matches(tools, lines, outputs):
    found = tools.shown({"outputs": outputs})
    return len(found) == len(lines) and all(map(tools.fits, lines, found))


def test_late_output_stays_in_its_cell_and_interrupt(server, pages):
    book = Book(server, pages, 'let c = chan\ngo func() { print("late", receive(c)) }()\nprint("started")',
                'send(c, 1)\nsleep(100000)', '6 * 7')
    book.run(0)
    book.wait_text(0, "started")
    book.page.wait(IDLE)
    book.run(1)
    book.wait_text(0, "late 1")
    book.page.wait(f"{book.prompt(1)} === '[*]:'")
    book.picture("late-output")
    book.command("notebook:interrupt-kernel")
    book.wait_text(1, "Interrupted")
    book.run(2)
    book.wait_text(2, "42")


def test_completion_and_tooltip(server, pages):
    book = Book(server, pages, "let telephone = 1\nlet television = 2", "tele", "print")
    book.run(0)
    book.page.wait(f"{book.prompt(0)} === '[1]:'")
    book.edit(1)
    book.page.press("Tab")
    items = "[...document.querySelectorAll('.jp-Completer:not(.lm-mod-hidden) .jp-Completer-item')]"
    book.page.wait(f"{items}.length === 2 && {items}[0].innerText.includes('telephone')"
                   f" && {items}[1].innerText.includes('television')")
    book.picture("completion")
    book.page.press("ArrowDown")
    book.page.press("Enter")
    book.page.wait(f"{book.source(1)} === 'television'")
    book.edit(2)
    book.page.press("Shift+Tab")
    book.page.wait("document.querySelector('.jp-Tooltip').innerText.includes('print')")
    book.picture("tooltip")


def test_editing(server, pages):
    """Lines are indented by the brackets around them, Ctrl-/ comments."""
    book = Book(server, pages, "")
    book.edit(0)
    book.page.type("func f() {\nlet x = 1\n}")
    book.page.wait(f"{book.source(0)} === 'func f() {{\\n    let x = 1\\n}}'")
    book.page.press("ArrowUp")
    book.page.press("Control+/")
    book.page.wait(f"{book.source(0)} === 'func f() {{\\n    // let x = 1\\n}}'")


def test_input(server, pages):
    book = Book(server, pages, 'print("hello", input("who? "))')
    book.run(0)
    book.page.wait("document.querySelector('.jp-Stdin-prompt').innerText.includes('who?')")
    book.page.click(".jp-Stdin-input")
    book.page.type("Ann\n")
    book.wait_text(0, "hello Ann")


def test_restart(server, pages):
    book = Book(server, pages, "let kept = 5", "kept")
    book.run(0)
    book.page.wait(f"{book.prompt(0)} === '[1]:'")
    book.run(1)
    book.wait_text(1, "5")
    book.command("notebook:restart-kernel")
    book.page.click(".jp-Dialog .jp-mod-accept")
    book.page.wait(f"!document.querySelector('.jp-Dialog') && {IDLE}")
    book.run(1)
    book.wait_text(1, "NameError")
    book.page.wait(f"{book.prompt(1)} === '[1]:'")


def test_a_lost_connection_comes_back(server, pages):
    """The server keeps what the kernel says meanwhile, the page gets it when it is back."""
    book = Book(server, pages, "go func() {\n    for i in 1..30 { sleep(50); print(\"tick\", i) }\n}()", "6 * 7")
    book.run(0)
    book.wait_text(0, "tick 3")
    book.page.evaluate("sockets.filter((socket) => socket.url.includes('/channels')).map((socket) => socket.close())"
                       ".length")
    book.wait_text(0, "tick 30")
    ticks = book.page.evaluate(book.shown(0)).split("\n")
    assert [tick.strip() for tick in ticks if tick.strip()] == [f"tick {i}" for i in range(1, 31)]
    book.run(1)
    book.wait_text(1, "42")


COMMS = """import comm
go func() {
    for c in comm.listen("echo") {
        go func() { for m in c.messages { c.send({"echo": m["data"]}, m["buffers"]) } }()
    }
}()
let panel = comm.open("panel", {"title": "T"})
go func() { for m in panel.messages { print("panel says", m["data"]["word"]) } }()"""

ECHO = """(() => {
    const comm = window.comm = %s.sessionContext.session.kernel.createComm('echo');
    window.heard = [];
    comm.onMsg = (message) => { window.heard.push([message.content.data, new Uint8Array(message.buffers[0].buffer)[1]]); };
    comm.open({});
    comm.send({word: 'early'}, {}, [new Uint8Array([1, 2, 3])]);
    comm.subshellStarted?.then(() => comm.send({word: 'hello'}, {}, [new Uint8Array([4, 5, 6])]));
})()"""


def test_comms(server, pages):
    """Both ways, also while a cell is at work; Lab sends what concerns a comm to a subshell that it makes for it."""
    book = Book(server, pages, COMMS, "while (true) {}", "6 * 7")
    kernel = f"{BOOK}.sessionContext.session.kernel"
    book.page.evaluate(f"{kernel}.registerCommTarget('panel', (comm, opening) => {{ window.panel = comm;"
                       " window.title = opening.content.data.title; })")
    book.run(0)
    book.page.wait("window.title === 'T'")
    book.page.evaluate(ECHO % BOOK)
    book.page.wait("window.heard.length === 2")
    assert book.page.evaluate("window.heard") == [[{"echo": {"word": "early"}}, 2], [{"echo": {"word": "hello"}}, 5]]
    book.run(1)
    book.page.wait(f"{book.prompt(1)} === '[*]:'")
    book.page.evaluate("void window.panel.send({word: 'go on'})")
    book.wait_text(0, "panel says go on")
    book.page.evaluate("void window.comm.send({word: 'busy'}, {}, [new Uint8Array([7, 8, 9])])")
    book.page.wait("window.heard.length === 3")
    assert book.page.evaluate("window.comm.subshellId !== null")
    book.page.evaluate("void window.comm.close()")
    book.page.wait(f"{kernel}.requestListSubshell({{}}).done.then((reply) => window.left = reply.content.subshell_id), "
                   "window.left && window.left.length === 1")
    book.command("notebook:interrupt-kernel")
    book.wait_text(1, "Interrupted")
    book.run(2)
    book.wait_text(2, "42")


@pytest.fixture
def lab(server):
    if server.name != "jupyterlab":
        pytest.skip("only Lab has this")
    return server


def test_console(lab, pages):
    page = pages(lab.url("lab"))
    page.wait(f"!!{BOOK}")
    page.evaluate("jupyterapp.commands.execute('console:create', {path: '', kernelPreference: {name: 'vint'}})"
                  ".then(() => 1)")
    page.wait(f"{BOOK}.console && {IDLE}")
    page.click(".jp-CodeConsole-promptCell .cm-content")
    page.type("let area = func(w) { return w * 7 }; area(6)")
    page.press("Shift+Enter")
    page.wait("document.querySelector('.jp-CodeConsole-content .jp-OutputArea-output').innerText.includes('42')")
    page.screenshot("jupyterlab-console")


def test_program_files(lab, pages):
    """A .vint file has its icon in the list of files, and its colours in the editor."""
    (lab.files / "program.vint").write_text(COLOURED)
    page = pages(lab.url("lab/tree/program.vint"))
    page.wait("document.querySelector('.jp-DirListing-item[title*=\"program.vint\"] [data-icon=\"vintlang:file\"]')"
              " !== null")
    check_colours(page)
    page.screenshot("jupyterlab-file")


def test_picture_of_a_session(lab, pages):
    """The README's picture: a task reports below its cell while others run. notebooks/images/ keeps a copy."""
    book = Book(lab, pages, """let prices = chan(2)

go func() {                     // this task lives on while other cells run
    for i in 1..5 {
        sleep(200)
        send(prices, i * 10)
        print("sent", i * 10)
    }
    close(prices)
}()

print("the cell is done, the task is not")""", "let sum = 0\nfor price in prices { sum += price }\nsum",
                """[{"language": "VintLang", "tasks": "fibers", "late output": "in its own cell"},
 {"language": "others", "tasks": "threads", "late output": "in the latest cell"}]""",
                "let lonely = chan\nreceive(lonely)")
    for number, text in enumerate(["the cell is done", "150", "fibers", "DeadlockError"]):
        book.run(number)
        book.wait_text(number, text)
    book.wait_text(0, "sent 50")
    book.page.wait(f"{book.prompt(3)} === '[4]:'")
    book.page.evaluate("void jupyterapp.commands.execute('application:toggle-left-area')")
    book.page.wait(f"{BOOK}.node.getBoundingClientRect().left < 60")
    book.page.call("Emulation.setDeviceMetricsOverride", width=1104, height=960, deviceScaleFactor=1, mobile=False)
    book.page.wait(f"{book.cell(0)}.node.getBoundingClientRect().top > 0 && innerHeight === 960"
                   f" && {book.cell(3)}.node.getBoundingClientRect().bottom < 940")
    book.picture("session")
