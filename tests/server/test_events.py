"""events and changes: what happened, to pages that listen and to pages that ask."""

import json
import socket
import time

import pytest

import harness
import wire
from pages_api import OWN, STORES, Listener, get, log, make_run


@pytest.fixture(params=STORES)
def any_store(request, start):
    return start(*STORES[request.param])


def kinds(data):
    return {run["run_id"]: run["kinds"] for run in data["runs"]}


def gather(listener, run_id, wanted):
    """Reads events until all wanted kinds of changes of a run were told."""
    seen = set()
    while not wanted <= seen:
        event = listener.next()
        assert event is not None, seen
        seen |= set(kinds(event["data"]).get(run_id, []))
    return seen


def test_every_kind_of_change(any_store):
    server = any_store
    begin = get(server, "changes")["generation"]
    experiment = server.create_experiment("e")
    run_id = make_run(server, experiment)
    log(server, run_id, [("m", 1, 1)], {"p": "1"}, {"t": "1"})
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 5})
    server.call("experiments/set-experiment-tag",
                {"experiment_id": experiment, "key": "k", "value": "v"})
    told = get(server, "changes", since=begin)
    assert told["runs"] == [{"run_id": run_id, "experiment_id": experiment,
                             "kinds": ["created", "metrics", "params", "tags", "info"]}]
    assert told["experiments"] == [{"experiment_id": experiment, "kinds": ["created", "tags"]}]
    assert told["generation"] > begin and "reset" not in told
    middle = told["generation"]
    server.call("runs/delete", {"run_id": run_id})
    server.call("runs/restore", {"run_id": run_id})
    server.call("runs/delete-tag", {"run_id": run_id, "key": "t"})
    server.call("runs/log-inputs", {"run_id": run_id, "datasets": [
        {"dataset": {"name": "d", "digest": "x", "source_type": "s", "source": "{}"}}]})
    server.call("experiments/delete", {"experiment_id": experiment})
    told = get(server, "changes", since=middle)
    assert kinds(told) == {run_id: ["tags", "deleted", "restored", "inputs"]}
    assert told["experiments"] == [{"experiment_id": experiment, "kinds": ["deleted"]}]
    assert told["runs"][0]["experiment_id"] == experiment
    told = get(server, "changes", since=told["generation"])
    assert told["runs"] == [] and told["experiments"] == []


def test_a_listener_is_told(any_store):
    server = any_store
    experiment = server.create_experiment("e")
    run_id = make_run(server, experiment)
    listener = Listener(server, f"?experiment_ids={experiment}")
    assert listener.status == 200
    assert listener.headers["content-type"] == "text/event-stream"
    assert listener.headers["cache-control"] == "no-store"
    first = listener.next()
    assert first["event"] == "runs" and first["data"]["runs"] == []
    assert first["id"] == str(first["data"]["generation"])
    make_run(server, "0")  # of another experiment
    log(server, run_id, [("m", 1, 1)])
    event = listener.next()
    assert kinds(event["data"]) == {run_id: ["metrics"]}
    assert int(event["id"]) > int(first["id"])
    assert (event["data"].get("partial") is True) == (get(server, "changes").get("partial") is True)
    listener.close()


def test_ids_narrow_what_is_told(server):
    mine, other = make_run(server), make_run(server)
    begin = get(server, "changes")["generation"]
    for run_id in mine, other:
        log(server, run_id, [("m", 1, 1)])
    assert kinds(get(server, "changes", since=begin, run_ids=mine)) == {mine: ["metrics"]}
    assert set(kinds(get(server, "changes", since=begin, experiment_ids="0"))) == {mine, other}
    assert kinds(get(server, "changes", since=begin, experiment_ids="77")) == {}
    assert set(kinds(get(server, "changes", since=begin))) == {mine, other}


def test_many_changes_come_together(start):
    """Also where there is always something new once an event was sent."""
    server = start("--backend-store-uri", "memory:")
    run_id = make_run(server)
    listener = Listener(server, f"?run_ids={run_id}")
    listener.next()
    began = time.monotonic()

    point = wire.post(json.dumps({"run_id": run_id, "key": "m", "value": 1, "timestamp": 1}),
                      path="/api/2.0/mlflow/runs/log-metric")

    def write(_):
        with wire.Wire(server) as connection:
            for _ in range(20):
                connection.send(point * 200)
                for _ in range(200):
                    assert connection.reply().status == 200

    harness.in_parallel(4, write)
    last = get(server, "changes")["generation"]
    events = 0
    while True:
        events += 1
        if int(listener.next()["id"]) == last:
            break
    # At most four a second, where each write alone would be thousands.
    assert events <= 2 + 4 * (time.monotonic() - began)
    listener.close()


def test_reconnecting_misses_nothing(server):
    run_id = make_run(server)
    listener = Listener(server)
    generation = listener.next()["id"]
    listener.close()
    log(server, run_id, [("m", 1, 1)])
    again = Listener(server, headers=f"Last-Event-ID: {generation}\r\n")
    assert kinds(again.next()["data"]) == {run_id: ["metrics"]}
    again.close()


def test_generations_grow_over_restarts(start):
    server = start()
    make_run(server)
    generation = get(server, "changes")["generation"]
    server.kill()
    server = start()
    assert get(server, "changes")["generation"] > generation
    assert get(server, "changes", since=generation)["reset"] is True
    assert get(server, "changes", since=2 ** 53)["reset"] is True


def test_what_is_forgotten_is_said(start):
    server = start("--backend-store-uri", "memory:")
    begin = get(server, "changes")["generation"]
    for _ in range(1001):
        make_run(server)
    told = get(server, "changes", since=begin)
    assert told["reset"] is True and told["runs"] == []
    assert len(get(server, "changes", since=begin + 1)["runs"]) == 1000
    for _ in range(4096 - 1000):
        make_run(server)
    assert get(server, "changes", since=begin)["reset"] is True


BAD = {"since": "since=x", "experiment_ids": "experiment_ids=x",
       "run_ids": "&".join(["run_ids=a"] * 1001)}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(server, name):
    for path in "changes", "events":
        answer = server.ask("GET", f"{OWN}{path}?{BAD[name]}")
        assert answer.status == 400, answer
        assert answer.json["message"].startswith(f"query parameter {name}: "), answer
    assert server.ask("GET", OWN + "events", None, {"Last-Event-ID": "x"}).status == 400


def test_listeners_have_a_limit(start):
    server = start("--max-event-listeners", "3")
    listeners = [Listener(server) for _ in range(3)]
    assert all(listener.next() for listener in listeners)
    answer = server.ask("GET", OWN + "events")
    assert answer.status == 503 and answer.headers["Retry-After"] == "5"
    assert "millstream_event_listeners 3" in server.ask("GET", "/metrics").body.decode()
    listeners.pop().close()  # its place is free at once, not with the next comment
    harness.eventually(lambda: "millstream_event_listeners 2" in
                       server.ask("GET", "/metrics").body.decode())
    another = Listener(server)
    assert another.next()
    for listener in [*listeners, another]:
        listener.close()


@pytest.mark.skipif(not harness.LONG, reason="fills the buffers of a socket: MILL_TEST_LONG=1")
def test_who_does_not_read_is_cut_off(start):
    """Once the buffers between are full, and nothing moves for a while."""
    server = start("--stall-timeout", "1")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(f"GET {OWN}events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def listeners():
        return b"millstream_event_listeners 1" in server.ask("GET", "/metrics").body

    harness.eventually(listeners)
    end = time.monotonic() + 300
    run_ids = [make_run(server) for _ in range(500)]
    while listeners() and time.monotonic() < end:
        for run_id in run_ids:
            log(server, run_id, [("m", 1, 1)])
    assert not listeners()
    connection.close()


def test_stopping_ends_the_stream(start):
    server = start()
    listener = Listener(server)
    assert listener.next()
    assert server.stop() == 0
    assert listener.next() is None


def test_many_come_and_go(start):
    server = start("--max-event-listeners", "64")
    run_id = make_run(server)

    def visit(i):
        for _ in range(10):
            listener = Listener(server, f"?run_ids={run_id}")
            if listener.status == 200:
                assert listener.next()
                log(server, run_id, [("m", i, i)])
                if i % 2:
                    assert listener.next()
            listener.close()

    harness.in_parallel(16, visit)
    harness.eventually(lambda: b"millstream_event_listeners 0" in
                       server.ask("GET", "/metrics").body)


def test_the_server_is_killed(start):
    server = start()
    run_id = make_run(server)
    listener = Listener(server)
    generation = listener.next()["id"]
    server.kill()
    with pytest.raises((OSError, ValueError)):
        if listener.next() is None:
            raise OSError("the stream ended")
    server = start()
    again = Listener(server, headers=f"Last-Event-ID: {generation}\r\n")
    assert again.next()["data"]["reset"] is True
    log(server, run_id, [("m", 1, 1)])
    assert gather(again, run_id, {"metrics"})
    again.close()
