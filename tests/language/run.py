#!/usr/bin/env python3
"""Runs the language cases: every .vint file below tests/language, held against the comments in it.

    tests/language/run.py [--vint build/vint] [--stress] [--under COMMAND] [--slow 10] [-j 2] [NAME ...]

NAME picks the cases whose path contains it. A case says what it expects next to the code that does it:

    print(1 + 2)                // expect: 3              the next line of stdout
    let x = nothing             // expect error: text     an uncaught error; text is part of its report on stderr
    // expect error line: 7                               the place of that error
    // expect syntax error: text                          the program is refused; may stand several times
    // expect stderr: text                                part of stderr, beside any error
    // expect exit: 3                                     the exit status; else 0, or 1 after an error
    // stdin: text                                        a line of input
    // options: --heap-limit 50                            of the program vint
    // with a web server                                   server.py runs; VINT_TEST_HTTP and the like say where
    // not under stress: reason                           left out of runs with --stress, which cost a hundredfold

What is not expected must not happen: other lines on stdout, anything on stderr, another exit status. Blanks at the end
of a line don't count. A file whose first line is `// module` is there to be imported by others and no case. A case runs
in its own folder.
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
import server  # noqa: E402

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
COMMENT = re.compile(r"// (stdin|options|expect(?: error| error line| syntax error| stderr| exit)?):(?: (.*))?$")
TIMEOUT = 20  # seconds
CRASHED = 99  # the sanitizers' exit status, which no program has by chance

SANITIZERS = {
    "ASAN_OPTIONS": f"exitcode={CRASHED}:detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"exitcode={CRASHED}",
    "UBSAN_OPTIONS": f"exitcode={CRASHED}:print_stacktrace=1",
}


class Case:
    def __init__(self, path, text):
        self.path = path
        self.name = str(path.relative_to(HERE).with_suffix(""))
        said = {}
        for line in text.split("\n"):
            found = COMMENT.search(line)
            if found:
                said.setdefault(found[1], []).append((found[2] or "").rstrip())
        self.stdout = said.get("expect", [])
        self.errors = said.get("expect error", []) + said.get("expect syntax error", [])
        self.stderr = self.errors + said.get("expect stderr", [])
        self.error_line = said.get("expect error line", [None])[0]
        self.exit = int(said["expect exit"][0]) if "expect exit" in said else 1 if self.errors else 0
        self.options = " ".join(said.get("options", [])).split()
        self.needs_server = "// with a web server\n" in text
        self.stdin = "".join(line + "\n" for line in said.get("stdin", []))

    def run(self, command, timeout, environment):
        """What is wrong with the case, as lines; none when it passes."""
        try:
            done = subprocess.run([*command, *self.options, self.path.name], cwd=self.path.parent, input=self.stdin.encode(),
                                  timeout=timeout, capture_output=True,
                                  env={**os.environ, **SANITIZERS, **environment})
        except subprocess.TimeoutExpired as late:
            printed = (late.stdout or b"").decode(errors="replace").splitlines()
            return [f"no end after {timeout} s; the last it printed:", *printed[-5:]]
        out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        err = re.sub(r" *// expect.*", "", err)  # reports show the line of the error, which may say what is expected
        wrong = []
        lines = [line.rstrip() for line in out.removesuffix("\n").split("\n")] if out else []
        if lines != self.stdout:
            wrong += list(difflib.unified_diff(self.stdout, lines, "expected stdout", "stdout", lineterm=""))
        for text in self.stderr:
            if text not in err:
                wrong.append(f"stderr lacks: {text}")
        if self.error_line:
            place = re.search(re.escape(self.path.name) + r":(\d+)", err)
            if not place or place[1] != self.error_line:
                wrong.append(f"expected the error in line {self.error_line}, not {place[1] if place else 'nowhere'}")
        if done.returncode != self.exit:
            wrong.append(f"expected exit status {self.exit}, not {done.returncode}")
        if err and not self.stderr:
            wrong.append("expected nothing on stderr")
        if wrong and err:
            shown = err.splitlines()
            wrong += ["stderr:", *shown[:60], *(["..."] if len(shown) > 60 else [])]
        return wrong


def find(names, stress):
    for path in sorted(HERE.rglob("*.vint")):
        text = path.read_text(encoding="utf-8")
        if text.startswith("// module\n") or stress and "// not under stress:" in text:
            continue
        if not names or any(name in str(path.relative_to(TOP)) for name in names):
            yield Case(path, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vint", default=TOP / "build" / "vint", type=Path)
    parser.add_argument("--under", default="", metavar="COMMAND", help="run it under this, valgrind for example")
    parser.add_argument("--stress", action="store_true", help="leave out the cases that are not for it")
    parser.add_argument("--slow", default=1, type=int, help="so many times the usual time limit")
    parser.add_argument("-j", default=os.cpu_count(), type=int, help="so many at a time")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    if not options.vint.exists():
        sys.exit(f"{options.vint} does not exist: make it first")
    command = [*shlex.split(options.under), str(options.vint.resolve())]

    begin, failed = time.monotonic(), 0
    cases = list(find(options.names, options.stress))
    servers = server.environment() if any(case.needs_server for case in cases) else {}

    def run(case):
        return case.run(command, TIMEOUT * options.slow, servers if case.needs_server else {})

    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for case, wrong in zip(cases, pool.map(run, cases)):
            if wrong:
                failed += 1
                print(f"FAILED {case.path.relative_to(TOP)}")
                print("".join(f"    {line}\n" for line in wrong), flush=True)
    print(f"{time.monotonic() - begin:.1f} s, {options.vint}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
