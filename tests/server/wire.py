"""HTTP as bytes on a socket, for requests that no client library would send."""

import socket

CREATE = "/api/2.0/mlflow/experiments/create"
FILES = "/api/2.0/mlflow-artifacts/artifacts"


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case; the last of equal names
        self.body = body

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:200]!r}>"


class Closed(Exception):
    """The server closed the connection where an answer was expected."""


class Wire:
    """One connection: send bytes, read answers one by one."""

    def __init__(self, server, wrap=None):
        self.socket = server.socket()
        if wrap is not None:
            self.socket = wrap(self.socket)
        self.held = bytearray()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed(bytes(self.held))
        self.held += data

    def _take(self, count):
        while len(self.held) < count:
            self._more()
        taken = bytes(self.held[:count])
        del self.held[:count]
        return taken

    def _line(self):
        while b"\r\n" not in self.held:
            self._more()
        line = self._take(self.held.index(b"\r\n"))
        self._take(2)
        return line

    def reply(self, head_only=False):
        """The next answer. Closed when there is none."""
        version, status, _ = self._line().split(b" ", 2)
        assert version == b"HTTP/1.1"
        headers = {}
        while line := self._line():
            name, value = line.split(b": ", 1)
            headers[name.decode().lower()] = value.decode()
        status = int(status)
        if head_only or status in (100, 204, 304):
            return Reply(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Reply(status, headers, self._chunks())
        if "content-length" in headers:
            return Reply(status, headers, self._take(int(headers["content-length"])))
        return Reply(status, headers, self.rest())

    def _chunks(self):
        body = b""
        while size := int(self._line(), 16):
            body += self._take(size)
            assert self._line() == b""
        assert self._line() == b""
        return body

    def rest(self):
        """Everything until the server closes."""
        try:
            while True:
                self._more()
        except (Closed, ConnectionResetError):
            return self._take(len(self.held))

    def closed(self):
        """Waits until the server closes; true when it said nothing more."""
        return self.rest() == b""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def get(path="/health", *headers, version="HTTP/1.1", method="GET"):
    lines = [f"{method} {path} {version}", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines)


def post(body, *headers, path=CREATE, length=True):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json",
             *([f"Content-Length: {len(body)}"] if length else []), *headers, "", ""]
    return "\r\n".join(lines).encode() + (body if isinstance(body, bytes) else body.encode())


def chunked(*pieces, extension="", trailer=""):
    text = b""
    for piece in pieces:
        piece = piece.encode() if isinstance(piece, str) else piece
        text += f"{len(piece):x}{extension}\r\n".encode() + piece + b"\r\n"
    return text + f"0\r\n{trailer}\r\n".encode()
