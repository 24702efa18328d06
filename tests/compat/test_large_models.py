"""Official clients move a model's directory through the proxy, whole files and in parts; the
server's memory stays flat."""

import os
import pathlib
import re
import subprocess
import time
import urllib.request
import uuid

import pytest

from . import envs, generations
from .conftest import live

MEGABYTES = 400 if live() else 60
FLAT_KIB = 64 * 1024
SCRIPT = generations.SCRIPTS / "large_model.py"
IN_PARTS = {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
            "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(20 << 20),
            "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 << 20)}


def peak_kib(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1))


def flat_kib(server):
    """What moving a file may take; sanitizers keep what was freed for a while."""
    maps = pathlib.Path(f"/proc/{server.process.pid}/maps").read_text()
    return FLAT_KIB * (8 if "asan" in maps else 1)


def parts_sent(server):
    """Counted once the log has the request that is made here: its lines are written some at a time."""
    mark = f"/health?{uuid.uuid4()}"
    with urllib.request.urlopen(server.url + mark, timeout=60):
        pass
    deadline = time.monotonic() + 60
    while mark not in (text := server.log_path.read_text("utf-8")):
        assert time.monotonic() < deadline, "the log lacks a request"
        time.sleep(0.05)
    return text.count("/mlflow-artifacts/mpu/part/")


@pytest.mark.parametrize("how", ["whole", "in parts"])
@pytest.mark.parametrize("client", ["client-3.17.2", "client-2.22.5"])
def test_model_directory_round_trip(client, how, ours, tmp_path):
    server = ours.get(("--access-log", "-"))
    pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    before = peak_kib(server)
    parts_before = parts_sent(server)
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("MLFLOW_", "PYTHON"))}
    environment.update(generations.SETTINGS, **(IN_PARTS if how == "in parts" else {}))
    done = subprocess.run([envs.ensure(client), SCRIPT, server.url, tmp_path, str(MEGABYTES)],
                          cwd=tmp_path, env=environment, capture_output=True, text=True,
                          check=False, timeout=generations.TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.split() == ["3"]
    assert peak_kib(server) - before < flat_kib(server)
    expected = 2 * (MEGABYTES // 2 // 5 + 1) if how == "in parts" else 0
    assert parts_sent(server) - parts_before == expected
