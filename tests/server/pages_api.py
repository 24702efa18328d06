"""What tests of /api/millstream/1.0 share: calls, and servers on every kind of store."""

import json

OWN = "/api/millstream/1.0/"
JSON = {"Content-Type": "application/json"}

STORES = {"sqlite": [], "memory": ["--backend-store-uri", "memory:"],
          "tree": ["--backend-store-uri", "runs"]}


def post(server, path, /, **body):
    """The answer to a POST, which must be a good one."""
    answer = refused(server, path, **body)
    assert answer.status == 200, answer
    return answer.json


def refused(server, path, /, **body):
    return server.ask("POST", OWN + path, json.dumps(body), JSON)


def get(server, path, /, **query):
    answer = server.get(OWN + path, **query)
    assert answer.status == 200, answer
    return answer.json


def make_run(server, experiment_id="0", **more):
    return server.create_run(experiment_id, **more)["info"]["run_id"]


def log(server, run_id, metrics=(), params=None, tags=None):
    """Logs metrics, (key, value, step) or with a time behind, params and tags."""
    metrics = list(metrics)
    for first in range(0, max(len(metrics), 1), 900):
        server.call("runs/log-batch", {
            "run_id": run_id,
            "metrics": [{"key": m[0], "value": m[1], "step": m[2],
                         "timestamp": m[3] if len(m) > 3 else 1000 + m[2]}
                        for m in metrics[first:first + 900]],
            "params": [{"key": k, "value": v} for k, v in (params or {}).items()],
            "tags": [{"key": k, "value": v} for k, v in (tags or {}).items()]})


class Listener:
    """A client of GET events that reads event by event."""

    def __init__(self, server, query="", headers="", connection=None):
        self.socket = connection or server.socket()
        self.socket.sendall((f"GET {OWN}events{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
                             "\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while (line := self.file.readline().strip()):
            name, value = line.decode().split(": ", 1)
            self.headers[name.lower()] = value
        self.text = b""

    def _block(self):
        """What stands before the next empty line; None at the end of the stream."""
        while b"\n\n" not in self.text:
            size = int(self.file.readline() or b"0", 16)
            if size == 0:
                return None
            self.text += self.file.read(size)
            self.file.readline()
        block, self.text = self.text.split(b"\n\n", 1)
        return block.decode()

    def next(self):
        """The next event as a dictionary of its fields with `data` read; None at the end."""
        while (block := self._block()) is not None:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "data" in fields:
                return {**fields, "data": json.loads(fields["data"])}
        return None

    def close(self):
        self.file.close()
        self.socket.close()
