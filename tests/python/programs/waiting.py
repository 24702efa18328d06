"""Makes a call that waits for a server until it is interrupted: waiting.py URI RUN CALL

Prints "waiting" before the call and "interrupted" when KeyboardInterrupt came out of it.
"""

import signal
import sys

from millstream.tracking import MlflowClient


def main(uri, run_id, name):
    # A shell that runs the tests in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    client = MlflowClient(uri)
    calls = {
        "download": lambda: client.download_artifacts(run_id, "large"),
        "upload": lambda: client.log_artifact(run_id, sys.argv[0]),
        "list": lambda: client.list_artifacts(run_id),
        "get": lambda: client.get_run(run_id),
        "search": lambda: client.search_runs(["0"]),
        "create": lambda: client.create_experiment("x"),
        "log": lambda: client.log_metric(run_id, "m", 1.0),
    }
    print("waiting", flush=True)
    try:
        calls[name]()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        return
    print("came back", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
