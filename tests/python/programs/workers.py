"""Logs from processes that were forked with an open client: workers.py URI WAY

WAY is "processes", "loader" (workers that live on and are fed by queues, as data loaders have
them) or "fork" (os.fork alone). Prints the run's id. Each of the workers logs 200 points of a key
of its own, the parent 200 of another one while they do.
"""

import multiprocessing
import os
import sys

from millstream.tracking import MlflowClient

WORKERS, POINTS = 3, 200


def log(client, run_id, key):
    for step in range(POINTS):
        client.log_metric(run_id, key, step * 0.5, 1600000000000 + step, step)


def processes(client, run_id):
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=log, args=(client, run_id, "worker%d" % at))
               for at in range(WORKERS)]
    for process in started:
        process.start()
    log(client, run_id, "parent")
    for process in started:
        process.join()
        assert process.exitcode == 0, process.exitcode


def serve(client, run_id, tasks, done):
    for key, step in iter(tasks.get, None):
        client.log_metric(run_id, key, step * 0.5, 1600000000000 + step, step)
        done.put(step)


def loader(client, run_id):
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    queues = [context.Queue() for _ in range(WORKERS)]
    started = [context.Process(target=serve, args=(client, run_id, queue, done))
               for queue in queues]
    for process in started:
        process.start()
    for step in range(POINTS):
        for at, queue in enumerate(queues):
            queue.put(("worker%d" % at, step))
        client.log_metric(run_id, "parent", step * 0.5, 1600000000000 + step, step)
        for _ in queues:
            done.get()
    for process, queue in zip(started, queues):
        queue.put(None)
        process.join()
        assert process.exitcode == 0, process.exitcode


def fork(client, run_id):
    children = []
    for at in range(WORKERS):
        child = os.fork()
        if child == 0:
            log(client, run_id, "worker%d" % at)
            sys.exit(0)
        children.append(child)
    log(client, run_id, "parent")
    for child in children:
        assert os.waitpid(child, 0)[1] == 0


def main(uri, way):
    client = MlflowClient(uri)
    run_id = client.create_run(client.create_experiment("workers %d" % os.getpid())).info.run_id
    client.log_param(run_id, "before", "the fork")
    print(run_id, flush=True)
    {"processes": processes, "loader": loader, "fork": fork}[way](client, run_id)
    client.log_param(run_id, "after", "the fork")
    client.set_terminated(run_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
