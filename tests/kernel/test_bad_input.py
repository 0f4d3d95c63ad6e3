"""What no client should send: never answered, never fatal, one line on stderr."""
import json

import pytest
import zmq

DELIMITER = b"<IDS|MSG>"


def raw(client, kind="kernel_info_request", **header):
    """(request, frames) of a good message that is not sent yet."""
    request, message = client.prepare(kind)
    message["header"].update(header)
    return request, client.session.serialize(message)


def signed(client, parts):
    return [DELIMITER, client.session.sign(parts), *parts]


def still_lives(client):
    assert client.run("1").result == "1"
    assert not client.strangers


def refused(kernel, client, channel, frames, lines=1):
    """Sends frames and waits until the kernel has complained about them."""
    before = kernel.stderr().count("\n")
    client.sockets[channel].send_multipart(frames)
    client.wait(lambda: kernel.stderr().count("\n") == before + lines)
    still_lives(client)
    assert kernel.stderr().count("\n") == before + lines


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
@pytest.mark.parametrize("frames", [
    [b"garbage"], [b""], [DELIMITER], [DELIMITER, b""], [DELIMITER] * 8, [b"a", b"b", DELIMITER, b"c", b"{}", b"{}"],
    [b"\xff" * 1000] * 100, [b"x" * 10_000_000],
], ids=lambda frames: f"{len(frames)} of {len(frames[0])}")
def test_garbage(kernel, client, channel, frames):
    refused(kernel, client, channel, frames)


@pytest.mark.parametrize("signature", [b"", b"0" * 64, b"0" * 63, b"\x00" * 64, b"f" * 100000])
def test_wrong_signature(kernel, client, signature):
    _, frames = raw(client)
    frames[1] = signature
    refused(kernel, client, "shell", frames)


def test_signature_of_other_content(kernel, client):
    _, frames = raw(client, "execute_request")
    frames[5] = b'{"code": "exit(1)"}'
    refused(kernel, client, "shell", frames)


def test_replay(kernel, client):
    request, frames = raw(client)
    client.sockets["shell"].send_multipart(frames)
    request.done()
    refused(kernel, client, "shell", frames)
    refused(kernel, client, "control", frames)
    assert len(request.replies) == 1


HEADER = {"msg_id": "1", "msg_type": "kernel_info_request", "session": "s", "username": "u", "version": "5.3",
          "date": "2024-01-01T00:00:00Z"}
BAD_PARTS = {
    "header cut off": (0, json.dumps(HEADER)[:-5]),
    "header empty": (0, ""),
    "header no object": (0, "[]"),
    "header null": (0, "null"),
    "no id": (0, json.dumps({**HEADER, "msg_id": None})),
    "id a number": (0, json.dumps({**HEADER, "msg_id": 5})),
    "no type": (0, json.dumps({"msg_id": "1", "session": "s"})),
    "type an array": (0, json.dumps({**HEADER, "msg_type": ["kernel_info_request"]})),
    "two values": (0, json.dumps(HEADER) + "{}"),
    "parent cut off": (1, "{"),
    "metadata a list": (2, "[]"),
    "content cut off": (3, '{"code": "'),
    "content null": (3, "null"),
    "content with NaN": (3, '{"x": NaN}'),
    "deep": (3, '{"x":' + "[" * 1_000_000 + "]" * 1_000_000 + "}"),
    "deep objects": (3, '{"x":' * 1_000_000),
    "lone surrogate": (3, '{"code": "\\ud800"}'),
    "huge number": (3, '{"x": 1e999999}'),
}


@pytest.mark.parametrize("what", BAD_PARTS)
def test_bad_json(kernel, client, what):
    at, text = BAD_PARTS[what]
    parts = [json.dumps(HEADER).encode(), b"{}", b"{}", b"{}"]
    parts[at] = text.encode()
    refused(kernel, client, "shell", signed(client, parts))


def test_invalid_utf8(kernel, client):
    for at in range(4):
        parts = [json.dumps(HEADER).encode(), b"{}", b"{}", b"{}"]
        parts[at] = parts[at][:-1] + (b', "x": "\xff\xfe"}' if at == 0 else b'"x": "\xc3"}')
        refused(kernel, client, "shell", signed(client, parts))


@pytest.mark.parametrize("kind, content", [
    ("execute_request", {}), ("execute_request", {"code": 5}), ("execute_request", {"code": None}),
    ("complete_request", {"cursor_pos": 1}), ("inspect_request", {"code": []}), ("is_complete_request", {}),
    ("history_request", {"hist_access_type": 7}), ("comm_open", {"target_name": "x"}),
])
def test_missing_fields(kernel, client, kind, content):
    request = client.send(kind, content)
    client.wait(lambda: request.is_idle)
    still_lives(client)
    assert not request.replies and len(request.iopub) == 2
    assert kernel.stderr().count("\n") == 1


@pytest.mark.parametrize("fields", [
    {"silent": "yes"}, {"user_expressions": []}, {"user_expressions": None}, {"allow_stdin": 3}, {"stop_on_error": {}},
    {"store_history": None}, {"code": "1\0"},
])
def test_odd_fields(client, fields):
    cell = client.execute(**{"code": "1", **fields})
    client.wait(lambda: cell.is_idle and cell.replies)
    still_lives(client)


@pytest.mark.parametrize("cursor", [-1, 10**18, "x", None, 1.5])
def test_odd_cursors(client, cursor):
    for kind in ("complete_request", "inspect_request"):
        assert client.ask(kind, {"code": "ä😀", "cursor_pos": cursor})["status"] == "ok"


def test_requests_on_stdin(kernel, client):
    for kind in ("execute_request", "kernel_info_request", "input_reply"):
        before = kernel.stderr().count("\n")
        client.session.send(client.sockets["stdin"], kind, {})
        client.wait(lambda: kernel.stderr().count("\n") == before + 1)
    still_lives(client)


def test_many_identities(client):
    """Frames before the delimiter are an address: the reply carries them back, in order."""
    router = client.context.socket(zmq.DEALER)
    router.connect(client.endpoint("shell"))
    _, frames = raw(client)
    router.send_multipart([b"one", b"", b"three", *frames])
    client.wait(lambda: router.poll(0))
    assert router.recv_multipart()[:4] == [b"one", b"", b"three", DELIMITER]
    router.close()
    client.receive()


def test_a_long_cell(client):
    text = "ä" * 2_000_000
    assert client.run(f'len("{text}")').result == "2000000"


def test_odd_subscriptions(client):
    for topic in (b"\xff\xfe", b"x" * 5000, b'"quoted\\"'):
        socket = client.context.socket(zmq.SUB)
        socket.subscribe(topic)
        socket.connect(client.endpoint("iopub"))
        client.run("1")
        socket.close()
    still_lives(client)
