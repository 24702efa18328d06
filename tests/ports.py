"""Ports for servers that a test starts later, stops and starts again, or never starts."""

import pathlib
import random
import socket

FIRST = 10000
EPHEMERAL = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port():
    """A port of 127.0.0.1 that nobody listens on.

    It is none of those that the system gives to connections: there a client that tries again and
    again may be given the very port that it connects to, and then talks to itself, or another
    connection may take the port while the server is down."""
    end = int(EPHEMERAL.read_text("ascii").split()[0]) if EPHEMERAL.is_file() else 32768
    while True:
        port = random.randrange(FIRST, max(end, FIRST + 1000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
