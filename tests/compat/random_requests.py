"""Random writes, reads and searches that both servers must answer alike; from a seed."""

import random

from .differential import Scenario

P = "mlflow/"
RUNS = 6
KEYS = ["m", "loss", "a/b", "ü", "x y"]
TAGS = ["t", "u", "v", "w", "mlflow.runName", "mlflow.note.content"]
VALUES = ["NaN", "Infinity", "-Infinity", 0, -0.0, 1e-300, 1 / 3, 5e-324, 2.5e-310, 1e15, 1e16,
          1e17, 1e21, 1e22, 123456789012345680000, 0.1 + 0.2, float(2**53 - 1)]
FILTERS = {
    "number": ("metrics.m", "metrics.loss", "metrics.`a/b`", "metrics.`x y`", "metrics.nothing"),
    "text": ("params.p1", "params.p2", "tags.t", "tags.u", "run_name", "status", "user_id"),
    "time": ("start_time", "end_time", "created"),
    "null": ("params.p1", "params.nothing", "tags.u", "tags.w"),
    "dataset": ("dataset.name", "dataset.digest", "dataset.context"),
}
ORDERS = ["metrics.m", "metrics.loss", "metrics.`a/b`", "params.p1", "tags.t", "end_time", "status",
          "run_name", "user_id"]


class Requests(Scenario):
    """A scenario that begins with some runs and grows by one random case at a time."""

    def __init__(self, seed):
        super().__init__(f"random {seed}")
        self.random = random.Random(seed)
        for name in ("exp", "other"):
            self.post(f"create {name}", P + "experiments/create", {"name": f"random {seed} {name}"},
                      save={name: "experiment_id"})
        for i in range(RUNS):
            self.post(f"create run {i}", P + "runs/create", {
                "experiment_id": "${exp}" if i < 4 else "${other}", "run_name": f"r{i}",
                "start_time": 100 + i}, save={f"run{i}": "run.info.run_id"})

    def grow(self, name):
        """Adds a case and answers it."""
        draw = self.random.choices(
            [self._batch, self._small_write, self._lifecycle, self._read, self._history,
             self._interval, self._search], weights=[18, 20, 8, 14, 8, 14, 18])[0]
        method, path, content = draw()
        if method == "GET":
            self.get(name, P + path, content)
        else:
            self.post(name, P + path, content)
        return self.cases[-1]

    def _run(self):
        return "${run%d}" % self.random.randrange(RUNS)

    def _text(self):
        letters = "abcXYZ019 _-äß日🙂'\"\\%\n\t"
        return "".join(self.random.choices(letters, k=self.random.choice([0, 1, 3, 10, 40])))

    def _time(self):
        pick = self.random
        return pick.choice([pick.randint(1, 5), pick.randint(1, 10**13)])

    def _step(self):
        return self.random.choice([0, self.random.randint(-3, 10), self.random.randint(0, 1000)])

    def _metric(self):
        pick = self.random
        value = pick.choice([pick.randint(-3, 3), pick.random(), pick.uniform(-1e6, 1e6),
                             pick.choice(VALUES)])
        return {"key": pick.choice(KEYS), "value": value, "timestamp": self._time(),
                "step": self._step()}

    def _batch(self):
        pick = self.random
        return "POST", "runs/log-batch", {
            "run_id": self._run(),
            "metrics": [self._metric() for _ in range(pick.choice([0, 1, 5, 50, 300]))],
            "params": [{"key": f"p{pick.randrange(30)}", "value": pick.choice("12")}
                       for _ in range(pick.choice([0, 0, 1, 2]))],
            "tags": [{"key": pick.choice(TAGS), "value": self._text()}
                     for _ in range(pick.choice([0, 0, 1, 3]))]}

    def _small_write(self):
        run, pick = {"run_id": self._run()}, self.random
        return "POST", *pick.choice([
            ("runs/log-metric", {**run, **self._metric()}),
            ("runs/log-parameter", {**run, "key": f"q{pick.randrange(20)}", "value": self._text()}),
            ("runs/set-tag", {**run, "key": pick.choice(TAGS), "value": self._text()}),
            ("runs/delete-tag", {**run, "key": pick.choice(TAGS[:4])}),
            ("runs/log-inputs", {**run, "datasets": [self._input()]}),
            ("experiments/set-experiment-tag", {
                "experiment_id": "${exp}", "key": pick.choice("abc"), "value": self._text()})])

    def _input(self):
        pick = self.random
        return {"dataset": {"name": pick.choice("de"), "digest": pick.choice("12"),
                            "source_type": "local", "source": "{}"},
                "tags": [{"key": "mlflow.data.context", "value": pick.choice(["train", "test"])}]}

    def _lifecycle(self):
        run, pick = {"run_id": self._run()}, self.random
        update = {"status": pick.choice(["FINISHED", "FAILED", "RUNNING", "KILLED"]),
                  "end_time": self._time(), "run_name": self._text()}
        kept = {key: value for key, value in update.items() if pick.random() < 0.5}
        return "POST", *pick.choice([
            ("runs/update", {**run, **kept}), ("runs/update", {**run, **kept}),
            ("runs/delete", run), ("runs/restore", run),
            (f"experiments/{pick.choice(['delete', 'restore'])}", {"experiment_id": "${other}"})])

    def _read(self):
        return "GET", *self.random.choice([
            ("runs/get", {"run_id": self._run()}), ("runs/get", {"run_id": self._run()}),
            ("experiments/get", {"experiment_id": self.random.choice(["${exp}", "${other}"])})])

    def _history(self):
        query = {"run_id": self._run(), "metric_key": self.random.choice(KEYS)}
        if self.random.random() < 0.5:
            query["max_results"] = self.random.choice([1, 7, 100, 25000])
        return "GET", "metrics/get-history", query

    def _interval(self):
        pick = self.random
        query = {"run_ids": self._run(), "metric_key": pick.choice(KEYS)}
        if pick.random() < 0.7:
            query["max_results"] = pick.choice([1, 2, 3, 5, 10, 50, 320, 2500])
        if pick.random() < 0.5:
            query["start_step"] = self._step()
            query["end_step"] = query["start_step"] + pick.choice([0, 1, 5, 100, 1000])
        return "GET", "metrics/get-history-bulk-interval", query

    def _search(self):
        pick = self.random
        # Start times are all different, so that the random ids decide nothing.
        body = {"experiment_ids": ["${exp}", "${other}"],
                "run_view_type": pick.choice(["ACTIVE_ONLY", "ALL", "DELETED_ONLY"]),
                "order_by": [pick.choice(ORDERS) + pick.choice(["", " ASC", " desc", " DESC"]),
                             "start_time"]}
        if pick.random() < 0.7:
            body["filter"] = pick.choice([" AND ", " and "]).join(
                self._condition() for _ in range(pick.choice([1, 1, 2, 3])))
        if pick.random() < 0.4:
            body["max_results"] = pick.choice([1, 2, 3])
        return "POST", "runs/search", body

    def _condition(self):
        pick = self.random
        kind = pick.choice(list(FILTERS))
        field = pick.choice(FILTERS[kind])
        if kind == "null":
            return f"{field} {pick.choice(['IS NULL', 'IS NOT NULL', 'is null'])}"
        if kind == "number":
            return (f"{field} {pick.choice(['=', '!=', '<', '<=', '>', '>='])} "
                    f"{pick.choice(['0', '0.5', '-1', '1e300', '.25', '1.'])}")
        if kind == "time":
            return (f"{field} {pick.choice(['=', '!=', '<', '<=', '>', '>='])} "
                    f"{pick.choice(['101', '103', '-1', '1e12', '102.5'])}")
        if kind == "dataset" and pick.random() < 0.4:
            return f"{field} {pick.choice(['IN', 'NOT IN'])} ('d', '1', 'train')"
        value = pick.choice(["1", "d", "%a%", "%B%", "_", "FAILED", "%", "", "ß", "r_", "train"])
        return f"{field} {pick.choice(['=', '!=', 'LIKE', 'ILIKE'])} '{value}'"
