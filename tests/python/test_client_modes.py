"""Logging by way of the spool: servers that are down, runs that begin without one, delivery,
refusals, and what reads see."""

import logging
import os
import socket
import subprocess
import threading
import time

import pytest

import harness
import interpreters
from millstream.entities import Metric, Param, RunTag
from millstream.exceptions import MlflowException, RestException
from millstream.tracking import MlflowClient
from ports import free_port

HEARTBEAT = "mlflow.millstream.heartbeat"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def short_patience(monkeypatch):
    """Servers that are down are not waited for as long as usual."""
    monkeypatch.setenv("MILLSTREAM_PATIENCE", "1")


def sync(spool, url):
    done = subprocess.run([harness.program(), "sync", spool, "--tracking-uri", url],
                          capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_offline_and_later(server, tmp_path):
    (tmp_path / "f.txt").write_text("file")
    with MlflowClient(server.url, mode="offline", spool=tmp_path / "spool") as client:
        run = client.create_run("0", run_name="off", tags={"a": 1}, start_time=5)
        run_id = run.info.run_id
        assert (run.info.status, run.info.start_time, run.data.tags) == ("RUNNING", 5, {"a": "1"})
        assert client.get_run(run_id).info.run_id == run_id
        for step in range(100):
            client.log_metric(run_id, "loss", step, step=step)
        client.log_batch(run_id, [Metric("b", 1, 2, 3)], [Param("p", 1)], [RunTag("t", "x")])
        client.log_artifact(run_id, tmp_path / "f.txt", "d")
        client.log_text(run_id, "text", "t.txt")
        assert client.flush(600) is True
        client.set_terminated(run_id, "FAILED", 9)
        named = client.create_run(experiment_name="made offline", run_name="n").info.run_id
        client.log_param(named, "q", 2)
    with MlflowClient(server.url, mode="strict") as online:
        with pytest.raises(MlflowException):
            online.get_run(run_id)
        assert "101 points" in sync(tmp_path / "spool", server.url)
        found = online.get_run(run_id)
        assert (found.info.status, found.info.end_time, found.info.run_name) == ("FAILED", 9, "off")
        assert found.data.params == {"p": "1"} and found.data.tags["t"] == "x"
        assert len(online.get_metric_history(run_id, "loss")) == 100
        assert [f.path for f in online.list_artifacts(run_id)] == ["d", "t.txt"]
        experiment = online.get_experiment_by_name("made offline")
        assert online.get_run(named).info.experiment_id == experiment.experiment_id


def test_a_run_shows_that_it_lives_unless_told_not_to(server, tmp_path, monkeypatch):
    def tags_of_a_run(spool):
        with MlflowClient(server.url, spool=tmp_path / spool) as client:
            run_id = client.create_run("0").info.run_id
            client.log_metric(run_id, "loss", 1)
            return client.get_run(run_id).data.tags

    assert tags_of_a_run("default")[HEARTBEAT].endswith(" 30")
    monkeypatch.setenv("MILLSTREAM_HEARTBEAT", "0")
    assert HEARTBEAT not in tags_of_a_run("silent")


def test_ended_runs_have_the_tags_that_were_set(server, tmp_path):
    """What a run showed while it lived is gone, whoever looks; what is added later shows none."""
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0", tags={"t": "x"}).info.run_id
        before = client.get_run(run_id).data.tags
        client.log_metric(run_id, "loss", 1)
        assert client.flush(600) and HEARTBEAT in client.get_run(run_id).data.tags
        client.set_terminated(run_id)
        assert client.get_run(run_id).data.tags == before
        client.log_metric(run_id, "late", 2)
        assert client.flush(600) and client.get_run(run_id).data.tags == before


def test_a_run_begins_while_the_server_is_down(tmp_path, caplog, short_patience, monkeypatch):
    def told():
        client.flush(0.1)  # what threads have to tell, the next call passes on
        return [record.getMessage() for record in caplog.records if record.name == "millstream"]

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = MlflowClient(url, spool=tmp_path / "spool")
    run_id = client.create_run("0", run_name="brave").info.run_id
    client.log_metric(run_id, "loss", 0.5, step=1)
    client.log_param(run_id, "p", 1)
    assert client.flush(0.5) is False
    harness.eventually(told)
    assert client.get_run(run_id).info.run_name == "brave"
    (tmp_path / "home").mkdir()
    with harness.Server(tmp_path / "home", "--port", port) as server:
        monkeypatch.setenv("MILLSTREAM_PATIENCE", interpreters.PATIENT)
        assert server.port == port and client.flush(600) is True
        assert client.get_run(run_id).data.metrics == {"loss": 0.5}
        client.set_terminated(run_id)
        assert client.get_run(run_id).info.status == "FINISHED"
    assert len(told()) == 1 and run_id in told()[0], told()


def test_what_is_left_is_told(tmp_path, caplog, short_patience):
    """A server that never comes: the run ends after a while, in the spool."""
    client = MlflowClient(f"http://127.0.0.1:{free_port()}", spool=tmp_path / "spool")
    run_id = client.create_run("0").info.run_id
    client.log_metric(run_id, "loss", 1)
    client.set_terminated(run_id)
    told = [record.getMessage() for record in caplog.records if "millstream sync" in
            record.getMessage()]
    assert len(told) == 1 and str(tmp_path / "spool") in told[0]
    (tmp_path / "home").mkdir()
    with harness.Server(tmp_path / "home") as server:
        sync(tmp_path / "spool", server.url)
        with MlflowClient(server.url) as found:
            assert found.get_run(run_id).info.status == "FINISHED"


def test_refusals_are_told_once(server, tmp_path, caplog):
    with MlflowClient(server.url, spool=tmp_path / "spool") as client, \
            MlflowClient(server.url, mode="strict") as other:
        run_id = client.create_run("0").info.run_id
        for key in "pq":
            other.log_param(run_id, key, 1)
        for key in "pq":
            client.log_param(run_id, key, 2)
            client.flush(600)
        client.log_metric(run_id, "m", 1)
        assert client.get_run(run_id).data.params == {"p": "1", "q": "1"}
        with pytest.raises(MlflowException) as failure:
            client.log_param(run_id, "p", 4, synchronous=True)
        assert failure.value.error_code == "INVALID_PARAMETER_VALUE"
    told = [record for record in caplog.records if "refuses" in record.getMessage()]
    assert len(told) == 1 and told[0].levelno == logging.WARNING


def test_params_that_change_here(server, tmp_path):
    """Another value than one that was logged here is refused at once, as the official client
    has it."""
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0").info.run_id
        client.log_param(run_id, "p", 1)
        client.log_param(run_id, "p", "1")
        client.log_batch(run_id, params=[Param("p", 1), Param("q", 2)])
        for call in (lambda: client.log_param(run_id, "q", 3),
                     lambda: client.log_batch(run_id, params=[Param("r", 1), Param("p", 2)])):
            with pytest.raises(RestException, match="written once") as failure:
                call()
            assert failure.value.error_code == "INVALID_PARAMETER_VALUE"
        assert client.get_run(run_id).data.params == {"p": "1", "q": "2"}


def test_runs_that_are_deleted_here(server, tmp_path):
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0").info.run_id
        client.log_metric(run_id, "m", 1)
        client.delete_run(run_id)
        with pytest.raises(RestException, match="deleted"):
            client.log_metric(run_id, "m", 2)
        client.restore_run(run_id)
        client.log_metric(run_id, "m", 3)
        assert client.get_run(run_id).data.metrics == {"m": 3.0}


def test_runs_of_others(server, tmp_path):
    """What cannot be logged into is refused at the first call, not later."""
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = server.create_run()["info"]["run_id"]
        client.log_metric(run_id, "m", 1)
        with pytest.raises(MlflowException) as failure:
            client.set_tag("f" * 32, "k", "v")
        assert failure.value.error_code == "RESOURCE_DOES_NOT_EXIST"
        deleted = server.create_run()["info"]["run_id"]
        client.delete_run(deleted)
        with pytest.raises(MlflowException, match="deleted"):
            client.log_param(deleted, "k", "v")
        with pytest.raises(MlflowException):
            client.log_param("", "k", "v")
        assert client.get_run(run_id).data.metrics == {"m": 1.0}


def test_clients_see_what_others_have_logged(server, tmp_path):
    """Loggers are those of the process: a client for each call costs no delivery each time."""
    run_id = server.create_run()["info"]["run_id"]
    spool = tmp_path / "spool"
    for step in range(200):
        MlflowClient(server.url, spool=spool).log_metric(run_id, "m", step, step=step)
    found = MlflowClient(server.url, spool=spool)
    assert found.get_run(run_id).data.metrics == {"m": 199.0}
    assert len(os.listdir(spool / run_id)) <= 3, "the spool of one logger"
    found.close()


def test_many_runs_at_once(server, tmp_path):
    """More runs than loggers may be open: those that were used longest ago end and come again."""
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        ids = [client.create_run("0").info.run_id for _ in range(80)]
        for value in (1, 2):
            for run_id in ids:
                client.log_metric(run_id, "m", value, step=value)
        before = threading.active_count()
        assert before < 100
        for run_id in ids[::20]:
            assert len(client.get_metric_history(run_id, "m")) == 2
            client.set_terminated(run_id)
            assert client.get_run(run_id).info.status == "FINISHED"


def test_links_of_metrics(server, tmp_path):
    """A point that says what it was measured on goes to the server at once, with that."""
    model = server.call("logged-models", {"experiment_id": "0"}).json["model"]["info"]["model_id"]
    link = {"model_id": model, "dataset_name": "d", "dataset_digest": "x"}
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0").info.run_id
        client.log_metric(run_id, "m", 1, **link)
        client.log_batch(run_id, [Metric("n", 1, 5, 0, **link)])
    answer = server.get(f"/api/2.0/mlflow/logged-models/{model}").json["model"]["data"]
    assert [(m["key"], m["dataset_name"], m["dataset_digest"]) for m in answer["metrics"]] == [
        ("m", "d", "x"), ("n", "d", "x")]


def test_a_server_that_does_not_answer(tmp_path, short_patience):
    """Reads wait for a moment only; the end of the run does not hang for ever either."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = MlflowClient(f"http://127.0.0.1:{silent.getsockname()[1]}", mode="online",
                              spool=tmp_path / "spool")
        run_id = client.create_run("0").info.run_id  # after some seconds, into the spool
        client.log_metric(run_id, "m", 1)
        assert client.flush(0.2) is False
    client.set_terminated(run_id)  # nobody listens any more
    assert os.listdir(tmp_path / "spool") == [run_id]


def test_threads_log_into_one_run(server, tmp_path):
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0").info.run_id

        def work(index):
            for step in range(500):
                client.log_metric(run_id, f"m{index}", step, step=step)
            client.log_param(run_id, f"p{index}", index)
            client.get_run(run_id)
        harness.in_parallel(8, work)
        run = client.get_run(run_id)
        assert run.data.params == {f"p{n}": str(n) for n in range(8)}
        assert all(len(client.get_metric_history(run_id, f"m{n}")) == 500 for n in range(8))


def test_ending_while_others_log(server, tmp_path):
    """A run that is ended by one thread takes what others log meanwhile all the same."""
    with MlflowClient(server.url, spool=tmp_path / "spool") as client:
        run_id = client.create_run("0").info.run_id
        stop = threading.Event()
        counts = [0, 0]

        def log(index):
            while not stop.is_set():
                client.log_metric(run_id, f"m{index}", 1, step=counts[index])
                if counts[index] % 50 == 0:
                    client.set_tag(run_id, f"t{index}", counts[index])
                counts[index] += 1
                time.sleep(0.001)
        threads = [threading.Thread(target=log, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            time.sleep(0.05)
            client.set_terminated(run_id)
        stop.set()
        for thread in threads:
            thread.join()
        assert client.get_run(run_id).info.status == "FINISHED"
        for n, count in enumerate(counts):
            assert len(client.get_metric_history(run_id, f"m{n}")) == count
