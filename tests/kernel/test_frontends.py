"""The kernel behind real frontends: jupyter_kernel_test, nbclient, jupyter_console."""
import os
import pty
import select
import subprocess
import sys

import pytest

from frontend import LIMIT, install


@pytest.fixture
def jupyter_path(tmp_path, monkeypatch):
    """Lets everything that asks Jupyter for the kernel "vint" find this one."""
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
    assert run.returncode == 0, run.stdout


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


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, command):
        self.text = ""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.environ["TERM"] = "dumb"
            os.execv(command[0], command)

    def expect(self, text):
        """Reads until [text] has come, and forgets everything up to its end."""
        while text not in self.text:
            assert select.select([self.descriptor], [], [], LIMIT)[0], f"no {text!r} in {self.text!r}"
            self.text += os.read(self.descriptor, 65536).decode(errors="replace")
            if "\x1b[6n" in self.text:  # the program asks where the cursor is
                self.text = self.text.replace("\x1b[6n", "")
                os.write(self.descriptor, b"\x1b[1;1R")
        self.text = self.text[self.text.index(text) + len(text):]

    def type(self, line):
        os.write(self.descriptor, line.encode() + b"\r")

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.process, 0)


def test_console(jupyter_path):
    pytest.importorskip("jupyter_console")
    terminal = Terminal([sys.executable, "-m", "jupyter_console", "--kernel", "vint", "--simple-prompt",
                         "--ZMQTerminalInteractiveShell.simple_prompt=True"])
    terminal.expect("In [1]: ")
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
    terminal.expect("nowhere")
    terminal.expect("In [5]: ")
    terminal.type("exit")
    terminal.close()
