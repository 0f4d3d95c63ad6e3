"""What kernelbench.py measures: MEASURES, by name. Each takes a settled Kernel and the options, and returns a flat dict.

Two more have a kernel of their own: measure_starts(), and get_ready(), without which no other can begin.
"""
import argparse
import statistics
import time

import zmq

from kernelclient import (DELIM, Kernel, Message, Trouble, cpu_seconds, execute_content, is_idle_for, memory_mb, now,
                          split, stream_text)


def spread(seconds, unit=1e6, **more):
    """p50, p99, least and most of a list of times, in units of 1/unit s."""
    ordered = sorted(seconds)
    rank = lambda p: ordered[min(len(ordered) - 1, int(p * len(ordered)))] * unit
    return {"n": len(ordered), "p50": rank(.50), "p99": rank(.99),
            "min": ordered[0] * unit, "max": ordered[-1] * unit, **more}


def repeat(options, once, warmup):
    """Times that once() returns: options.n of them, or what fits in the limit.

    It returns None where the kernel lost a status message: up to 20 of these
    are borne (and waited for, some seconds each, so the limit counts too).
    """
    times, lost, end = [], 0, now() + options.limit
    for i in range(warmup + options.n):
        seconds = once()
        if seconds is None:
            lost += 1
            if lost > 20:
                raise Trouble("idle statuses get lost")
        elif i >= warmup:
            times.append(seconds)
        if now() > end and len(times) >= 20:
            break
    return times, lost


def measure_heartbeat(kernel, options):
    def once():
        start = now()
        kernel.hb.send_multipart([b"", b"ping"])
        answer = kernel.receive(kernel.hb, start + 5)
        took = now() - start
        if answer[-1] != b"ping":
            raise Trouble("wrong echo")
        return took
    return spread(repeat(options, once, options.warmup)[0])


def request_times(kernel, options, sock, msg_type, content, check=lambda reply: None):
    """spread() from request to reply; the statuses on iopub are read untimed.

    Some kernels send no status for some requests: three tries tell.
    """
    has_status = any(kernel.idle_came(kernel.send(sock, msg_type, content), 0.5) for _ in range(3))
    kernel.drain(sock, 0.5)

    def once():
        msg_id, frames = kernel.build(msg_type, content)
        start = now()
        sock.send_multipart(frames)
        answer = kernel.receive(sock, start + 5)
        took = now() - start
        reply = Message(answer, kernel.key)
        if reply.parent_id != msg_id.decode().strip('"'):
            raise Trouble("reply to another request")
        check(reply)
        return took if not has_status or kernel.idle_came(msg_id) else None

    times, lost = repeat(options, once, min(options.warmup, options.n))
    return spread(times, has_status=has_status, lost_idle=lost)


def measure_info(kernel, options):
    return request_times(kernel, options, kernel.shell, "kernel_info_request", {})


def measure_control(kernel, options):
    return request_times(kernel, options, kernel.control, "kernel_info_request", {})


def measure_execute(kernel, options):
    """From request to both execute_reply and iopub idle."""
    content = execute_content(kernel.spec.snippet("expr"))
    sink, strays = [], []

    def once():
        msg_id, frames = kernel.build("execute_request", content)
        sink.clear()
        start = now()
        kernel.shell.send_multipart(frames)
        idle = kernel.idle_came(msg_id, 2, sink)
        answer = kernel.receive(kernel.shell, start + 10)
        took = now() - start
        reply = Message(answer, kernel.key)
        if msg_id.decode().strip('"') != reply.parent_id:
            raise Trouble("reply to another request")
        if reply.content["status"] != "ok":
            raise Trouble(f"cell failed: {reply.content.get('ename')}")
        strays.extend(f for f in sink if msg_id not in split(f)[1])     # of the cell before
        return took if idle else None

    for _ in range(options.warmup):
        once()
    cpu = cpu_seconds(kernel.process.pid)
    times, lost = repeat(options, once, 0)
    cpu = (cpu_seconds(kernel.process.pid) - cpu) / (len(times) + lost) * 1e6
    kinds = [Message(f, kernel.key).type for f in sink]
    return spread(times, cpu_us=cpu, lost_idle=lost, after_idle=len(strays),
                  iopub=" ".join(kinds))


def few(options, count):
    return argparse.Namespace(**{**vars(options), "n": min(options.n, count),
                                 "warmup": min(options.warmup, 10)})


def measure_complete(kernel, options):
    code = kernel.spec.snippet("complete")
    found = []
    result = request_times(kernel, few(options, 200), kernel.shell, "complete_request",
                           {"code": code, "cursor_pos": len(code)},
                           lambda reply: found.append(len(reply.content.get("matches", []))))
    return {**result, "matches": found[-1]}


def measure_inspect(kernel, options):
    code = kernel.spec.snippet("inspect")
    found = []
    result = request_times(kernel, few(options, 200), kernel.shell, "inspect_request",
                           {"code": code, "cursor_pos": len(code), "detail_level": 0},
                           lambda reply: found.append(bool(reply.content.get("found"))))
    return {**result, "found": found[-1]}


def measure_busy(kernel, options):
    """Answers on control and heartbeat while a cell computes for 3 s."""
    sockets = {"control": kernel.control, "hb": kernel.hb}
    by_socket = {sock: name for name, sock in sockets.items()}
    times = {name: [] for name in sockets}
    sent = dict.fromkeys(sockets)               # when the ping that is out was sent
    due = dict.fromkeys(sockets, 0.0)           # when the next one is to go out
    cell = kernel.send(kernel.shell, "execute_request",
                       execute_content(kernel.spec.snippet("busy")))
    kernel.until_started(cell)
    time.sleep(0.2)
    poller = zmq.Poller()
    for sock in (kernel.iopub, *by_socket):     # iopub first: an answer after idle is late
        poller.register(sock, zmq.POLLIN)
    begin, done = now(), False
    while not done:
        for name, sock in sockets.items():
            if sent[name] is None and now() >= due[name]:
                frames = ([b"", b"ping"] if name == "hb"
                          else kernel.build("kernel_info_request", {})[1])
                sent[name] = now()
                sock.send_multipart(frames)
        for sock, _ in poller.poll(2):
            arrived = now()
            frames = sock.recv_multipart()
            if sock is kernel.iopub:
                done = done or is_idle_for(frames, cell)
            elif not done:
                name = by_socket[sock]
                times[name].append(arrived - sent[name])
                sent[name], due[name] = None, arrived + 0.02
        if now() - begin > 30:
            raise Trouble("the busy cell did not end")
        if kernel.process.poll() is not None:
            raise Trouble("kernel exited")
    lasted = now() - begin
    kernel.reply(kernel.shell, cell)
    for name, sock in sockets.items():
        if sent[name] is not None:
            kernel.drain(sock, 0.5)
    kernel.drain(kernel.iopub, 0.2)
    result = {"lasted_s": lasted}
    for name, values in times.items():
        result[name] = spread(values) if values else "no answer"
    return result


def measure_asked(kernel, options):
    """Answers to the usual questions while a cell computes."""
    complete, inspect = kernel.spec.snippets.get("complete", "x"), kernel.spec.snippets.get("inspect", "x")
    questions = {
        "info": (kernel.control, "kernel_info_request", {}),
        "complete": (kernel.shell, "complete_request", {"code": complete, "cursor_pos": len(complete)}),
        "inspect": (kernel.shell, "inspect_request", {"code": inspect, "cursor_pos": len(inspect), "detail_level": 0}),
        "is_complete": (kernel.shell, "is_complete_request", {"code": "f("}),
        "history": (kernel.shell, "history_request", {"hist_access_type": "tail", "n": 100, "output": False, "raw": True}),
        "comm_info": (kernel.shell, "comm_info_request", {}),
    }
    cell = kernel.send(kernel.shell, "execute_request", execute_content(kernel.spec.snippet("endless")))
    kernel.until_started(cell)
    result, silent = {}, set()
    for name, (sock, msg_type, content) in questions.items():
        times = []
        while sock not in silent and len(times) < 100:
            msg_id, frames = kernel.build(msg_type, content)
            start = now()
            sock.send_multipart(frames)
            try:
                while msg_id not in split(kernel.receive(sock, start + 1))[1]:
                    pass
                times.append(now() - start)
            except Trouble:
                silent.add(sock)
        result[name] = spread(times, 1e3) if times else "no answer"
    kernel.interrupt()
    kernel.until_idle(cell, 10)
    kernel.drain(kernel.shell, 0.2)
    kernel.drain(kernel.control, 0.05)
    kernel.drain(kernel.iopub, 0.2)
    return result


def interrupted(kernel, code, mode):
    """Interrupt a running cell: (seconds until its reply, its ename, how the next cell fared)."""
    cell = kernel.send(kernel.shell, "execute_request", execute_content(code))
    kernel.until_started(cell)
    if kernel.shell.poll(300):
        raise Trouble("the cell ended by itself")
    start = now()
    kernel.interrupt(mode)
    reply = kernel.reply(kernel.shell, cell, 10)
    took = now() - start
    if reply.content["status"] == "ok":
        raise Trouble("the cell ended with status ok")
    kernel.until_idle(cell, 5)
    kernel.drain(kernel.control, 0.05)
    for following in ("next", "second"):
        after, _ = kernel.execute(kernel.spec.snippet("expr"), 10)
        if after.content["status"] == "ok":
            return took, reply.content.get("ename") or reply.content["status"], following
        time.sleep(1)
    raise Trouble("interrupted, but no cell works after")


def measure_interrupt(kernel, options, snippet="endless", mode=None):
    code = kernel.spec.snippet(snippet)
    kernel.execute(kernel.spec.snippet("expr"))     # some load half of themselves for the first cell
    runs = [interrupted(kernel, code, mode) for _ in range(options.repeats)]
    works = "second" if any(r[2] == "second" for r in runs) else "next"
    return spread([r[0] for r in runs], 1e3, ename=runs[-1][1], working_cell=works)


def measure_interrupt_wait(kernel, options):
    return measure_interrupt(kernel, options, "wait")


def measure_interrupt_other(kernel, options):
    """By message, where the kernelspec asks for SIGINT; else by SIGINT."""
    mode = "signal" if kernel.spec.interrupt_mode == "message" else "message"
    return measure_interrupt(kernel, options, mode=mode)


def output_run(kernel, code, seconds=120):
    """Run a cell that prints much: (its stream messages, when it ended).

    Kernels may send output after idle, or lose the idle: so iopub is read until
    the reply is there and iopub silent for 1 s (4 s if no idle came).
    """
    msg_id, frames = kernel.build("execute_request", execute_content(code))
    streams, after_idle, malformed = [], 0, 0
    idle_at = output_at = replied = None
    start = last = now()
    kernel.shell.send_multipart(frames)
    while True:
        try:
            frames = kernel.iopub.recv_multipart()
        except zmq.Again:
            if kernel.process.poll() is not None:
                raise Trouble(f"kernel exited ({kernel.process.returncode})") from None
            replied = replied or kernel.drain(kernel.shell)
            silent = now() - last
            if replied and silent > (1 if idle_at else 4) or silent > seconds:
                break
            continue
        last = now()
        if DELIM not in frames:
            malformed += 1
            continue
        header, parent, _ = split(frames)
        if msg_id not in parent:
            continue
        if b'"stream"' in header:
            streams.append(frames)
            output_at = last
            after_idle += idle_at is not None
        elif is_idle_for(frames, msg_id):
            idle_at = last
    return [Message(f, kernel.key) for f in streams], {
        "idle_ms": (idle_at - start) * 1e3 if idle_at else "lost",
        "all_ms": (max(idle_at or start, output_at or start) - start) * 1e3,
        "messages": len(streams), "after_idle": after_idle, "malformed": malformed,
        "wire_bytes": sum(len(part) for f in streams for part in f)}


def measure_output(kernel, options, snippet, verdict):
    """The run of median length of a printing cell, or the first that went wrong."""
    code, runs = kernel.spec.snippet(snippet), []
    begin = now()
    while len(runs) < options.repeats and now() - begin < 20:
        messages, run = output_run(kernel, code)
        runs.append({**run, "intact": verdict(stream_text(messages))})
    runs_ms = [r["all_ms"] for r in runs]
    wrong = [r for r in runs if r["intact"] != "yes"]
    middle = sorted(runs, key=lambda r: r["all_ms"])[len(runs) // 2]
    return {**(wrong[0] if wrong else middle), "all_ms_runs": runs_ms, "runs_wrong": len(wrong)}


def measure_stream(kernel, options):
    """100,000 short lines from one cell."""
    expected = "".join(f"line {i}\n" for i in range(100_000))

    def verdict(text):
        lines = text.count("\n")
        return ("yes" if text == expected else
                f"no: {lines} lines" if lines != 100_000 else "no: not as printed")
    return measure_output(kernel, options, "lines", verdict)


def measure_large(kernel, options):
    """A 10 MB string printed by one call."""
    def verdict(text):
        size = len(text.rstrip("\n"))
        return "yes" if size == 10_000_000 else f"no: {size} bytes"
    return measure_output(kernel, options, "big", verdict)


def measure_burst(kernel, options):
    """500 execute requests at once, all on their way before the first answer."""
    content = execute_content(kernel.spec.snippet("expr"))
    count, runs = 500, []
    kernel.execute(kernel.spec.snippet("expr"))
    for _ in range(options.repeats):
        requests = [kernel.build("execute_request", content) for _ in range(count)]
        answers, sink = [], []
        start = now()
        for _, frames in requests:
            kernel.shell.send_multipart(frames)
        for _ in requests:
            answers.append(kernel.receive(kernel.shell, now() + 20))
        took = now() - start
        kernel.idle_came(requests[-1][0], 10, sink)
        replies = [Message(f, kernel.key) for f in answers]
        wanted = [msg_id.decode().strip('"') for msg_id, _ in requests]
        idle = sum(b'"idle"' in split(f)[2] for f in sink)
        runs.append({"ms": took * 1e3, "per_s": count / took,
                     "in_order": "yes" if [r.parent_id for r in replies] == wanted else "no",
                     "ok": sum(r.content["status"] == "ok" for r in replies), "idle": idle})
        if took > 15:
            break
    middle = sorted(runs, key=lambda r: r["ms"])[len(runs) // 2]
    return {**middle, "ms_all": [r["ms"] for r in runs]}


def measure_late(kernel, options):
    """Which cell's output a background task of cell 1 ends up in.

    Cell 1 starts a task that prints LATE after 300 ms; cell 2 comes at once
    after, and has either ended by then ("short") or still runs ("long").
    """
    tasks = kernel.spec.snippet("late")
    followers = kernel.spec.snippet("late_cell2")
    result = {}
    for task, code in tasks.items():
        for follower, second in followers.items():
            sink = []
            first_id = kernel.send(kernel.shell, "execute_request", execute_content(code))
            kernel.until_idle(first_id, 10, sink)
            if kernel.reply(kernel.shell, first_id).content["status"] != "ok":
                result[f"{task}/{follower}"] = "n/a: cell 1 fails"
                continue
            second_id = kernel.send(kernel.shell, "execute_request", execute_content(second))
            kernel.until_idle(second_id, 10, sink)
            kernel.reply(kernel.shell, second_id)
            idle_at = len(sink)
            sink += kernel.drain(kernel.iopub, 1.0)
            answer = "lost"
            for at, frames in enumerate(sink):
                header, parent, content = split(frames)
                if b"LATE" in content and b'"stream"' in header:
                    answer = ("cell 1" if first_id in parent else
                              "cell 2" if second_id in parent else
                              "no parent" if b"msg_id" not in parent else "another parent")
                    answer += " (after idle)" if at >= idle_at else ""
            result[f"{task}/{follower}"] = answer
    return result


def measure_crowd(kernel, options):
    """A cell's answer while 10 000 tasks of another print and a third, in a subshell, computes."""
    crowd, computing, end = (kernel.spec.snippet(f"crowd_{part}") for part in ("tasks", "computing", "end"))
    asking = {**execute_content(""), "allow_stdin": True}       # so that no reply waits for the tasks of its cell
    reply = kernel.reply(kernel.control, kernel.send(kernel.control, "create_subshell_request", {}))
    subshell, sink = reply.content["subshell_id"], []

    def run(code, **more):
        return kernel.send(kernel.shell, "execute_request", {**asking, "code": code}, **more)

    def once():
        start = now()
        msg_id = run("1+1")
        idle = kernel.idle_came(msg_id, 10, sink)
        kernel.reply(kernel.shell, msg_id)
        return now() - start if idle else None

    kernel.reply(kernel.shell, run(crowd))
    cell = run(computing, subshell_id=subshell)
    kernel.until_started(cell)
    try:
        times, lost = repeat(few(options, 50), once, 2)
    finally:
        ending = run(end)
        kernel.reply(kernel.shell, ending)
    kernel.send(kernel.control, "delete_subshell_request", {"subshell_id": subshell})
    kernel.drain(kernel.control, 0.5)
    kernel.drain(kernel.shell, 0.5)
    sink += kernel.drain(kernel.iopub, 0.5)
    printed = sum(b'"stream"' in split(f)[0] for f in sink)
    ends = [f for f in sink if is_idle_for(f, cell) or ending in split(f)[1]]
    if not printed or is_idle_for(ends[0], cell):       # it ended before it was told to
        raise Trouble("the others do not work")
    return spread(times, 1e3, lost_idle=lost, printed=printed)


def measure_starts(spec, options, workdir):
    """Start and shut the kernel down some times over."""
    ready, first, rss, anonymous, shutdown, idle_cpu = [], [], [], [], [], []
    info = {}
    for _ in range(options.starts):
        kernel = Kernel(spec, workdir, options.kernel_cpu)
        try:
            ready.append(kernel.wait_ready())
            info = kernel.info
            kernel.settle()
            cpu = cpu_seconds(kernel.process.pid)
            time.sleep(1.0)
            idle_cpu.append(cpu_seconds(kernel.process.pid) - cpu)
            for values, value in zip((rss, anonymous), memory_mb(kernel.process.pid)):
                values.append(value)
            begin = now()
            kernel.execute(spec.snippet("expr"))
            first.append(now() - begin)
            shutdown.append(kernel.shut_down())
        finally:
            kernel.close()
    middle = statistics.median
    return {"ms": middle(ready) * 1e3, "ms_all": [t * 1e3 for t in ready],
            "rss_mb": middle(rss), "rss_anon_mb": middle(anonymous),
            "idle_cpu_ms": middle(idle_cpu) * 1e3,
            "first_exec_ms": middle(first) * 1e3,
            "shutdown_ms": "does not exit" if None in shutdown else middle(shutdown) * 1e3,
            "shutdown_ms_max": max((s or 0) for s in shutdown) * 1e3,
            "implementation": f"{info.get('implementation')} {info.get('implementation_version')}",
            "protocol": info.get("protocol_version")}


def get_ready(kernel):
    ready = kernel.wait_ready()
    kernel.settle()
    return {"ms": ready * 1e3}


MEASURES = {
    "hb": measure_heartbeat, "info": measure_info, "control": measure_control,
    "exec": measure_execute, "complete": measure_complete, "inspect": measure_inspect,
    "busy": measure_busy, "asked": measure_asked, "late": measure_late, "burst": measure_burst,
    "stream": measure_stream, "large": measure_large,
    "interrupt": measure_interrupt, "interrupt_wait": measure_interrupt_wait,
    "interrupt_other": measure_interrupt_other, "crowd": measure_crowd,
}
