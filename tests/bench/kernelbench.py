#!/usr/bin/env python3
"""kernelbench - time Jupyter kernels through their five ZeroMQ sockets.

    kernelbench.py --kernel ipykernel --kernel deno
    kernelbench.py --kernel 'mine:javascript:message=mine {connection_file}'
    kernelbench.py --all --rounds 2 --json out.json --markdown out.md

--kernel NAME               an entry of "kernels" in the configuration file,
                            or else an installed kernelspec of that name
--kernel NAME:LANG[:MODE]=ARGV
                            any command line with {connection_file} in it; LANG
                            names the snippets to run (a key of "languages"),
                            MODE is how it is interrupted: signal or message

The measures are in kernelmeasures.py. The client is kernelclient.py: pyzmq
sockets, HMAC and nothing in between. Requests are built and signed before the
clock starts; answers are verified and parsed after it stops, so what it adds to
a figure is small and the same for every kernel. "zmqecho" (zmqecho.c) shows how
much that is.

The code that the kernels run comes from kernels.json beside this file. A kernel
that lacks a feature, or a snippet, gets "n/a"; one that fails a measure gets
the reason, and is started anew for the next measure.

When the kernel "vint" is among them, a line for each aim follows (kernelaims.py),
and the exit status is 1 if one is missed or has become worse.

On a machine that is not idle, --patience waits for others to finish, and a
measure that they disturbed all the same is taken again (--tries); the last row
of the table, and "others" in the JSON, tell how much they got in the way.

Needs Python 3.9 or later and pyzmq, on Linux.
"""
import argparse
import gc
import json
import os
import platform
import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path

import zmq

from kernelaims import judge
from kernelclient import Kernel, NotAvailable, OtherLoad, Trouble, make_spec, memory_mb, now, wait_for_quiet
from kernelmeasures import MEASURES, get_ready, measure_starts
from kernelreport import lookup, markdown
from table import Table

HERE = Path(__file__).resolve().parent


def attempt(result, name, measure, options):
    """Put what measure() returns, or why it did not, under name. Tells success.

    A figure that others on the machine took part in is taken anew, a few
    times; the one with the least of their load is kept.
    """
    begin, ok = now(), True
    for _ in range(options.tries):
        if options.patience:
            wait_for_quiet(options)
        load = OtherLoad()
        try:
            found = measure()
            found["others"] = load.share()
        except NotAvailable:
            found = "n/a"
        except Trouble as error:
            found, ok = f"failed: {error}", False
        except (OSError, ValueError, LookupError, zmq.ZMQError) as error:
            found, ok = f"failed: {error!r}", False     # an answer unlike any that was foreseen
        before = result.get(name)
        if not isinstance(before, dict) or (ok and found["others"] < before["others"]):
            result[name] = found
        if not isinstance(found, dict) or found["others"] <= options.max_others:
            break
    said = result[name]
    if isinstance(said, dict):
        said = " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
                        for k, v in said.items())
    print(f"  {name:14} {now() - begin:6.1f} s  {said}"[:300], file=sys.stderr, flush=True)
    return ok


def measure_kernel(spec, options, workdir):
    """All the measures of one kernel."""
    print(f"{spec.name}: {shlex.join(spec.argv)}", file=sys.stderr, flush=True)
    result, kernel = {}, None
    try:
        if "start" in options.only:
            attempt(result, "start", lambda: measure_starts(spec, options, workdir), options)
        for name, measure in MEASURES.items():
            if name not in options.only:
                continue
            if kernel is None:
                kernel = Kernel(spec, workdir, options.kernel_cpu)
                result.pop("ready", None)
                if not attempt(result, "ready", lambda: get_ready(kernel),
                               argparse.Namespace(**{**vars(options), "tries": 1, "patience": 0})):
                    return result
            gc.collect()
            if not attempt(result, name, lambda: measure(kernel, options), options):
                kernel.close()
                kernel = None
            else:
                result["rss_most_mb"] = max(result.get("rss_most_mb", 0),
                                            memory_mb(kernel.process.pid)[0])
        result["others"] = max([r["others"] for r in result.values() if isinstance(r, dict)],
                               default=0.0)
    finally:
        if kernel is not None:
            kernel.close()
    return result


def machine():
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), "?")
    return {"date": time.strftime("%Y-%m-%d %H:%M:%S"), "cpu": cpu, "cpus": os.cpu_count(),
            "system": platform.platform(), "python": platform.python_version(),
            "pyzmq": zmq.__version__, "libzmq": zmq.zmq_version()}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="append", default=[], metavar="NAME[:LANG[:MODE]=ARGV]")
    parser.add_argument("--all", action="store_true", help="all kernels of the configuration file")
    parser.add_argument("--config", default=HERE / "kernels.json", type=Path)
    parser.add_argument("--only", help="measures, with commas between: start," + ",".join(MEASURES))
    parser.add_argument("--rounds", type=int, default=1, help="run the whole table so often")
    parser.add_argument("-n", type=int, default=2000, help="timed requests per round trip measure")
    parser.add_argument("--warmup", type=int, default=200, help="untimed ones before them")
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3, help="of stream, burst, large, interrupt")
    parser.add_argument("--limit", type=float, default=60, help="seconds per round trip measure")
    parser.add_argument("--max-others", type=float, default=0.1,
                        help="processors that others may use during a measure (0.1)")
    parser.add_argument("--tries", type=int, default=3, help="of a measure that others disturbed")
    parser.add_argument("--patience", type=float, default=0,
                        help="seconds to wait before a measure until others are quiet")
    parser.add_argument("--client-cpu", type=int, help="pin the client to this processor")
    parser.add_argument("--kernel-cpu", type=int, help="pin the kernels to this processor")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the table here, not to stdout")
    parser.add_argument("--save", action="store_true", help="write the figures to baseline.json (table.py)")
    parser.add_argument("--keep-logs", type=Path, help="folder for the kernels' own output")
    options = parser.parse_args()
    config = json.loads(options.config.read_text())
    options.only = options.only.split(",") if options.only else ["start", *MEASURES]
    unknown = set(options.only) - {"start", *MEASURES}
    if unknown:
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    specs = []
    for name in options.kernel + (list(config["kernels"]) if options.all else []):
        try:
            specs.append(make_spec(name, config))
        except LookupError as error:
            if not options.all:
                parser.error(error.args[0])
            print(f"left out: {error.args[0]}", file=sys.stderr)
    if not specs:
        parser.error("name a kernel with --kernel, or use --all")
    if options.client_cpu is not None:
        os.sched_setaffinity(0, {options.client_cpu})
    gc.disable()
    signal.signal(signal.SIGINT, signal.default_int_handler)    # nohup's "ignore" would be inherited
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # so that no kernel is left behind

    report = {"machine": machine(), "options": {k: str(v) for k, v in vars(options).items()},
              "rounds": []}
    with tempfile.TemporaryDirectory(prefix="kernelbench-") as scratch:
        workdir = options.keep_logs or Path(scratch)
        workdir.mkdir(parents=True, exist_ok=True)
        for i in range(options.rounds):
            print(f"== round {i + 1}", file=sys.stderr)
            results = {}
            report["rounds"].append(results)
            for spec in specs:
                results[spec.name] = measure_kernel(spec, options, workdir)
                if options.json:
                    options.json.write_text(json.dumps(report, indent=1) + "\n")
    table = markdown(report["rounds"])
    if options.markdown:
        options.markdown.write_text(table)
    else:
        print(table)
    if "vint" not in report["rounds"][0]:
        return 0
    verdicts = Table()
    judge(report["rounds"], lookup, verdicts)
    return verdicts.end(options.save, {"libzmq": zmq.zmq_version(), **{
        f"{name} (kernel)": lookup(result, "start.implementation") for name, result in report["rounds"][0].items()
        if "zmqecho" not in name and "start" in options.only}})


if __name__ == "__main__":
    sys.exit(main())
