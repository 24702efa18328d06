"""What goes wrong around the server: full disks, files that cannot be written or are not ours,
locks. Always a clear message, an exit status or an error answer, and nothing damaged."""

import contextlib
import hashlib
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import threading

import pytest

import harness

MIB = 1024 * 1024
NOBODY = 65534


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def refused(home, *extra, **more):
    """Starts a server that must not start; what it said."""
    process = harness.spawn(home, *extra, **more)
    try:
        _, said = process.communicate(timeout=harness.START_SECONDS)
    finally:
        process.kill()
    said = said.decode()
    assert process.returncode > 0, f"ended with {process.returncode}: {said}"
    assert said.strip(), "no message"
    return said


def sound(path):
    database = sqlite3.connect(path)
    answer = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    return answer == [("ok",)]


def make_database(home):
    """A database with a run, closed in good order; the run's id."""
    with harness.Server(home) as server:
        run_id = server.create_run(tags=[{"key": "kept", "value": "yes"}])["info"]["run_id"]
        for step in range(50):
            server.call("runs/log-metric", {"run_id": run_id, "key": "m", "value": step,
                                            "step": step, "timestamp": step})
    return run_id


# --- disk full ------------------------------------------------------------------------------


class SmallDisk:
    """A file system of a few MiB; room() makes it larger."""

    def __init__(self, mount_point):
        self.home = mount_point
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mount_point],
                              capture_output=True)
        if done.returncode != 0:
            pytest.skip("mounting is not allowed here")

    def options(self):
        return {}

    def room(self, server):
        subprocess.run(["mount", "-o", "remount,size=64m", self.home], check=True)

    def close(self):
        subprocess.run(["umount", "-l", self.home], check=True)


class SmallFiles:
    """A limit on the size of each file that the server writes."""

    def __init__(self, home):
        self.home = home

    def options(self):
        limit = 3 * MIB
        return {"preexec": lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                      (limit, resource.RLIM_INFINITY))}

    def room(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        pass


@pytest.mark.parametrize("kind", [SmallDisk, SmallFiles])
def test_disk_full(tmp_path, kind):
    home = tmp_path / "small"
    home.mkdir()
    with contextlib.closing(kind(home)) as disk:
        server = harness.Server(home, **disk.options())
        run_id = server.create_run()["info"]["run_id"]
        written = 0
        for number in range(2000):
            answer = server.call("runs/log-batch", {"run_id": run_id, "params": [
                {"key": f"{number}.{i}", "value": f"{random.getrandbits(20000):x}"}
                for i in range(4)]})
            if answer.status != 200:
                break
            written += 4
        assert answer.status in (500, 503), answer
        assert answer.json["error_code"] and answer.json["message"]
        assert server.alive()

        def stored():
            answer = server.call("runs/get", {"run_id": run_id}, "GET")
            assert answer.status == 200, answer
            return len(answer.json["run"]["data"].get("params", []))

        assert stored() == written
        upload = server.ask("PUT", "/api/2.0/mlflow-artifacts/artifacts/big", b"x" * 8 * MIB)
        assert upload.status in (500, 503), upload
        assert not any((home / "artifacts").glob("*"))
        assert not any((home / "artifacts").glob(".mill*"))

        disk.room(server)
        answer = server.call("runs/log-parameter", {"run_id": run_id, "key": "later", "value": "1"})
        assert answer.status == 200, answer
        assert stored() == written + 1
        assert server.stop() == 0
        assert sound(home / "tracking.db")
        with harness.Server(home) as server:
            assert stored() == written + 1


@pytest.mark.parametrize("kind", [SmallDisk])
def test_start_on_a_full_disk(tmp_path, kind):
    home = tmp_path / "small"
    home.mkdir()
    with contextlib.closing(kind(home)) as disk:
        filler = os.open(home / "filler", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while os.write(filler, b"x" * 4096):
                pass
        os.close(filler)
        said = refused(home)
        assert "full" in said or "space" in said, said
        (home / "filler").unlink()
        with harness.Server(home) as server:
            server.create_run()
        disk.room(None)


# --- files that cannot be written -----------------------------------------------------------


@pytest.fixture
def public(monkeypatch):
    """A directory and a copy of the program that other users can reach."""
    try:
        subprocess.run(["true"], check=True, **unprivileged())
    except OSError:
        pytest.skip("root cannot become another user here")
    top = pathlib.Path(tempfile.mkdtemp(prefix="mill-", dir="/tmp"))
    top.chmod(0o755)
    shutil.copy(harness.program(), top / "millstream")
    monkeypatch.setenv("MILLSTREAM_BINARY", str(top / "millstream"))
    home = top / "home"
    home.mkdir()
    yield home
    home.chmod(0o755)
    shutil.rmtree(top)


def unprivileged():
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def test_read_only_directory_without_database(public):
    public.chmod(0o555)
    said = refused(public, **unprivileged())
    assert "tracking.db" in said and ("ermission" in said or "write" in said), said
    assert os.listdir(public) == []


def test_read_only_directory_with_database(public):
    make_database(public)
    for file in public.glob("tracking.db*"):
        file.chmod(0o444)
    public.chmod(0o555)
    before = digest(public / "tracking.db")
    said = refused(public, **unprivileged())
    assert "tracking.db" in said and ("ermission" in said or "write" in said or
                                      "written" in said), said
    assert digest(public / "tracking.db") == before


def test_read_only_artifacts(public):
    if os.geteuid() == 0:
        os.chown(public, NOBODY, NOBODY)
    root = public / "artifacts"
    root.mkdir()
    root.chmod(0o555)
    who = unprivileged()

    def become():
        if who:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    with harness.Server(public, preexec=become) as server:
        answer = server.ask("PUT", "/api/2.0/mlflow-artifacts/artifacts/f", b"x")
        assert (answer.status, answer.code) == (403, "PERMISSION_DENIED")
        assert "'f'" in answer.json["message"]
        server.create_run()
    assert os.listdir(root) == []


def test_missing_directory(tmp_path):
    said = refused(tmp_path, "--backend-store-uri", f"sqlite:///{tmp_path}/no/such/db")
    assert f"{tmp_path}/no/such/db" in said


def test_database_is_a_directory(tmp_path):
    (tmp_path / "tracking.db").mkdir()
    assert "tracking.db" in refused(tmp_path)
    assert os.listdir(tmp_path / "tracking.db") == []


def test_unknown_scheme(tmp_path):
    said = refused(tmp_path, "--backend-store-uri", "mysql://host/db")
    assert "mysql://host/db" in said and "sqlite" in said


# --- files that are not ours ----------------------------------------------------------------


def foreign(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT)")
    database.execute("INSERT INTO experiments VALUES (0, 'Default')")
    database.commit()
    database.close()


def newer(path):
    make_database(path.parent)
    database = sqlite3.connect(path)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    database.execute(f"PRAGMA user_version = {version + 1}")
    database.commit()
    database.close()


def text(path):
    path.write_text("this is not a database\n" * 1000)


def short_text(path):
    path.write_text("notes")


@pytest.mark.parametrize("make, word", [(foreign, "another program"), (newer, "newer"),
                                        (text, "SQLite"), (short_text, "SQLite")])
def test_files_that_are_not_ours_stay_untouched(tmp_path, make, word):
    path = tmp_path / "tracking.db"
    make(path)
    before = digest(path)
    said = refused(tmp_path)
    assert word in said and str(path) in said, said
    assert digest(path) == before
    left = {file.name for file in tmp_path.glob("tracking.db*")}
    assert left <= {"tracking.db", "tracking.db.lock"}, left


def test_an_empty_file_becomes_a_database(tmp_path):
    (tmp_path / "tracking.db").touch()
    with harness.Server(tmp_path) as server:
        server.create_run()
    assert sound(tmp_path / "tracking.db")


def damage(path, how, rng):
    data = bytearray(path.read_bytes())
    if how == "header":
        data[:100] = rng.randbytes(100)
    elif how == "cut":
        del data[len(data) // 2 // 4096 * 4096 + 100:]
    elif how == "schema":
        data[100:1000] = rng.randbytes(900)
    elif how == "zeros":
        data[4096:] = bytes(len(data) - 4096)
    else:
        for page in range(1, len(data) // 4096):
            if rng.random() < 0.5:
                at = page * 4096 + rng.randrange(4000)
                data[at:at + 96] = rng.randbytes(96)
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["header", "cut", "schema", "zeros", "pages1", "pages2",
                                 "pages3"])
def test_damaged_database(tmp_path, how):
    """It is refused, or what is damaged is an error answer; the server does not crash."""
    run_id = make_database(tmp_path)
    path = tmp_path / "tracking.db"
    damage(path, how, random.Random(how))
    process = None
    try:
        process = harness.Server(tmp_path)
    except harness.StartFailed as failure:
        assert failure.status > 0, failure
        assert str(path) in failure.log, failure.log
        return
    calls = [
        lambda: process.call("runs/get", {"run_id": run_id}, "GET"),
        lambda: process.call("runs/search", {"experiment_ids": ["0"]}),
        lambda: process.call("experiments/search", {"max_results": 10}),
        lambda: process.call("metrics/get-history", {"run_id": run_id, "metric_key": "m"},
                             "GET"),
        lambda: process.call("runs/log-metric", {"run_id": run_id, "key": "m", "value": 1,
                                                 "timestamp": 1}),
        lambda: process.call("runs/create", {"experiment_id": "0"}),
    ]
    for call in calls * 2:
        try:
            answer = call()
        except (OSError, harness.http.client.HTTPException):
            # A stream that meets damage is cut off; the server lives on.
            assert process.alive()
            continue
        assert answer.status in (200, 400, 404, 500, 503), answer
        if answer.status != 200:
            assert answer.json["error_code"]
    assert process.alive()
    assert process.stop() >= 0, process.log()


# --- locks ----------------------------------------------------------------------------------


def test_second_server_is_refused(start, tmp_path):
    first = start()
    run_id = first.create_run()["info"]["run_id"]
    said = refused(tmp_path)
    assert "tracking.db" in said and str(first.process.pid) in said, said
    link = tmp_path / "alias"
    link.symlink_to(tmp_path)
    assert first.call("runs/get", {"run_id": run_id}, "GET").status == 200
    first.create_run()
    assert first.stop() == 0
    with harness.Server(tmp_path) as second:
        assert second.call("runs/get", {"run_id": run_id}, "GET").status == 200


def test_second_server_by_another_name_of_the_file(start, tmp_path):
    first = start()
    (tmp_path / "alias.db").symlink_to(tmp_path / "tracking.db")
    said = refused(tmp_path, "--backend-store-uri", f"sqlite:///{tmp_path}/alias.db")
    assert str(first.process.pid) in said, said
    assert first.create_run()


def test_killed_server_leaves_no_lock(tmp_path):
    first = harness.Server(tmp_path)
    first.kill()
    with harness.Server(tmp_path) as second:
        second.create_run()


def test_database_locked_by_another_program(start, tmp_path):
    """Reads go on, writes wait for a while, then say so; afterwards all is as before."""
    server = start()
    run_id = server.create_run()["info"]["run_id"]
    other = sqlite3.connect(tmp_path / "tracking.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = []

    def write():
        answers.append(server.call("runs/set-tag", {"run_id": run_id, "key": "k",
                                                    "value": "v"}))

    writer = threading.Thread(target=write)
    writer.start()
    assert server.call("runs/get", {"run_id": run_id}, "GET").status == 200
    assert server.call("runs/search", {"experiment_ids": ["0"]}).status == 200
    writer.join()  # longer than the server's patience
    assert answers[0].status == 503, answers[0]
    assert answers[0].code == "TEMPORARILY_UNAVAILABLE" and "lock" in answers[0].json["message"]
    other.execute("ROLLBACK")
    other.close()
    write()
    assert answers[1].status == 200, answers[1]


def test_start_on_a_locked_database(tmp_path):
    make_database(tmp_path)
    # Before: closing the file in this process would drop the lock that it holds.
    before = digest(tmp_path / "tracking.db")
    other = sqlite3.connect(tmp_path / "tracking.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    said = refused(tmp_path)
    assert "locked" in said, said
    other.close()
    assert digest(tmp_path / "tracking.db") == before
    with harness.Server(tmp_path) as server:
        server.create_run()


def test_port_in_use(start, tmp_path):
    first = start()
    other = tmp_path / "other"
    other.mkdir()
    said = refused(other, "--port", first.port)
    assert str(first.port) in said


# --- no more of what a process needs --------------------------------------------------------


def test_out_of_file_descriptors(start, tmp_path):
    """Too few descriptors for all who come: some are turned away, the server goes on."""
    server = start("--idle-timeout", "600", preexec=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (64, 64)))
    run_id = server.create_run()["info"]["run_id"]
    sockets = []
    for _ in range(150):
        with contextlib.suppress(OSError):
            sockets.append(server.socket())
    # Requests on connections that were accepted get an answer, whatever it is.
    for raw in sockets[:20]:
        raw.sendall(f"PUT /api/2.0/mlflow-artifacts/artifacts/f HTTP/1.1\r\nHost: localhost\r\n"
                    f"Content-Length: 1\r\n\r\nx".encode())
        assert raw.recv(4096).split(b" ")[1] in (b"200", b"503")
    for raw in sockets:
        raw.close()
    harness.eventually(lambda: is_alone(server))
    assert answers(server, run_id)
    assert server.ask("PUT", "/api/2.0/mlflow-artifacts/artifacts/f", b"x").status == 200


def is_alone(server):
    """Whether all other connections are closed."""
    try:
        return b"\nmillstream_connections 1\n" in server.get("/metrics").body
    except (OSError, harness.http.client.HTTPException):
        return False


def answers(server, run_id):
    try:
        return server.call("runs/get", {"run_id": run_id}, "GET").status == 200
    except (OSError, harness.http.client.HTTPException):
        return False


def test_out_of_memory(start, monkeypatch):
    """A request for which there is no memory fails alone."""
    if b"__asan_" in pathlib.Path(harness.program()).read_bytes():
        # A sanitizer takes all of the address space: this is for the release build.
        monkeypatch.delenv("MILLSTREAM_BINARY")
    server = start()
    run_id = server.create_run()["info"]["run_id"]
    assert server.call("runs/search", {"experiment_ids": ["0"]}).status == 200  # its threads
    now = server.memory_kib("VmSize") * 1024
    resource.prlimit(server.process.pid, resource.RLIMIT_AS, (now + 24 * MIB, resource.RLIM_INFINITY))
    statuses = set()
    for size in (1, 4, 8, 16, 30, 60):
        try:
            answer = server.call("runs/log-parameter", {"run_id": run_id, "key": "k",
                                                        "value": "v" * size * MIB})
            statuses.add(answer.status)
        except (OSError, harness.http.client.HTTPException):
            assert server.alive()
    assert statuses <= {200, 400, 413, 500, 503}, statuses
    resource.prlimit(server.process.pid, resource.RLIMIT_AS,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert answers(server, run_id)
    assert server.create_run()
