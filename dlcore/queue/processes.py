"""Which process is which: a pid with its start time, so that a reused pid is not mistaken."""

from __future__ import annotations

import os
import secrets
import socket

import psutil

from dlcore.store import Identity

_TOLERANCE_SECONDS = 1.0


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


def myself() -> Identity:
    """The identity of this process."""
    return Identity(secrets.token_hex(5), host(), os.getpid(), psutil.Process().create_time())


def is_gone(who: Identity) -> bool:
    """Whether the process is known to have ended; one on another machine never is."""
    if who.host != host():
        return False
    try:
        process = psutil.Process(who.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        return bool(abs(process.create_time() - who.pid_started) > _TOLERANCE_SECONDS)
    except psutil.NoSuchProcess:
        return True
