"""What a cell has called back later prints in that cell, whichever one runs meanwhile."""


def test_ticker_and_debounce_print_in_their_cells(client):
    ticker = client.run('import schedule\nlet t = schedule.ticker(0.01, func() { print("tick") })')
    calm = client.run('let d = debounce(20, func(x) { print("last", x) })\nd(1)\nd(2)\nd(3)')
    busy = client.execute("sleep(30)")
    client.wait(lambda: ticker.text().count("tick") >= 3 and calm.text() == "last 3\n")
    busy.done()
    assert busy.text() == "" and set(ticker.text().split()) == {"tick"}
    stopping = client.run("t.stop()")
    assert stopping.result == "true"
    ticks = ticker.text().count("tick")
    client.run("sleep(40)")
    assert ticker.text().count("tick") <= ticks + 1  # the one that was on its way


def test_ticker_without_anybody_to_watch(client):
    """As nbconvert runs it: the reply does not wait for a ticker."""
    cell = client.execute('import schedule\nschedule.everySecond(func() { print("late") })\nprint("made")', metadata={},
                          allow_stdin=False).done()
    assert cell.text() == "made\n"
