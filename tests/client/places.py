"""Tracking URIs of every kind, with what stands behind them."""

import dataclasses
import functools

import harness
from compat import servers
from databricks_standin import Workspace
from test_tls import make_certificate


@dataclasses.dataclass
class Place:
    """What a program needs to get to a tracking URI."""

    uri: str
    environment: dict = dataclasses.field(default_factory=dict)


class Places:
    """Tracking URIs by kind; what one needs is started when it is first asked for."""

    def __init__(self, stack, new_home):
        self.stack = stack
        self.new_home = new_home
        self.makers = {
            "tree-absolute": lambda home: Place(f"file://{home}/mlruns"),
            "server": self.server,
            "server-tree": lambda home: self.server(home, "--backend-store-uri",
                                                    f"{home}/mlruns"),
            "https": self.https,
            "official": self.official,
            "databricks": self.databricks,
        }
        self.get = functools.cache(self.make)

    def make(self, kind):
        return self.makers[kind](self.new_home(kind))

    def server(self, home, *extra):
        return Place(self.stack.enter_context(harness.Server(home, *extra)).url)

    def https(self, home):
        cert, key = make_certificate(home)
        server = self.stack.enter_context(
            harness.Server(home, "--tls-cert", cert, "--tls-key", key))
        return Place(f"https://127.0.0.1:{server.port}",
                     {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(cert)})

    def official(self, home):
        return Place(self.stack.enter_context(servers.start_official(home)).url)

    def databricks(self, home):
        tracking = self.stack.enter_context(harness.Server(home))
        workspace = self.stack.enter_context(Workspace(home / "dbfs", tracking))
        return Place("databricks", workspace.environment)
