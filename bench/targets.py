"""Servers that are measured: how each is installed, started, stopped and described."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
CACHE = CACHE / "millstream" / "bench"
OFFICIAL_VERSION = "3.17.2"
FASTTRACKML_VERSION = "0.6.0"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def venv(name, package, version):
    """A cached virtual environment with one package; installed once."""
    home = CACHE / f"{name}-{version}"
    done = home / ".installed"
    if not done.exists():
        print(f"  installing {package} {version} into {home}", file=sys.stderr)
        CACHE.mkdir(parents=True, exist_ok=True)
        python = shutil.which("python3.11") or sys.executable
        subprocess.run([python, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
        subprocess.run(pip + [f"{package}=={version}"], check=True)
        done.touch()
    return home / "bin"


class RequestFailed(Exception):
    """A server refused a request outside the measured windows."""


class Target:
    """One server. Subclasses say how it is started; the rest is the same for all."""

    key = ""  # as given to --targets
    title = ""  # as printed
    sync = ""  # how safely a write is stored before it is answered
    quickack = False  # acknowledge at once, see README
    missing = ()  # workloads it does not support
    start_limit_s = 120
    database_name = "bench.db"

    def __init__(self):
        self.process = None
        self.port = 0
        self.home = None
        self.log = None

    def install(self):
        """Returns a reason if the target cannot be measured here."""
        return None

    def command(self, database):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def database(self, home):
        return pathlib.Path(home) / self.database_name

    def start(self, home, wait=True):
        self.home = pathlib.Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = open(self.home / f"{self.key}.log", "ab")
        self.process = subprocess.Popen(
            self.command(self.database(self.home)),
            cwd=self.home,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        if wait:
            self.wait_ready()

    def wait_ready(self, every_s=0.02):
        limit = time.monotonic() + self.start_limit_s
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"{self.title} did not start, see {self.log.name}")
            time.sleep(every_s)
        self.settle()

    def settle(self):
        """Waits for what goes on after the first answer."""

    def healthy(self):
        """One plain request: cheap enough to be repeated every millisecond."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
                sock.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return sock.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def stop(self):
        """Ends the server and all processes it started: only members of its own group."""
        if self.process is None:
            return
        group = self.process.pid
        for sig, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(group, sig)
            except ProcessLookupError:
                break
            limit = time.monotonic() + patience
            while time.monotonic() < limit and self.alive(group):
                time.sleep(0.02)
            if not self.alive(group):
                break
        self.process.wait()
        self.process = None
        self.log.close()

    def alive(self, group):
        self.process.poll()
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True

    def call(self, method, path, body=None, timeout=300):
        """One request outside the measured windows; the parsed answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/2.0/mlflow/{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read(300).decode(errors="replace")
            raise RequestFailed(f"{path}: status {error.code}, {text}") from error

    def pids(self):
        """The server's processes: its whole group."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[2]) == self.process.pid:
                found.append(int(entry))
        return found

    def cpu_s(self):
        """Processor time that its processes have used, the ended children they waited for too."""
        ticks = 0
        for pid in self.pids():
            try:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
            except OSError:
                continue
            ticks += sum(map(int, stat.rsplit(")", 1)[1].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def pss_mib(self):
        """Proportional memory of all its processes, so that shared pages count once."""
        total = 0
        for pid in self.pids():
            try:
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            for line in text.splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total / 1024


class Ours(Target):
    key = "ours"
    title = "Millstream"
    sync = "FULL"
    start_limit_s = 30

    def __init__(self, binary):
        super().__init__()
        self.binary = pathlib.Path(binary).resolve()

    def install(self):
        return None if self.binary.exists() else f"{self.binary} is not built"

    def command(self, database):
        return [str(self.binary), "server", "--host", "127.0.0.1", "--port", str(self.port),
                "--backend-store-uri", f"sqlite:///{database}",
                "--artifacts-destination", str(self.home / "artifacts")]

    def version(self):
        out = subprocess.run([self.binary, "--version"], capture_output=True, text=True)
        return (out.stdout.split() or ["?"])[-1]


class Official(Target):
    sync = "FULL"
    quickack = True

    def __init__(self, workers):
        super().__init__()
        self.workers = workers
        self.key = f"official{workers}"
        self.title = f"MLflow {OFFICIAL_VERSION}, {workers} worker{'s' if workers > 1 else ''}"
        self.bin = None

    def install(self):
        self.bin = venv("official", "mlflow", OFFICIAL_VERSION)
        return None

    def environment(self):
        # The kinder settings: no background jobs, no access log, and a connection pool that does
        # not run dry (with the default one, 20 clients creating runs wait 30 s and get errors).
        return dict(os.environ, MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
                    MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true",
                    MLFLOW_SQLALCHEMYSTORE_POOL_SIZE="64",
                    MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW="64")

    def command(self, database):
        return [str(self.bin / "mlflow"), "server", "--host", "127.0.0.1",
                "--port", str(self.port), "--workers", str(self.workers),
                "--backend-store-uri", f"sqlite:///{database}",
                "--artifacts-destination", str(self.home / "artifacts"),
                "--uvicorn-opts", "--no-access-log"]

    def settle(self):
        """The first worker answers long before the last one is up."""
        limit = time.monotonic() + 60
        log = pathlib.Path(self.log.name)
        while time.monotonic() < limit:
            if log.read_bytes().count(b"Application startup complete") >= self.workers:
                return
            time.sleep(0.1)

    def version(self):
        return OFFICIAL_VERSION


class FastTrackML(Target):
    key = "fasttrackml"
    title = f"FastTrackML {FASTTRACKML_VERSION}"
    sync = "NORMAL"
    missing = ("W16", "W19")

    def install(self):
        self.bin = venv("fasttrackml", "fasttrackml", FASTTRACKML_VERSION)
        return None

    def command(self, database):
        return [str(self.bin / "fml"), "server", "--listen-address", f"127.0.0.1:{self.port}",
                "--database-uri", f"sqlite://{database}", "--log-level", "error",
                "--default-artifact-root", str(self.home / "artifacts")]

    def version(self):
        return FASTTRACKML_VERSION


class Ceiling(Target):
    """A server that does nothing but answer: what the kernel alone costs on this machine."""

    key = "ceiling"
    title = "kernel alone"
    sync = "-"

    def __init__(self, binary):
        super().__init__()
        self.binary = binary

    def command(self, database):
        return [str(self.binary), str(self.port)]

    def version(self):
        return "-"
