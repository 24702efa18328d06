"""What the machine does while a run lasts: the readings, and the thread that logs them."""

import io
import pathlib
import shutil
import subprocess
import threading

import pytest

import millstream
from millstream.system_metrics import host, monitor, nvml

NAMES = {
    "cpu_utilization_percentage", "system_memory_usage_megabytes",
    "system_memory_usage_percentage", "disk_usage_percentage", "disk_usage_megabytes",
    "disk_available_megabytes", "network_receive_megabytes", "network_transmit_megabytes",
}


class Recorder:
    """A client that keeps what is logged, and tells when there is enough of it."""

    def __init__(self, enough=1, history=()):
        self.batches = []
        self.enough = enough
        self.full = threading.Event()
        self.history = history

    def log_batch(self, run_id, metrics=()):
        self.batches.append({metric.key: (metric.value, metric.step) for metric in metrics})
        if len(self.batches) >= self.enough:
            self.full.set()

    def get_run(self, run_id):
        points = {point.key: point.value for point in self.history}

        class Found:
            class data:
                metrics = points
        return Found

    def get_metric_history(self, run_id, key):
        return [point for point in self.history if point.key == key]


class Broken(Recorder):
    def log_batch(self, run_id, metrics=()):
        super().log_batch(run_id, metrics)
        raise OSError("the disk is gone")


@pytest.fixture
def fast(monkeypatch):
    for name in ("SAMPLING_INTERVAL", "SAMPLES_BEFORE_LOGGING", "NODE_ID"):
        monkeypatch.delenv(f"MLFLOW_SYSTEM_METRICS_{name}", raising=False)
    monkeypatch.setattr(monitor, "Gpus", _no_gpus)


def _no_gpus():
    raise OSError("no library")


def watched(client, **options):
    watching = monitor.SystemMetricsMonitor("run", 0.01, client=client, **options)
    watching.start()
    assert client.full.wait(300)
    watching.finish()
    return client.batches


def test_all_sources_are_read():
    readings = {}
    for source in host.SOURCES:
        readings.update(source().read())
    assert set(readings) == NAMES
    assert 0 < readings["system_memory_usage_percentage"] < 100
    assert 0 < readings["disk_usage_percentage"] <= 100
    assert readings["network_receive_megabytes"] >= 0


def test_processors_are_measured_between_two_readings(monkeypatch):
    times = iter([(1000, 400), (1200, 550), (1200, 550)])
    monkeypatch.setattr(host.Processors, "_times", staticmethod(lambda: next(times)))
    processors = host.Processors()
    assert processors.read() == {"cpu_utilization_percentage": 75}
    assert processors.read() == {"cpu_utilization_percentage": 0}


def test_time_of_guests_counts_once(monkeypatch):
    stat = "cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
    monkeypatch.setattr(host, "open", lambda *_, **__: io.StringIO(stat), raising=False)
    assert host.Processors._times() == (621, 171)


def test_network_counts_from_its_beginning(monkeypatch):
    counts = iter([(5_000_000, 7_000_000), (6_500_000, 7_250_000)])
    monkeypatch.setattr(host.Network, "_bytes", staticmethod(lambda: next(counts)))
    assert host.Network().read() == {"network_receive_megabytes": 1.5,
                                     "network_transmit_megabytes": 0.25}


def test_means_and_totals():
    assert monitor.summary([{"cpu": 1.0, "network_receive_megabytes": 2.123},
                            {"cpu": 2.06, "network_receive_megabytes": 4.456}]) == {
        "cpu": 1.5, "network_receive_megabytes": 4.456}


def test_points_have_names_and_steps(fast):
    batches = watched(Recorder(enough=3))
    assert set(batches[0]) == {f"system/{name}" for name in NAMES}
    assert [batch["system/disk_usage_percentage"][1] for batch in batches[:3]] == [0, 1, 2]


def test_several_readings_make_one_point(fast, monkeypatch):
    readings = []

    def reading(self):
        readings.append(len(readings))
        return {"cpu": float(readings[-1])}

    monkeypatch.setattr(monitor.SystemMetricsMonitor, "_reading", reading)
    batches = watched(Recorder(), samples_before_logging=4)
    assert batches[0] == {"system/cpu": (1.5, 0)}


def test_steps_go_on_behind_the_last_one(fast):
    history = [millstream.entities.Metric("system/cpu", 1.0, 1, 6),
               millstream.entities.Metric("system/cpu", 1.0, 1, 4),
               millstream.entities.Metric("loss", 1.0, 1, 90)]
    batches = watched(Recorder(history=history), resume_logging=True)
    assert batches[0]["system/disk_usage_percentage"][1] == 7


def test_a_node_is_in_the_names(fast):
    batches = watched(Recorder(), node_id="worker-3")
    assert all(name.startswith("system/worker-3/") for name in batches[0])


def test_the_environment_comes_first(fast):
    try:
        millstream.set_system_metrics_sampling_interval(0.02)
        millstream.set_system_metrics_samples_before_logging(3)
        millstream.set_system_metrics_node_id("n")
        watching = monitor.SystemMetricsMonitor("run", 5, 1, client=Recorder())
        assert (watching.sampling_interval, watching.samples_before_logging,
                watching.node_id) == (0.02, 3, "n")
    finally:
        millstream.set_system_metrics_sampling_interval(None)
        millstream.set_system_metrics_samples_before_logging(None)
        millstream.set_system_metrics_node_id(None)


def test_trouble_ends_the_monitor_with_a_warning(fast, caplog):
    client = Broken()
    watched(client)
    assert len(client.batches) == 1
    assert "the disk is gone" in caplog.text


def test_a_monitor_that_never_started_can_be_finished(fast):
    monitor.SystemMetricsMonitor("run", client=Recorder()).finish()


def test_devices_of_nvidia(tmp_path, monkeypatch):
    compiler = shutil.which("cc")
    assert compiler, "the package is written in C: there is a compiler"
    library = tmp_path / "libnvidia-ml.so.1"
    source = pathlib.Path(__file__).with_name("nvml_standin.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    monkeypatch.setattr(nvml, "LIBRARY", str(library))
    assert nvml.Gpus().read() == {
        "gpu_0_memory_usage_percentage": 25, "gpu_0_memory_usage_megabytes": 2000,
        "gpu_0_utilization_percentage": 41, "gpu_0_power_usage_watts": 75.5,
        "gpu_0_power_usage_percentage": 50, "gpu_1_memory_usage_percentage": 12.5,
        "gpu_1_memory_usage_megabytes": 2000, "gpu_1_utilization_percentage": 42}


def test_no_devices_without_the_library(monkeypatch):
    monkeypatch.setattr(nvml, "LIBRARY", "libnvidia-ml-that-is-not-there.so")
    with pytest.raises(OSError):
        nvml.Gpus()
