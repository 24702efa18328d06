"""Random faults for a while: the server is killed, the network lies, trainers are killed, fork,
continue each other's run, and several deliver at once. Whatever a trainer knew to be in its spool
is on the server in the end, once. The seed is printed; MILL_TORTURE_SEED repeats it."""

import os
import random
import subprocess
import time

import harness
from fault_proxy import FaultProxy, at_random
from ports import free_port
from training import EAGER, Training, assert_prefix

SECONDS = 120 if harness.LONG else 15


class Torture:
    """A job of several trainers, its server and what happens to them."""

    def __init__(self, home, seed):
        self.home, self.numbers = home, random.Random(seed)
        self.port = free_port()
        self.server = harness.Server(home, "--port", self.port)
        self.proxy = FaultProxy(self.port, at_random(seed, 0.2))
        self.alive, self.dead, self.syncs = [], [], []
        self.run_id = None
        self.started = 0

    def start_trainer(self):
        """At most three at once; the first one makes the run."""
        if len(self.alive) >= 3:
            return
        options = {"run": self.run_id} if self.run_id else {}
        children = self.numbers.choice([0, 0, 1])
        trainer = Training(
            self.home, self.proxy.url, self.numbers.choice([500, 20000]),
            key=f"k{self.started}", flush_every=100, flush_ms=5, status=0, fork=children,
            pause_us=self.numbers.choice([0, 50, 300]), close_ms=self.numbers.choice([1, 2000]),
            mode=self.numbers.choice(["online", "online", "offline"]), environment=EAGER,
            **options)
        trainer.key, trainer.children = f"k{self.started}", children
        self.started += 1
        self.run_id = self.run_id or trainer.run_id
        self.alive.append(trainer)

    def kill_trainer(self):
        if self.alive:
            trainer = self.alive.pop(self.numbers.randrange(len(self.alive)))
            self.dead.append(trainer.kill())

    def reap(self):
        for trainer in [t for t in self.alive if t.process.poll() is not None]:
            self.alive.remove(trainer)
            self.dead.append(trainer.wait())

    def kill_server(self):
        self.server.kill()
        time.sleep(self.numbers.random() * 0.5)
        self.server = harness.Server(self.home, "--port", self.port)

    def start_sync(self):
        if len(self.syncs) < 3:
            self.syncs.append(subprocess.Popen(
                [harness.program(), "sync", str(self.home / "spool")],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, **EAGER}))

    def kill_sync(self):
        if self.syncs:
            process = self.syncs.pop()
            process.kill()
            process.wait()

    def change_network(self):
        share = self.numbers.choice([0, 0.1, 0.5])
        self.proxy.set_choice(self.numbers.choice(
            [at_random(self.numbers.random(), share), lambda _: "hang"]))

    def run(self, seconds):
        self.start_trainer()
        actions = [self.start_trainer, self.start_trainer, self.kill_trainer, self.kill_server,
                   self.start_sync, self.start_sync, self.kill_sync, self.change_network]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.numbers.choice(actions)()
            time.sleep(self.numbers.random() * 0.3)
            self.reap()

    def settle(self):
        """Ends all, mends the network, and delivers what is left."""
        self.proxy.set_choice(lambda _: None)
        while self.alive:
            self.kill_trainer()
        while self.syncs:
            self.kill_sync()
        done = subprocess.run([harness.program(), "sync", str(self.home / "spool")],
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done

    def check(self):
        for trainer in self.dead:
            assert trainer.all_of("failed") == [], trainer.lines
            for key in [trainer.key] + [f"{trainer.key}-{n + 1}" for n in range(trainer.children)]:
                assert_prefix(self.server.url, self.run_id, trainer.last("flushed", key), key)

    def close(self):
        self.proxy.close()
        self.server.kill()


def test_torture(tmp_path):
    seed = int(os.environ.get("MILL_TORTURE_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"MILL_TORTURE_SEED={seed}")
    torture = Torture(tmp_path, seed)
    try:
        torture.run(SECONDS)
        torture.settle()
        torture.check()
    finally:
        torture.close()
