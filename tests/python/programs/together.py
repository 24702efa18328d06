"""Logs from many threads and from coroutines with one client: together.py URI

Prints the run's id.
"""

import asyncio
import os
import sys
import threading

from millstream.tracking import MlflowClient

THREADS, POINTS = 8, 500


def log(client, run_id, key):
    for step in range(POINTS):
        client.log_metric(run_id, key, step * 0.5, 1600000000000 + step, step)
        if step % 100 == 0:
            client.set_tag(run_id, key, step)
            assert client.get_run(run_id).info.run_id == run_id


def threads(client, run_id):
    started = [threading.Thread(target=log, args=(client, run_id, "thread%d" % at))
               for at in range(THREADS)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


async def coroutine(client, run_id, key):
    loop = asyncio.get_running_loop()
    for step in range(POINTS):
        client.log_metric(run_id, key, step * 0.5, 1600000000000 + step, step)
        if step % 100 == 0:
            run = await loop.run_in_executor(None, client.get_run, run_id)
            assert run.info.run_id == run_id
        await asyncio.sleep(0)


async def coroutines(client, run_id):
    await asyncio.gather(*(coroutine(client, run_id, "coroutine%d" % at)
                           for at in range(THREADS)))


def main(uri):
    client = MlflowClient(uri)
    run_id = client.create_run(client.create_experiment("together %d" % os.getpid())).info.run_id
    print(run_id, flush=True)
    threads(client, run_id)
    asyncio.run(coroutines(client, run_id))
    client.set_terminated(run_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
