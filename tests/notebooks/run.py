#!/usr/bin/env python3
"""Runs the notebooks in notebooks/ with nbconvert and leaves them in build/tutorial/ as HTML.

    build/venv/bin/python tests/notebooks/run.py [NAME ...]

A notebook passes when nbconvert runs it from top to bottom and every cell shows what it should. What that is stands
in <notebook>.expect beside this file: a line `== id` names a cell (by its id), the lines below it are what the cell
prints, an error as `Name: message`. `...` in a line stands for any text. Cells that are not named may show anything
but an error.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build" / "tutorial"
VENV = TOP / "build" / "venv"
SECONDS_PER_CELL = 60


def nbconvert(*arguments):
    command = [sys.executable, "-m", "nbconvert", "--log-level=WARN", "--output-dir", str(OUT), *map(str, arguments)]
    environment = {**os.environ, "JUPYTER_PATH": str(VENV / "share/jupyter"),
                   "JUPYTER_CONFIG_DIR": str(VENV / "etc/user"), "IPYTHONDIR": str(VENV / "etc/ipython"),
                   "VINT_HISTORY": "off"}
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(done.stdout.rpartition("CellExecutionError: ")[2])


def expectations(notebook):
    """{cell id: [lines]} of a notebook."""
    cells, path = {}, HERE / f"{notebook.stem}.expect"
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                lines = cells[line[3:].strip()] = []
            else:
                lines.append(line)
    return cells


def shown(cell):
    """What a cell shows as text, line by line."""
    parts = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            text = "".join(output["text"])
        elif output["output_type"] == "error":
            text = f"{output['ename']}: {output['evalue']}\n"
        else:
            text = "".join(output["data"].get("text/plain", "")) + "\n"
        parts.append(text)
    return "".join(parts).splitlines()


def fits(pattern, line):
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("...")), line) is not None


def check(executed, expected):
    """What is wrong with an executed notebook, as lines."""
    cells = {cell["id"]: cell for cell in executed["cells"] if cell["cell_type"] == "code"}
    wrong = [f"no cell {name}" for name in expected if name not in cells]
    for name, cell in cells.items():
        lines = shown(cell)
        if name not in expected:
            if any(output["output_type"] == "error" for output in cell["outputs"]):
                wrong += [f"cell {name} failed:", *lines]
        elif len(lines) != len(expected[name]) or not all(map(fits, expected[name], lines)):
            wrong += [f"cell {name} should show:", *expected[name], "but shows:", *lines]
    return wrong


def run(notebook):
    """Executes one notebook and writes its HTML; what is wrong, as lines."""
    try:
        nbconvert("--execute", f"--ExecutePreprocessor.timeout={SECONDS_PER_CELL}", "--to", "notebook", notebook)
        executed = OUT / notebook.name
        nbconvert("--to", "html", executed)
        return check(json.loads(executed.read_text(encoding="utf-8")), expectations(notebook))
    except RuntimeError as error:
        return str(error).splitlines()


def main():
    names, passed, failed = sys.argv[1:], 0, 0
    OUT.mkdir(parents=True, exist_ok=True)
    for notebook in sorted((TOP / "notebooks").glob("*.ipynb")):
        if names and notebook.stem not in names:
            continue
        wrong = run(notebook)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"{'FAILED' if wrong else 'ran'} {notebook.relative_to(TOP)}")
        print("".join(f"    {line}\n" for line in wrong), end="", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
