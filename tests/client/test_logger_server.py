"""The logger while the server is killed, answers nonsense, hangs or is cut off: training goes on,
and in the end every point is there once."""

import pathlib
import subprocess
import time

import pytest

import harness
from fault_proxy import FaultProxy, every_sixth
from hostile import Hostile
from ports import free_port
from training import EAGER, Training, assert_whole, files, get_run, tags

POINTS = 5000
HEARTBEAT = "mlflow.millstream.heartbeat"


@pytest.fixture
def server(tmp_path):
    with harness.Server(tmp_path) as running:
        yield running


def test_server_killed_twenty_times(tmp_path):
    port = free_port()
    server = harness.Server(tmp_path, "--port", port)
    training = Training(tmp_path, server.url, 20000, pause_us=100)
    for number in range(20):
        time.sleep(0.03 * (number % 7))
        server.kill()
        server = harness.Server(tmp_path, "--port", port)
    with server:
        training.close()
        assert_whole(server.url, training.run_id, 20000)
        assert training.counter("points_thinned") == 0


def test_server_comes_late(tmp_path):
    """A run begins before there is a server, under the id that it keeps."""
    port = free_port()
    training = Training(tmp_path, f"http://127.0.0.1:{port}", POINTS, experiment="late")
    training.read_until("logged")
    with harness.Server(tmp_path, "--port", port) as server:
        training.close()
        assert_whole(server.url, training.run_id, POINTS)
        assert get_run(server.url, training.run_id)["info"]["status"] == "FINISHED"


@pytest.mark.parametrize("fault", ["500", "429", "503", "garbage", "half", "lost", "close",
                                   "sign in"])
def test_bad_answers(tmp_path, server, fault):
    with FaultProxy(server.port, every_sixth(fault)) as proxy:
        training = Training(tmp_path, proxy.url, POINTS, pause_us=300).close()
        assert proxy.faults.count(fault) >= 2
    assert_whole(server.url, training.run_id, POINTS)
    assert training.counter("refused") == 0


def test_retry_after(tmp_path, server):
    """The pause that the server asks for is kept, however much is logged meanwhile."""
    times = []

    def choose(_):
        times.append(time.monotonic())
        return "429" if len(times) <= 3 else None

    with FaultProxy(server.port, choose) as proxy:
        training = Training(tmp_path, proxy.url, POINTS, pause_us=100).close()
    assert min(b - a for a, b in zip(times[:3], times[1:4])) >= 1
    assert_whole(server.url, training.run_id, POINTS)


def test_cut_for_longer_than_any_timeout(tmp_path, server):
    """Packets go nowhere for several times the time limit of a request."""
    with FaultProxy(server.port, lambda _: "hang" if len(proxy.seen) > 5 else None) as proxy:
        training = Training(tmp_path, proxy.url, 20000, pause_us=100, environment=EAGER)
        harness.eventually(lambda: proxy.faults.count("hang") >= 3)
        proxy.set_choice(lambda _: None)
        training.close()
    assert_whole(server.url, training.run_id, 20000)


def test_close_does_not_wait_for_a_hanging_server(tmp_path, server):
    """Nor does exit: what is left stays in the spool."""
    for number, options in enumerate([{"close_ms": 200}, {"end": "exit"}]):
        home = tmp_path / str(number)
        home.mkdir()
        with FaultProxy(server.port, lambda _: "hang") as proxy:
            training = Training(home, proxy.url, POINTS, **options).wait()
        assert training.process.returncode == 0
        assert training.closed == ("MILL_E_TIMEOUT" if "close_ms" in options else "")
        assert list(training.spool.glob("*/*.spool"))


def test_close_does_not_wait_for_a_hanging_storage(tmp_path, server):
    """The files of a run may be elsewhere than the server that says so."""
    (tmp_path / "weights").write_bytes(bytes(1000))
    with Hostile(lambda connection: connection.read() and connection.hold()) as storage:
        server.create_experiment("elsewhere", artifact_location="s3://bucket/place")
        training = Training(tmp_path, server.url, 2, experiment="elsewhere", artifact="weights",
                            every=1, until="go", close_ms=1, environment={
                                "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
                                "AWS_REGION": "r", "MLFLOW_S3_ENDPOINT_URL": storage.url})
        harness.eventually(lambda: storage.seen)
        training.go_on()
        training.wait()
    assert training.process.returncode == 0 and training.closed == "MILL_E_TIMEOUT"


def test_exit_ends_threads_before_their_libraries(tmp_path, server):
    """What libcurl has brought along takes itself down at exit, which no thread may meet."""
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "libcurl-millstream.so.4",
                    pathlib.Path(__file__).with_name("curl_watched.c"), "-Wl,--no-as-needed",
                    "-lcurl"], check=True)
    with FaultProxy(server.port, lambda _: "hang") as proxy:
        training = Training(tmp_path, proxy.url, 2, until="go", end="exit",
                            environment={"LD_LIBRARY_PATH": str(tmp_path)})
        harness.eventually(lambda: proxy.faults)
        training.go_on()
        training.wait()
    assert training.process.returncode == 0 and training.all_of("threads") == ["1"]


def test_artifacts_while_the_server_goes_away(tmp_path):
    """Copies are delivered whatever becomes of the file; the server dies between."""
    port = free_port()
    (tmp_path / "weights").write_bytes(bytes(range(256)) * 4096)
    server = harness.Server(tmp_path, "--port", port)
    training = Training(tmp_path, server.url, 500, pause_us=2000, artifact="weights", every=50)
    for _ in range(3):
        time.sleep(0.2)
        server.kill()
        server = harness.Server(tmp_path, "--port", port)
    (tmp_path / "others").write_bytes(b"changed")
    (tmp_path / "others").replace(tmp_path / "weights")
    with server:
        training.close()
        assert_whole(server.url, training.run_id, 500)
        for step in range(49, 500, 50):
            (file,) = files(server.url, training.run_id, f"at/{step}")
            assert file["path"] == f"at/{step}/weights"
            assert int(file["file_size"]) in (1 << 20, len("changed"))


def test_refused(tmp_path, server):
    """What the server does not take is kept aside and told, and hinders nothing."""
    run = server.create_run()["info"]["run_id"]
    server.call("runs/log-parameter", {"run_id": run, "key": "m/100", "value": "other"})
    training = Training(tmp_path, server.url, POINTS, run=run).close()
    assert any("refuses" in told for told in training.all_of("told"))
    refused = "".join(path.read_text() for path in training.spool.glob("*/*.refused"))
    assert '"m/100"' in refused and refused.count("\n") == 1
    params = {p["key"]: p["value"] for p in get_run(server.url, run)["data"]["params"]}
    assert params["m/100"] == "other" and len(params) == POINTS // 100


def test_run_deleted_meanwhile(tmp_path, server):
    """Nothing is thrown away for a run in the bin; once it is restored, all of it is there."""
    training = Training(tmp_path, server.url, POINTS, until="go")
    harness.eventually(lambda: server.get("/api/2.0/mlflow/runs/get",
                                          run_id=training.run_id).status == 200)
    server.call("runs/delete", {"run_id": training.run_id})
    training.go_on()
    while "restore it" not in training.read_until("told"):
        pass
    server.call("runs/restore", {"run_id": training.run_id})
    training.close()
    assert_whole(server.url, training.run_id, POINTS)
    assert not list(training.spool.glob("*/*.refused"))


def test_ranks(tmp_path, server):
    """Many processes log into one run at once, each through a spool of its own."""
    first = Training(tmp_path, server.url, POINTS, key="rank-0", status=0)
    ranks = [first] + [Training(tmp_path, server.url, POINTS, key=f"rank-{n}", run=first.run_id,
                                status=0) for n in range(1, 6)]
    for number, rank in enumerate(ranks):
        rank.close()
        assert_whole(server.url, first.run_id, POINTS, key=f"rank-{number}")
    assert get_run(server.url, first.run_id)["info"]["status"] == "RUNNING"


def test_fork(tmp_path, server):
    training = Training(tmp_path, server.url, POINTS, fork=3, pause_us=50).close()
    assert training.all_of("child") == ["0"] * 3
    for key in ["m", "m-1", "m-2", "m-3"]:
        assert_whole(server.url, training.run_id, POINTS, key=key)
    assert get_run(server.url, training.run_id)["info"]["status"] == "FINISHED"


def row_of(run, done):
    """The row of a run in a table."""
    (row,) = [row for row in done.lines if row.find(run["info"]["run_name"]) >= 0]
    return row + " "


def test_silent(line, tmp_path, server):
    """A run whose trainer was killed is shown as silent after three intervals, until another
    logger continues it; one whose trainer lives is not."""
    def start(name, **options):
        (tmp_path / name).mkdir()
        training = Training(tmp_path / name, server.url, 2, until="go", **options)
        harness.eventually(lambda: server.get("/api/2.0/mlflow/runs/get",
                                              run_id=training.run_id).status == 200 and
                           HEARTBEAT in tags(get_run(server.url, training.run_id)))
        return training, get_run(server.url, training.run_id)

    line.uri = server.url
    (living, alive), (dying, dead) = start("living", heartbeat=600), start("dying", heartbeat=1)
    beat = tags(alive)[HEARTBEAT].split()
    assert abs(int(beat[0]) / 1000 - time.time()) < 3600 and beat[1] == "600"
    dying.kill()
    harness.eventually(lambda: " silent " in row_of(dead, line("runs", "search", "Default")))
    assert " RUNNING " in row_of(alive, line("runs", "search", "Default"))
    listed = line("runs", "list", "Default")
    assert row_of(dead, listed).split()[-1] == "silent" and row_of(alive, listed).split()[-1] == "-"
    assert "RUNNING, but silent for" in line("runs", "get", dying.run_id).out
    assert "but silent" not in line("runs", "get", living.run_id).out
    again, _ = start("again", run=dying.run_id, heartbeat=600)
    harness.eventually(lambda: " RUNNING " in row_of(dead, line("runs", "search", "Default")))
    for training in (living, again):
        training.kill()


def test_resume(tmp_path, server):
    """A logger on the id of a run that has ended continues it: it runs again, and ends again."""
    training = Training(tmp_path, server.url, POINTS, status=4).close()
    assert get_run(server.url, training.run_id)["info"]["status"] == "FAILED"
    again = Training(tmp_path, server.url, POINTS, run=training.run_id, first=POINTS,
                     until="go", heartbeat=1)
    harness.eventually(
        lambda: get_run(server.url, training.run_id)["info"]["status"] == "RUNNING")
    again.go_on()
    again.close()
    assert get_run(server.url, training.run_id)["info"]["status"] == "FINISHED"
    assert_whole(server.url, training.run_id, 2 * POINTS)
    assert HEARTBEAT not in tags(get_run(server.url, training.run_id))
