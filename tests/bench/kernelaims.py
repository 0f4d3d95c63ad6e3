"""kernelaims.py - what the kernel shall reach, line by line, and whether it does.

An aim is a limit of its own, or a multiple of what zmqecho-result takes in the same run: the floor for these sockets and
this client. Beside that the kernel shall be ahead of every other kernel that was measured, in every line.
"""
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
FLOOR = "zmqecho-result"
VINT = "vint"

# what is said, path of the figure, aim, unit
LIMITS = [
    ("shutdown_request to exit", "start.shutdown_ms", 50, "ms"),
    ("resident memory when idle", "start.rss_mb", 8, "MB"),
    ("1+1 beside 10 000 printing tasks and a busy cell, median", "crowd.p50", 50, "ms"),
]
RATIOS = [
    ("from spawn to kernel_info_reply", "start.ms", 2),     # 15 ms on a quiet machine
    ("one cell, request to reply and idle", "exec.p50", 1.3),
    ("kernel CPU of one cell", "exec.cpu_us", None),
    ("10 MB printed at once", "large.all_ms", 1.5),
]
PEER_LINES = ["start.ms", "start.shutdown_ms", "start.rss_mb", "exec.p50", "exec.p99", "info.p50", "burst.ms",
              "stream.all_ms", "large.all_ms", "complete.p50", "inspect.p50", "busy.control.p50", "busy.control.max",
              "interrupt.p50"]


def print_alone(code):
    """Seconds that vint takes for the code as a program, its output thrown away."""
    with tempfile.NamedTemporaryFile("w", suffix=".vint") as program:
        program.write(code)
        program.flush()
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([TOP / "build" / "vint", program.name], stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def judge(rounds, lookup, table):
    """Prints a line for each aim whose figures are there; of several rounds the middle counts."""
    def figure(kernel, path):
        values = [lookup(r.get(kernel, {}), path) for r in rounds]
        values = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
        return statistics.median(values) if values else None

    def against(name, what, other, path, aim):
        ours, theirs = figure(VINT, path), other
        if ours is None or not theirs:
            return
        if aim is None:
            print(f"{what:66} {ours / theirs:9.4g} x    {table.verdict(name, ours / theirs)}", flush=True)
        else:
            table.line(name, what, ours / theirs, aim, "x")

    for what, path, aim, unit in LIMITS:
        if (found := figure(VINT, path)) is not None:
            table.line(f"kernel/{path}", what, found, aim, unit)
    for what, path, aim in RATIOS:
        against(f"kernel/{path}/{FLOOR}", f"{what} / bare echo", figure(FLOOR, path), path, aim)
    if (ours := figure(VINT, "stream.all_ms")) is not None:
        alone = print_alone("for i in 0..99999 { print(\"line\", i) }\n") * 1e3
        table.line("kernel/stream/vint", "100 000 lines / vint FILE >/dev/null", ours / alone, 3, "x")
    peers = [name for name in rounds[0] if name != VINT and "zmqecho" not in name]
    for path in PEER_LINES:
        known = {name: found for name in peers if (found := figure(name, path)) is not None}
        if known:
            best = min(known, key=known.get)
            against(f"kernel/{path}/best", f"{path} / the best peer, {best}", known[best], path, 1)
