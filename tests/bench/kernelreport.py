"""kernelreport - the rows of kernelbench.py's table, and where each finds its figure."""


def number(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.0f}" if value >= 100 else f"{round(value, 3):.3g}"
    return str(value)


# label, then the path of the figure in a kernel's result
ROWS = [
    ("start to kernel_info_reply, ms", "start.ms"),
    ("RSS idle after start, MB", "start.rss_mb"),
    ("of it anonymous, MB", "start.rss_anon_mb"),
    ("RSS, most after a measure, MB", "rss_most_mb"),
    ("CPU while idle, ms per s", "start.idle_cpu_ms"),
    ("first cell after start, ms", "start.first_exec_ms"),
    ("exec_rtt p50, µs", "exec.p50"),
    ("exec_rtt p99, µs", "exec.p99"),
    ("exec: kernel CPU per request, µs", "exec.cpu_us"),
    ("exec: idle statuses lost", "exec.lost_idle"),
    ("exec: messages after their idle", "exec.after_idle"),
    ("info_rtt (shell) p50, µs", "info.p50"),
    ("info_rtt (shell) p99, µs", "info.p99"),
    ("info_rtt (control) p50, µs", "control.p50"),
    ("control requests have a status", "control.has_status"),
    ("hb_rtt p50, µs", "hb.p50"),
    ("hb_rtt p99, µs", "hb.p99"),
    ("busy: control p50, ms", "busy.control.p50 /1000"),
    ("busy: control max, ms", "busy.control.max /1000"),
    ("busy: heartbeat p50, ms", "busy.hb.p50 /1000"),
    ("busy: heartbeat max, ms", "busy.hb.max /1000"),
    *((f"busy: {name} p50, ms", f"asked.{name}.p50")
      for name in ("info", "complete", "inspect", "is_complete", "history", "comm_info")),
    ("interrupt of endless loop p50, ms", "interrupt.p50"),
    ("interrupt max, ms", "interrupt.max"),
    ("after it works: the … cell", "interrupt.working_cell"),
    ("interrupt of a waiting cell p50, ms", "interrupt_wait.p50"),
    ("interrupt the other way p50, ms", "interrupt_other.p50"),
    ("1+1 beside 10,000 tasks and a busy cell p50, ms", "crowd.p50"),
    ("1+1 beside them, most, ms", "crowd.max"),
    ("stream 100,000 lines: idle, ms", "stream.idle_ms"),
    ("stream: all of it there, ms", "stream.all_ms"),
    ("stream messages", "stream.messages"),
    ("stream messages after idle", "stream.after_idle"),
    ("stream bytes on the wire, MB", "stream.wire_bytes /1e6"),
    ("stream complete and in order", "stream.intact"),
    ("stream runs that were not", "stream.runs_wrong"),
    ("burst of 500, ms", "burst.ms"),
    ("burst, requests per s", "burst.per_s"),
    ("burst replies in order", "burst.in_order"),
    ("burst idle statuses, of 500", "burst.idle"),
    ("10 MB print: idle, ms", "large.idle_ms"),
    ("10 MB print: all of it there, ms", "large.all_ms"),
    ("10 MB messages", "large.messages"),
    ("10 MB intact", "large.intact"),
    ("complete p50, µs", "complete.p50"),
    ("complete matches", "complete.matches"),
    ("inspect p50, µs", "inspect.p50"),
    ("inspect found", "inspect.found"),
    ("shutdown to exit, ms", "start.shutdown_ms"),
    ("most CPUs used by others in a measure", "others"),
]


def lookup(result, path):
    path, _, divisor = path.partition(" /")
    value = result
    for key in path.split("."):
        if not isinstance(value, dict):
            break                               # "n/a" or "failed: …" stands for all below
        value = value.get(key, "–")
    if divisor and isinstance(value, (int, float)):
        value /= float(divisor)
    return value


def markdown(rounds):
    """One table; a cell holds the figures of all rounds, "a / b"."""
    names = list(rounds[0])
    lines = ["| | " + " | ".join(names) + " |", "|---" + "|---:" * len(names) + "|"]
    for label, path in ROWS:
        cells = []
        for name in names:
            values = [number(lookup(r.get(name, {}), path)) for r in rounds]
            cells.append(values[0] if len(set(values)) == 1 else " / ".join(values))
        if any(c != "–" for c in cells):
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    late = [(n, r) for n, r in ((n, rounds[0][n].get("late")) for n in names) if isinstance(r, dict)]
    if late:
        lines += ["", "Output of a background task of cell 1, 300 ms later, belongs to:", "",
                  "| kernel | task / cell 2 | parent |", "|---|---|---|"]
        lines += [f"| {n} | {k} | {v} |" for n, r in late for k, v in r.items() if "/" in k]
    return "\n".join(lines) + "\n"
