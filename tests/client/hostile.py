"""A server that does to each connection what a test says, byte by byte."""

import socket
import ssl
import threading


def reply(body=b"{}", status="200 OK", headers=(), length=None):
    """A whole answer, with a Content-Length that may lie."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json",
             f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One connection, as the script of a test sees it."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")

    def read(self):
        """The next request: (first line, headers as a dict with lower-case names, body); None at
        the end."""
        first = self.file.readline()
        if not first:
            return None
        headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            if not line:
                return None
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self.file.read(int(headers.get("content-length", 0)))
        request = (first.decode("latin-1").strip(), headers, body)
        self.server.seen.append(request)
        return request

    def send(self, data):
        self.sock.sendall(data)

    def drip(self, data, seconds):
        """Sends a byte now and then, until the other side has had enough."""
        for byte in data:
            self.send(bytes([byte]))
            if self.server.over.wait(seconds):
                return

    def hold(self):
        """Says nothing more, until the test is over."""
        self.server.over.wait()

    def forever(self, chunk):
        while not self.server.over.is_set():
            self.send(chunk)


class Hostile:
    """Listens on a port of 127.0.0.1 and runs script(connection) for each connection, which is
    then closed. What a script raises because the client has gone is forgotten."""

    def __init__(self, script, tls=None, port=0):
        self.script = script
        self.seen = []
        self.connections = 0
        self.over = threading.Event()
        self.context = None
        if tls is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            self.script(Connection(self, sock))
        except (OSError, ValueError):
            pass
        finally:
            sock.close()

    def close(self):
        self.over.set()
        # close alone does not wake a thread in accept
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def answering(*answers):
    """A script that answers each request of a connection with the next answer, the last one over
    and over; the answers are counted over all connections. None closes the connection."""
    left = list(answers)
    lock = threading.Lock()

    def script(connection):
        while connection.read() is not None:
            with lock:
                answer = left.pop(0) if len(left) > 1 else left[0]
            if answer is None:
                return
            connection.send(answer)

    return script
