"""A receiver of webhooks: an HTTP server that notes what it gets and answers as it is told."""

import http.server
import json
import threading


class Delivery:
    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers
        self.body = body
        self.id = headers["X-MLflow-Delivery-Id"]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def event(self):
        return f"{self.json['entity']}.{self.json['action']}"


class Receiver:
    """Answers 200, or what `answers` says next: a status, (status, headers), or a function of the
    request handler."""

    def __init__(self, port=0):
        self.got = []
        self.answers = []
        self.lock = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128  # or connections of many threads at once would be dropped

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def take(self, handler):
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length)
        if len(body) < length:  # its sender was killed
            handler.close_connection = True
            return
        with self.lock:
            answer = self.answers.pop(0) if self.answers else 200
            self.got.append(Delivery(handler.path, handler.headers, body))
            self.lock.notify_all()
        if callable(answer):
            answer(handler)
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        text = f"answer {status}".encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def wait(self, count, seconds=120):
        """The first `count` deliveries, when they are there."""
        with self.lock:
            assert self.lock.wait_for(lambda: len(self.got) >= count, seconds), self.got
            return list(self.got)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
