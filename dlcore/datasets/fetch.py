"""A download in a process of its own: `python -m dlcore.datasets.fetch NAME`.

A page starts it and reads its progress; it goes on when the page, or the app, is gone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from dlcore.datasets.catalogue import CATALOGUE
from dlcore.datasets.files import read_json, try_lock, write_json
from dlcore.datasets.loader import available, load
from dlcore.errors import N_, DlcoreError, Message
from dlcore.settings import Settings

_BETWEEN_WRITES = 0.2
_POLL = 0.02


class FetchState(StrEnum):
    """How far a download is; *idle*: none was started, or what it gave is gone again."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class FetchStatus:
    """What a page shows of a download.

    Attributes:
        done, total: bytes; `done == total` while running means that the data is being prepared.
        reason: why it failed.
    """

    state: FetchState
    done: int = 0
    total: int = 0
    reason: Message | None = None


def start_fetch(name: str, settings: Settings) -> FetchStatus:
    """Starts the download in a process of its own, unless one is at work; says how it stands.

    The lock is taken here and inherited by the process, which holds it until it ends, however it
    ends: so of many callers exactly one starts it.
    """
    facts = CATALOGUE.get(name).facts
    while (lock := try_lock(_lock_path(name, settings))) is None:
        status = fetch_status(name, settings)
        if status.state is FetchState.RUNNING:
            return status
        # Held for the moment that another look at the status takes, or by one that is just ending.
        time.sleep(_POLL)
    status = FetchStatus(FetchState.RUNNING, 0, facts.download_bytes)
    try:
        _write(name, settings, status)
        command = [sys.executable, "-m", "dlcore.datasets.fetch", name, "--lock", str(lock)]
        with _log_path(name, settings).open("wb") as log:
            process = subprocess.Popen(
                command,
                env=_environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)
    # Somebody must wait for it, or it stays a zombie as long as the app lives.
    threading.Thread(target=process.wait, daemon=True).start()
    return status


def fetch_status(name: str, settings: Settings) -> FetchStatus:
    """How the download stands; cheap enough to ask each second."""
    data = read_json(_status_path(name, settings))
    status = _from_dict(data) if data else FetchStatus(FetchState.IDLE)
    if status.state is FetchState.DONE and not available(name, settings):
        return FetchStatus(FetchState.IDLE)
    if status.state is not FetchState.RUNNING or not _is_free(name, settings):
        return status
    # It may have ended between the two looks; then it has written how.
    status = _from_dict(read_json(_status_path(name, settings)))
    if status.state is not FetchState.RUNNING:
        return status
    reason = Message(
        N_("the download ended before it was finished."),
        N_("Start it again; it goes on where it was. Its log: {log}."),
        params={"log": str(_log_path(name, settings))},
    )
    return FetchStatus(FetchState.FAILED, status.done, status.total, reason)


def fetch(name: str, settings: Settings) -> FetchStatus:
    """Downloads and prepares the dataset here and now, writing down how far it is; the lock is held."""
    total = CATALOGUE.get(name).facts.download_bytes
    last = FetchStatus(FetchState.RUNNING, 0, total)
    _write(name, settings, last)
    written = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last, written
        last = FetchStatus(FetchState.RUNNING, done, total)
        if done == total or time.monotonic() - written >= _BETWEEN_WRITES:
            _write(name, settings, last)
            written = time.monotonic()

    try:
        load(name, settings, progress=progress)
    except DlcoreError as error:
        last = FetchStatus(FetchState.FAILED, last.done, total, error.message)
    else:
        last = FetchStatus(FetchState.DONE, total, total)
    _write(name, settings, last)
    return last


def _is_free(name: str, settings: Settings) -> bool:
    lock = try_lock(_lock_path(name, settings))
    if lock is not None:
        os.close(lock)
    return lock is not None


def _folder(settings: Settings) -> Path:
    return settings.home.expanduser().resolve() / "downloads"


def _status_path(name: str, settings: Settings) -> Path:
    return _folder(settings) / f"{name}.json"


def _lock_path(name: str, settings: Settings) -> Path:
    return _folder(settings) / f".{name}.lock"


def _log_path(name: str, settings: Settings) -> Path:
    return _folder(settings) / f"{name}.log"


def _environment(settings: Settings) -> dict[str, str]:
    """The process finds the same package and the same folders, wherever it starts."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "DLCORE_HOME": str(settings.home.expanduser().resolve()),
        "KERAS_HOME": str(settings.keras_home.expanduser().resolve()),
        "PYTHONPATH": os.pathsep.join(place for place in places if place),
    }


def _write(name: str, settings: Settings, status: FetchStatus) -> None:
    data = asdict(status)
    data["reason"] = status.reason.to_dict() if status.reason else None
    write_json(_status_path(name, settings), data)


def _from_dict(data: dict[str, Any]) -> FetchStatus:
    reason = Message.from_dict(data["reason"]) if data["reason"] else None
    return FetchStatus(FetchState(data["state"]), data["done"], data["total"], reason)


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit status is 0 when the dataset is there in the end."""
    parser = argparse.ArgumentParser(prog="python -m dlcore.datasets.fetch", description=__doc__)
    parser.add_argument("name", choices=CATALOGUE.names())
    parser.add_argument("--lock", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    settings = Settings()
    lock = options.lock if options.lock is not None else try_lock(_lock_path(options.name, settings))
    if lock is None:
        print(f"{options.name} is being downloaded by another process.", file=sys.stderr)
        return 1
    status = fetch(options.name, settings)
    os.close(lock)
    if status.reason:
        print(status.reason.text(), file=sys.stderr)
    return int(status.state is not FetchState.DONE)


if __name__ == "__main__":
    sys.exit(main())
