"""`millstream runs log-batch`: points from standard input, also from a program that is running."""

import json
import os
import signal
import subprocess

import pytest

import harness


@pytest.fixture
def run(cli):
    return cli("runs", "create", "-s", "RUNNING").out.strip()


def lines(*objects):
    return "".join(json.dumps(thing) + "\n" for thing in objects).encode()


def data(cli, run):
    return cli("runs", "describe", run).json["data"]


def history(cli, run, key):
    points = cli("runs", "metrics", run, "-k", key, "--json").json["metrics"]
    return [(p["step"], p["value"]) for p in points]


def test_all_kinds(cli, run):
    text = lines({"key": "loss", "value": 0.5, "step": 1, "timestamp": 5},
                 {"key": "loss", "value": 0.25, "step": -2, "timestamp": 6},
                 {"param": "rate", "value": "0.1"}, {"param": "layers", "value": 3},
                 {"param": "fast", "value": True}, {"tag": "who", "value": "J\u00fcrgen \U0001f600"},
                 {"key": "odd", "value": "NaN"}, {"value": "-Infinity", "key": "down"})
    # What Python writes for numbers that JSON has no words for; empty lines; no last line end.
    text += b'\n  \r\n{"key":"up","value":Infinity}\r\n{"key":"bad","value":NaN}'
    done = cli("runs", "log-batch", run, stdin=text)
    assert done.out == f"Logged 6 metrics, 3 params, 1 tag to run {run}\n"
    logged = data(cli, run)
    assert logged["params"] == {"rate": "0.1", "layers": "3", "fast": "true"}
    assert logged["tags"]["who"] == "J\u00fcrgen \U0001f600"
    assert logged["metrics"]["odd"] == "NaN" and logged["metrics"]["bad"] == "NaN"
    assert float(logged["metrics"]["up"]) > 1e308 and float(logged["metrics"]["down"]) < -1e308
    assert history(cli, run, "loss") == [(1, 0.5), (-2, 0.25)]


def test_nothing(cli, run):
    assert cli("runs", "log-batch", run, stdin=b"").out == (
        f"Logged 0 metrics, 0 params, 0 tags to run {run}\n")


def test_many(cli, run):
    """More than a batch, more params and tags than a request may carry."""
    text = lines(*({"key": "m", "value": n, "step": n, "timestamp": 1} for n in range(2500)),
                 *({"param": f"p{n}", "value": "x"} for n in range(250)),
                 *({"tag": f"t{n}", "value": "y"} for n in range(250)))
    done = cli("runs", "log-batch", run, stdin=text)
    assert done.out == f"Logged 2500 metrics, 250 params, 250 tags to run {run}\n"
    assert history(cli, run, "m") == [(n, n) for n in range(2500)]
    logged = data(cli, run)
    assert len(logged["params"]) == 250 and sum(k[0] == "t" for k in logged["tags"]) == 250


GOOD = {"key": "ok", "value": 1}


@pytest.mark.parametrize("line, message", [
    (b"loss 0.5", "there should be '{' in column 1"),
    (b'{"key":"a","value":1', "there should be ',' or '}' in column 21"),
    (b'{"key":"a","value":1} 2', "there should be nothing more in column 23"),
    (b'{"key":"a","value":}', "there should be a text, a number, true or false in column 20"),
    (b'{"key":"a","value":[1]}', "there should be a text, a number, true or false in column 20"),
    (b'{"key":"a","value":1,}', "there should be a name in quotes in column 22"),
    (b'{"key":"a" "value":1}', "there should be ',' or '}' in column 12"),
    (b'{"key":"a","value":"much"}', '"value" of a metric is another text, no number'),
    (b'{"key":"a","value":0x10}', '"value" of a metric is another word, no number'),
    (b'{"key":"a","value":1e999}', '"value" is out of range'),
    (b'{"key":"a"}', 'there is no "value"'),
    (b'{"value":1}', 'there must be one of "key", "param" and "tag"'),
    (b'{"key":"a","tag":"b","value":1}', 'there must be one of "key", "param" and "tag"'),
    (b'{"key":"a","key":"b","value":1}', '"key" is there twice'),
    (b'{"key":1,"value":1}', '"key" must be a text'),
    (b'{"key":"a","value":1,"step":1.5}', '"step" must be a whole number'),
    (b'{"key":"a","value":1,"timestamp":-1}', '"timestamp" must be a whole number from 0'),
    (b'{"key":"a","value":1,"stpe":1}', '"stpe" is none of key, param, tag, value, step'),
    (b'{"param":"a","value":null}', '"value" must be a text, a number, true or false'),
    (b'{"param":"a","value":"x","step":1}', '"step" and "timestamp" are for metrics only'),
    (b'{"tag":"\\ud800","value":"x"}', "bad escape"),
    (b'{"tag":"\\x","value":"x"}', "bad escape"),
    (b'{"tag":"a\tb","value":"x"}', "no control character"),
    (b'{"tag":"\xff","value":"x"}', "not UTF-8"),
    (b'{"tag":"a","value":"x', "there should be a closing quote"),
])
def test_bad_line(server_cli, line, message):
    """It is named; what came before it is logged, what comes behind it is not."""
    cli = server_cli
    run = cli("runs", "create", "-s", "RUNNING").out.strip()
    text = lines(GOOD) + line + b"\n" + lines({"key": "late", "value": 1})
    error = cli.fails(2, "runs", "log-batch", run, stdin=text)
    assert error.startswith("line 2: ") and message in error, error
    assert error.endswith("; logged before: 1 metric, 0 params, 0 tags")
    assert set(data(cli, run)["metrics"]) == {"ok"}


def test_too_long_line(server_cli):
    run = server_cli("runs", "create", "-s", "RUNNING").out.strip()
    text = lines(GOOD) + b'{"tag":"' + b"x" * (1 << 21) + b'","value":"1"}\n'
    assert server_cli.fails(
        mill_too_large(server_cli), "runs", "log-batch", run, stdin=text) == (
        "line 2 has more than 1048576 bytes; logged before: 1 metric, 0 params, 0 tags")
    assert set(data(server_cli, run)["metrics"]) == {"ok"}


def mill_too_large(cli):
    """The exit code of that status, as the manual page has it."""
    page = cli("help", "--man").out.splitlines()
    at = next(i for i, line in enumerate(page) if "TOO_LARGE" in line)
    return int(page[at - 1].split()[-1])


def test_refused_batch(cli, run):
    """What the server refuses is told with the lines it came from, and what is there already."""
    text = lines(*({"key": "m", "value": n, "step": n} for n in range(1000)),
                 {"param": "rate", "value": "1"}, {"param": "rate", "value": "2"})
    error = cli.fails(2, "runs", "log-batch", run, stdin=text)
    assert error.startswith("lines 1001 to 1002: ") and "rate" in error
    assert error.endswith("; logged before: 1000 metrics, 0 params, 0 tags")
    assert "f" * 32 in cli.fails(4, "runs", "log-batch", "f" * 32, stdin=lines(GOOD))


def start(cli, run):
    env = {**os.environ, "MLFLOW_TRACKING_URI": cli.uri}
    return subprocess.Popen([harness.program(), "runs", "log-batch", run], cwd=cli.home, env=env,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_running_writer(server_cli):
    """What a program has written is logged while it goes on, and nothing is lost at its end,
    also when both get Ctrl-C."""
    cli = server_cli
    run = cli("runs", "create", "-s", "RUNNING").out.strip()
    process = start(cli, run)
    for step in range(3):
        process.stdin.write(lines({"key": "m", "value": step, "step": step, "timestamp": step}))
        process.stdin.flush()
        harness.eventually(lambda: (step, step) in history_or_none(cli, run))
    process.send_signal(signal.SIGINT)
    process.stdin.write(b'{"key":"m","value":3,"step":3,"timestamp":3}')
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.decode() == f"Logged 4 metrics, 0 params, 0 tags to run {run}\n"
    assert history_or_none(cli, run) == [(n, n) for n in range(4)]


def history_or_none(cli, run):
    answer = cli.server.get("/api/2.0/mlflow/metrics/get-history", run_id=run, metric_key="m")
    return [(m["step"], m["value"]) for m in answer.json.get("metrics", [])]
