"""Spools: of trainers that were killed, on full and read-only disks, delivered by several at once,
while their logger writes, to the official server, and of other versions of the format."""

import json
import pathlib
import shutil
import subprocess
import time

import pytest

import harness
from training import Training, ask, assert_prefix, assert_whole, files, get_run, steps

POINTS = 5000
FIXTURES = pathlib.Path(__file__).parent / "spools"


@pytest.fixture
def server(tmp_path):
    with harness.Server(tmp_path) as running:
        yield running


def offline(home, points=POINTS, uri="http://127.0.0.1:1", **options):
    home.mkdir(exist_ok=True)
    return Training(home, uri, points, mode="offline", **options)


def sync(line, spool, url, *words):
    return line("sync", spool, "--tracking-uri", url, *words)


# --- how the trainer ends -------------------------------------------------------------------


@pytest.mark.parametrize("end", ["kill", "abort"])
def test_killed(line, tmp_path, server, end):
    """What was flushed is there, in whole, and nothing is there twice."""
    training = offline(tmp_path / "a", flush_every=100, end=end).wait()
    sync(line, training.spool, server.url)
    sync(line, training.spool, server.url)
    assert training.last("flushed") == POINTS
    assert_whole(server.url, training.run_id, POINTS)


def test_killed_in_the_middle(line, tmp_path, server):
    for number in range(5):
        training = offline(tmp_path / str(number), 10000000, flush_every=100, flush_ms=1)
        training.read_until("flushed")
        time.sleep(0.05 * number)
        training.kill()
        sync(line, training.spool, server.url)
        assert_prefix(server.url, training.run_id, training.last("flushed"))


def test_exit_without_close(line, tmp_path, server):
    """A program that just ends has lost nothing, and its run goes on."""
    training = offline(tmp_path / "a", end="exit", flush_ms=3600000).wait()
    assert training.process.returncode == 0
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, POINTS)
    assert get_run(server.url, training.run_id)["info"]["status"] == "RUNNING"


# --- the disk -------------------------------------------------------------------------------


def test_disk_full_for_a_while(tmp_path, server):
    """Points and params wait in memory until there is space again."""
    training = Training(tmp_path, server.url, 20000, file_limit=20000, pause_us=20).close()
    assert any("cannot write the spool" in told for told in training.all_of("told"))
    assert training.last("params") == 200
    assert_whole(server.url, training.run_id, 20000)


@pytest.mark.parametrize("spool", ["/sys/millstream", "/dev/null/spool"])
def test_spool_that_cannot_be_written(tmp_path, spool):
    with pytest.raises(AssertionError, match="failed open: cannot make the spool " + spool):
        Training(tmp_path, "memory:", 1, environment={"MILLSTREAM_SPOOL": spool})


def test_disk_limit(line, tmp_path, server):
    """At the limit points are thinned, which is counted and told; params and the last point of
    each key stay, and the spool hardly grows."""
    training = offline(tmp_path / "a", 40000, disk=20000, pause_us=10).close()
    assert any("limit on disk" in told for told in training.all_of("told"))
    assert training.last("params") == 400
    size = sum(path.stat().st_size for path in training.spool.glob("*/*.spool"))
    assert size < 20000 + 400 * 100 + 100000
    sync(line, training.spool, server.url)
    found = steps(server.url, training.run_id)
    assert len(found) == len(set(found)) == 40000 - training.counter("points_thinned")
    assert found[-1] == 39999


def test_durable(line, tmp_path, server):
    """With fsync nothing else changes."""
    training = offline(tmp_path / "a", fsync=1).close()
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, POINTS)


def test_end_of_zeros(line, tmp_path, server):
    """As a power cut leaves it: counted as torn, and not in the way."""
    training = offline(tmp_path / "a", flush_every=POINTS, end="kill").wait()
    (file,) = training.spool.glob("*/*.spool")
    with open(file, "ab") as out:
        out.write(bytes(5000))
    (spool,) = line("spool", "status", training.spool, "--json").json["spools"]
    assert spool["torn_bytes"] == 5000 and spool["state"] == "open"
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, POINTS)


def test_damage_in_the_middle(line, tmp_path, server):
    """Is said and not stepped over; what is before it is delivered."""
    training = offline(tmp_path / "a", flush_every=100).close()
    (file,) = training.spool.glob("*/*.spool")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = line.run("spool", "verify", training.spool)
    assert done.code != 0 and "damaged" in done.out
    done = line.run("sync", training.spool, "-T", server.url)
    assert done.code != 0 and "damaged" in done.err
    assert_prefix(server.url, training.run_id, 1)
    assert len(steps(server.url, training.run_id)) < POINTS


# --- the clock ------------------------------------------------------------------------------


def test_clock_going_backwards(line, tmp_path, server):
    training = offline(tmp_path / "a", backwards=1).close()
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, POINTS)


# --- several deliveries ----------------------------------------------------------------------


def start_sync(spool, url):
    return subprocess.Popen([harness.program(), "sync", str(spool), "-T", url],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, (out, err)


def test_two_syncs_at_once(tmp_path, server):
    (tmp_path / "file").write_text("x" * 100000)
    training = offline(tmp_path / "a", 50000, artifact=tmp_path / "file", every=5000).close()
    for process in [start_sync(training.spool, server.url) for _ in range(3)]:
        finish(process)
    assert_whole(server.url, training.run_id, 50000)
    assert len(files(server.url, training.run_id, "at")) == 10
    assert not list(training.spool.glob("*"))


def test_sync_that_is_killed(line, tmp_path, server):
    """It goes on where it was, and the others with it."""
    training = offline(tmp_path / "a", 40000).close()
    for number in range(5):
        process = start_sync(training.spool, server.url)
        time.sleep(0.05 * number)
        process.kill()
        process.communicate()
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, 40000)


def test_sync_while_the_logger_writes(line, tmp_path, server):
    training = offline(tmp_path / "a", 20000, pause_us=50, flush_ms=1)
    while training.process.poll() is None:
        sync(line, training.spool, server.url)
    training.close()
    sync(line, training.spool, server.url)
    assert_whole(server.url, training.run_id, 20000)
    assert not list(training.spool.glob("*"))


def test_sync_beside_its_own_logger(line, tmp_path, server):
    """Two deliver the same spool: the logger and somebody else."""
    training = Training(tmp_path, server.url, 20000, pause_us=100)
    while training.process.poll() is None:
        sync(line, training.spool, server.url)
    training.close()
    assert_whole(server.url, training.run_id, 20000)


def test_any_order_and_another_machine(line, tmp_path, server):
    """Spools that were copied are as good; the run ends as its last end says."""
    first = offline(tmp_path / "first", status=4).close()
    time.sleep(0.01)
    second = offline(tmp_path / "second", run=first.run_id, first=POINTS).close()
    shutil.copytree(first.spool, tmp_path / "copy")
    sync(line, first.spool, server.url)
    sync(line, second.spool, server.url)
    sync(line, tmp_path / "copy", server.url)
    assert_whole(server.url, first.run_id, 2 * POINTS)
    assert get_run(server.url, first.run_id)["info"]["status"] == "FINISHED"


def test_ranks_of_one_spool(line, tmp_path, server):
    """Those that join a run come after the one that makes it, wherever they stand."""
    first = offline(tmp_path / "a", key="rank-0", pause_us=300)
    ranks = [offline(tmp_path / "a", key=f"rank-{n}", run=first.run_id, status=0)
             for n in range(1, 4)]
    for rank in [*ranks, first]:
        rank.close()
    sync(line, first.spool, server.url)
    for number in range(4):
        assert_whole(server.url, first.run_id, POINTS, key=f"rank-{number}")
    assert get_run(server.url, first.run_id)["info"]["status"] == "FINISHED"


# --- the official server ---------------------------------------------------------------------


def runs_of(url, tag):
    """The runs that have the logger's id as their tag."""
    body = {"experiment_ids": ["0"], "filter": f"tags.`millstream.runId` = '{tag}'"}
    return [run["info"]["run_id"] for run in ask(url, "runs/search", body).get("runs", [])]


def test_official_server(tmp_path, place_of):
    """It chooses the id of the run: one run is made, however many deliver, however often."""
    url = place_of("official").uri
    first = offline(tmp_path / "a", 2000, key="rank-0", pause_us=500)
    offline(tmp_path / "a", 2000, key="rank-1", run=first.run_id, status=0).close()
    first.close()
    shutil.copytree(first.spool, tmp_path / "copy")
    for process in [start_sync(first.spool, url) for _ in range(2)]:
        finish(process)
    finish(start_sync(tmp_path / "copy", url))
    (run_id,) = runs_of(url, first.run_id)
    for number in range(2):
        assert_whole(url, run_id, 2000, key=f"rank-{number}")
    assert get_run(url, run_id)["info"]["status"] == "FINISHED"


def test_official_server_online(tmp_path, place_of):
    url = place_of("official").uri
    training = Training(tmp_path, url, 2000, fork=1).close()
    (run_id,) = runs_of(url, training.run_id)
    for key in ["m", "m-1"]:
        assert_whole(url, run_id, 2000, key=key)


# --- versions of the format -------------------------------------------------------------------


def test_spool_of_version_1(line, tmp_path, server):
    """As the first release wrote it."""
    shutil.copytree(FIXTURES / "v1", tmp_path / "spool")
    (run,) = [path.name for path in (tmp_path / "spool").iterdir()]
    sync(line, tmp_path / "spool", server.url)
    assert_whole(server.url, run, 300)
    assert get_run(server.url, run)["info"]["status"] == "FINISHED"


def test_spool_of_a_newer_version(line, tmp_path, server):
    """Is refused with a word on why, left as it is, and hinders no other."""
    training = offline(tmp_path / "a").close()
    shutil.copytree(FIXTURES / "v1", training.spool, dirs_exist_ok=True)
    (old,) = (FIXTURES / "v1").glob("*/*.spool")
    newer = training.spool / old.parent.name / old.name
    newer.write_bytes(b"MILLSPL2" + old.read_bytes()[8:])
    done = line.run("sync", training.spool, "-T", server.url)
    assert done.code != 0 and "another version" in done.err
    assert_whole(server.url, training.run_id, POINTS)
    assert newer.read_bytes().startswith(b"MILLSPL2")
    (spool,) = line("spool", "status", training.spool, "--json").json["spools"]
    assert spool["state"] == "newer"


# --- export -----------------------------------------------------------------------------------


def test_export(line, tmp_path):
    """What is not delivered, as requests."""
    training = offline(tmp_path / "a").close()
    rows = [json.loads(row) for row in line("spool", "export", training.spool).lines]
    points = [metric for row in rows for metric in row.get("metrics", [])]
    assert sorted(int(point["step"]) for point in points) == list(range(POINTS))
