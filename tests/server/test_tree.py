"""The server on an mlruns tree: read and written through it, and by others beside it."""

import os
import pathlib
import signal

import harness

RUN = "0123456789abcdef0123456789abcdef"


def start(home, *extra):
    return harness.Server(home, "--backend-store-uri", "mlruns", *extra)


def call(server, path, body=None, query=""):
    answer = server.ask("GET" if body is None else "POST", f"/api/2.0/mlflow/{path}{query}", body)
    assert answer.status == 200, answer
    return answer.json


def create_run(server, experiment_id="0", **more):
    return call(server, "runs/create", {"experiment_id": experiment_id, **more})["run"]["info"]


def get_run(server, run_id):
    return call(server, "runs/get", query=f"?run_id={run_id}")["run"]


def search(server, text="", **more):
    found = call(server, "runs/search", {"experiment_ids": ["0"], "filter": text, **more})
    return [run["info"]["run_id"] for run in found.get("runs", [])]


def write(tree, name, text):
    path = pathlib.Path(tree) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_run(tree, run_id=RUN):
    """A run as another program leaves it, with a file among its artifacts."""
    write(tree, f"0/{run_id}/meta.yaml",
          f"artifact_uri: {tree}/0/{run_id}/artifacts\nexperiment_id: '0'\n"
          f"run_id: {run_id}\nrun_name: by hand\nstart_time: 7\nstatus: 3\n")
    write(tree, f"0/{run_id}/metrics/loss", "1 0.5 0\n2 0.25 1\n")
    write(tree, f"0/{run_id}/artifacts/notes/a.txt", "some notes")


def test_what_is_written_is_in_the_tree(tmp_path):
    with start(tmp_path) as server:
        made = call(server, "experiments/create", {"name": "digits"})["experiment_id"]
        info = create_run(server, made, run_name="first", start_time=5)
        run_id = info["run_id"]
        call(server, "runs/log-batch", {
            "run_id": run_id, "params": [{"key": "a/b", "value": "1"}],
            "metrics": [{"key": "m", "value": 0.5, "timestamp": 9, "step": 3}]})
        folder = tmp_path / "mlruns" / made / run_id
        assert (folder / "params" / "a" / "b").read_text() == "1"
        assert (folder / "metrics" / "m").read_text() == "9 0.5 3\n"
        assert info["artifact_uri"] == f"mlflow-artifacts:/{made}/{run_id}/artifacts"
        before = get_run(server, run_id)
    assert server.process.returncode == 0
    with start(tmp_path) as server:
        assert get_run(server, run_id) == before


def test_what_others_write_is_seen(tmp_path):
    tree = tmp_path / "mlruns"
    with start(tmp_path) as server:
        assert search(server) == []
        write_run(tree)
        assert search(server) == [RUN]
        assert get_run(server, RUN)["data"]["metrics"][0]["value"] == 0.25
        with open(tree / "0" / RUN / "metrics" / "loss", "a", encoding="ascii") as metric:
            metric.write("3 0.125 2\n")
        assert get_run(server, RUN)["data"]["metrics"][0]["value"] == 0.125
        assert search(server, "metrics.loss < 0.2") == [RUN]
        write(tree, "77/meta.yaml", "experiment_id: 77\nname: theirs\n")
        found = call(server, "experiments/get-by-name", query="?experiment_name=theirs")
        assert found["experiment"]["experiment_id"] == "77"


def test_files_of_runs_in_the_tree_are_served(tmp_path):
    tree = tmp_path / "mlruns"
    write_run(tree)
    with start(tmp_path) as server:
        listed = call(server, "artifacts/list", query=f"?run_id={RUN}&path=notes")
        assert [file["path"] for file in listed["files"]] == ["notes/a.txt"]
        answer = server.ask("GET", f"/get-artifact?run_id={RUN}&path=notes/a.txt")
        assert answer.status == 200 and answer.body == b"some notes"
        # A run cannot point at what is outside.
        write(tree, f"0/{RUN}/meta.yaml", "artifact_uri: /etc\nexperiment_id: '0'\n"
              f"run_id: {RUN}\nrun_name: evil\n")
        answer = server.ask("GET", f"/get-artifact?run_id={RUN}&path=passwd")
        assert answer.status >= 400


def test_without_the_proxy_files_go_into_the_tree(tmp_path):
    with start(tmp_path, "--no-serve-artifacts") as server:
        uri = create_run(server)["artifact_uri"]
        assert uri.startswith(str(tmp_path / "mlruns" / "0")), uri


def test_broken_runs_are_warned_of(tmp_path):
    tree = tmp_path / "mlruns"
    write_run(tree)
    write(tree, f"0/{'b' * 32}/meta.yaml", "")
    os.utime(tree / "0" / ("b" * 32) / "meta.yaml", (0, 0))
    with start(tmp_path) as server:
        assert search(server) == [RUN]
        answer = server.ask("GET", f"/api/2.0/mlflow/runs/get?run_id={'b' * 32}")
        assert answer.status == 500 and answer.code == "DATA_LOSS"
        assert "meta.yaml" in answer.json["message"]
    assert f"warning: {tree}/0/{'b' * 32}/meta.yaml: the file is empty" in server.log()


def test_two_servers_share_a_tree(tmp_path):
    with start(tmp_path) as one, start(tmp_path) as other:
        run_id = create_run(one)["run_id"]
        for step in range(10):
            server = one if step % 2 == 0 else other
            call(server, "runs/log-metric", {"run_id": run_id, "key": "m", "value": step,
                                             "timestamp": step, "step": step})
            call(server, "runs/log-parameter", {"run_id": run_id, "key": f"p{step}",
                                                "value": "1"})
        assert get_run(one, run_id) == get_run(other, run_id)
        assert len(get_run(one, run_id)["data"]["params"]) == 10
        assert get_run(one, run_id)["data"]["metrics"][0]["value"] == 9


def test_what_was_answered_survives_a_kill(tmp_path):
    for synchronous in ("full", "off"):
        server = start(tmp_path, "--synchronous", synchronous)
        run_id = create_run(server)["run_id"]
        for step in range(30):
            call(server, "runs/log-metric", {"run_id": run_id, "key": "m", "value": step,
                                             "timestamp": step, "step": step})
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        with start(tmp_path) as again:
            points = call(again, "metrics/get-history",
                          query=f"?run_id={run_id}&metric_key=m")["metrics"]
            assert [point["step"] for point in points] == list(range(30))
