#!/usr/bin/env python3
"""vmbench - vint beside other language implementations, on the same programs, in one run.

    tests/bench/vmbench.py                           every program, every peer that is installed
    tests/bench/vmbench.py -n 5 a_fib i2_pingpong --peers lua5.4,go

The programs lie in vm/ beside this file, one per language, all printing the same figure, which is checked.
Figures are user + system CPU seconds (median of the runs, taken in turn), peak memory in MB. Each ratio is vint / peer.
Go programs are compiled first (go build) and run on one processor; everything else runs from source.

The verdict: the programs a to h shall be faster than in Lua 5.4, each of them, and no slower than in LuaJIT's interpreter
in the mean; those with tasks and channels no slower than in compiled Go. What a peer's JIT can do is shown beside it.
--save: see table.py.
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

from table import Table, version

HERE = Path(__file__).resolve().parent / "vm"
TOP = HERE.parent.parent.parent
EXPECT = {
    "z_hello": "hello", "a_fib": "2178309", "b_loop": "450000015000000", "c_array": "4500001500000",
    "d1_build": "6000000", "d2_naive": "50000", "e_dict": "500000500000", "f1_field": "50000005000000 10000000",
    "f2_method": "50000005000000 10000000", "g_hof": "750001500000", "h_trees": "131071",
    "i2_pingpong": "2000003000000", "j1_spawn_batch": "500000500000", "j2_spawn_all": "500000500000",
    "k_parked": "200000", "l_chain": "1500500", "m_sieve": "12553", "n_await": "500000500000",
    "o_fanin": "125000500000",
}
PEERS = {  # name: (argv, suffix)
    "lua5.4": (["lua5.4"], "lua"), "luajit-joff": (["luajit", "-joff"], "lua"), "luajit": (["luajit"], "lua"),
    "python3": (["python3"], "py"), "node": (["node"], "mjs"), "janet": (["janet"], "janet"), "go": ([], "go"),
}
VERSIONS = {"vint": "--version", "lua5.4": "-v", "luajit-joff": "-v", "python3": "--version", "node": "--version", "janet": "-v"}
IN_MEAN = "luajit-joff"  # the peer that the mean over a to h is held against


def aim_of(name):
    """The peer that a program must not be slower than."""
    return None if name[0] == "z" else "lua5.4" if name[0] in "abcdefgh" else "go"


def find_go():
    return shutil.which("go") or next((str(p) for p in Path("/usr/lib").glob("go-*/bin/go")), None)


def once(argv, cwd):
    """Run argv; return (cpu seconds, peak MB, exit code, stdout)."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(argv, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                             env={**os.environ, "GOMAXPROCS": "1"})
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, p.returncode, out.read().decode(errors="replace")


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vint", default=TOP / "build" / "vint", help="the program to measure (build/vint)")
    ap.add_argument("-n", type=int, default=3)
    ap.add_argument("--peers", default=",".join(PEERS))
    ap.add_argument("--save", action="store_true")
    ap.add_argument("programs", nargs="*")
    a = ap.parse_args()
    table = Table()
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
            ratio = {p: m["vint"] / max(m[p], 0.001) for p in peers if p in m}
            verdicts = [table.verdict(f"vm/{name}/{p}", r, 1 if p == aim_of(name) else None)
                        for p, r in ratio.items() if p in (aim_of(name), IN_MEAN)]
            print(f"{name:15} vint {m['vint']:7.3f} s {mm['vint']:6.0f} MB  " + "  ".join(
                f"{p} {r:5.2f}x ({mm[p]:.0f} MB)" for p, r in ratio.items()), *filter(None, verdicts), sep="  ", flush=True)
    for p in peers:
        r = [m["vint"] / max(m[p], 0.001) for m, _ in rows.values() if p in m and m["vint"] == m["vint"]]
        if r:
            print(f"geometric mean vint / {p}: {mean(r):.2f}x, worst {max(r):.2f}x")
    r = [m["vint"] / m[IN_MEAN] for name, (m, _) in rows.items() if aim_of(name) == "lua5.4" and m.get(IN_MEAN)]
    if len(r) > 5:
        table.line(f"vm/mean/{IN_MEAN}", f"a to h, geometric mean vint / {IN_MEAN}", mean(r), 1, "x")
    argv = {"vint": str(a.vint), "go": go, **{p: PEERS[p][0][0] for p in peers if p != "go"}}
    versions = {p: version([argv[p], VERSIONS.get(p, "version")]) for p in ["vint", *peers]}
    return 1 if table.end(a.save, versions) or bad else 0


if __name__ == "__main__":
    sys.exit(main())
