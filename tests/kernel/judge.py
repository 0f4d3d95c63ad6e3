"""What a message of the kernel must look like. Every message that a test receives goes through Judge.see()."""
import json
import re
from datetime import datetime

from jupyter_client.jsonutil import json_default

STATES = {"starting", "busy", "idle"}


def texts(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def bundle(value):
    return isinstance(value, dict) and all("/" in mime for mime in value)


def count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


ERROR = {"ename": str, "evalue": str, "traceback": texts}

# type of message: its fields, each with a type or a test. All are required, further ones are allowed.
FIELDS = {
    "status": {"execution_state": STATES.__contains__},
    "execute_input": {"code": str, "execution_count": count},
    "stream": {"name": {"stdout", "stderr"}.__contains__, "text": lambda text: isinstance(text, str) and text != ""},
    "display_data": {"data": bundle, "metadata": dict},
    "update_display_data": {"data": bundle, "metadata": dict},
    "clear_output": {"wait": bool},
    "execute_result": {"execution_count": count, "data": bundle, "metadata": dict},
    "error": ERROR,
    "comm_open": {"comm_id": str, "target_name": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_close": {"comm_id": str, "data": dict},
    "iopub_welcome": {"subscription": str},
    "kernel_info_reply": {"status": str, "protocol_version": re.compile(r"\d+\.\d+").fullmatch, "implementation": str,
                          "implementation_version": str, "language_info": dict, "banner": str, "help_links": list,
                          "supported_features": texts, "execution_state": STATES.__contains__},
    "execute_reply": {"status": {"ok", "error", "aborted"}.__contains__, "execution_count": count},
    "complete_reply": {"status": str, "matches": texts, "cursor_start": count, "cursor_end": count, "metadata": dict},
    "inspect_reply": {"status": str, "found": bool, "data": bundle, "metadata": dict},
    "is_complete_reply": {"status": {"complete", "incomplete", "invalid", "unknown"}.__contains__},
    "history_reply": {"status": str, "history": list},
    "comm_info_reply": {"status": str, "comms": dict},
    "connect_reply": {f"{name}_port": int for name in ("shell", "iopub", "stdin", "control", "hb")},
    "interrupt_reply": {"status": str},
    "shutdown_reply": {"status": str, "restart": bool},
    "create_subshell_reply": {"status": str},
    "delete_subshell_reply": {"status": str},
    "list_subshell_reply": {"status": str, "subshell_id": texts},
    "usage_reply": {"status": str, "hostname": str, "pid": count, "kernel_cpu": float, "kernel_memory": count,
                    "cpu_count": count, "host_virtual_memory": dict},
    "input_request": {"prompt": str, "password": bool},
}
OK = {"execute_reply": {"payload": list, "user_expressions": dict}, "create_subshell_reply": {"subshell_id": str}}
CHANNELS = {"status": "iopub", "execute_input": "iopub", "stream": "iopub", "display_data": "iopub", "error": "iopub",
            "update_display_data": "iopub", "clear_output": "iopub",
            "execute_result": "iopub", "comm_open": "iopub", "comm_msg": "iopub", "comm_close": "iopub",
            "iopub_welcome": "iopub", "input_request": "stdin"}
NO_PARENT = {"iopub_welcome"}
LATE = {"stream", "error", "display_data", "update_display_data", "clear_output",
        "comm_open", "comm_msg", "comm_close"}  # may come after idle


def check_fields(content, fields):
    for name, rule in fields.items():
        assert name in content, f"no {name} in {content}"
        value = content[name]
        assert isinstance(value, rule) if isinstance(rule, type) else rule(value), f"{name} is {value!r}"


def plain(header):
    """A header as JSON has it: jupyter_client turns dates into objects."""
    return json.loads(json.dumps(header, default=json_default))


class Judge:
    """Looks at the messages of one kernel, one by one."""

    def __init__(self):
        self.ids = set()
        self.session = None

    def see(self, channel, message, requests):
        """Checks a message; [requests] are all that were sent, by id. Returns the one it belongs to, or None."""
        header, kind, content = message["header"], message["header"]["msg_type"], message["content"]
        for name in ("msg_id", "session", "username", "msg_type", "version"):
            assert isinstance(header[name], str), f"{name} of {header}"
        assert header["version"] == "5.6"
        assert isinstance(header["date"], datetime) and header["date"].tzinfo, f"date of {header}"
        assert header["msg_id"] not in self.ids, f"the id of {header} was there before"
        self.ids.add(header["msg_id"])
        self.session = self.session or header["session"]
        assert header["session"] == self.session, "one session for all messages"

        assert kind in FIELDS, f"unknown message {kind}"
        if not (kind == "shutdown_reply" and channel == "iopub"):
            assert channel == CHANNELS.get(kind, channel), f"{kind} on {channel}"
        failed = kind != "execute_reply" and kind.endswith("_reply") and content.get("status") == "error"
        check_fields(content, {"status": str} if failed else FIELDS[kind])
        assert isinstance(message["metadata"], dict)
        if content.get("status") in ("error", "aborted"):
            check_fields(content, ERROR)
        elif content.get("status") == "ok":
            check_fields(content, OK.get(kind, {}))

        parent = message["parent_header"]
        if kind in NO_PARENT or content.get("execution_state") == "starting":
            assert parent == {}, f"{kind} has a parent: {parent}"
            return None
        request = requests.get(parent.get("msg_id"))
        if request:
            assert plain(parent) == plain(request.header), "the parent is the request's header, unchanged"
        return request


def check_request(request):
    """The order of what belongs to one request that is over."""
    kinds = [message["header"]["msg_type"] for message in request.iopub]
    states = [message["content"]["execution_state"] for message in request.iopub
              if message["header"]["msg_type"] == "status"]
    assert states == ["busy", "idle"], f"{request.kind}: statuses {states}"
    assert kinds[0] == "status", f"busy is not the first of {kinds}"
    idle = len(kinds) - 1 - kinds[::-1].index("status")
    assert set(kinds[idle + 1:]) <= LATE, f"after idle: {kinds[idle + 1:]}"
    assert len(request.replies) <= 1, "one reply"
    if request.kind == "execute_request" and not request.content.get("silent"):
        reply = request.replies[0]["content"] if request.replies else {}
        aborted = reply.get("status") == "aborted" or reply.get("ename") == "UnknownSubshell"
        assert kinds.count("execute_input") == (0 if aborted else 1)
        assert kinds.count("execute_result") <= 1
        if not aborted:
            assert kinds[1] == "execute_input"
            shown = request.iopub[1]["content"]
            assert shown["code"] == request.content["code"]
            assert shown["execution_count"] == request.replies[0]["content"]["execution_count"]
    for reply in request.replies:
        kind = reply["header"]["msg_type"]
        assert kind == request.kind.replace("_request", "_reply"), f"{kind} answers {request.kind}"
