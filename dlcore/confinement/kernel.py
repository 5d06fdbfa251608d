"""Calls of Linux that Python's library does not have."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from functools import cache
from typing import Any

NO_NEW_PRIVILEGES, DIE_WITH_PARENT = 38, 1
"""PR_SET_NO_NEW_PRIVS and PR_SET_PDEATHSIG."""

_SET_CAPABILITIES_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}


@cache
def _library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def is_linux() -> bool:
    """Returns whether this is Linux on a processor whose numbers of system calls are known here."""
    return sys.platform == "linux" and platform.machine() in _CAPSET


def call(number: int, *arguments: Any) -> int:
    """Calls the kernel by number.

    Raises:
        OSError: it refuses.
    """
    return _checked(_library().syscall(ctypes.c_long(number), *arguments))


def set_process(option: int, *values: Any) -> None:
    """Sets an option of this process by `prctl`.

    Raises:
        OSError: the kernel refuses.
    """
    padded = [*values, 0, 0, 0, 0][:4]
    _checked(_library().prctl(option, *(v if isinstance(v, ctypes.Array) else _word(v) for v in padded)))


def drop_capabilities() -> None:
    """Gives up what root may do beyond other users, permanently."""
    header = (ctypes.c_uint32 * 2)(_SET_CAPABILITIES_VERSION, 0)
    call(_CAPSET[platform.machine()], ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _word(value: Any) -> Any:
    return ctypes.c_ulong(value) if isinstance(value, int) else value


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
