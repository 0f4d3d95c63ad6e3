#!/usr/bin/env python3
"""Checks the tools that look after source files: vint fmt, vint check, vint test.

    tests/tools/run.py [--vint build/vint]

format/   NAME.vint is what an author wrote, NAME.formatted.vint what `vint fmt` makes of it
check/    programs with `// expect warning: text` or `// expect error: text` behind the lines that deserve it
test/     tests, good and bad ones, and in expected.txt what `vint test` says of them

And every program of the project is formatted: nothing but blanks, line breaks, commas and semicolons may differ, a
second time changes nothing, and the language cases still print what they promise.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
counts = {True: 0, False: 0}


def report(name, good, *details):
    counts[bool(good)] += 1
    if not good:
        print(f"FAILED {name}")
        print("".join(f"    {line}\n" for detail in details for line in str(detail).splitlines()), end="")


def same(name, found, expected):
    report(name, found == expected, "expected:", expected, "found:", found)


def run(*command, text="", folder=HERE):
    done = subprocess.run([VINT, *map(str, command)], cwd=folder, input=text, capture_output=True, text=True,
                          timeout=300)
    return done.returncode, done.stdout, done.stderr


def programs():
    for path in sorted(TOP.rglob("*.vint")):
        if "build" not in path.relative_to(TOP).parts:
            yield path


def bare(text):
    return re.sub(r"[\s,;]", "", text)


def test_layout():
    for path in sorted((HERE / "format").glob("*.vint")):
        text = path.read_text(encoding="utf-8")
        formatted = path.with_suffix(".formatted.vint") if not path.name.endswith(".formatted.vint") else path
        same(f"fmt {path.name}", run("fmt", "-", text=text), (0, formatted.read_text(encoding="utf-8"), ""))


def test_every_program(folder):
    before = {}
    for path in programs():
        copy = folder / path.relative_to(TOP)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        before[copy] = path.read_bytes().decode(errors="surrogateescape")
    status, out, err = run("fmt", folder)
    refused = set(re.findall(r"^(\S+):\d+:\d+: SyntaxError", err, re.M))
    good = status == (2 if refused else 0) and not out and "report it" not in err
    report("fmt of all programs", good, status, out, err)
    for copy, text in before.items():
        after = copy.read_bytes().decode(errors="surrogateescape")
        good = after == text if str(copy) in refused else bare(after) == bare(text)
        report(f"fmt {copy.relative_to(folder)}", good, "more than the layout has changed")
    status, out, err = run("fmt", "--check", folder)
    report("fmt again", not out, "these would change once more:", out)


def test_formatted_cases(folder):
    """The language cases, formatted; those that speak of places in the source stay as they are."""
    cases = folder / "tests" / "language"
    for path in (TOP / "tests/language").rglob("*"):
        copy = cases / path.relative_to(TOP / "tests/language")
        is_program = path.suffix == ".vint"
        speaks_of_places = is_program and re.search(r"\.vint:\d|error line:", path.read_text(encoding="utf-8"))
        if path.is_file() and (not copy.exists() or speaks_of_places):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    done = subprocess.run([cases / "run.py", "--vint", VINT], capture_output=True, text=True)
    passed, failed = map(int, re.search(r"(\d+) passed, (\d+) failed", done.stdout).groups())
    counts[True] += passed
    counts[False] += failed
    if failed:
        print("with formatted language cases:", done.stdout, sep="\n")


def test_fmt_command(folder):
    good, bad, tidy = folder / "good.vint", folder / "bad.vint", folder / "tidy.vint"
    good.write_text("let a=1")
    good.chmod(0o751)
    bad.write_text("let a=(\n")
    tidy.write_text("let a = 1\n")
    same("fmt --check", run("fmt", "--check", good, tidy), (1, f"{good}\n", ""))
    same("fmt --check changes nothing", good.read_text(), "let a=1")
    status, out, err = run("fmt", folder)
    report("fmt of a folder", status == 2 and out == "" and f"{bad}:1:7: SyntaxError" in err, status, out, err)
    same("fmt in place", good.read_text(), "let a = 1\n")
    same("fmt keeps the mode", good.stat().st_mode & 0o777, 0o751)
    same("fmt leaves broken files alone", bad.read_text(), "let a=(\n")
    same("fmt --check of tidy files", run("fmt", "--check", good, tidy), (0, "", ""))
    same("fmt leaves nothing behind", sorted(p.name for p in folder.iterdir()), ["bad.vint", "good.vint", "tidy.vint"])
    same("fmt of a missing file", run("fmt", "missing.vint"),
         (2, "", "vint: cannot read missing.vint: No such file or directory\n"))
    same("fmt of standard input", run("fmt", "-", text="f( )"), (0, "f()\n", ""))
    same("fmt of nothing", run("fmt", "-"), (0, "", ""))
    same("fmt without files", run("fmt")[0], 2)
    same("fmt with an unknown option", run("fmt", "--chekc")[0], 2)
    for command in "fmt", "check", "test":
        status, out, err = run(command, "--help")
        report(f"{command} --help", status == 0 and out.startswith(f"usage: vint {command} ") and not err, out, err)


def test_check():
    for path in sorted((HERE / "check").glob("*.vint")):
        lines = path.read_text(encoding="utf-8").split("\n")
        expected = [(number, found[1], found[2]) for number, line in enumerate(lines, 1)
                    if (found := re.search(r"// expect (warning|error): (.*)$", line))]
        status, _, err = run("check", path)
        found = [(int(line), kind.replace("SyntaxError", "error"), text) for line, kind, text
                 in re.findall(r"^\S+\.vint:(\d+):\d+: (warning|SyntaxError): (.*)$", err, re.M)]
        same(f"check {path.name}", found, expected)
        errors = any(kind == "error" for _, kind, _ in expected)
        same(f"status of check {path.name}", status, 2 if errors else 0)
        strict = run("check", "--strict", path)[0]
        same(f"status of check --strict {path.name}", strict, 2 if errors else 1 if expected else 0)
    same("check of a missing file", run("check", "missing.vint")[0], 2)
    same("check of a file without end", run("check", "/dev/zero"),
         (2, "", "vint: cannot read /dev/zero: File too large\n"))


def test_test():
    folder = HERE / "test"
    same("vint test", run("test", folder=folder), (1, (folder / "expected.txt").read_text(), ""))
    status, out, _ = run("test", "sums_test.vint", folder=folder)
    same("vint test FILE", (status, out.splitlines()[0]), (1, "ok     sums_test.vint testAdd"))
    same("vint test without tests", run("test", folder=HERE / "check"), (2, "", "vint test: there are no tests\n"))


def main():
    global VINT
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vint", default=TOP / "build" / "vint", type=Path)
    VINT = str(parser.parse_args().vint.resolve())
    test_layout()
    test_check()
    test_test()
    with tempfile.TemporaryDirectory() as folder:
        test_fmt_command(Path(folder).resolve())
    with tempfile.TemporaryDirectory() as folder:
        test_every_program(Path(folder).resolve())
        test_formatted_cases(Path(folder).resolve())
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
