"""Ports for the servers of tests."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yields a port that the system gives to nobody else meanwhile, also while no server listens on it.

    A socket that is bound and does not listen takes no connection; a server, which asks to reuse the address as
    this one does, may listen there.
    """
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        yield place.getsockname()[1]
