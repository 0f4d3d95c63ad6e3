"""A browser for tests: Chromium without a window, driven through its DevTools protocol over a pair of pipes.

Everything a test does goes through the page: wait() lets the page itself look until something is true, keys and clicks
are those of a keyboard and a mouse. Commands and answers are JSON, each ended by a NUL.
"""
import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time

LIMIT = 60  # seconds; only ends a test that would hang
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}
TEXTS = {"Enter": "\r"}

# Notes the page's web sockets, so that a test can cut them.
NOTE_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends window.WebSocket {
    constructor(...all) { super(...all); window.sockets.push(this); }
};
"""


class Gone(Exception):
    """What the page was looking at has been left for another page."""


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert program, "there is no Chromium: make setup installs it"
        (read, self.commands), (self.answers, write) = os.pipe(), os.pipe()
        far = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read, write)]

        def connect():  # it reads from 3 and writes to 4
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)

        options = ["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars",
                   "--disable-dev-shm-usage", "--window-size=1200,900", f"--user-data-dir={folder}"]
        if os.getuid() == 0:
            options.append("--no-sandbox")
        self.log = open(folder / "chromium.log", "w")
        self.process = subprocess.Popen([program, *options, "about:blank"], preexec_fn=connect, pass_fds=(3, 4),
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        for end in (read, write, *far):
            os.close(end)
        self.number, self.buffer, self.waiting = 0, b"", []

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()
        os.close(self.commands)
        os.close(self.answers)

    def receive(self, until):
        """The next message from the browser."""
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            assert left > 0 and select.select([self.answers], [], [], left)[0], "the browser does not answer"
            data = os.read(self.answers, 1 << 20)
            assert data, f"the browser is gone, see {self.log.name}"
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        until = time.monotonic() + LIMIT + 10
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.number:
                break
        if "error" in answer:
            raise Gone(answer["error"]["message"])
        return answer["result"]

    def open(self, url):
        """A new page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, target, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        page.call("Page.enable")
        page.call("Page.addScriptToEvaluateOnNewDocument", source=NOTE_SOCKETS)
        page.call("Page.navigate", url=url)
        return page


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def evaluate(self, expression):
        """The value of JavaScript, awaited when it is a promise."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        problem = result.get("exceptionDetails")
        assert not problem, problem.get("exception", {}).get("description", problem)
        return result["result"].get("value")

    def wait(self, condition):
        """Lets the page look until the JavaScript is true, which includes: is no error. Its value."""
        until = time.monotonic() + LIMIT
        while True:
            try:
                value = self.evaluate(f"""new Promise((done) => {{
                    const end = Date.now() + {LIMIT * 1000};
                    const look = () => {{
                        let value;
                        try {{ value = {condition}; }} catch (error) {{ value = null; }}
                        if (value || Date.now() > end) done(value); else setTimeout(look, 20);
                    }};
                    look();
                }})""")
            except Gone:  # the page was replaced while it looked
                assert time.monotonic() < until, f"the page keeps changing: {condition}"
                continue
            if not value:
                self.screenshot("failure")
            assert value, f"waited in vain for {condition}\n{self.evaluate('document.body.innerText')}"
            return value

    def press(self, keys):
        """A key such as "a", "Enter" or "Control+Shift+Enter", down and up."""
        *held, key = keys.split("+")
        modifiers = sum(MODIFIERS[name] for name in held)
        code = KEYS.get(key) or ord(key.upper())
        names = {"key": key, "windowsVirtualKeyCode": 191 if key == "/" else code, "modifiers": modifiers,
                 "code": key if key in KEYS else "Slash" if key == "/" else f"Key{key.upper()}"}
        text = TEXTS.get(key, key if key not in KEYS and not held else "")
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **names)
        self.call("Input.dispatchKeyEvent", type="keyUp", **names)

    def type(self, text):
        for character in text:
            if character == "\n":
                self.press("Enter")
            else:
                self.call("Input.dispatchKeyEvent", type="keyDown", text=character, key=character)
                self.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    def click(self, selector):
        """The left button in the middle of the first element that fits, once it is there."""
        place = self.wait(f"""(() => {{
            const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return box.width > 0 && {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
        }})()""")
        for kind in "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def screenshot(self, name):
        """A picture in build/browser/."""
        from conftest import PICTURES
        PICTURES.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png")["data"]
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(data))
