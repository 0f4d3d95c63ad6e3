"""The classic Notebook: Debian's version 6, or nbclassic, which goes on with it beside Notebook 7."""
import importlib.util

import pytest

from conftest import TOKEN, Notebook, serving

IDLE = "Jupyter.notebook.kernel.is_connected() && !Jupyter.notebook.kernel_busy"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classic")
    if importlib.util.find_spec("nbclassic"):
        with serving(folder, "nbclassic", f"--IdentityProvider.token={TOKEN}") as server:
            server.path = "nbclassic/notebooks"
            yield server
        return
    notebook = pytest.importorskip("notebook")
    if not notebook.__version__.startswith("6."):
        pytest.skip("there is neither nbclassic nor a Notebook of version 6")
    with serving(folder, "notebook", f"--NotebookApp.token={TOKEN}") as server:
        server.path = "notebooks"
        yield server


class Book(Notebook):
    def __init__(self, server, pages, *cells):
        self.page = pages(server.url(f"{server.path}/{server.write(*cells)}"))
        self.page.wait(f"Jupyter.notebook._fully_loaded && {IDLE}")

    def shown(self, number):
        return f"Jupyter.notebook.get_cell({number}).element.find('.output').text()"

    def lines(self, number):
        return f".cell:nth-child({number + 1}) .CodeMirror-lines"

    def has_cursor(self, number):
        return f"Jupyter.notebook.get_cell({number}).code_mirror.hasFocus()"

    def prompt(self, number):
        return f"Jupyter.notebook.get_cell({number}).input_prompt_number"


def test_colours(server, pages):
    book = Book(server, pages, 'let size = func() { return len(area) }\ngo size()\ninfo "text" // words')
    book.page.wait("document.querySelectorAll('.cm-keyword').length === 5")
    found = dict(book.page.evaluate("[...document.querySelectorAll('.CodeMirror-line [class^=cm-]')]"
                                    ".map((span) => [span.innerText, span.className])"))
    expected = {"let": "keyword", "func": "keyword", "return": "keyword", "go": "keyword", "info": "keyword",
                "size": "variable", "len": "builtin", '"text"': "string", "// words": "comment"}
    assert {word: found.get(word) for word in expected} == {word: f"cm-{kind}" for word, kind in expected.items()}
    book.page.screenshot("classic-colours")


def test_editing(server, pages):
    book = Book(server, pages, "")
    source = "Jupyter.notebook.get_cell(0).get_text()"
    book.page.wait("Jupyter.notebook.get_cell(0).code_mirror.getMode().name === 'vint'")
    book.edit(0)
    book.page.type("func f() {\nlet x = 1")
    book.page.wait(f"{source} === 'func f() {{\\n    let x = 1\\n}}'")
    book.page.press("Control+/")
    book.page.wait(f"{source} === 'func f() {{\\n//     let x = 1\\n}}'")


def test_late_output_and_interrupt(server, pages):
    book = Book(server, pages, 'let c = chan\ngo func() { print("late", receive(c)) }()\nprint("started")',
                'send(c, 1)\nsleep(100000)', '6 * 7')
    book.run(0)
    book.wait_text(0, "started")
    book.run(1)
    book.wait_text(0, "late 1")
    book.page.wait(f"{book.prompt(1)} === '*'")
    book.page.screenshot("classic-late-output")
    book.page.evaluate("void Jupyter.notebook.kernel.interrupt()")
    book.wait_text(1, "Interrupted")
    book.run(2)
    book.wait_text(2, "42")


def test_completion_and_tooltip(server, pages):
    book = Book(server, pages, "let telephone = 1\nlet television = 2", "tele", "print")
    book.run(0)
    book.page.wait(f"{book.prompt(0)} === 1")
    book.edit(1)
    book.page.press("Tab")
    book.page.wait("document.querySelector('#complete').innerText.includes('telephone')")
    book.page.screenshot("classic-completion")
    book.page.press("Escape")
    book.edit(2)
    book.page.press("Shift+Tab")
    book.page.wait("document.querySelector('#tooltip').innerText.includes('print')")


def test_restart(server, pages):
    book = Book(server, pages, "let kept = 5", "kept")
    book.run(0)
    book.page.wait(f"{book.prompt(0)} === 1")
    book.page.evaluate("void Jupyter.notebook.restart_kernel({confirm: false})")
    book.page.wait("Jupyter.notebook.kernel.info_reply.status === 'ok' && " + IDLE)
    book.run(1)
    book.wait_text(1, "NameError")
