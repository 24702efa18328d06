"""The thread that reads the machine now and then while a run lasts, and logs what it saw."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Dict, Iterable, List, Optional

from .. import environment
from .host import SOURCES
from .nvml import Gpus

_log = logging.getLogger(__name__)

PREFIX = "system/"

# Seconds between two readings, and readings that make one point, unless told otherwise.
DEFAULT_INTERVAL_S = 10.0
DEFAULT_SAMPLES = 1

# What a process has used so far: the newest reading counts, there is no mean of it.
_TOTALS = ("network_receive_megabytes", "network_transmit_megabytes")


def _sources() -> List[Any]:
    found: List[Any] = []
    for source in (*SOURCES, Gpus):
        try:
            found.append(source())
        except OSError as error:
            _log.debug("Not monitored: %s: %s", source.__name__, error)
    return found


def summary(readings: Iterable[Dict[str, float]]) -> Dict[str, float]:
    """One value for each name: the mean of its readings to one decimal, of totals the last.

    >>> summary([{"cpu": 1.0}, {"cpu": 2.0}])
    {'cpu': 1.5}
    """
    series: Dict[str, List[float]] = {}
    for reading in readings:
        for name, value in reading.items():
            series.setdefault(name, []).append(value)
    return {name: values[-1] if name in _TOTALS else round(sum(values) / len(values), 1)
            for name, values in series.items()}


class SystemMetricsMonitor:
    """Logs what the machine does to a run as metrics below "system/", from its own thread.

    Arguments:
        run_id: the run.
        sampling_interval: seconds between two readings, 10 if None and
            MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL is not set.
        samples_before_logging: readings whose mean is one point, 1 if None and
            MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING is not set.
        resume_logging: go on behind the last step that the run has.
        node_id: goes into the names, "system/NODE/..."; for jobs on several machines.  Also
            MLFLOW_SYSTEM_METRICS_NODE_ID.
        client: the MlflowClient to log with.

    Trouble while it logs is told in one warning and ends the monitor, never the training.

    >>> monitor = SystemMetricsMonitor(run.info.run_id, 1, client=client)   # doctest: +SKIP
    >>> monitor.start()                                                     # doctest: +SKIP
    """

    def __init__(self, run_id: str, sampling_interval: Optional[float] = None,
                 samples_before_logging: Optional[int] = None, resume_logging: bool = False,
                 node_id: Optional[str] = None, *, client) -> None:
        get = environment.get
        self._client = client
        self._run_id = run_id
        self.sampling_interval = (get("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL")
                                  or sampling_interval or DEFAULT_INTERVAL_S)
        self.samples_before_logging = (get("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING")
                                       or samples_before_logging or DEFAULT_SAMPLES)
        self.node_id = get("MLFLOW_SYSTEM_METRICS_NODE_ID") or node_id
        self._prefix = PREFIX + (f"{self.node_id}/" if self.node_id else "")
        self._sources = _sources()
        self._step = self._next_step() if resume_logging else 0
        self._stop = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def _next_step(self) -> int:
        """Behind the last step of any of our metrics: all of them have a point at each."""
        found = self._client.get_run(self._run_id).data.metrics
        key = next((key for key in found if key.startswith(self._prefix)), None)
        if key is None:
            return 0
        history = self._client.get_metric_history(self._run_id, key)
        return max(metric.step for metric in history) + 1

    def start(self) -> None:
        """Start the thread; once for each monitor."""
        self._thread = threading.Thread(target=self._watch, name="SystemMetricsMonitor",
                                        daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Stop the thread and wait until it is done; readings that make no point yet are lost."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _reading(self) -> Dict[str, float]:
        values: Dict[str, float] = {}
        for source in self._sources:
            try:
                values.update(source.read())
            except OSError as error:
                _log.debug("No reading: %s", error)
        return values

    def _watch(self) -> None:
        readings: List[Dict[str, float]] = []
        while not self._stop.wait(self.sampling_interval):
            readings.append(self._reading())
            if len(readings) < self.samples_before_logging:
                continue
            try:
                self._log(summary(readings))
            except Exception as error:
                _log.warning("System metrics of run %s end here: %s", self._run_id, error)
                return
            readings.clear()

    def _log(self, values: Dict[str, float]) -> None:
        from ..entities import Metric

        now_ms = int(time.time() * 1000)
        self._client.log_batch(self._run_id, metrics=[
            Metric(self._prefix + name, value, now_ms, self._step) for name, value in values.items()])
        self._step += 1
