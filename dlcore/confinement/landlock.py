"""The folders that a process may use, by Landlock: https://docs.kernel.org/userspace-api/landlock.html.

The packages for it are pre-releases or hardly used, and these are three system calls.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from enum import IntFlag
from pathlib import Path

from dlcore.confinement import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_WHICH_VERSION = 1
_BELOW_PATH = 1
# By their numbers: Python has the names only where the system has them.
_AS_PLACE = getattr(os, "O_PATH", 0o10000000) | getattr(os, "O_CLOEXEC", 0o2000000)

LEAST_VERSION = 2
"""The first that allows to move a file into another folder."""


class _Right(IntFlag):
    """What Landlock refuses unless a rule allows it."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHARACTER_DEVICE = 1 << 6
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MAKE_SOCKET = 1 << 9
    MAKE_PIPE = 1 << 10
    MAKE_BLOCK_DEVICE = 1 << 11
    MAKE_LINK = 1 << 12
    MOVE = 1 << 13
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15


_SINCE = {3: _Right.TRUNCATE, 5: _Right.CONTROL_DEVICE}
"""Rights that came after the least version."""

_READ = _Right.READ_FILE | _Right.READ_FOLDER
# No links, pipes or sockets: others who open what a stranger's process has left must find files and folders.
_WRITE = (
    _READ | _Right.WRITE_FILE | _Right.REMOVE_FOLDER | _Right.REMOVE_FILE
    | _Right.MAKE_FOLDER | _Right.MAKE_FILE | _Right.MOVE | _Right.TRUNCATE
)  # fmt: skip
_OF_FILES = _Right.WRITE_FILE | _Right.READ_FILE | _Right.TRUNCATE | _Right.CONTROL_DEVICE
_OF_DEVICES = _Right.WRITE_FILE | _Right.READ_FILE | _Right.CONTROL_DEVICE


class _Rule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Returns the version of Landlock that this kernel has; 0 if it has none."""
    if not kernel.is_linux():
        return 0
    with suppress(OSError):
        return kernel.call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_WHICH_VERSION))
    return 0


def restrict(readable: Sequence[Path], writable: Sequence[Path]) -> None:
    """Refuses this process all files and folders but those given, permanently; what is open stays open.

    Args:
        readable: what may be read, each with all below it; what is not there is left out.
        writable: what may be read and written; a device may be controlled.

    Raises:
        OSError: the kernel refuses.
    """
    handled = ~_Right(0)
    for since, right in _SINCE.items():
        if version() < since:
            handled &= ~right
    rules = kernel.call(
        _CREATE, ctypes.byref(ctypes.c_uint64(handled)), ctypes.c_size_t(8), ctypes.c_uint32(0)
    )
    try:
        for path in readable:
            _allow(rules, path, _READ & handled)
        for path in writable:
            device = path.is_char_device()
            _allow(rules, path, (_OF_DEVICES if device else _WRITE) & handled)
        kernel.set_process(kernel.NO_NEW_PRIVILEGES, 1)
        kernel.call(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: _Right) -> None:
    try:
        place = os.open(path, _AS_PLACE)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        rule = _Rule(int(rights), place)
        kernel.call(
            _ADD, ctypes.c_int(rules), ctypes.c_int(_BELOW_PATH), ctypes.byref(rule), ctypes.c_uint32(0)
        )
    finally:
        os.close(place)
