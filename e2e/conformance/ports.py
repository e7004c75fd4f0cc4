"""Ports for the processes that the tests start."""

import socket


def free_port():
    """A port that nobody listens on. Somebody may take it before it is used; then the process that wanted it says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
