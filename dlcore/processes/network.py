"""Cutting a process that reads an untrusted file off from the network."""

from __future__ import annotations

import ctypes
import os
import sys

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of Linux."""

_SOCKETS = frozenset(
    {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}
)


def cut_network() -> bool:
    """Cuts this process off from the network, permanently; open connections stay open.

    On Linux the process moves into a network of its own in which there is nothing, if it may: as root,
    or where people may make user namespaces. Elsewhere Python's own sockets are refused; that stops
    code of ours and of Python packages, but not native code that has been taken over.

    Returns:
        Whether the kernel keeps it from the network.
    """
    if _unshare(_NEW_NET) or _unshare(_NEW_USER | _NEW_NET):
        return True
    sys.addaudithook(_refuse)
    return False


def _unshare(flags: int) -> bool:
    if sys.platform == "linux":
        # os.unshare came with Python 3.12.
        return bool(ctypes.CDLL(None, use_errno=True).unshare(ctypes.c_int(flags)) == 0)
    else:
        return False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _SOCKETS:
        raise PermissionError(f"{event} in process {os.getpid()}, which reads a stranger's file")
