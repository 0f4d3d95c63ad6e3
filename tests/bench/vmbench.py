#!/usr/bin/env python3
"""vmbench - vint beside other language implementations, on the same programs, in one run.

    tests/bench/vmbench.py                           every program, every peer that is installed
    tests/bench/vmbench.py -n 5 a_fib i2_pingpong --peers lua5.4,go

The programs lie in vm/ beside this file, one per language, all printing the same figure, which is checked.
Figures are user + system CPU seconds (median of the runs, taken in turn), peak memory in MB. Each ratio is vint / peer.
Go programs are compiled first (go build); everything else runs from source.
"""
import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / "vm"
TOP = HERE.parent.parent.parent
EXPECT = {
    "z_hello": "hello", "a_fib": "2178309", "b_loop": "450000015000000", "c_array": "4500001500000",
    "d1_build": "6000000", "d2_naive": "50000", "e_dict": "500000500000", "f1_field": "50000005000000 10000000",
    "f2_method": "50000005000000 10000000", "g_hof": "750001500000", "h_trees": "131071",
    "i2_pingpong": "2000003000000", "j1_spawn_batch": "500000500000", "j2_spawn_all": "500000500000",
    "k_parked": "200000", "l_chain": "1500500", "m_sieve": "12553", "n_await": "500000500000",
}
PEERS = {  # name: (argv, suffix)
    "lua5.4": (["lua5.4"], "lua"), "luajit-joff": (["luajit", "-joff"], "lua"), "luajit": (["luajit"], "lua"),
    "python3": (["python3"], "py"), "node": (["node"], "mjs"), "janet": (["janet"], "janet"), "go": ([], "go"),
}


def find_go():
    return shutil.which("go") or next((str(p) for p in Path("/usr/lib").glob("go-*/bin/go")), None)


def once(argv, cwd):
    """Run argv; return (cpu seconds, peak MB, exit code, stdout)."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(argv, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, p.returncode, out.read().decode(errors="replace")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vint", default=TOP / "build" / "vint", help="the program to measure (build/vint)")
    ap.add_argument("-n", type=int, default=3)
    ap.add_argument("--peers", default=",".join(PEERS))
    ap.add_argument("programs", nargs="*")
    a = ap.parse_args()
    names = a.programs or list(EXPECT)
    go = find_go()
    peers = [p for p in a.peers.split(",") if (go if p == "go" else shutil.which(PEERS[p][0][0]))]
    rows, bad = {}, 0
    with tempfile.TemporaryDirectory() as tmp:
        for name in names:
            argvs = {"vint": [os.path.abspath(a.vint), str(HERE / f"{name}.vint")]}
            for p in peers:
                cmd, suffix = PEERS[p]
                src = HERE / f"{name}.{suffix}"
                if not src.exists():
                    continue
                if p == "go":
                    exe = f"{tmp}/{name}"
                    env = dict(os.environ, GO111MODULE="off", GOCACHE=f"{tmp}/cache")
                    subprocess.run([go, "build", "-o", exe, str(src)], check=True, env=env)
                    argvs[p] = [exe]
                else:
                    argvs[p] = cmd + [str(src)]
            cpu = {k: [] for k in argvs}
            mem = {k: 0 for k in argvs}
            for _ in range(a.n):
                for k, argv in argvs.items():
                    t, mb, code, out = once(argv, HERE)
                    if code != 0 or EXPECT[name] not in out:
                        print(f"{name}: {k} is wrong (exit {code}): {out[-100:]!r}", file=sys.stderr)
                        bad += k == "vint"
                        cpu[k].append(math.nan)
                    else:
                        cpu[k].append(t)
                        mem[k] = max(mem[k], mb)
            rows[name] = ({k: statistics.median(v) for k, v in cpu.items()}, mem)
            m, mm = rows[name]
            print(f"{name:15} vint {m['vint']:7.3f} s {mm['vint']:6.0f} MB  " + "  ".join(
                f"{p} {m['vint'] / max(m[p], 0.001):5.2f}x ({mm[p]:.0f} MB)" for p in peers if p in m), flush=True)
    for p in peers:
        r = [m["vint"] / max(m[p], 0.001) for m, _ in rows.values() if p in m and m["vint"] == m["vint"]]
        if r:
            print(f"geometric mean vint / {p}: {math.exp(sum(map(math.log, r)) / len(r)):.2f}x, worst {max(r):.2f}x")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
