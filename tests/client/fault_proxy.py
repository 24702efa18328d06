"""A proxy before a tracking server that does to each request what a test says."""

import http.client
import random
import threading

from hostile import Hostile, reply

# What can become of a request. "lost" and "half" have been carried out when the answer fails.
FAULTS = ("500", "429", "503", "garbage", "half", "lost", "close", "hang", "sign in")

_ANSWERS = {
    "500": reply(b"<html>oops</html>", "500 Oops"),
    "429": reply(b"", "429 Slow down", ["Retry-After: 1"]),
    "503": reply(b"", "503 Busy"),
    "garbage": b"SSH-2.0-OpenSSH_9.2\r\n\x00\xff",
    "sign in": reply(b"<html>sign in</html>"),
}
_DROPPED = {"host", "connection", "content-length", "transfer-encoding"}


class FaultProxy(Hostile):
    """Passes requests on to a port of 127.0.0.1. choose(first line) names the fault of each, None
    for none; set_choice replaces it at any time and frees what hangs."""

    def __init__(self, port, choose=lambda first: None):
        self.upstream = port
        self.faults = []
        self.changed = threading.Event()
        self.choose = choose
        super().__init__(self._converse)

    def set_choice(self, choose):
        self.choose = choose
        changed, self.changed = self.changed, threading.Event()
        changed.set()

    def close(self):
        super().close()
        self.changed.set()

    def _converse(self, connection):
        while (request := connection.read()) is not None:
            changed = self.changed  # before the choice, so that no change is missed
            fault = self.choose(request[0])
            if fault is not None:
                self.faults.append(fault)
            if not self._answer(connection, request, fault, changed):
                return

    def _answer(self, connection, request, fault, changed):
        """False when the connection is over."""
        if fault in _ANSWERS:
            connection.send(_ANSWERS[fault])
            return fault != "garbage"
        if fault == "hang":
            changed.wait()
            return False
        if fault == "close":
            return False
        answer = self._ask(request)
        if answer is None or fault == "lost":
            return False
        connection.send(answer if fault is None else answer[:len(answer) // 2])
        return fault is None

    def _ask(self, request):
        """The server's answer as bytes; None without one."""
        first, headers, body = request
        method, path, _ = first.split(" ", 2)
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            upstream.request(method, path, body, {
                name: value for name, value in headers.items() if name not in _DROPPED})
            answer = upstream.getresponse()
            coding = answer.headers["Content-Encoding"]
            return reply(answer.read(), f"{answer.status} {answer.reason}",
                         [f"Content-Encoding: {coding}"] if coding else [])
        except (OSError, http.client.HTTPException):
            return None
        finally:
            upstream.close()


def every_sixth(fault):
    """That fault for each sixth request, beginning with the first."""
    state = {"count": 0}
    lock = threading.Lock()

    def choose(_):
        with lock:
            state["count"] += 1
            return fault if state["count"] % 6 == 1 else None

    return choose


def at_random(seed, share):
    """Any fault for that share of the requests."""
    numbers = random.Random(seed)
    lock = threading.Lock()

    def choose(_):
        with lock:
            return numbers.choice(FAULTS) if numbers.random() < share else None

    return choose
