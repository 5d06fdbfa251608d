"""Limits that the kernel enforces on this process, where the platform has them: Windows has none."""

from __future__ import annotations

import sys

try:
    import resource
except ImportError:
    HAS_LIMITS = False
else:
    HAS_LIMITS = True

GRACE_SECONDS = 5
"""Between the signal that ends a process that is out of time, and the one that cannot be ignored."""


def limit_process(*, memory_bytes: int = 0, seconds: int = 0, file_bytes: int = 0) -> None:
    """Limits this process permanently, and turns off its core dumps; 0 means no limit. Does nothing on Windows.

    Args:
        memory_bytes: address space.
        seconds: of processor time.
        file_bytes: the largest file it may write.
    """
    if sys.platform != "win32" and HAS_LIMITS:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        if seconds:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + GRACE_SECONDS))
        if file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
