"""Limits that the kernel enforces on this process, where the platform has them: Windows has none."""

from __future__ import annotations

import sys

import psutil

try:
    import resource
except ImportError:
    HAS_LIMITS = False
else:
    HAS_LIMITS = True

GRACE_SECONDS = 5
"""Between the signal that ends a process that is out of time, and the one that cannot be ignored."""


def address_space() -> int:
    """Returns how many bytes of addresses this process has."""
    return int(psutil.Process().memory_info().vms)


def limit_process(
    *, memory_bytes: int = 0, data_bytes: int = 0, seconds: int = 0, file_bytes: int = 0
) -> None:
    """Limits this process permanently, and turns off its core dumps; 0 means no limit. Does nothing on Windows.

    Args:
        memory_bytes: address space.
        data_bytes: memory that it alone can write, beyond what it has now.
        seconds: of processor time.
        file_bytes: the largest file it may write.
    """
    if sys.platform != "win32" and HAS_LIMITS:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        if data_bytes:
            most = data_bytes + int(getattr(psutil.Process().memory_info(), "data", 0))
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        if seconds:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + GRACE_SECONDS))
        if file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
