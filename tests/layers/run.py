#!/usr/bin/env python3
"""Checks who may know whom.

The rooms of the interpreter follow the way of the source. A room may use those before it, never those after it;
`interp/vint.h` is the only face to the outside, and all that kernel/ and interp/cli/ may know. Two looks are taken: at
the #include lines of the sources, and at the names that the rooms' release objects leave open, so that no declaration
by hand goes round the headers. (That the outside goes round vint.h is for the linker to prevent: see the Makefile.)
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
OBJECTS = TOP / "build" / "obj" / "release"
ROOMS = ["syntax", "compile", "tools", "vm", "sched", "lib", "modules", "lookup"]  # in the order of their knowledge
INTERP_TOP = len(ROOMS)  # files in interp/ itself: the session behind vint.h
FACE = "interp/vint.h"
# Libraries that only some may use: header -> folders and files.
RESERVED = {
    "zmq.h": ("kernel",),
    "jansson.h": ("kernel", "interp/modules/json.c"),
    "pcre2.h": ("interp/modules/regex.c",),
    "curl/curl.h": ("interp/modules/curl.h",),
    "uv.h": ("interp",),
    "histedit.h": ("interp/cli",),
    "editline/readline.h": ("interp/cli",),
}


def room(path):
    """The rank of a file of the interpreter; None for other files."""
    parts = path.split("/")
    if parts[0] != "interp" or parts[1] == "cli":
        return None
    return ROOMS.index(parts[1]) if len(parts) > 2 else INTERP_TOP


def forbidden(user, used):
    """Why file [user] may not use file [used], or None."""
    if used == FACE:
        return None
    if user.startswith("kernel/") or user.startswith("interp/cli/"):
        own = user.rpartition("/")[0] + "/"
        return None if used.startswith(own) else f"knows the interpreter by {used}, not only by {FACE}"
    if not used.startswith("interp/"):
        return f"the interpreter knows {used}"
    if room(used) is None or room(used) > room(user):
        return f"a later room's {used}"
    return None


def resolve(path, include):
    """The file of the project that an #include "..." line names."""
    for folder in (path.parent, TOP / "interp", TOP):
        target = (folder / include).resolve()
        if target.is_file():
            return str(target.relative_to(TOP))
    return None


def sources():
    for folder in ("interp", "kernel"):
        yield from sorted(p for p in (TOP / folder).rglob("*.[ch]"))


def check_includes():
    for path in sources():
        user, wrong = str(path.relative_to(TOP)), []
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            library = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            why = None
            if own:
                used = resolve(path, own[1])
                why = forbidden(user, used) if used else f"no such file: {own[1]}"
            elif library and library[1] in RESERVED:
                if not any((user + "/").startswith(place + "/") for place in RESERVED[library[1]]):
                    why = f"<{library[1]}> is not for this room"
            if why:
                wrong.append(f"{user}:{number}: {why}")
        yield wrong


def symbols(path):
    """(defined, open) global names of an object file."""
    defined, wanted = set(), set()
    listing = subprocess.run(["nm", "-g", str(path)], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        kind, name = line.split()[-2:]
        (wanted if kind in "Uw" else defined).add(name)
    return defined, wanted


def check_symbols():
    table = {}
    for path in sources():
        made = OBJECTS / path.relative_to(TOP).with_suffix(".o")
        if path.suffix == ".c" and made.exists() and room(str(path.relative_to(TOP))) is not None:
            table[str(path.relative_to(TOP))] = symbols(made)
    home = {name: user for user, (defined, _) in table.items() for name in defined}
    for user, (_, wanted) in table.items():
        why = {name: forbidden(user, home[name]) for name in sorted(wanted & home.keys())}
        yield [f"{user}: {name}(): {reason}" for name, reason in why.items() if reason]


def main():
    passed = failed = 0
    for wrong in [*check_includes(), *check_symbols()]:
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print("".join(line + "\n" for line in wrong), end="")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
