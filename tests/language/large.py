#!/usr/bin/env python3
"""Programs as other programs write them: too large for one byte, or two, of an instruction.

    tests/language/large.py [--vint build/vint] [NAME ...]

Each is made here, comes to vint on its standard input, and prints what it should or is refused at the right place.
"""
import argparse
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
MANY = 66_000  # more than 16 bits can count
TIMEOUT = 120  # seconds


def each(count, form, between="\n"):
    return between.join(form.format(i) for i in range(count))


def after_constants(code, before=""):
    """The code in a function that has all its short constants behind it already."""
    strings = each(MANY, '"s{}"', ", ")
    return f"{before}\nlet run = func(x) {{\n    let all = [{strings}]\n{code}\n}}\nrun(5)\n"


STRUCT = "struct P { field: 1, func method(n) { return n + this.field } }"
LAST = MANY - 1

# name: (program, what it prints)
WORKING = {
    "fields and methods": (after_constants("""
        let p = P()
        p.field = x
        p.field += 1
        p.field = p.field + 2
        print(p.field, p.method(1), p.method(n: 2))
        print(await go p.method(3), all.length())
        """, STRUCT), f"8 9 10\n11 {MANY}"),
    "deferred": (after_constants("""
        try { defer print("late")
            return 0
        } catch (e) { print("never") } finally { print("finally") }
        """), "finally\nlate"),
    "errors": (after_constants("""
        for i in 1..2 { try { if (i == 1) { continue } throw "oops" } catch (e: Error) { print(e.message) } finally { print(i) } }
        """), "1\noops\n2"),
    "comparisons": (after_constants("""
        print(x == "far", x != 123456, x * 1.5)
        if (x == 5) { print("five") }
        if (x != "far away") { print("near") }
        switch (x) { case "beyond" { print("no") } case 5 { print("yes") } }
        print(match x { "behind" => 1
            _ => 2 })
        """), "false true 7.5\nfive\nnear\nyes\n2"),
    "select": (after_constants("""
        let c = chan(1)
        send(c, "one")
        let d = chan(1)
        select { case v = receive(d) { print("no") }
            case v = receive(c) { print(v) } }
        """), "one"),
    "builtins": (after_constants("        ::print(::len(all))"), str(MANY)),
    "keywords": (after_constants("        print(f(second: 1, first: x))", "let f = func(first, second) { return first - second }"), "4"),
    "many places of fields": (f"{STRUCT}\nlet run = func(p) {{\n{each(MANY, 'p.field = p.method({})')}\nprint(p.field)\n}}\nrun(P())",
                              str(1 + LAST * MANY // 2)),
    "functions": (f"{each(MANY, 'func f{0}() {{ return {0} }}')}\nprint(f{LAST}())", str(LAST)),
    "closures": (f"let run = func(x) {{\nlet all = []\n{each(MANY, 'all.push(func() {{ return x + {} }})')}\nreturn all[{LAST}]()\n}}\nprint(run(1))",
                 str(MANY)),
    "methods": (f"struct S {{ x: 1,\n{each(MANY, 'func m{0}() {{ return this.x + {0} }}')}\n}}\nprint(S().m{LAST}())", str(MANY)),
    "enum": (f"enum E {{ {each(MANY, 'M{}', ', ')} }}\nprint(E.M0, E.M255, E.M{LAST})", f"0 255 {LAST}"),
    "enum of expressions": ("let x = 5\nenum E { A = x + 1, " + each(300, "M{}", ", ") + " }\nprint(E.A, E.M0, E.M299)", "6 7 306"),
    "package": (f"package P {{\n{each(200, 'let v{0} = {0}')}\nlet get = func() {{ return v199 }}\n}}\nprint(P.v7, P.get())", "7 199"),
    "dict": ("let run = func() { return { " + each(MANY, '"k{0}": {0}', ", ") + " } }\nprint(len(run()))", str(MANY)),
    "array": (f"let run = func() {{ return [{each(MANY, '{}', ', ')}] }}\nprint(run()[{LAST}])", str(LAST)),
    "globals": (f"{each(MANY, 'let v{0} = {0}')}\nprint(v{LAST})", str(LAST)),
    "cases": ("let run = func(x) { switch (x) {\n" + each(MANY, 'case "k{0}" {{ return {0} }}') + f'\n}} }}\nprint(run("k{LAST}"))', str(LAST)),
    "arms": ("let run = func(x) { return match x {\n" + each(MANY, '"k{0}" => {0}') + f'\n_ => -1 }} }}\nprint(run("k{LAST}"), run(0))',
             f"{LAST} -1"),
    "jumps": (f"""let run = func(x) {{
        let n = 0
        while (n < 3) {{
            n++
            if (x) {{\n{each(MANY, 'x = x * {} - x')}\n}} else {{ if (n == 2) {{ continue }} }}
            print(n)
        }}
    }}
    run(false)""", "1\n3"),
    "typed variables": (f"let run = func() {{\n{each(MANY, '{{ let v: int = {} }}')}\nlet last: int = 1\nlast = 2\nreturn last }}\nprint(run())", "2"),
    "deferred calls": (f"let n = 0\nlet run = func() {{\n{each(MANY, 'defer func() {{ n = n + 1 }}()')}\n}}\nrun()\nprint(n)", str(MANY)),
}

# name: (program, line and column, message)
REFUSED = {
    "variables": (f"func f() {{\n{each(300, 'let v{0} = {0}')}\n}}", "252:5", "this block has room for 250"),
    "parameters": ("func f(\n" + each(300, "p{}", ",\n") + ") { }", "252:1", "this block has room for 250"),
    "arguments": ("print(1)\nprint(\n" + each(300, "{}", ",\n") + ")", "251:1", "too many variables and intermediate values"),
    "captured variables": ("func f() {\n" + each(150, "let v{0} = {0}") + "\nreturn func() {\n" + each(150, "let w{0} = {0}") +
                           "\nreturn func() { return " + each(150, "v{0} + w{0}", " + ") + " } } }", "303:8",
                           "uses too many variables of the functions around it"),
    "fields": ("struct S {\n" + each(200, "f{0}: {0}", ",\n") + " }", "122:1", "a struct has room for 120"),
    "cases of select": ("let c = chan\nselect {\n" + each(300, "case v = receive(c) {{ print({}) }}") + "\n}", None,
                        "too many variables and intermediate values"),
    "operators": ("print(1\n" + each(3000, "+ len({})") + ")", None, "this is too long"),
    "brackets": (f"print({'(' * 3000}1{')' * 3000})", None, "this is nested too deeply"),
}


def run(vint, program):
    done = subprocess.run([vint, "-"], input=program, capture_output=True, text=True, timeout=TIMEOUT)
    return done.returncode, done.stdout, done.stderr


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vint", default=TOP / "build/vint", type=Path)
    ap.add_argument("names", nargs="*")
    options = ap.parse_args()
    counts = {True: 0, False: 0}

    def report(name, good, found):
        counts[good] += 1
        if not good:
            print(f"FAILED {name}: {str(found)[:500]}")

    for name, (program, expected) in WORKING.items():
        if not options.names or name in options.names:
            found = run(options.vint, program)
            report(name, found == (0, expected + "\n", ""), found)
    for name, (program, place, message) in REFUSED.items():
        if not options.names or name in options.names:
            status, output, errors = run(options.vint, program)
            first = errors.split("\n")[0]
            good = status == 1 and output == "" and message in first and f"<stdin>:{place or ''}" in first
            report(name, good, errors)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
