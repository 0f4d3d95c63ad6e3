"""table.py - what the benchmarks share: lines with a verdict each, and the baseline that shows a regression.

A figure has a name, such as "vm/a_fib/lua5.4", and is the better the smaller it is: a ratio to a peer in the same run,
or something that does not depend on how busy the machine is. baseline.json beside this file keeps the figures of an
earlier run; one that is worse by more than a quarter is marked. --save writes the figures of this run there.
"""
import json
import platform
import subprocess
import time
from pathlib import Path

BASELINE = Path(__file__).resolve().parent / "baseline.json"
WORSE = 1.25  # times the baseline: what a shared machine does to a ratio is less


def version(argv):
    """The first line of what a program says about itself, or None."""
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        return done.stdout.splitlines()[0].strip()
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return None


def machine():
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"date": time.strftime("%Y-%m-%d"), "processor": cpu, "system": platform.platform()}


class Table:
    def __init__(self):
        self.known = json.loads(BASELINE.read_text())["figures"] if BASELINE.exists() else {}
        self.figures = {}
        self.missed = []

    def verdict(self, name, figure, aim=None, forgiven=0):
        """Notes a figure; what to print of it: is the aim reached, is it worse than it was? Up to [forgiven] it never is."""
        self.figures[name] = round(figure, 3)
        words = []
        if aim is not None:
            reached = figure <= aim
            words.append("reached" if reached else "MISSED")
            if not reached:
                self.missed.append(name)
        if name in self.known and figure > max(self.known[name] * WORSE, forgiven):
            words.append(f"WORSE than {self.known[name]:g} in the baseline")
            self.missed.append(name)
        return ", ".join(words)

    def line(self, name, what, figure, aim, unit):
        """One printed line for one figure that has an aim of its own."""
        print(f"{what:66} {figure:9.4g} {unit:4} aim {aim:<6g} {self.verdict(name, figure, aim, aim / 2)}", flush=True)

    def end(self, save, versions):
        """The last line; with [save] the baseline is brought up to date. The exit status."""
        if self.missed:
            print("not reached: " + ", ".join(dict.fromkeys(self.missed)))
        if save:
            old = json.loads(BASELINE.read_text()) if BASELINE.exists() else {"versions": {}, "figures": {}}
            new = {**machine(), "versions": {**old["versions"], **versions}, "figures": {**old["figures"], **self.figures}}
            BASELINE.write_text(json.dumps(new, indent=1, sort_keys=True) + "\n")
        return 1 if self.missed else 0
