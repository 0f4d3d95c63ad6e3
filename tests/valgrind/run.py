#!/usr/bin/env python3
"""Runs the language cases and a short kernel session under valgrind: no error, no memory lost.

    JUPYTER_PATH=build/venv/share/jupyter build/venv/bin/python tests/valgrind/run.py [NAME ...]

NAME picks language cases, as in tests/language/run.py. Uses the debug build, and suppresses nothing.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client import KernelManager

TOP = Path(__file__).resolve().parent.parent.parent
FOUND = 99  # valgrind's exit status when it has found something
VALGRIND = ["valgrind", "--quiet", f"--error-exitcode={FOUND}", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite"]

CELLS = [
    "let f = async func(n) { sleep(10); return n * 2 }\nlet p = f(21)",
    "await p",
    "let ch = chan(2)\ngo func() { for i in 1..5 { send(ch, i) }; close(ch) }()\nfor v in ch { print(v) }",
    "go func() { for i in 1..3 { sleep(50); print(\"late\", i) } }()\nprint(\"early\")",
    "throw \"on purpose\"",
    "receive(chan)",
]


def kernel_session():
    """What is wrong with a session of the kernel, or None."""
    manager = KernelManager(kernel_name="vint")
    manager.kernel_spec.argv = [*VALGRIND, str(TOP / "build/debug/vint-kernel"), *manager.kernel_spec.argv[1:]]
    folder = tempfile.TemporaryDirectory()
    manager.start_kernel(env={**os.environ, "VINT_HISTORY": f"{folder.name}/history.sqlite"})
    process = manager.provisioner.process
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        for cell in CELLS:
            client.execute_interactive(cell, timeout=120, output_hook=lambda message: None)
        client.shutdown()
        status = process.wait(60)
    except (RuntimeError, TimeoutError, subprocess.TimeoutExpired) as error:
        return repr(error)
    finally:
        client.stop_channels()
        if process.poll() is None:
            process.kill()
        folder.cleanup()
    return f"the kernel ended with status {status}" if status else None


def main():
    cases = subprocess.run([sys.executable, "tests/language/run.py", "--vint", "build/debug/vint", "--slow", "20",
                            "--stress", "--under", " ".join(VALGRIND), *sys.argv[1:]], cwd=TOP)
    wrong = kernel_session()
    if wrong:
        print(f"FAILED kernel session\n    {wrong}")
    print(f"kernel session: {0 if wrong else 1} passed, {1 if wrong else 0} failed")
    return 1 if wrong or cases.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
