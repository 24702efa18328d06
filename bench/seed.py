"""Fills databases for the read workloads: through the API for us, in SQL for the rivals.

Loading millions of points through the rivals' APIs would take hours; their own schema is made
by starting them once, then rows are inserted in bulk. Such databases are cached."""

import hashlib
import inspect
import json
import shutil
import sqlite3
import sys
import time

from targets import CACHE
from workloads import random_ids

HEAVY_EXPERIMENTS = 40
KEYS = ("loss", "accuracy", "f1", "precision")
POINTS = 100  # of each key in each of the heavy runs
SIZES = {  # how much is filled in
    "full": {"heavy_runs": 20000, "wide_runs": 23525, "curve_points": 50000,
             "million": 1000000},
    "quick": {"heavy_runs": 2000, "wide_runs": 23525, "curve_points": 5000,
              "million": 1000000},
}
HISTORIES = (4, 100, 25000)
CURVES = 100
MODELS = 500
VERSIONS = 10  # of each model


def model_names():
    return [f"model-{i:03}" for i in range(MODELS)]


def layout(size):
    """Where everything is in a directly filled database."""
    data = dict(SIZES[size])
    total = data["heavy_runs"] + data["wide_runs"] + len(HISTORIES) + CURVES
    ids = random_ids(total)
    data["heavy_ids"] = ids[:data["heavy_runs"]]
    del ids[:data["heavy_runs"]]
    data["wide_ids"] = ids[:data["wide_runs"]]
    del ids[:data["wide_runs"]]
    data["history_runs"] = {str(n): ids[i] for i, n in enumerate(HISTORIES)}
    data["curve_runs"] = ids[len(HISTORIES):]
    data["heavy_experiments"] = [str(i + 1) for i in range(HEAVY_EXPERIMENTS)]
    data["wide_experiment"] = str(HEAVY_EXPERIMENTS + 1)
    data["other_experiment"] = str(HEAVY_EXPERIMENTS + 2)
    return data


# --- rivals: rows in bulk ---------------------------------------------------------------------

class Schema:
    """The differences between the two rivals' tables."""

    def __init__(self, fasttrackml):
        self.fasttrackml = fasttrackml
        self.runs_more = ", row_num" if fasttrackml else ""
        self.runs_row = ", i" if fasttrackml else ""
        self.points_more = ", iter, context_id" if fasttrackml else ""
        self.points_row = ", step, 1" if fasttrackml else ""
        self.latest_more = ", last_iter, context_id" if fasttrackml else ""
        self.latest_row = ", step, 1" if fasttrackml else ""
        self.param_value = "value_str" if fasttrackml else "value"
        self.experiment_more = ", namespace_id" if fasttrackml else ""
        self.experiment_row = ", 1" if fasttrackml else ""
        # Rows go in in the order of the primary key, which is several times faster.
        self.points_order = "key, value" if fasttrackml else "key, timestamp, step, run_uuid"


def metric_indexes(db):
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND "
                      "tbl_name = 'metrics' AND sql IS NOT NULL").fetchall()
    return rows


def add_runs(db, schema, ids, experiments, first_row, base_ms):
    db.executemany(
        "INSERT INTO temp.seed (i, id, experiment, start) VALUES (?, ?, ?, ?)",
        [(first_row + i, run, int(experiments[i % len(experiments)]), base_ms + 1000 * i)
         for i, run in enumerate(ids)])
    span = (first_row, first_row + len(ids))
    db.execute(f"""
        INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id,
            status, start_time, end_time, source_version, lifecycle_stage, artifact_uri,
            experiment_id, deleted_time{schema.runs_more})
        SELECT id, 'run-' || i, 'UNKNOWN', '', '',
            CASE i % 3 WHEN 0 THEN 'alice' WHEN 1 THEN 'bob' ELSE 'carol' END,
            CASE i % 5 WHEN 3 THEN 'FAILED' WHEN 4 THEN 'RUNNING' ELSE 'FINISHED' END,
            start, start + 60000, '', 'active', 'mlflow-artifacts:/' || experiment || '/' || id ||
            '/artifacts', experiment, NULL{schema.runs_row}
        FROM temp.seed WHERE i >= ? AND i < ?""", span)
    db.execute("INSERT INTO tags (key, value, run_uuid) SELECT 'mlflow.runName', 'run-' || i, id "
               "FROM temp.seed WHERE i >= ? AND i < ?", span)
    return span


def add_points(db, schema, span, keys, points, base_ms):
    db.execute(f"""
        INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan{schema.points_more})
        WITH RECURSIVE steps(step) AS (
            SELECT 0 UNION ALL SELECT step + 1 FROM steps WHERE step + 1 < ?),
        rows AS MATERIALIZED (
            SELECT k.value AS key, abs(random()) / 9223372036854775807.0 AS value,
                ? + step * 1000 AS timestamp, r.id AS run_uuid, step, 0 AS is_nan
            FROM json_each(?) AS k, steps, temp.seed AS r WHERE i >= ? AND i < ?)
        SELECT key, value, timestamp, run_uuid, step, is_nan{schema.points_row} FROM rows
        ORDER BY {schema.points_order}""", (points, base_ms, json.dumps(keys), *span))
    db.execute(f"""
        INSERT INTO latest_metrics (key, value, timestamp, step, is_nan,
            run_uuid{schema.latest_more})
        SELECT key, value, timestamp, step, is_nan, run_uuid{schema.latest_row} FROM metrics
        WHERE step = ? AND run_uuid IN (SELECT id FROM temp.seed WHERE i >= ? AND i < ?)""",
               (points - 1, *span))


def add_models(db, base_ms):
    """Registered models and their versions; only the official server has any."""
    db.executemany("INSERT INTO registered_models (name, creation_time, last_updated_time) "
                   "VALUES (?, ?, ?)", [(name, base_ms, base_ms) for name in model_names()])
    db.executemany(
        "INSERT INTO model_versions (name, version, creation_time, last_updated_time, user_id, "
        "current_stage, source, run_id, status) VALUES (?, ?, ?, ?, '', 'None', ?, '', 'READY')",
        [(name, version, base_ms, base_ms + version, f"s3://bucket/{name}/{version}")
         for name in model_names() for version in range(1, VERSIONS + 1)])


def fill(path, schema, data):
    base_ms = 1750000000000
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -1000000")
    db.execute("PRAGMA temp_store = FILE")
    db.execute("CREATE TEMP TABLE seed (i INTEGER PRIMARY KEY, id TEXT, experiment, start)")
    indexes = metric_indexes(db)
    for name, _ in indexes:
        db.execute(f'DROP INDEX "{name}"')
    db.execute("BEGIN")
    names = [f"heavy-{i:02}" for i in range(HEAVY_EXPERIMENTS)] + ["wide", "other"]
    db.executemany(
        f"INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, "
        f"creation_time, last_update_time{schema.experiment_more}) "
        f"VALUES (?, ?, ?, 'active', ?, ?{schema.experiment_row})",
        [(i + 1, name, f"mlflow-artifacts:/{i + 1}", base_ms, base_ms)
         for i, name in enumerate(names)])
    span = add_runs(db, schema, data["heavy_ids"], data["heavy_experiments"], 0, base_ms)
    db.execute("INSERT INTO tags (key, value, run_uuid) SELECT 'phase', 'p' || (i % 4), id "
               "FROM temp.seed WHERE i < ?", (span[1],))
    for j in range(5):
        db.execute(f"INSERT INTO params (key, {schema.param_value}, run_uuid) "
                   "SELECT 'param_' || ((i + ?) % 8), 'v' || (i % 10), id FROM temp.seed WHERE i < ?",
                   (j, span[1]))
    db.execute("UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = start_time "
               "WHERE run_uuid IN (SELECT id FROM temp.seed WHERE i < ? AND i % 20 = 7)",
               (span[1],))
    add_points(db, schema, span, KEYS, POINTS, base_ms)
    span = add_runs(db, schema, data["wide_ids"], [data["wide_experiment"]], span[1], base_ms)
    db.execute("INSERT INTO tags (key, value, run_uuid) SELECT 'mlflow.user', 'k6', id "
               "FROM temp.seed WHERE i >= ? AND i < ?", span)
    other = [data["other_experiment"]]
    for points, run in data["history_runs"].items():
        span = add_runs(db, schema, [run], other, span[1], base_ms)
        add_points(db, schema, span, ["loss"], int(points), base_ms)
    span = add_runs(db, schema, data["curve_runs"], other, span[1], base_ms)
    add_points(db, schema, span, ["loss"], data["curve_points"], base_ms)
    if not schema.fasttrackml:
        add_models(db, base_ms)
    for _, sql in indexes:
        db.execute(sql)
    db.execute("COMMIT")
    db.execute("ANALYZE")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if not schema.fasttrackml:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()


def rival_database(target, size):
    """Path of a filled database of a rival; made once and kept."""
    family = "fasttrackml" if target.key == "fasttrackml" else "official"
    made_of = "".join(map(inspect.getsource, (layout, Schema, add_runs, add_points, add_models, fill)))
    mark = hashlib.sha256((made_of + json.dumps(SIZES)).encode()).hexdigest()[:12]
    path = CACHE / f"seeded-{family}-{target.version()}-{size}-{mark}.db"
    data = layout(size)
    if not path.exists():
        print(f"  filling a database for {target.title} ({size})", file=sys.stderr)
        began = time.monotonic()
        for old in CACHE.glob(f"seeded-{family}-*-{size}-*"):
            old.unlink()
        home = CACHE / f"seeding-{family}"
        shutil.rmtree(home, ignore_errors=True)
        target.start(home)
        target.stop()
        database = target.database(home)
        fill(database, Schema(family == "fasttrackml"), data)
        database.rename(path)
        shutil.rmtree(home)
        print(f"  took {time.monotonic() - began:.0f} s, "
              f"{path.stat().st_size / 2**20:.0f} MiB", file=sys.stderr)
    return path, data


# --- ours: through the API --------------------------------------------------------------------

def make_experiment(target, name):
    return target.call("POST", "experiments/create", {"name": name})["experiment_id"]


def make_run(target, experiment):
    answer = target.call("POST", "runs/create",
                         {"experiment_id": experiment, "start_time": int(time.time() * 1000)})
    return answer["run"]["info"]["run_id"]


def listed(where, name, words):
    path = where / f"{name}.txt"
    path.write_text("\n".join(words) + "\n")
    return str(path)


def series_script(where, run, first, count):
    """A log-batch of consecutive points of one run."""
    base_ms = 1750000000000
    points = ",".join('{"key":"loss","value":{{rand}},"timestamp":%d,"step":%d}'
                      % (base_ms + 1000 * step, step) for step in range(first, first + count))
    body = where / "series-seed.json"
    body.write_text('{"run_id":"%s","metrics":[%s]}' % (run, points))
    return f"step Seed\nsend POST /api/2.0/mlflow/runs/log-batch\nbody @{body}\n"


def heavy_script(where, data):
    base_ms = 1750000000000
    points = ",".join('{"key":"%s","value":{{rand}},"timestamp":%d,"step":%d}'
                      % (key, base_ms + 1000 * step, step)
                      for key in KEYS for step in range(POINTS))
    params = ",".join('{"key":"param_%d","value":"v{{pick:digit}}"}' % i for i in range(5))
    body = where / "heavy.json"
    body.write_text('{"run_id":"{{captured}}","metrics":[%s],"params":[%s],'
                    '"tags":[{"key":"phase","value":"p{{pick:digit}}"}]}' % (points, params))
    exps = listed(where, "experiments", data["heavy_experiments"])
    digits = listed(where, "digits", [str(i) for i in range(10)])
    users = listed(where, "users", ["alice", "bob", "carol"])
    states = listed(where, "states", ["FINISHED", "FINISHED", "FINISHED", "FAILED", "RUNNING"])
    return f"""list exp {exps}
list digit {digits}
list user {users}
list state {states}
step CreateRun
send POST /api/2.0/mlflow/runs/create
body {{"experiment_id":"{{{{next:exp}}}}","user_id":"{{{{next:user}}}}","start_time":{{{{now}}}}}}
capture run_id
step LogBatch
send POST /api/2.0/mlflow/runs/log-batch
body @{body}
step UpdateRun
send POST /api/2.0/mlflow/runs/update
body {{"run_id":"{{{{captured}}}}","status":"{{{{next:state}}}}","end_time":{{{{now}}}}}}
"""


def seed_ours(target, size, where, load):
    """Fills our running server; load runs a script on it and fails on any error."""
    data = dict(SIZES[size])
    began = time.monotonic()
    data["heavy_experiments"] = [make_experiment(target, f"heavy-{i:02}")
                                 for i in range(HEAVY_EXPERIMENTS)]
    data["wide_experiment"] = make_experiment(target, "wide")
    data["other_experiment"] = make_experiment(target, "other")
    load(target, heavy_script(where, data), conns=32, iterations=data["heavy_runs"])
    load(target, "step CreateRun\nsend POST /api/2.0/mlflow/runs/create\n"
         'body {"experiment_id":"%s","start_time":{{now}},"tags":[{"key":"mlflow.user",'
         '"value":"k6"}]}\n' % data["wide_experiment"], conns=32, iterations=data["wide_runs"])
    data["history_runs"] = {}
    for points in HISTORIES + (data["million"],):
        run = make_run(target, data["other_experiment"])
        data["history_runs"][str(points)] = run
        fill_series(target, where, load, run, points)
    data["curve_runs"] = [make_run(target, data["other_experiment"]) for _ in range(CURVES)]
    for run in data["curve_runs"]:
        fill_series(target, where, load, run, data["curve_points"])
    delete_some(target, data)
    seed_models(target, where, load)
    data["seed_seconds"] = time.monotonic() - began
    return data


def fill_series(target, where, load, run, points):
    done = 0
    if points > 25000:
        # The steps come from the driver's counter, so one script serves all batches.
        base_ms = 1750000000000
        body = where / "counter-seed.json"
        point = '{"key":"loss","value":{{rand}},"timestamp":%d,"step":{{step}}}' % base_ms
        body.write_text('{"run_id":"%s","metrics":[%s]}' % (run, ",".join([point] * 1000)))
        load(target, f"step Seed\nsend POST /api/2.0/mlflow/runs/log-batch\nbody @{body}\n",
             conns=1, iterations=points // 1000)
        return
    while done < points:
        count = min(1000, points - done)
        load(target, series_script(where, run, done, count), conns=1, iterations=1)
        done += count


def seed_models(target, where, load):
    names = listed(where, "models", model_names())
    post = "send POST /api/2.0/mlflow/"
    load(target, f"list model {names}\nstep CreateModel\n{post}registered-models/create\n"
         'body {"name":"{{next:model}}"}\n', conns=8, iterations=MODELS)
    load(target, f"list model {names}\nstep CreateVersion\n{post}model-versions/create\n"
         'body {"name":"{{next:model}}","source":"s3://bucket/model/{{req}}"}\n', conns=8,
         iterations=MODELS * VERSIONS)


def delete_some(target, data):
    """One heavy run in twenty is deleted, as in the original data set."""
    left = data["heavy_runs"] // 20
    for experiment in data["heavy_experiments"]:
        count = min(left, data["heavy_runs"] // 20 // HEAVY_EXPERIMENTS)
        found = target.call("POST", "runs/search", {"experiment_ids": [experiment],
                                                    "max_results": max(1, count)})
        for run in found["runs"][:count]:
            target.call("POST", "runs/delete", {"run_id": run["info"]["run_id"]})
