"""The official pages on our server, looked at with a browser: with `make test-long`, since it
takes Chromium and the official package."""

import json
import re
import shutil
import subprocess
import urllib.request

import pytest

from . import envs, generations
from .conftest import live

SCRIPT = generations.SCRIPTS / "browser.py"
# What pages ask although a server may not have it; they take 404 for that.
OPTIONAL = re.compile(r"/mlflow/(users/current|assistant/(config|providers))(\?|$)")
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (Not Found)"


def call(server, path, body, method="POST"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}/api/2.0/{path}", body,
                                     {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")


def make_runs(server):
    """An experiment with two runs; the ids of it and of the first."""
    experiment = call(server, "mlflow/experiments/create", {"name": "watched"})["experiment_id"]
    runs = []
    for name in ("first run", "second run"):
        made = call(server, "mlflow/runs/create", {
            "experiment_id": experiment, "run_name": name, "start_time": 1_700_000_000_000})
        run_id = made["run"]["info"]["run_id"]
        runs.append(run_id)
        call(server, "mlflow/runs/log-batch", {
            "run_id": run_id, "params": [{"key": "learning_rate", "value": "0.1"}],
            "metrics": [{"key": "accuracy", "value": step / 20, "step": step,
                         "timestamp": 1_700_000_000_000 + step} for step in range(20)]})
        call(server, f"mlflow-artifacts/artifacts/{experiment}/{run_id}/artifacts/notes.txt",
             b"notes", "PUT")
    return experiment, runs[0]


@pytest.mark.skipif(not live(), reason="needs a browser; make test-long has it")
@pytest.mark.parametrize("prefix", ["", "/tracking"])
def test_official_pages(ours, prefix, tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed: tools/setup browser")
    package = envs.ensure("official-3.17.2").parent.parent
    [build] = package.glob("lib/python*/site-packages/mlflow/server/js/build")
    server = ours.get(("--ui-dir", str(build), *(("--static-prefix", prefix) if prefix else ())))
    experiment, run_id = make_runs(server)
    done = subprocess.run(
        [envs.ensure("browser"), SCRIPT, server.url + prefix, chromium, experiment, run_id,
         tmp_path], capture_output=True, text=True, check=False,
        timeout=generations.TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert set(found["seen"]) == {"experiments", "runs", "run", "metrics", "artifacts", "charts"}, \
        (found["seen"].get("problem"), f"see {tmp_path}/problem.png")
    failed = [answer for answer in found["failed"]
              if answer[2] != 404 or not OPTIONAL.search(answer[1])]
    assert not failed
    # Each of those leaves its line in the console.
    assert [line for line in found["console"] if line != NOT_FOUND] == []
    assert found["elsewhere"] == [], "pages of this server need no other"
