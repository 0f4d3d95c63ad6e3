#!/usr/bin/env python3
"""Which parts of the language have a case? Prints those without one; exit status 1 if there are any.

    tests/language/coverage.py

The functions and methods are taken from where they are declared (tables of natives, prelude.vint, the modules in
VintLang): each needs a case that uses its name.

A case of core/ says in its first comment what it covers, in pieces separated by ";":

    // core 4: compound assignment; O4 O5

"4: compound assignment" is a topic of a chapter below; "O4" is an oddity: a point in which VintLang's first
implementation surprises, so that what happens here had to be decided.
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
INTERP = HERE.parent.parent / "interp"

TOPICS = """
1 Text: newlines, semicolons, comments, names, numbers, strings, keywords, builtin prefix, parse errors
2 Grammar: trailing commas, parentheses, precedence, assignment, values of constructs, blocks, program result
3 Values: type names, print forms, floats, integers, strings, arrays, dicts, ranges, null, truthiness, equality
4 Operators: logical operators, strings, arrays and dicts, division, powers, unsupported operands, in,
    prefix operators, compound assignment, increments, evaluation order, unknown members
5 Scopes and functions: scopes, declaration, constants, closures, functions, overloads, lookup, calls,
    keyword arguments, defaults, return, recursion, callbacks
6 Statements: if, while, for, repeat, switch, match, break, return, defer, include, import, packages, main,
    declaratives, print, exit
7 Types: typed variables, zero values, functions, function types, aliases, unions, types, as, is, enum types
8 Structs, enums, pointers, errors: structs, enums, pointers, errors
"""

ODDITIES = """
O1 newlines end statements
O2 empty statements
O3 return without a value
O4 the right side of += is a whole expression
O5 %=
O6 compound assignment of fields; **= and ??=
O7 ++ and -- on any target
O8 precedence of % and **
O9 precedence of && || ?? in
O10 precedence of as and is
O11 short circuit
O12 && and || of any values
O13 chained assignment
O14 keywords as names of methods
O15 words of statements as names
O16 hexadecimal numbers, exponents, underscores, leading zeros
O17 escapes in strings
O18 backticks, # comments, catch
O19 trailing commas; required commas
O20 unclosed brackets and comments
O21 the forms of repeat
O22 C-style for, parentheses around a for header
O23 conditions without parentheses
O24 exact places of parse errors, recovery
O25 a member after . must be a word
O26 type aliases end with their line
O27 typed constants are constant
O28 function types without a result
O29 any expression as a default
O30 any default and any type of a struct's field
O31 members of a struct on lines of their own
O32 struct literals
O33 func name() declares
O34 arms of match end with their line
O35 rest patterns
O36 _ arms in order, with guards
O37 a name in a pattern binds
O38 nested patterns, enum members, ranges
O39 block statements
O40 case x if g binds, case x compares
O41 error f(x) raises; error Name {…}
O42 async functions are like others
O43 ::chan
O44 import of strings, aliases
O45 assignment without let
O46 print ends its line
O47 enum-typed variables
O48 dicts keep their order
O49 empty strings in arrays print
O50 strings in containers are quoted
O51 all nulls are equal
O52 structural equality
O53 integer powers
O54 floats stay floats
O55 /= is like /
O56 strings: +, <, [i], slices, one unit of length
O57 in: ranges, equality
O58 negative repetition, sizes
O59 only false and null are falsy
O60 pointers point to variables
O61 reading and writing out of range
O62 checks of op=, widening, zero values, nil
O63 % in texts of errors
O64 print form of functions
O65 every block is a scope
O66 functions are replaced, reassigned, overloaded
O67 lexical lookup
O68 arity is checked everywhere
O69 binding a function has no side effect
O70 a[f()] = v evaluates once
O71 break outside a loop
O72 return inside an expression
O73 defaults are evaluated in the callee
O74 defer of any call, anywhere
O75 callbacks are ordinary calls
O76 modules run once
O77 include
O78 import hides a builtin
O79 errors in packages
O80 @ in packages
O81 constants of packages
O82 errors: stderr, exit status, catch
O83 methods of null
O84 deep recursion
O85 go evaluates at once
O86 errors in tasks are reported
O87 tasks run to their end
O88 close wakes senders
O89 deadlock
O90 receive from a closed channel
O91 no data races
O92 await binds like a prefix
O93 channels are iterable, select, async main
O94 input line by line
O95 scripts echo nothing
"""


def wanted():
    """Everything that needs a case, as "4: topic" or "O4", each with its title."""
    titles = {}
    for chapter in re.split(r"\n(?=\d)", TOPICS.strip()):
        number, topics = re.match(r"(\d+) [^:]*: (.*)", " ".join(chapter.split())).groups()
        for topic in topics.split(", "):
            titles[f"{number}: {topic}"] = ""
    for line in ODDITIES.strip().split("\n"):
        name, title = line.split(" ", 1)
        titles[name] = title
    return titles


def covered(path):
    found = re.match(r"(?:#!.*\n)?// core (.*)\n", path.read_text(encoding="utf-8"))
    for piece in found[1].split(";") if found else []:
        piece = piece.strip()
        yield from [piece] if ":" in piece else piece.split()


def declared():
    """Every function, method and constant of the library and the modules: "file: name"."""
    for path in sorted([*INTERP.glob("lib/*.c"), *INTERP.glob("sched/*.c"), *INTERP.glob("modules/*.c")]):
        for name in re.findall(r'\{\s*"(\w+)(?:\(| ->)', path.read_text(encoding="utf-8")):
            yield path.stem, name
    for path in [INTERP / "lib/prelude.vint", *sorted(INTERP.glob("modules/*.vint"))]:
        if path.stem in ("magics", "notebook"):
            continue  # tests/kernel/test_magics.py and test_tasks.py have them
        for name in re.findall(r"^(?:    )?(?:async )?func (\w+)\(", path.read_text(encoding="utf-8"), re.M):
            yield path.stem, re.sub(r"^(array|dict|string|range|promise|task|channel|time|duration|file)_", "", name)


def main():
    titles, seen, unknown = wanted(), set(), []
    used = set()
    for path in sorted(HERE.rglob("*.vint")):
        used.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    for place, name in declared():
        if not name.startswith("_"):
            titles[f"{place}: {name}"] = ""
            if name in used:
                seen.add(f"{place}: {name}")
    for path in sorted(HERE.rglob("*.vint")):
        for name in covered(path):
            seen.add(name)
            if name not in titles:
                unknown.append(f"{path.relative_to(HERE)}: there is no {name}")
    missing = [f"{name} {title}".strip() for name, title in titles.items() if name not in seen]
    print("\n".join([*missing, *unknown]))
    print(f"{len(titles) - len(missing)} passed, {len(missing) + len(unknown)} failed")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
