"""kill -9 at random moments under load: what was acknowledged is there, nothing is half there.

Clients write whole units (a run with its tags, a batch of points, params and tags) and note
each acknowledgement. After each kill the files are checked as they were left, the server is
started again, and every unit is compared with what was noted: acknowledged ones must be
complete, the one that was under way may be complete or absent."""

import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import time
import urllib.parse

import pytest

import harness
import killing

ROUNDS = 150 if harness.LONG else 30
CRASHES = 100 if harness.LONG else 15
CLIENTS = 6
CREATION_TAGS = 5
RUNS_KEPT = 12  # old runs go on growing, so that merges have something to do
# Small, so that kills fall into merges of points and into checkpoints.
STORE_SETTINGS = {"MILLSTREAM_TEST_MERGE_POINTS": "400", "MILLSTREAM_TEST_MERGE_TAILS": "4",
                  "MILLSTREAM_TEST_CHECKPOINT_PAGES": "50"}


def value_of(step):
    return step * 0.5 - 3


class Unit:
    """Something that is written as a whole."""

    def __init__(self, number, key, first, count, with_texts):
        self.number = number
        self.key = key
        self.steps = range(first, first + count)
        self.with_texts = with_texts
        self.acknowledged = False


class Run:
    """What its only client knows of one run."""

    def __init__(self, run_id, name):
        self.run_id = run_id
        self.units = []
        self.next_number = 0
        self.next_step = 0
        # Of what is overwritten: the values that it may have now.
        self.possible = {"tag": {None}, "name": {name}, "status": {"RUNNING"}}
        self.datasets = {}  # name: acknowledged

    def unit(self, key, count, with_texts):
        unit = Unit(self.next_number, key, self.next_step, count, with_texts)
        self.next_number += 1
        self.next_step += count
        self.units.append(unit)
        return unit


class Client(killing.Writer):
    """Writes to runs, its own ones and those it was given."""

    steps = ("create", "batch", "batch", "batch", "single", "overwrite", "rename", "finish",
             "inputs")
    prefix = "/api/2.0/mlflow/"

    def __init__(self, server, experiment_id, runs, seed):
        super().__init__(server, seed)
        self.experiment_id = experiment_id
        self.runs = runs
        self.creations = []  # [run name, run id once acknowledged]

    def create(self):
        name = f"run-{self.rng.getrandbits(64):016x}"
        tags = [{"key": f"tag{i}", "value": f"{name}-{i}"} for i in range(CREATION_TAGS)]
        note = [name, None]
        self.creations.append(note)
        answer = self.call("POST", "runs/create", {"experiment_id": self.experiment_id,
                                           "run_name": name, "tags": tags, "start_time": 1})
        note[1] = answer["run"]["info"]["run_id"]
        self.runs.append(Run(note[1], name))

    def pick(self):
        if not self.runs:
            self.create()
        return self.rng.choice(self.runs)

    def batch(self):
        """Points of one key, params and tags that all carry the number of the unit."""
        run = self.pick()
        count = self.rng.choice([1, 10, 100, 300])
        unit = run.unit(f"m{self.rng.randrange(3)}", count, True)
        self.call("POST", "runs/log-batch", {
            "run_id": run.run_id,
            "metrics": [{"key": unit.key, "value": value_of(step), "timestamp": 1000 + step,
                         "step": step} for step in unit.steps],
            "params": [{"key": f"p{unit.number}.{i}", "value": str(unit.number)}
                       for i in range(3)],
            "tags": [{"key": f"t{unit.number}.{i}", "value": str(unit.number)}
                     for i in range(3)],
        })
        unit.acknowledged = True

    def single(self):
        run = self.pick()
        unit = run.unit("single", 1, False)
        step = unit.steps[0]
        self.call("POST", "runs/log-metric", {"run_id": run.run_id, "key": "single", "step": step,
                                      "value": value_of(step), "timestamp": 1000 + step})
        unit.acknowledged = True

    def change(self, run, what, value, rpc, body):
        """Overwrites something: until the answer is there, old and new are possible."""
        run.possible[what].add(value)
        self.call("POST", rpc, {"run_id": run.run_id, **body})
        run.possible[what] = {value}

    def overwrite(self):
        value = f"{self.rng.getrandbits(64):x}"
        self.change(self.pick(), "tag", value, "runs/set-tag", {"key": "last", "value": value})

    def rename(self):
        value = f"{self.rng.getrandbits(64):x}"
        self.change(self.pick(), "name", value, "runs/update", {"run_name": value})

    def finish(self):
        value = self.rng.choice(["RUNNING", "FINISHED", "FAILED"])
        self.change(self.pick(), "status", value, "runs/update", {"status": value})

    def inputs(self):
        """Two datasets with two tags each, as one call."""
        run = self.pick()
        number = len(run.datasets)
        names = [f"data-{number}-{i}" for i in range(2)]
        for name in names:
            run.datasets[name] = False
        self.call("POST", "runs/log-inputs", {"run_id": run.run_id, "datasets": [{
            "tags": [{"key": f"t{i}", "value": name} for i in range(2)],
            "dataset": {"name": name, "digest": "d", "source_type": "local", "source": "{}"},
        } for name in names]})
        for name in names:
            run.datasets[name] = True


def check_files(home, scratch):
    with killing.sound_copy(home, scratch) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def segments(home):
    """How many pieces of histories have been merged."""
    database = sqlite3.connect(home / "tracking.db")
    count = database.execute("SELECT count(*) FROM segments").fetchone()[0]
    database.close()
    return count


def pages(ask_for):
    token = None
    while True:
        answer = ask_for(token)
        assert answer.status == 200, answer
        yield answer.json
        token = answer.json.get("next_page_token")
        if not token:
            return


def history(connection, run_id, key):
    def ask_for(token):
        query = {"run_id": run_id, "metric_key": key, "max_results": 10000}
        if token:
            query["page_token"] = token
        return harness.ask(connection, "GET", "/api/2.0/mlflow/metrics/get-history?" +
                           urllib.parse.urlencode(query))

    return [point for page in pages(ask_for) for point in page.get("metrics", [])]


def check_points(connection, run, key, latest):
    """The steps of a key that are stored, each once, as written, and no others."""
    units = [unit for unit in run.units if unit.key == key]
    allowed = {step for unit in units for step in unit.steps}
    points = history(connection, run.run_id, key)
    steps = {point["step"] for point in points}
    assert len(steps) == len(points), f"{key}: a point is there twice"
    assert steps <= allowed, f"{key}: points that nobody wrote"
    for point in points:
        assert point["value"] == value_of(point["step"])
        assert point["timestamp"] == 1000 + point["step"]
    assert latest.get(key) == max(steps, default=None)
    return steps


def check_changes(run, found):
    """What was overwritten has the last acknowledged value or the one that was under way."""
    tags = {t["key"]: t["value"] for t in found["data"].get("tags", [])}
    now = {"tag": tags.get("last"), "name": found["info"]["run_name"],
           "status": found["info"]["status"]}
    for what, values in run.possible.items():
        assert now[what] in values, f"{what}: {now[what]} is none of {values}"
        run.possible[what] = {now[what]}
    assert tags["mlflow.runName"] == now["name"], "name and its tag differ"


def check_inputs(run, found):
    stored = {}
    for entry in found.get("inputs", {}).get("dataset_inputs", []):
        name = entry["dataset"]["name"]
        assert {t["key"]: t["value"] for t in entry["tags"]} == {"t0": name, "t1": name}
        stored[name] = True
    for name, acknowledged in run.datasets.items():
        assert name in stored or not acknowledged, f"{name} was acknowledged and is lost"
        twin = name[:-1] + ("1" if name.endswith("0") else "0")
        assert (name in stored) == (twin in stored), "half of log-inputs is there"
        run.datasets[name] = name in stored
    assert set(stored) <= set(run.datasets)


def check_run(connection, run):
    answer = harness.ask(connection, "GET", f"/api/2.0/mlflow/runs/get?run_id={run.run_id}")
    assert answer.status == 200, answer
    check_changes(run, answer.json["run"])
    check_inputs(run, answer.json["run"])
    data = answer.json["run"]["data"]
    params = {p["key"]: p["value"] for p in data.get("params", [])}
    tags = {t["key"]: t["value"] for t in data.get("tags", [])}
    latest = {m["key"]: m["step"] for m in data.get("metrics", [])}
    stored = {key: check_points(connection, run, key, latest)
              for key in {unit.key for unit in run.units}}

    kept = []
    for unit in run.units:
        parts = [step in stored[unit.key] for step in unit.steps]
        if unit.with_texts:
            parts += [params.get(f"p{unit.number}.{i}") == str(unit.number) for i in range(3)]
            parts += [tags.get(f"t{unit.number}.{i}") == str(unit.number) for i in range(3)]
        assert all(parts) or not any(parts), f"unit {unit.number} is half there"
        if all(parts):
            unit.acknowledged = True  # what was seen once has to stay
            kept.append(unit)
        else:
            assert not unit.acknowledged, f"unit {unit.number} was acknowledged and is lost"
    run.units = kept
    numbers = {str(unit.number) for unit in kept if unit.with_texts}
    assert set(params.values()) == numbers


def check_creations(server, experiment_id, creations):
    """Every run of the experiment has all its tags; every acknowledged one is there."""
    def ask_for(token):
        body = {"experiment_ids": [experiment_id], "max_results": 5000}
        if token:
            body["page_token"] = token
        return server.call("runs/search", body)

    found = {}
    for page in pages(ask_for):
        for run in page.get("runs", []):
            info, tags = run["info"], {t["key"]: t["value"] for t in run["data"]["tags"]}
            assert tags["mlflow.runName"] == info["run_name"]
            name = tags.get("tag0", "?").rsplit("-", 1)[0]
            for i in range(CREATION_TAGS):
                assert tags.get(f"tag{i}") == f"{name}-{i}", f"{name} is half there"
            found[name] = info["run_id"]
    for name, run_id in creations:
        if run_id is not None:
            assert found.get(name) == run_id, f"{name} was acknowledged and is lost"


def check_all(server, experiment_id, creations, runs):
    check_creations(server, experiment_id, creations)
    connection = server.connect()
    for run in runs:
        check_run(connection, run)
    connection.close()


def load(server, experiment_id, runs, rng):
    """Writes until the server is killed; the clients."""
    clients = [Client(server, experiment_id, runs[index::CLIENTS], rng.getrandbits(64)).start()
               for index in range(CLIENTS)]
    time.sleep(rng.uniform(0.01, 0.4))
    server.kill()
    for client in clients:
        client.join()
    return clients


def test_kill_under_load(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    home = tmp_path / "home"
    home.mkdir()
    creations, runs, acknowledged = [], [], 0
    server = harness.Server(home, environment=STORE_SETTINGS)
    experiment_id = server.create_experiment("killed")
    for _ in killing.rounds(ROUNDS, lambda: acknowledged > 10 * ROUNDS and
                            segments(tmp_path / "copy") > ROUNDS):  # merges did happen
        clients = load(server, experiment_id, runs, rng)
        check_files(home, tmp_path / "copy")
        acknowledged += sum(client.acknowledged for client in clients)
        creations += [note for client in clients for note in client.creations]
        runs = [run for client in clients for run in client.runs]
        server = harness.Server(home, environment=STORE_SETTINGS)
        check_all(server, experiment_id, creations, runs)
        rng.shuffle(runs)
        runs = sorted(runs, key=lambda run: -run.next_step)[:RUNS_KEPT // 2] + runs[:RUNS_KEPT]
        runs = list({run.run_id: run for run in runs}.values())
    assert server.stop() == 0
    check_files(home, tmp_path / "copy")
    server = harness.Server(home)
    check_all(server, experiment_id, creations, runs)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def crash_at_write(tmp_path_factory):
    library = tmp_path_factory.mktemp("crash") / "crash_at_write.so"
    source = pathlib.Path(__file__).with_name("crash_at_write.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
            ":verify_asan_link_order=0", **STORE_SETTINGS}


def write_until_crash(home, settings, experiment_id, runs, rng):
    """Has one client write to a server until that dies; the client's creations."""
    try:
        server = harness.Server(home, environment=settings)
    except harness.StartFailed as failure:  # upkeep was quicker with its write
        assert failure.status == -signal.SIGKILL, failure
        return []
    client = Client(server, experiment_id, runs, rng.getrandbits(64)).start()
    client.thread.join(600)  # it ends with the server, or with what it finds wrong
    crashed = not client.thread.is_alive() and client.failure is None
    if crashed:
        assert server.wait() == -signal.SIGKILL
        server.process.stdout.read()  # to its end, which a power cut outlasts
    server.kill()
    client.join()
    assert crashed, "the server lives on"
    return client.creations


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
@pytest.mark.parametrize("file, most", [("-wal", 300), ("tracking.db", 150)],
                         ids=["commits and merges", "checkpoints"])
def test_crash_in_the_middle_of_a_write(tmp_path, crash_at_write, file, most, power):
    """The process dies with half a write done: to the log, where commits and merges go, or to
    the database itself, where only checkpoints write. With the power, all goes that was not
    synced: what was acknowledged, was."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    home = tmp_path / "home"
    home.mkdir()
    with harness.Server(home) as server:
        experiment_id = server.create_experiment("crashed")
    if power:
        crash_at_write = {**crash_at_write, "CRASH_POWER": "1"}
    creations, runs = [], []
    for _ in killing.rounds(CRASHES, lambda: segments(home) > 0):
        at = rng.randrange(1, most)
        settings = {**crash_at_write, "CRASH_FILE": file, "CRASH_AT": str(at)}
        creations += write_until_crash(home, settings, experiment_id, runs, rng)
        check_files(home, tmp_path / "copy")
        with harness.Server(home) as server:
            check_all(server, experiment_id, creations, runs)
        runs = runs[-RUNS_KEPT:]


@pytest.mark.parametrize("file, most", [("-wal", 30), (".backup-v1.part", 60)],
                         ids=["while tables are made", "while the copy is made"])
def test_crash_in_the_middle_of_an_upgrade(tmp_path, crash_at_write, file, most):
    """A database of version 1 is as it was or upgraded, and the next start finishes the job. A
    copy under its name is whole."""
    old = (pathlib.Path(__file__).parents[1] / "store" / "schema_v1.sql").read_text()
    for at in range(1, most, 1 if harness.LONG else 7):
        home = tmp_path / str(at)
        home.mkdir()
        database = sqlite3.connect(home / "tracking.db")
        database.executescript(old)
        database.close()
        starting = harness.spawn(home, environment={
            **crash_at_write, "CRASH_FILE": file, "CRASH_AT": str(at)})
        starting.stdout.readline()  # its address, or the end
        starting.kill()
        starting.communicate()
        check_files(home, tmp_path / "copy")
        with harness.Server(home) as server:
            assert server.call("runs/search", {"experiment_ids": ["1"]}).json["runs"]
            assert server.call("registered-models/create", {"name": "m"}).status == 200
        copy = sqlite3.connect(home / "tracking.db.backup-v1")
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        copy.close()


def test_kill_during_start_and_stop(tmp_path):
    """A server that is killed while it opens or closes its database harms nothing."""
    rng = random.Random()
    server = harness.Server(tmp_path, environment=STORE_SETTINGS)
    experiment_id = server.create_experiment("kept")
    client = Client(server, experiment_id, [], 1).start()
    time.sleep(0.3)
    server.kill()
    client.join()
    for _ in range(10):
        starting = harness.spawn(tmp_path, environment=STORE_SETTINGS)
        time.sleep(rng.uniform(0, 0.03))
        starting.kill()
        starting.communicate()
        stopping = harness.Server(tmp_path, environment=STORE_SETTINGS)
        stopping.process.terminate()
        time.sleep(rng.uniform(0, 0.01))
        stopping.kill()
        check_files(tmp_path, tmp_path / "copy")
    with harness.Server(tmp_path) as server:
        check_all(server, experiment_id, client.creations, client.runs)


def test_stop_finishes_what_was_accepted(tmp_path):
    """SIGTERM under load: every client gets an answer or a closed connection, none is lost."""
    server = harness.Server(tmp_path, environment=STORE_SETTINGS)
    experiment_id = server.create_experiment("stopped")
    clients = [Client(server, experiment_id, [], index).start() for index in range(CLIENTS)]
    time.sleep(0.3)
    assert server.stop() == 0
    for client in clients:
        client.thread.join()
        assert client.failure is None or "503" in str(client.failure)
    check_files(tmp_path, tmp_path / "copy")
    with harness.Server(tmp_path) as server:
        check_all(server, experiment_id, [n for c in clients for n in c.creations],
                  [run for client in clients for run in client.runs])
