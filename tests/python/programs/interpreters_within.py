"""Uses the module in several interpreters of one process: interpreters_within.py URI

Prints how many runs each of them has seen, the main one last.
"""

import sys

CODE = """
import sys
from millstream.entities import Metric
from millstream.exceptions import MlflowException
from millstream.tracking import MlflowClient

client = MlflowClient({uri!r})
run = client.create_run("0", run_name={name!r}).info.run_id
client.log_batch(run, [Metric("m", 0.5, 1, step) for step in range(100)])
assert len(client.get_metric_history(run, "m")) == 100
try:
    client.get_experiment("987654321")
except MlflowException as error:
    assert error.error_code == "RESOURCE_DOES_NOT_EXIST"
else:
    raise AssertionError("it was not refused")
print(len(client.search_runs(["0"])), flush=True)
"""


def run_within(code):
    """Runs code in an interpreter of its own, which ends with it."""
    try:
        import _interpreters as within
    except ImportError:
        import _xxsubinterpreters as within
    # An interpreter that shares the lock, as modules of the limited API of 3.9 need.
    if sys.version_info >= (3, 13):
        interpreter = within.create("legacy")
        failed = within.exec(interpreter, code)
        if failed is not None:
            raise RuntimeError(failed)
    else:
        interpreter = within.create(isolated=False)
        within.run_string(interpreter, code)
    within.destroy(interpreter)


def main(uri):
    for at in range(3):
        run_within(CODE.format(uri=uri, name="within %d" % at))
    exec(CODE.format(uri=uri, name="main"), {})


if __name__ == "__main__":
    main(*sys.argv[1:])
