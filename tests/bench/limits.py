#!/usr/bin/env python3
"""limits - what vint itself must keep to: start, memory, pauses, tasks that wait, the speed of the compiler.

    tests/bench/limits.py [--vint build/vint] [--save]

Prints a line for each: the figure, the aim, the verdict. --save: see table.py.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from program import program
from table import Table, version

PROGRAMS = Path(__file__).resolve().parent / "limits"
TOP = PROGRAMS.parent.parent.parent


def run(argv, text):
    """Runs a program that must print [text]: (CPU seconds, wall seconds, peak MB, stderr). The peak is not less than this
    program's own, which a new process inherits."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        pid = os.posix_spawn(argv[0], [*map(str, argv)], os.environ, file_actions=[
            (os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)])
        _, status, use = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        out.seek(0)
        errors.seek(0)
        said, wrong = out.read().decode(), errors.read().decode()
        if status != 0 or text not in said:
            sys.exit(f"{argv}: status {status}, {said[-200:]!r} {wrong[-200:]!r}")
        return use.ru_utime + use.ru_stime, wall, use.ru_maxrss / 1000, wrong


def gc_stats(said):
    """The figures that `vint --gc-stats` prints, by name."""
    return {key: float(value) for key, value in re.findall(r"^(.*?)  +([\d.]+)", said, re.M)}


def start(table, vint):
    times = [run([vint, "-e", ""], "")[1] for _ in range(60)]
    table.line("limits/start", "start and end of an empty program, at best", min(times) * 1000, 3, "ms")


def pauses(table, vint, name, what):
    figures = gc_stats(run([vint, "--gc-stats", PROGRAMS / f"{name}.vint"], "")[3])
    table.line(f"limits/{name}/99", f"{what}: 99 % of the pauses within", figures["pause, 99 %"], 2, "ms")
    table.line(f"limits/{name}/longest", f"{what}: the longest pause", figures["pause, longest"], 10, "ms")


def tasks(table, vint):
    mb = run([vint, PROGRAMS / "parked.vint"], "1000000")[2]
    table.line("limits/parked", "a million parked tasks", mb, 400, "MB")
    pairs = [[run([vint, PROGRAMS / "sleeping.vint", ms], "100000")[0] for ms in ("1", "2000")] for _ in range(7)]
    short, long = (min(times) for times in zip(*pairs))
    table.line("limits/sleeping", "100 000 tasks sleep for 2 s: CPU", max(0, long - short) * 1000, 10, "ms")
    cpu = min(run([vint, PROGRAMS / "timers.vint"], "100000")[0] for _ in range(3))
    table.line("limits/timers", "100 000 tasks start, sleep, wake together: CPU", cpu * 1000, 200, "ms")


def compiler(table, vint):
    """1 MB of the same functions in both languages, compiled and not called."""
    with tempfile.TemporaryDirectory() as folder:
        times = {}
        for language, argv in (("vint", [vint]), ("lua", [shutil.which("lua5.4")])):
            if not argv[0]:
                return
            source = Path(folder) / f"source.{language}"
            source.write_text(program(language, 1_000_000))
            empty = Path(folder) / f"empty.{language}"
            empty.write_text("")
            times[language] = (statistics.median(run([*argv, source], "")[0] for _ in range(7))
                               - statistics.median(run([*argv, empty], "")[0] for _ in range(7)))
    table.line("limits/compile", f"1 MB of source compiled ({times['vint'] * 1000:.0f} ms), beside Lua 5.4",
               times["vint"] / times["lua"], 1, "x")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vint", default=TOP / "build" / "vint", type=Path)
    ap.add_argument("--save", action="store_true")
    a = ap.parse_args()
    table = Table()
    vint = a.vint.resolve()
    start(table, vint)
    pauses(table, vint, "large_heap", "1 GB alive")
    pauses(table, vint, "large_things", "huge arrays, dicts, stacks, channels")
    tasks(table, vint)
    compiler(table, vint)
    return table.end(a.save, {"vint": version([str(vint), "--version"])})


if __name__ == "__main__":
    sys.exit(main())
