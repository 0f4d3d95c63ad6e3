"""Routing under load: whatever is printed, and whenever, it appears under the cell whose code started the task."""
import os
import random

import pytest

SEED = int(os.environ.get("VINT_TEST_SEED", random.randrange(1 << 30)))
CELLS, TASKS = 200, 20

COMMON = """
let promises = {}
func say(cell, task, step) { print("c" + cell, "t" + task, "s" + step) }
"""


def code(number, rng):
    """A cell whose tasks sleep, nest, and make promises; it awaits one that an earlier cell has made."""
    lines = []
    for task in range(TASKS):
        ms, kind = rng.randrange(0, 150), rng.randrange(3)
        body = f"say({number}, {task}, 1); sleep({ms}); say({number}, {task}, 2)"
        if kind == 0:
            lines.append(f"go func() {{ {body} }}()")
        elif kind == 1:
            lines.append(f"go func() {{ say({number}, {task}, 1); go func() {{ sleep({ms}); say({number}, {task}, 2) }}() }}()")
        else:
            lines.append(f'promises["{number}"] = (async func() {{ {body}; return {number} }})()')
    if rng.random() < 0.5 and number > 0:
        lines.append(f'let earlier = promises["{rng.randrange(number)}"]')
        lines.append("if (earlier != null) { try { await earlier } catch (e) { } }")
    return "\n".join(lines)


@pytest.mark.timeout(240)
def test_every_line_under_its_own_cell(client):
    print("VINT_TEST_SEED =", SEED)
    rng = random.Random(SEED)
    client.run(COMMON)
    subshells = [client.ask("create_subshell_request", channel="control")["subshell_id"] for _ in range(2)]
    cells, interrupted = [], set()
    for number in range(CELLS):
        hit = rng.random() < 0.05
        text = code(number, rng) + ('\nprint("waits")\nsleep(1000000)' if hit else "")
        cell = client.execute(text, stop_on_error=False, subshell=rng.choice([None, *subshells]))
        cells.append(cell)
        if hit:  # the tasks of cells that are over go on
            client.wait(lambda: "waits\n" in cell.text())
            client.ask("interrupt_request", channel="control")
            assert cell.done().reply["ename"] == "Interrupted", SEED
            interrupted.add(number)
        if rng.random() < 0.5:
            cell.done()
    for cell in cells:
        cell.done()

    whole = {f"t{task} s{step}" for task in range(TASKS) for step in (1, 2)}

    def finished():
        return all(cell.text().count("\n") == len(whole) for number, cell in enumerate(cells) if calm(number, cell))

    def calm(number, cell):
        return number not in interrupted and cell.status == "ok"

    client.wait(finished)
    assert sum(calm(number, cell) for number, cell in enumerate(cells)) > CELLS / 2, SEED
    for number, cell in enumerate(cells):
        lines = [line for line in cell.text().splitlines() if line != "waits"]
        assert all(line.startswith(f"c{number} ") for line in lines), SEED
        said = [line.split(" ", 1)[1] for line in lines]
        assert len(said) == len(set(said)) and set(said) <= whole, SEED
        if calm(number, cell):
            assert set(said) == whole, SEED


def test_errors_show_both_stacks_in_the_cell_that_started_the_task(client):
    client.run("func fails(n) {\n error \"no \" + n\n}")
    one = client.run("go func() {\n sleep(5)\n fails(1)\n}()")
    two = client.run("let f = async func() { sleep(5); fails(2) }\nf()")
    client.run("sleep(20)")
    client.wait(lambda: one.errors and two.errors)
    for cell, number, started in ((one, 1, "In[2]:1:1"), (two, 2, "In[3]:2:1")):
        report = "\n".join(cell.errors[0]["traceback"])
        assert f"no {number}" in report and "In[1]:2:2" in report and f"started at {started}" in report
        assert len(cell.errors) == 1


def test_questions_of_many_tasks_are_asked_one_after_the_other(client):
    cells = [client.run(f'go func() {{ let a = input("{n}? "); print("{n} got", a) }}()') for n in range(5)]
    for n, cell in enumerate(cells):
        client.wait(lambda: cell.questions)
        assert sum(len(other.questions) for other in cells) == n + 1
        client.answer(cell, f"answer {n}")
    client.wait(lambda: all(cell.text() for cell in cells))
    assert [cell.text() for cell in cells] == [f"{n} got answer {n}\n" for n in range(5)]


ORDER = """
let said = []
for i in 1..30 { go func() { said.push(i); sleep(0); said.push(i) }() }
sleep(20)
said
"""


def test_the_interleaving_is_that_of_the_seed(start):
    orders = [start(**environment).client().run(ORDER).result
              for environment in ({}, {}, {"VINT_SCHED_SEED": "1"}, {"VINT_SCHED_SEED": "1"}, {"VINT_SCHED_SEED": "2"})]
    assert orders[0] == orders[1] and orders[2] == orders[3]
    assert len({orders[0], orders[2], orders[4]}) == 3
