"""The programs in examples/ do what they say, and what they log is there afterwards."""

import pathlib
import subprocess

import pytest

import harness
import installed

EXAMPLES = pathlib.Path(harness.ROOT) / "examples"

# name: sources, standard, further flags
PROGRAMS = {
    "C": (["train.c"], "c11", ["-lm"]),
    "C++": (["train.cpp"], "c++17", []),
    "Fortran": (["millstream.f90", "train.f90"], "f2018", []),
    "writers": (["many_writers.c"], "c11", []),
    "durable": (["durable.c"], "c11", []),
}


@pytest.fixture(scope="session")
def programs(package, tmp_path_factory):
    """Each program, built once."""
    built = {}
    for name, (sources, standard, flags) in PROGRAMS.items():
        target = tmp_path_factory.mktemp("example") / "program"
        built[name] = package.build(target, *(EXAMPLES / source for source in sources),
                                    standard=standard, flags=flags)
    return built


def start(package, program, place, *words):
    return subprocess.run(
        [program, *map(str, words)], cwd=place.home, capture_output=True, text=True,
        env=package.environment(MLFLOW_TRACKING_URI=place.uri), timeout=installed.SECONDS,
        check=False)


TRAINERS = ["C", "C++", "Fortran"]


@pytest.mark.parametrize("language", TRAINERS)
def test_training(package, programs, place, language):
    done = start(package, programs[language], place, 12, 0.1)
    assert (done.returncode, done.stderr) == (0, ""), done
    run_id = done.stdout.split()[-1]
    described = place("runs", "describe", run_id).json
    assert described["info"]["status"] == "FINISHED"
    assert described["info"]["run_name"] == "rate-0.1"
    data = described["data"]
    assert data["params"] == {"epochs": "12", "learning_rate": "0.1", "hidden": "16"}
    assert data["tags"]["language"] == language and data["tags"]["model"] == "mlp"
    assert set(data["metrics"]) == {"train_loss", "test_loss", "test_accuracy"}
    assert data["metrics"]["test_accuracy"] > 0.8
    assert f"{data['metrics']['test_accuracy']:.4f}".lstrip("0") in done.stdout
    history = place("runs", "metrics", run_id, "-k", "train_loss", "--csv").lines[1:]
    points = [line.split(",") for line in history]
    assert [int(step) for _, step, _, _ in points] == list(range(1, 13))
    assert float(points[-1][3]) < float(points[0][3])
    place("artifacts", "download", run_id, "model/model.txt", "-d", "got")
    assert (place.home / "got" / "model.txt").read_text() == (
        place.home / "model.txt").read_text() != ""


@pytest.mark.parametrize("language", TRAINERS)
def test_training_that_fails(package, programs, place, language):
    """A run whose training breaks off is FAILED, and says so."""
    done = start(package, programs[language], place, 12, "1e300")
    assert done.returncode not in (0, 127) and "train slower" in done.stderr, done
    assert start(package, programs[language], place, 1).returncode == 0
    runs = place("runs", "search", "half-circles", "--csv").lines[1:]
    assert [line.split(",")[2] for line in runs] == ["FINISHED", "FAILED"]


@pytest.mark.parametrize("language", TRAINERS)
def test_training_without_a_place(package, programs, alone, language):
    done = start(package, programs[language], alone)
    assert done.returncode == 8 and "http://127.0.0.1:1" in done.stderr, done
    for words in ([0], ["many"], [3, 0.1, 7], [3, "-1"]):
        done = start(package, programs[language], alone, *words)
        assert done.returncode == 2 and done.stderr.startswith("usage: "), done


@pytest.fixture
def alone(tmp_path):
    """A place where nobody listens."""
    class Place:
        home = tmp_path
        uri = "http://127.0.0.1:1"
    return Place


def test_many_writers(package, programs, place):
    """The program looks for its points itself; the count is looked at from outside."""
    done = start(package, programs["writers"], place, 6, 250)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.startswith("6 processes logged 3000 points into run ")
    run_id = done.stdout.split("run ")[1].split(":")[0]
    assert len(place("runs", "metrics", run_id, "-k", "all", "--csv").lines) == 1 + 6 * 250
    described = place("runs", "describe", run_id).json
    assert described["info"]["status"] == "FINISHED"
    assert set(described["data"]["metrics"]) == {"all", *(f"rank_{n}" for n in range(6))}


def test_many_writers_without_a_place(package, programs, alone):
    done = start(package, programs["writers"], alone, 2, 10)
    assert done.returncode == 8 and "http://127.0.0.1:1" in done.stderr, done


def test_durable(package, programs, place):
    """A run that goes on, then one that begins without a server and is delivered later."""
    def train(*words, **environment):
        return subprocess.run(
            [programs["durable"], *map(str, words)], cwd=place.home, capture_output=True,
            text=True, timeout=installed.SECONDS, check=False,
            env=package.environment(MLFLOW_TRACKING_URI=place.uri,
                                    MILLSTREAM_SPOOL=str(place.home / "spool"), **environment))

    done = train(300)
    assert (done.returncode, done.stderr) == (0, ""), done
    run_id = done.stdout.split()[1]
    assert "300 points logged, 0 of them thinned" in done.stdout
    assert train(400, run_id).returncode == 0
    assert place("runs", "describe", run_id).json["info"]["status"] == "FINISHED"
    done = train(500, MILLSTREAM_MODE="offline")
    assert (done.returncode, done.stderr) == (0, ""), done
    run_id = done.stdout.split()[1]
    assert "Delivered 500 points" in place("sync", place.home / "spool").out
    assert len(place("runs", "metrics", run_id, "-k", "loss", "--csv").lines) == 1 + 500


def test_durable_without_a_place(package, programs, alone):
    done = start(package, programs["durable"], alone, 100)
    assert done.returncode == 0 and "millstream sync" in done.stdout, done
    assert "cannot be delivered now and is kept in" in done.stderr
