import pytest

import harness


@pytest.fixture
def start(tmp_path):
    """Starts servers below one home; all are stopped, and must stop well, in the end."""
    servers = []

    def begin(*extra, **more):
        server = harness.Server(tmp_path, *extra, **more)
        servers.append(server)
        return server

    yield begin
    for server in servers:
        if server.alive():
            status = server.stop()
            assert status == 0, f"exit status {status}:\n{server.log()[-4000:]}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a module that do not disturb each other."""
    with harness.Server(tmp_path_factory.mktemp("server")) as running:
        yield running
