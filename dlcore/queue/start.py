"""Starting a supervisor when none is alive."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from dlcore.errors import N_, StoreError
from dlcore.locks import locked
from dlcore.queue.processes import is_gone, own_identity, start_of
from dlcore.settings import Settings
from dlcore.store import PROGRAM, Identity, Store
from dlcore.store.database import now

ROOT = Path(__file__).resolve().parents[2]

STARTING_SECONDS = 60.0
"""How long a process that was started as a supervisor may take to say that it is one."""

ENDING_SECONDS = 40.0
"""How long one may take to end: its runs get half a minute to save."""


def worker_alive(store: Store, settings: Settings) -> bool:
    """Returns whether a supervisor holds the lease, is alive, and has reported recently."""
    worker, identity = store.workers.current(), store.workers.identity()
    if worker is None or identity is None or is_gone(identity):
        return False
    return now() - worker.heartbeat_at.timestamp() < settings.lost_seconds


def ensure_worker(settings: Settings, store: Store) -> None:
    """Starts a supervisor if none is alive, or one to replace that of an older program.

    Of many concurrent callers, one starts one. It runs in its own session, so that it outlives the process
    that started it. A supervisor of a newer program serves this one, too.

    Raises:
        StoreError: it cannot be started, for one because the disk is full, or a newer program has changed
            the store since it was opened.
    """
    if _is_served(store, settings):
        return
    store.refuse_newer()
    _start_unless(_is_served, settings, store)


def end_worker(store: Store, *, seconds: float = ENDING_SECONDS) -> bool:
    """Asks the supervisor on this machine to end, and waits until its runs have saved and it is gone.

    Args:
        store: whose supervisor.
        seconds: how long to wait.

    Returns:
        Whether none is left here.
    """
    who = store.workers.identity()
    if who is None or who.host != own_identity().host or is_gone(who):
        return True
    with suppress(psutil.NoSuchProcess):
        psutil.Process(who.pid).terminate()
    deadline = time.monotonic() + seconds
    while not is_gone(who):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def hand_over(settings: Settings, store: Store) -> None:
    """Starts the currently installed program if the store has changed and no supervisor serves it.

    Raises:
        StoreError: it cannot be started.
    """
    _start_unless(worker_alive, settings, store)


def _is_served(store: Store, settings: Settings) -> bool:
    """Returns whether a supervisor is alive that need not be replaced."""
    worker = store.workers.current()
    return worker is not None and not worker.program.is_older_than(PROGRAM) and worker_alive(store, settings)


def _start_unless(is_served: Callable[[Store, Settings], bool], settings: Settings, store: Store) -> None:
    home = settings.home_dir
    try:
        with locked(home / "worker.lock"):
            note = home / "worker.pid"
            if not is_served(store, settings) and not _still_starting(note, store.workers.identity()):
                process = _start(settings, home)
                note.write_text(f"{process.pid} {start_of(process.pid)}")
    except OSError as error:
        raise StoreError(
            N_("the worker cannot be started: {reason}."),
            hint=N_("Free disk space, or check the permissions of that path."),
            where=str(home),
            reason=error.strerror or str(error),
        ) from error


def _start(settings: Settings, home: Path) -> subprocess.Popen[bytes]:
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dlcore", "worker"],
            cwd=ROOT,
            # The log has file names in it, which the system's own encoding may not know.
            env={**os.environ, **settings.environment(), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_apart(),
        )
    # Someone must wait for it, or it stays a zombie as long as this process lives.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _apart() -> dict[str, Any]:
    """Returns the options that let a process outlive this one and its terminal."""
    if sys.platform == "win32":
        # A hidden console of its own: without any, each child would open a window.
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    else:
        return {"start_new_session": True}


def _still_starting(note: Path, holder: Identity | None) -> bool:
    """Returns whether the one that was started last lives, and has just not taken the lease yet."""
    try:
        pid, started = note.read_text().split()
        age = time.time() - note.stat().st_mtime
        alive = start_of(int(pid)) == started
    except (FileNotFoundError, ValueError):  # the first one, or what was left of a note on a full disk
        return False
    has_begun = holder is not None and (f"{holder.pid}", holder.pid_started) == (pid, started)
    return alive and age < STARTING_SECONDS and not has_begun
