"""Logs and leaves at once: leaving.py URI HOW

HOW is "end" (of the script), "exit" (sys.exit(3)), "raise" (an exception nobody catches), "thread"
(another thread still logs) or "flush" (another thread waits for delivery). Prints the run's id.
"""

import sys
import threading

from millstream.tracking import MlflowClient

POINTS = 1000


def log(client, run_id, key):
    for step in range(POINTS):
        client.log_metric(run_id, key, step * 0.5, 1600000000000 + step, step)


def main(uri, how):
    client = MlflowClient(uri)
    run_id = client.create_run("0", run_name="leaving").info.run_id
    print(run_id, flush=True)
    client.log_param(run_id, "rate", 0.1)
    if how == "thread":
        threading.Thread(target=log, args=(client, run_id, "other")).start()
    if how == "flush":
        threading.Thread(target=client.flush, args=(86400,), daemon=True).start()
    log(client, run_id, "loss")
    client.set_tag(run_id, "last", "word")
    if how == "exit":
        sys.exit(3)
    if how == "raise":
        raise RuntimeError("nobody catches this")


if __name__ == "__main__":
    main(*sys.argv[1:])
