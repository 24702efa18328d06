"""Random requests to both servers at once, with ours started anew now and then.

They need the official server itself, hence run with MILL_TEST_LONG=1 only.
"""

import json

import pytest

from . import servers
from .conftest import live
from .differential import Run
from .random_requests import Requests

REQUESTS = 600
RESTART_EVERY = 150


@pytest.mark.skipif(not live(), reason="asks the official server: set MILL_TEST_LONG=1")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_requests_are_answered_alike(seed, official, tmp_path):
    requests = Requests(seed)
    theirs = Run(official.get().port)
    server = servers.start_ours(tmp_path)
    ours = Run(server.port)
    try:
        for case in requests.cases:
            assert theirs.answer(case) == ours.answer(case)
        for number in range(REQUESTS):
            if number % RESTART_EVERY == RESTART_EVERY - 1:
                ours.connection.close()
                assert server.stop() == 0, server.log()
                server = servers.start_ours(tmp_path)
                ours.connection.port = server.port
            case = requests.grow(str(number))
            wanted, found = theirs.answer(case), ours.answer(case)
            assert found == wanted, (
                f"seed {seed}, request {number}: {case.method} {case.target} "
                f"{json.dumps(case.query or case.json_body, ensure_ascii=False)}")
    finally:
        ours.connection.close()
        theirs.connection.close()
        server.stop()
