"""Stands before the official server and serves what it no longer does: the /preview prefix,
experiments/list and registered-models/list, so that clients from before 2.0 can be recorded against it."""

import http.client
import http.server
import json
import threading
import urllib.parse


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Clients drop connections as they like; what matters shows in their documents."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    official_port = 0

    def _forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.path.replace("/api/2.0/preview/", "/api/2.0/", 1)
        method, headers = self.command, {"Content-Type": self.headers.get("Content-Type")
                                         or "application/json"}
        if target.startswith("/api/2.0/mlflow/experiments/list"):
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
            method, target = "POST", "/api/2.0/mlflow/experiments/search"
            body = json.dumps({"max_results": 50000,
                               "view_type": query.get("view_type", "ACTIVE_ONLY")}).encode()
        target = target.replace("/registered-models/list", "/registered-models/search")
        upstream = http.client.HTTPConnection("127.0.0.1", self.official_port, timeout=60)
        upstream.request(method, target, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type") or "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        upstream.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _forward

    def log_message(self, *_):
        pass


class Preview:
    """The stand-in's address while a `with` block lasts."""

    def __init__(self, official_port):
        handler = type("Handler", (_Handler,), {"official_port": official_port})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
