"""Locks between processes: files that one process holds, and that the system frees when it ends, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor


def try_lock(path: Path) -> int | None:
    """Returns the descriptor of a held lock, for `unlock`, or None if another holder has it.

    A killed process leaves no lock behind. A forked child that inherits the descriptor holds it as well,
    until its parent releases it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    is_held = False
    try:
        is_held = lock_descriptor(descriptor, blocking=False)
    finally:
        if not is_held:
            os.close(descriptor)
    return descriptor if is_held else None


def unlock(descriptor: int) -> None:
    """Releases a lock explicitly: Windows may take its time over one that was only closed."""
    try:
        unlock_descriptor(descriptor)
    finally:
        os.close(descriptor)


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
        unlock(descriptor)
