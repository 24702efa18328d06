"""A proxy between a client and a service that passes requests on and can meddle with them.

    with Meddling(service.url) as between:
        between.rule = lambda request: …

The rule of a request is None (pass it on), an answer in its place, or a function that changes the
answer that came. Host headers are passed as they came, so signatures stay good."""

import http.client
import http.server
import threading
import urllib.parse

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


class Answer:
    def __init__(self, status, body=b"", headers=(), cut=None):
        self.status, self.body, self.headers = status, body, list(headers)
        self.cut = cut  # bytes after which the connection ends

    @classmethod
    def error(cls, status, code, message="said the test"):
        return cls(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode(),
                   [("Content-Type", "application/xml")])


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, query = target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def __repr__(self):
        return f"<{self.method} {self.target}>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, self.headers, self.rfile.read(length))
        answer = self.server.meddling.answer(request)
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if request.method == "HEAD":
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            self.wfile.write(answer.body[:answer.cut])
        except OSError:
            self.close_connection = True
        if answer.cut is not None:
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def log_message(self, *_):
        pass


class Meddling:
    def __init__(self, target):
        self.target = urllib.parse.urlsplit(target)
        self.rule = lambda request: None
        self.seen = []
        self.lock = threading.Lock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.meddling = self
        self.url = f"http://localhost:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request):
        with self.lock:
            self.seen.append(request)
            decided = self.rule(request)
        if isinstance(decided, Answer) or decided == "drop":
            return None if decided == "drop" else decided
        answer = self.forward(request)
        return decided(answer) if callable(decided) else answer

    def forward(self, request):
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items()
                       if name.lower() not in HOP_BY_HOP}
            connection.putrequest(request.method, request.target, skip_host=True,
                                  skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if request.body or request.method in ("PUT", "POST"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body or None)
            came = connection.getresponse()
            kept = [(name, value) for name, value in came.getheaders()
                    if name.lower() not in HOP_BY_HOP
                    or (name.lower() == "content-length" and request.method == "HEAD")]
            return Answer(came.status, came.read(), kept)
        finally:
            connection.close()

    def requests(self, method, part=""):
        return [request for request in self.seen
                if request.method == method and part in request.target]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
