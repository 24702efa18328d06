"""metrics/buckets: lines for charts on every kind of store, against the same made by hand."""

import math
import random

import pytest

import harness
from pages_api import STORES, log, make_run, post, refused


@pytest.fixture(scope="module", params=STORES)
def server(request, tmp_path_factory):
    with harness.Server(tmp_path_factory.mktemp("buckets"), *STORES[request.param]) as running:
        yield running


def buckets(server, run_ids, keys=("m",), **request):
    return post(server, "metrics/buckets", run_ids=run_ids, metric_keys=list(keys), **request)


def line(server, run_id, key="m", **request):
    """The only line of the only metric, with its axis."""
    metric = buckets(server, [run_id], [key], **request)["metrics"][0]
    return metric, metric["series"][0]


def by_hand(points, start, width):
    """What points, (x, value) in order, make of an axis."""
    found = {}
    for x, value in points:
        if math.isfinite(value):
            found.setdefault((x - start) // width, []).append((x, value))
    rows = [found[k] for k in sorted(found)]
    return {"x": [row[-1][0] for row in rows], "last": [row[-1][1] for row in rows],
            "first": [row[0][1] for row in rows], "min": [min(v for _, v in row) for row in rows],
            "max": [max(v for _, v in row) for row in rows], "count": [len(row) for row in rows]}


def test_a_spike_is_never_lost(server):
    chance = random.Random(1)
    points = [(step, chance.gauss(0, 1)) for step in range(0, 30_000, 3)]
    points[4321] = (points[4321][0], 1e6)
    run_id = make_run(server)
    log(server, run_id, [("m", value, step) for step, value in points])
    for request in {}, {"buckets": 7}, {"start": 5000, "end": 20_000, "buckets": 321}:
        axis, got = line(server, run_id, **request)
        assert axis["start"] == request.get("start", 0)
        assert axis["end"] == request.get("end", 29_997)
        inside = [p for p in points if axis["start"] <= p[0] <= axis["end"]]
        assert got["points"] == len(inside)
        expected = by_hand(inside, axis["start"], axis["width"])
        assert {name: got[name] for name in expected} == expected
        assert max(got["max"]) == 1e6 and len(got["x"]) <= request.get("buckets", 500)
        assert "nan" not in got and got["run_id"] == run_id


def test_few_points_come_as_they_are(server):
    run_id = make_run(server)
    log(server, run_id, [("m", step / 4, step) for step in range(10)])
    axis, got = line(server, run_id)
    assert got == {"run_id": run_id, "points": 10, "x": list(range(10)),
                   "last": [step / 4 for step in range(10)]}
    assert axis["width"] == 1


def test_runs_share_an_axis(server):
    short, long, none = make_run(server), make_run(server), make_run(server)
    log(server, short, [("m", 1, 0), ("m", 2, 10)])
    log(server, long, [("m", 1, 0), ("m", 2, 1999), ("other", 5, 3)])
    answer = buckets(server, [long, none, "0" * 32, short], ["m", "other", "no"], buckets=100)
    m, other, no = answer["metrics"]
    assert (m["start"], m["end"], m["width"]) == (0, 1999, 20)
    assert [s["run_id"] for s in m["series"]] == [long, short]
    assert [s["x"] for s in m["series"]] == [[0, 1999], [10]]
    assert other["key"] == "other" and other["series"][0]["last"] == [5]
    assert no == {"key": "no", "series": []}
    assert answer["x"] == "step"


def test_times(server):
    run_id = make_run(server, start_time=5000)
    log(server, run_id, [("m", 1, 5, 7000), ("m", 2, 4, 8000), ("m", 3, 3, 6000)])
    _, got = line(server, run_id, x="time")
    assert got["x"] == [6000, 7000, 8000] and got["last"] == [3, 1, 2]
    axis, got = line(server, run_id, x="relative")
    assert got["x"] == [1000, 2000, 3000] and axis["start"] == 1000
    _, got = line(server, run_id, x="relative", start=1500, end=2500)
    assert got["x"] == [2000] and got["points"] == 1
    late = make_run(server, start_time=9000)
    log(server, late, [("m", 1, 0, 8000), ("m", 1, 0, 8500)])
    assert line(server, late, x="relative")[1]["x"] == [0, 500]


def test_what_is_not_finite_is_marked(server):
    run_id = make_run(server)
    values = [1, "NaN", "Infinity", 2, "-Infinity", "NaN"]
    log(server, run_id, [("m", value, step) for step, value in enumerate(values)])
    _, got = line(server, run_id)
    assert got["x"] == [0, 3] and got["last"] == [1, 2] and "min" not in got
    assert (got["nan"], got["inf"], got["neg_inf"]) == ([1, 5], [2], [4])
    _, got = line(server, run_id, buckets=1)
    assert got["nan"] == [1] and got["min"] == [1] and got["max"] == [2] and got["count"] == [2]
    only = make_run(server)
    log(server, only, [("m", "NaN", 1)])
    _, got = line(server, only)
    assert got == {"run_id": only, "points": 1, "x": [], "last": [], "nan": [1]}


def test_far_steps(server):
    run_id = make_run(server)
    far = 2 ** 63 - 1
    log(server, run_id, [("m", 1, -far, 5), ("m", 2, far, 6)])
    _, got = line(server, run_id, buckets=2)
    assert got["points"] == 2 and got["last"] == [1, 2]
    _, got = line(server, run_id, buckets=1)
    assert got["count"] == [2]
    metric = buckets(server, [run_id], start=10, end=20)["metrics"][0]
    assert metric["series"][0]["x"] == []


@pytest.mark.parametrize("request_, message", [
    ({"run_ids": []}, "run_ids: "), ({"metric_keys": []}, "metric_keys: "),
    ({"run_ids": ["a"] * 201}, "run_ids: "), ({"metric_keys": ["a"] * 101}, "metric_keys: "),
    ({"buckets": 0}, "buckets: must be 1 to 2000"), ({"buckets": 2001}, "buckets: must be 1 to"),
    ({"run_ids": ["a"] * 200, "metric_keys": ["m"] * 100, "buckets": 200}, "buckets: 200 for each"),
    ({"x": "epoch"}, "x: must be step, time or relative, got epoch"),
    ({"start": 5, "end": 4}, "end: must be at least start"), ({"start": 0.5}, "start: ")])
def test_what_is_refused(server, request_, message):
    answer = refused(server, "metrics/buckets",
                     **{"run_ids": ["a"], "metric_keys": ["m"], **request_})
    assert answer.status == 400, answer
    assert answer.json["message"].startswith(message), answer
