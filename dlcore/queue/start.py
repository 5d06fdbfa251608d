"""Starting a supervisor when none is alive."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from dlcore.datasets.files import locked
from dlcore.errors import N_, StoreError
from dlcore.queue.processes import host, is_gone
from dlcore.settings import Settings
from dlcore.store import Identity, Store
from dlcore.store.database import now

ROOT = Path(__file__).resolve().parents[2]

STARTING_SECONDS = 60.0
"""How long a process that was started as a supervisor may take to say that it is one."""


def worker_alive(store: Store, settings: Settings) -> bool:
    """Whether a supervisor holds the lease, lives, and has said so lately."""
    worker, identity = store.workers.current(), store.workers.identity()
    if worker is None or identity is None or is_gone(identity):
        return False
    return now() - worker.heartbeat_at.timestamp() < settings.lost_seconds


def ensure_worker(settings: Settings, store: Store) -> None:
    """Starts a supervisor if none is alive; of many who call at once, one starts one.

    It runs in a session of its own, so that it outlives whoever started it.

    Raises:
        StoreError: it cannot be started, for one because the disk is full.
    """
    if worker_alive(store, settings):
        return
    home = settings.home_dir
    try:
        with locked(home / "worker.lock"):
            note = home / "worker.pid"
            if not worker_alive(store, settings) and not _still_starting(note):
                process = _start(settings, home)
                note.write_text(f"{process.pid}")
    except OSError as error:
        raise StoreError(
            N_("the worker cannot be started: {reason}."),
            hint=N_("Make room, or check the permissions of that path."),
            where=str(home),
            reason=error.strerror or str(error),
        ) from error


def _start(settings: Settings, home: Path) -> subprocess.Popen[bytes]:
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dlcore", "worker"],
            cwd=ROOT,
            env={**os.environ, **settings.environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # Somebody must wait for it, or it stays a zombie as long as this process lives.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _still_starting(note: Path) -> bool:
    """Whether the one that was started last lives, and has just not taken the lease yet."""
    if not note.exists():
        return False
    pid, started = int(note.read_text() or 0), note.stat().st_mtime
    return time.time() - started < STARTING_SECONDS and not is_gone(Identity("", host(), pid, started))
