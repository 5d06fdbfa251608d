"""File helpers: locks between processes, and checksums."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def try_lock(path: Path) -> int | None:
    """Returns the descriptor of a held lock, or None if another process has it; closing it gives it back.

    The kernel frees the lock when its last holder dies, so a killed process leaves none behind. A
    child that inherits the descriptor holds the lock on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None, *, poll: float = 0.1) -> Iterator[None]:
    """Holds the lock for the block, calling `waiting` while another process has it."""
    while (descriptor := try_lock(path)) is None:
        if waiting:
            waiting()
        time.sleep(poll)
    try:
        yield
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Returns the file's SHA-256 in hexadecimal."""
    return digest_of(path, "sha256")


def digest_of(path: Path, method: str) -> str:
    """Returns the file's checksum in hexadecimal, by one of hashlib's methods."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest()
