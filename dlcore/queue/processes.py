"""The identity of processes: a pid with its start,
so that a reused pid is not mistaken for the old process.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

import psutil

from dlcore.store import Identity

PROC = Path("/proc")
_ENDED = ("Z", "X")


def host() -> str:
    """Returns the name of this machine."""
    return socket.gethostname()


def programs_using(file: Path) -> list[int]:
    """Returns the pids of other processes that have a file open, as far as this user may see."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and any(Path(one.path) == file for one in process.open_files()):
                found.append(process.pid)
    return found


def own_identity() -> Identity:
    """Returns the identity of this process."""
    return Identity(secrets.token_hex(5), host(), os.getpid(), start_of(os.getpid()))


def start_of(pid: int, proc: Path = PROC) -> str:
    """Returns what tells the process of a pid from all others that ever had it.

    The wall clock has no part in it: a process keeps its start whatever the clock is set to.

    Args:
        pid: of a process on this machine.
        proc: where Linux describes its processes.

    Returns:
        On Linux the id of the boot and the clock ticks from there to the start of the process, elsewhere
        the moment that the kernel wrote down when it started; empty if there is no such process, or it
        has ended and is only waiting to be reaped.
    """
    if not (proc / "self" / "stat").exists():
        return _start_from_kernel(pid)
    try:
        stat = (proc / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name of the program, in parentheses, may hold blanks and parentheses itself.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in _ENDED else f"{_boot(proc)}:{fields[19]}"


def _boot(proc: Path) -> str:
    try:
        return (proc / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    except OSError:  # some sandboxes hide it; two boots then differ by their ticks alone
        return ""


def _start_from_kernel(pid: int) -> str:
    """Returns the same where there is no /proc.

    `create_time()` is made to follow the clock on some systems; what psutil itself tells processes apart
    by is not.
    """
    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else repr(process._ident[1])
    except psutil.NoSuchProcess:
        return ""


def is_gone(who: Identity) -> bool:
    """Returns whether the process is known to have ended.

    One on another machine never is, nor one whose start is not known.
    """
    return who.host == host() and bool(who.pid_started) and start_of(who.pid) != who.pid_started
