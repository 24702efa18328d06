"""What tests share that kill servers: clients that write until then, and a look at what is left."""

import contextlib
import http.client
import random
import shutil
import sqlite3
import threading

import harness


class Writer:
    """One thread that takes one of its `steps` after the other, by chance, until the server dies.
    It starts with `start`, once what a subclass needs is there."""

    steps = ()   # names of methods; one that is named more often is taken more often
    prefix = ""  # of every path

    def __init__(self, server, seed):
        self.rng = random.Random(seed)
        self.acknowledged = 0
        self.failure = None
        self.connection = server.connect()
        self.thread = threading.Thread(target=self.work)

    def start(self):
        self.thread.start()
        return self

    def call(self, method, path, body=None):
        answer = harness.ask(self.connection, method, self.prefix + path, body)
        assert answer.status == 200, answer
        self.acknowledged += 1
        return answer.json

    def work(self):
        try:
            while True:
                getattr(self, self.rng.choice(self.steps))()
        except (OSError, http.client.HTTPException):
            pass  # killed
        except BaseException as failure:  # noqa: BLE001 - raised by the main thread
            self.failure = failure
        finally:
            self.connection.close()

    def join(self):
        """Waits for the end; what went wrong before the server died is raised."""
        self.thread.join()
        if self.failure:
            raise self.failure


@contextlib.contextmanager
def sound_copy(home, scratch):
    """The database as the kill left it: a copy of it recovers and is sound."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for file in home.glob("tracking.db*"):
        shutil.copy(file, scratch)
    with contextlib.closing(sqlite3.connect(scratch / "tracking.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        yield database


def rounds(count, enough):
    """Counts rounds of a test that kills at random moments: at least `count`, and as many more as
    a slow machine needs until `enough()` has happened in them."""
    done = 0
    while done < count or not enough():
        assert done < 20 * count, "too little happens in a round"
        yield done
        done += 1
