#!/usr/bin/env python3
"""scale - does what one more costs stay the same as things get many?

    tests/bench/scale.py [--vint build/vint] [--kernel build/vint-kernel] [--share 0.1] [ROW ...]

Each row makes many of something and prints what one of them costs, in processor time and in memory, at the beginning,
on the way and at the end. Flat means: at the end not more than half as much again as at the beginning, with a little
forgiven where there is nearly nothing to measure. --share makes everything smaller.
"""
import argparse
import contextlib
import shlex
import sqlite3
import statistics
import sys
import tempfile
from pathlib import Path

import kernelclient
from limits import gc_stats, run
from program import program

TOP = Path(__file__).resolve().parent.parent.parent
GROWTH = 1.5
POINTS = 10


class Curve:
    """What one costs, point by point."""

    def __init__(self, row, unit, forgiven):
        self.row, self.unit, self.forgiven, self.points = row, unit, forgiven, []

    def add(self, cost):
        self.points.append(cost)

    def show(self):
        """Prints the curve; is it flat? The first point, which warms up, does not count when there are many."""
        points = self.points[1:] if len(self.points) > 4 else self.points
        third = max(1, len(points) // 3)
        first, last = statistics.median(points[:third]), statistics.median(points[-third:])
        flat = last <= max(first, 0) * GROWTH + self.forgiven
        shown = "  ".join(f"{p:.3g}" for p in points)
        print(f"{self.row:34} {self.unit:22} {shown:70} {'flat' if flat else 'NOT FLAT'}", flush=True)
        return flat


class Session:
    """A kernel of its own with a history of its own."""

    def __init__(self, options, folder):
        self.folder = folder
        command = shlex.split(f"{options.kernel} -f {{connection_file}}")
        environment = {"XDG_STATE_HOME": str(folder)}
        self.kernel = kernelclient.Kernel(kernelclient.Spec("vint", command, "", "message", environment, None, {}), folder)
        self.kernel.wait_ready()
        self.kernel.settle()
        self.process = self.kernel.process.pid

    def cpu(self):
        return kernelclient.cpu_seconds(self.process)

    def memory(self):
        """Bytes."""
        return kernelclient.memory_mb(self.process)[0] * 2**20

    def cells(self, codes):
        """Runs cells, all sent before the first answer is read."""
        k = self.kernel
        ids = [k.send(k.shell, "execute_request", kernelclient.execute_content(code)) for code in codes]
        for one in ids:
            reply = k.reply(k.shell, one, 600)
            if reply.content["status"] != "ok":
                sys.exit(f"a cell failed: {reply.content}")
        k.until_idle(ids[-1], 600)

    def ask(self, kind, content):
        k = self.kernel
        reply = k.reply(k.shell, k.send(k.shell, kind, content), 60)
        k.drain(k.iopub)
        return reply.content


@contextlib.contextmanager
def opened(options, folder=None):
    """A session, in [folder] or one of its own, that is shut down at the end."""
    with tempfile.TemporaryDirectory() as own:
        session = Session(options, Path(folder or own))
        yield session
        session.kernel.shut_down()


def windows(session, row, unit_count, unit_name, do, time_unit="us"):
    """Calls do(window) POINTS times, each for unit_count units; the curves of time and memory for one."""
    factor = {"us": 1e6, "ms": 1e3}[time_unit]
    times = Curve(row, f"{time_unit} a {unit_name}", 0.1 * factor / unit_count)  # 0.1 s in all is noise
    memory = Curve("", f"bytes a {unit_name}", 4e6 / unit_count)                 # so are 4 MB
    for window in range(POINTS):
        cpu, held = session.cpu(), session.memory()
        do(window)
        times.add((session.cpu() - cpu) / unit_count * factor)
        memory.add((session.memory() - held) / unit_count)
    return [times, memory]


def cells(options):
    each = options.count(100_000) // POINTS
    with opened(options) as session:
        session.cells(["let x = 1"])
        return windows(session, "cells run", each, "cell",
                       lambda _: [session.cells(["x = x + 1\nx"] * 100) for _ in range(each // 100)])


def variables(options):
    each = options.count(1_000_000) // POINTS
    with opened(options) as session:
        def declare(window):
            for start in range(window * each, (window + 1) * each, 1000):
                session.cells(["\n".join(f"let v{i} = {i}" for i in range(start, start + 1000))])
        return windows(session, "variables", each, "variable", declare)


def output(options):
    """Bytes are counted in kilobytes here, so that figures are readable."""
    each = options.count(1_000_000_000) // POINTS
    with opened(options) as session:
        session.cells(['let line = "x" * 999'])
        return windows(session, "output", each / 1000, "kB",
                       lambda _: session.cells([f"for i in 1..{each // 1000} {{ print(line) }}"]))


def history(options):
    """A database with many entries: what a search, the last ten and one more entry cost."""
    times = Curve("history entries", "ms for three requests", 20)
    for count in (options.count(1000), options.count(30_000), options.count(1_000_000)):
        with tempfile.TemporaryDirectory() as folder:
            with opened(options, folder) as session:
                session.cells(["1"])  # makes the tables
            path = next(Path(folder).rglob("*.sqlite"), None) or next(Path(folder).rglob("history*"))
            base = sqlite3.connect(path)
            base.executemany("INSERT INTO cells (session, line, entry, code) VALUES (1, ?, ?, ?)",
                             ((i + 1, i, f"let value{i} = compute({i % 97}) + {i}") for i in range(1, count + 1)))
            base.commit()
            base.close()
            with opened(options, folder) as session:
                session.cells(["1"])  # opens it
                cpu = session.cpu()
                for i in range(10):
                    session.cells(["1"])
                    session.ask("history_request", {"hist_access_type": "tail", "n": 10, "output": False, "raw": True})
                    found = session.ask("history_request", {"hist_access_type": "search", "pattern": f"*value{count - i} *",
                                                            "n": 10, "output": False, "raw": True})
                    if len(found["history"]) != 1:
                        sys.exit(f"found in the history: {found['history']}")
                times.add((session.cpu() - cpu) / 10 * 1000)
    return [times]


def of_programs(options, row, unit, sizes, make, text):
    """Programs of growing size, each in a process of its own."""
    times, memory = Curve(row, f"us a {unit}", 0), Curve("", f"bytes a {unit}", 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.vint"

        def least(source, said):
            path.write_text(source)
            runs = [run([options.vint, "--gc-stats", path], said) for _ in range(3)]
            return min(r[0] for r in runs), gc_stats(runs[0][3])["most in use"]
        cpu, mb = least("", "")
        for size in sizes:
            source, said = make(size), text(size)
            figures = least(source, said)
            times.add((figures[0] - cpu) / size * 1e6)
            memory.add((figures[1] - mb) / size * 1e6)
    return [times, memory]


def parked(options):
    make = lambda n: f"let never = chan\nfor i in 1..{n} {{ go func() {{ receive(never) }}() }}\nsleep(1)\nprint({n})\nexit(0)\n"
    return of_programs(options, "tasks parked", "task", [options.count(n) for n in (30_000, 200_000, 1_000_000)], make, str)


def timers(options):
    make = lambda n: f"let all = []\nfor i in 1..{n} {{ all.push(go func() {{ sleep(500) }}()) }}\nfor t in all {{ await t }}\nprint({n})\n"
    return of_programs(options, "timers due together", "timer", [options.count(n) for n in (10_000, 30_000, 100_000)], make, str)


def source(options):
    return of_programs(options, "source", "byte", [options.count(n) for n in (300_000, 1_000_000, 4_000_000)],
                       lambda n: program("vint", n), lambda n: "")


def globals_in_one(options):
    make = lambda n: "".join(f"let v{i} = {i}\n" for i in range(n)) + f"print(v{n - 1})\n"
    return of_programs(options, "variables of one program", "variable", [options.count(n) for n in (30_000, 100_000, 300_000)],
                       make, lambda n: str(n - 1))


def literal(options):
    make = lambda n: ("let size = func(d) { return d.length() }\nlet d = {\n"
                      + "".join(f'    "key {i}": {i},\n' for i in range(n)) + "}\nprint(size(d))\n")
    return of_programs(options, "keys of one literal", "key", [options.count(n) for n in (20_000, 60_000, 200_000)], make, str)


ROWS = {"cells": cells, "variables": variables, "output": output, "history": history, "parked": parked, "timers": timers,
        "source": source, "globals": globals_in_one, "literal": literal}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vint", default=TOP / "build" / "vint", type=Path)
    ap.add_argument("--kernel", default=TOP / "build" / "vint-kernel", type=Path)
    ap.add_argument("--share", default=1.0, type=float)
    ap.add_argument("rows", nargs="*", choices=[[], *ROWS], metavar="ROW", help=" ".join(ROWS))
    options = ap.parse_args()
    options.count = lambda n: max(1000, int(n * options.share))
    flat = True
    for row in options.rows or ROWS:
        try:
            for curve in ROWS[row](options):
                flat &= curve.show()
        except (kernelclient.Trouble, SystemExit) as error:
            print(f"{row}: {error}", flush=True)
            flat = False
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
