"""More requests than the server is told to keep waiting: some are refused at once with 503 and
Retry-After, none is lost, and all is well afterwards."""

import sqlite3
import threading

import harness


def test_a_full_queue_of_writes_refuses_and_recovers(start):
    server = start("--max-queued-writes", "2")
    run = server.create_run()["info"]["run_id"]
    other = sqlite3.connect(server.home / "tracking.db", isolation_level=None,
                            check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # the writer waits for it, so that the queue must fill

    def log(index):
        return server.call("runs/log-metric", {
            "run_id": run, "key": f"m{index}", "value": index, "timestamp": 1})

    refused = []
    unlocking = threading.Lock()

    def unlock():
        with unlocking:
            if other.in_transaction:
                other.execute("ROLLBACK")

    def check_refusal(answer):
        assert answer.status == 503, answer
        assert answer.code == "TEMPORARILY_UNAVAILABLE", answer
        if "waiting" in answer.json["message"]:
            assert answer.headers["Retry-After"] == "1", answer.headers

    def log_until_taken(index):
        while True:
            answer = log(index)
            if answer.status == 200:
                return answer
            refused.append(answer)
            try:
                check_refusal(answer)
            except AssertionError:
                unlock()  # or the other threads would be refused for ever
                raise
            if len(refused) >= 20:
                unlock()

    # Few of these can wait, the others are refused and come again until the lock is gone.
    answers = harness.in_parallel(16, log_until_taken)
    assert all(answer.status == 200 for answer in answers)
    assert len(refused) >= 20
    other.close()
    data = server.get("/api/2.0/mlflow/runs/get", run_id=run).json["run"]["data"]
    assert [metric["key"] for metric in data["metrics"]] == sorted(f"m{i}" for i in range(16))


def test_a_full_pool_refuses_and_recovers(start):
    server = start("--max-jobs", "1", "--threads", "1")
    for _ in range(200):
        server.create_run(tags=[{"key": f"t{i}", "value": "x" * 4000} for i in range(20)])

    def search(_):
        answer = server.call("runs/search", {"experiment_ids": ["0"], "max_results": 1000})
        if answer.status == 200:
            return len(answer.json["runs"])
        assert answer.status == 503 and answer.headers["Retry-After"] == "1", answer
        return None

    counts = set()
    for _ in range(50):
        counts |= set(harness.in_parallel(16, search))
        if counts == {200, None}:
            break
    assert counts == {200, None}
    assert search(0) == 200
