"""The kernel behind real frontends: jupyter_kernel_test, nbclient, nbconvert, papermill, jupyter run, the console."""
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios

import pytest

from frontend import LIMIT, PROGRAM, TOP, install


@pytest.fixture
def jupyter_path(tmp_path, monkeypatch):
    """Lets everything that asks Jupyter for the kernel "vint" find this one, and Python what comes with it."""
    packages = tmp_path / "lib/python3/site-packages"
    packages.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.setenv("JUPYTER_PATH", str(install(tmp_path).parent))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


def test_jupyter_kernel_test(jupyter_path):
    pytest.importorskip("jupyter_kernel_test")
    suite = os.path.join(os.path.dirname(__file__), "kernel_test_suite.py")
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest", suite],
                         capture_output=True, text=True)
    assert run.returncode == 0 and "skipped" not in run.stdout, run.stdout


def notebook(*cells):
    nbformat = pytest.importorskip("nbformat")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
                                    metadata={"kernelspec": {"name": "vint", "language": "vint", "display_name": "V"}})


def texts(cell):
    return "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")


def test_nbclient_keeps_late_output_in_its_cell(jupyter_path):
    nbclient = pytest.importorskip("nbclient")
    book = notebook('go func() { sleep(300); print("late") }()\nprint("early")', 'print("second")\n6 * 7',
                    'for i in 1..3 { go func(n) { sleep(n * 50); print(n) }(i) }')
    nbclient.NotebookClient(book, timeout=LIMIT, kernel_name="vint").execute()
    assert [texts(cell) for cell in book.cells] == ["early\nlate\n", "second\n", "1\n2\n3\n"]
    assert book.cells[1].outputs[1].data["text/plain"] == "42"
    assert [cell.execution_count for cell in book.cells] == [1, 2, 3]


def test_nbclient_keeps_the_last_of_a_bar_and_prints_help(jupyter_path):
    nbclient = pytest.importorskip("nbclient")
    book = notebook('for x in progress(1..3, "load") { sleep(150) }', "?print", "%%capture kept\nprint(1)")
    nbclient.NotebookClient(book, timeout=LIMIT, kernel_name="vint").execute()
    [bar] = book.cells[0].outputs
    assert bar.output_type == "display_data" and bar.data["text/plain"].startswith("load: 100% |")
    assert texts(book.cells[1]).startswith("print(") and not book.cells[2].outputs


def test_nbclient_stops_at_an_error(jupyter_path):
    nbclient = pytest.importorskip("nbclient")
    book = notebook("1", "nowhere", 'print("never")')
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        nbclient.NotebookClient(book, timeout=LIMIT, kernel_name="vint").execute()
    assert book.cells[1].outputs[0].output_type == "error" and not book.cells[2].outputs


def notebook_file(path, *cells, tags=()):
    nbformat = pytest.importorskip("nbformat")
    book = notebook(*cells)
    book.cells[0].metadata["tags"] = list(tags)
    nbformat.write(book, path)
    return path


def module(name, *arguments, status=0, **options):
    """Runs one of Jupyter's programs; what it prints."""
    pytest.importorskip(name.partition(".")[0])
    run = subprocess.run([sys.executable, "-m", name, *map(str, arguments)], capture_output=True, text=True, **options)
    assert run.returncode == status, run.stdout + run.stderr
    return run.stdout + run.stderr


def executed(folder, code):
    """A notebook of one cell, run and then made a page of; what nbconvert said, and the page."""
    path = notebook_file(folder / "book.ipynb", code)
    module("nbconvert", "--to", "notebook", "--execute", "--inplace", path)
    said = module("nbconvert", "--to", "html", path)
    return said, path.with_suffix(".html").read_text()


def test_nbconvert_to_html_in_colour(jupyter_path):
    said, page = executed(jupyter_path, "// words\ngo func() { print(\"late\", 6 * 7) }()")
    assert "late 42" in page and "No lexer" not in said
    for kind, word in {"c1": "// words", "k": "go", "nb": "print", "mi": "6"}.items():
        assert f'<span class="{kind}">{word}</span>' in page


def test_nbconvert_without_the_lexer(tmp_path, monkeypatch):
    """Where Pygments does not know VintLang, the kernel names a language that it knows."""
    monkeypatch.setenv("JUPYTER_PATH", str(install(tmp_path).parent))
    said, page = executed(tmp_path, "let x = 6 * 7")
    assert '<span class="kd">let</span>' in page and "No lexer" not in said


@pytest.mark.parametrize("path", sorted((TOP / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_nbconvert_to_a_program(jupyter_path, path):
    """Magics aside, which only notebooks know."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = [line for line in cell["source"] if not line.startswith("%")]
    source, program = jupyter_path / path.name, jupyter_path / f"{path.stem}.vint"
    source.write_text(json.dumps(notebook))
    module("nbconvert", "--to", "script", "--output-dir", jupyter_path, source)
    checked = subprocess.run([PROGRAM.parent / "vint", "check", program], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


PARAMETERS = {"n": 5, "big": 2**63, "half": -2.5, "text": "a\"b\\ é€\n\t$", "flag": True, "nothing": None,
              "list": [1, [2, "x"]], "dict": {"key": {"deep": float("inf")}}, "empty": {}}


def test_papermill(jupyter_path):
    pytest.importorskip("papermill")
    nbformat = pytest.importorskip("nbformat")
    path = notebook_file(jupyter_path / "in.ipynb", "let n: int = 1 // how many\nlet text = \"none\"",
                         "print([n, big, half, flag, nothing, list, dict, empty])", "print(text)", tags=["parameters"])
    code = f"import papermill; papermill.execute_notebook({str(path)!r}, {str(path) + '.out'!r}, {PARAMETERS!r})"
    subprocess.run([sys.executable, "-c", code.replace("inf", "float('inf')")], check=True, capture_output=True)
    done = nbformat.read(str(path) + ".out", 4)
    assert [texts(cell) for cell in done.cells[2:]] == [
        '[5, 9223372036854776000, -2.5, true, null, [1, [2, "x"]], {"key": {"deep": +Inf}}, {}]\n',
        PARAMETERS["text"] + "\n"]
    listed = module("papermill", "--help-notebook", path)
    assert "n: int" in listed and "how many" in listed and "text" in listed


def test_jupyter_run(jupyter_path):
    path = jupyter_path / "program.vint"
    path.write_text('print("words")\ngo func() { print("more words") }()\n6 * 7\n')
    said = module("jupyter_client.runapp", "--kernel", "vint", path)
    assert "words\n" in said and "more words\n" in said and "42" in said
    path.write_text("nowhere")
    assert "NameError" in module("jupyter_client.runapp", "--kernel", "vint", path, status=1)


SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[^\[\]])|\r")
CURSOR = "\x1b[6n"  # the program asks where the cursor is


class Terminal:
    """A program in a pseudo-terminal. What it writes is read without its colours and movements of the cursor."""

    def __init__(self, *command):
        self.raw, self.seen = "", 0
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            try:
                signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
                os.execve(command[0], command, {**os.environ, "TERM": "xterm"})
            finally:
                os._exit(127)  # it could not be started; the tests go on in the other process only
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def expect(self, text):
        """Reads until [text] has come after what was expected before."""
        while (at := SEQUENCE.sub("", self.raw).find(text, self.seen)) < 0:
            ready = select.select([self.descriptor], [], [], LIMIT)[0]
            assert ready, f"no {text!r} in {SEQUENCE.sub('', self.raw)[self.seen:]!r}"
            asked = self.raw.count(CURSOR)
            self.raw += os.read(self.descriptor, 65536).decode(errors="replace")
            os.write(self.descriptor, b"\x1b[1;1R" * (self.raw.count(CURSOR) - asked))
        self.seen = at + len(text)

    def press(self, keys):
        os.write(self.descriptor, keys.encode())

    def type(self, line):
        self.press(line + "\r")

    def leave(self):
        """Ends the console, and waits for its end."""
        self.press("\x04")
        self.expect("Do you really want to exit")
        self.type("y")
        self.end()

    def end(self):
        """Waits for the end of the program; its exit status."""
        with contextlib.suppress(OSError):  # the terminal has no other side any more
            while select.select([self.descriptor], [], [], LIMIT)[0]:
                asked = os.read(self.descriptor, 65536).decode(errors="replace").count(CURSOR)
                os.write(self.descriptor, b"\x1b[1;1R" * asked)
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.descriptor)
        self.process = 0
        return status

    def close(self):
        """Hangs up, as a window that is closed does."""
        if self.process:
            os.kill(self.process, signal.SIGHUP)
            os.waitpid(self.process, 0)
            os.close(self.descriptor)
            self.process = 0


@pytest.fixture
def console(jupyter_path):
    """Opens consoles."""
    pytest.importorskip("jupyter_console")
    terminals = []

    def open_console(*options):
        terminals.append(Terminal(sys.executable, "-m", "jupyter_console", "--kernel", "vint", *options))
        terminals[-1].expect("In [1]: ")
        return terminals[-1]

    yield open_console
    for terminal in terminals:
        terminal.close()


def test_console_without_a_terminals_help(console):
    terminal = console("--ZMQTerminalInteractiveShell.simple_prompt=True")
    terminal.type("6 * 7")
    terminal.expect("42")
    terminal.expect("In [2]: ")
    terminal.type('let name = input("who? "); print("hello", name)')
    terminal.expect("who? ")
    terminal.type("Ann")
    terminal.expect("hello Ann")
    terminal.expect("In [3]: ")
    terminal.type('for x in progress(1..3, "load") {}')
    terminal.expect("load: 100% |")
    terminal.expect("3/3")
    terminal.expect("In [4]: ")
    terminal.type("nowhere")
    terminal.expect("NameError")
    terminal.expect("In [5]: ")


def test_console(console):
    terminal = console()
    terminal.type("func seven(times) {")
    terminal.expect("...: ")
    terminal.type("return 7 * times")
    terminal.expect("...: ")
    terminal.type("}")
    terminal.expect("In [2]: ")
    terminal.press("sev")
    terminal.expect("sev")
    terminal.press("\t")
    terminal.expect("en")
    terminal.type("(6)")
    terminal.expect("Out[2]: 42")
    terminal.expect("In [3]: ")
    terminal.type('print("hello", input("wh" + "o? "))')
    terminal.expect("who? ")
    terminal.type("Ann")
    terminal.expect("hello Ann")
    terminal.expect("In [4]: ")
    terminal.leave()


@pytest.mark.parametrize("word", ["exit", "quit", "exit()"])
def test_console_is_left(console, word):
    terminal = console()
    terminal.type("let quits = 1")
    terminal.expect("In [2]: ")
    terminal.type(word)
    assert terminal.end() == 0


@pytest.mark.parametrize("word", ["exit", "quit", "exit()"])
def test_the_prompt_of_vint_is_left(word):
    # libedit never frees the names of the functions that it is given.
    terminal = Terminal("/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0", str(PROGRAM.parent / "vint"))
    terminal.expect("vint> ")
    terminal.type(word)
    assert terminal.end() == 0


def test_console_interrupt(console):
    jupyter_console = pytest.importorskip("jupyter_console")
    if jupyter_console.__version__ < "6.6":
        pytest.skip("this console lets asyncio have the interrupt, and asks for no interrupt of the kernel")
    terminal = console()
    terminal.type('print("be" + "gun"); sleep(100000)')
    terminal.expect("begun")
    terminal.press("\x03")
    terminal.expect("Interrupted")
    terminal.expect("In [2]: ")
    terminal.leave()


def test_console_colours(console):
    terminal = console()
    terminal.press("go ")
    terminal.expect("go")
    terminal.press("xx(1)")
    terminal.expect("(1)")
    colours = {word: re.findall(rf"\x1b\[0;([0-9;]*)m{word}", terminal.raw) for word in ("go", "1")}
    assert colours["go"] and colours["1"] and "No lexer" not in terminal.raw, (colours, terminal.raw)
    terminal.type("\x03")
    terminal.expect("In [1]: ")


def test_console_remembers(console, jupyter_path, monkeypatch):
    monkeypatch.setenv("VINT_HISTORY", str(jupyter_path / "history.sqlite"))
    first = console()
    first.type("let answer = 6 * 7; answer")
    first.expect("Out[1]: 42")
    first.expect("In [2]: ")
    first.leave()
    second = console()
    second.press("\x1b[A")
    second.expect("let answer = 6 * 7; answer")
    second.type("")
    second.expect("Out[1]: 42")
    second.expect("In [2]: ")
    second.leave()
