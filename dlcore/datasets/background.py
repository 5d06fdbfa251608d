"""Work in a process of its own, which a page starts and whose progress it reads.

The process goes on when the page, or the app, is gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from dlcore.datasets.files import try_lock
from dlcore.durable import read_derived, write_json
from dlcore.errors import DlcoreError, Message
from dlcore.settings import Settings

_BETWEEN_WRITES = 0.2
_POLL = 0.02


class WorkState(StrEnum):
    """How far some work is; *idle*: none was started, or what it gave is gone again."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class WorkStatus:
    """What a page shows of some work.

    Attributes:
        done, total: of whatever is counted; `done == total` while running means that the end is near.
        reason: why it failed.
        result: what it gave, JSON-ready.
    """

    state: WorkState
    done: int = 0
    total: int = 0
    reason: Message | None = None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share that is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True)
class Work:
    """One piece of work by its name; at most one process is at it.

    Args:
        folder: where its status, its lock and its log lie.
        name: a plain file name.
        cut_off: what is said when its process vanished.
    """

    folder: Path
    name: str
    cut_off: Message

    @property
    def log_path(self) -> Path:
        """What its process printed."""
        return self.folder / f"{self.name}.log"

    @property
    def _status_path(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def _lock_path(self) -> Path:
        return self.folder / f".{self.name}.lock"

    def start(self, module: str, arguments: Sequence[str], settings: Settings, total: int = 0) -> WorkStatus:
        """Starts `python -m module arguments --lock N`, unless a process is at work; says how it stands.

        The lock is taken here and inherited by the process, which holds it until it ends, however it
        ends: so of many callers exactly one starts it.
        """
        while (lock := try_lock(self._lock_path)) is None:
            status = self.status()
            if status.state is WorkState.RUNNING:
                return status
            # Held for the moment that another look at the status takes, or by one that is just ending.
            time.sleep(_POLL)
        status = WorkStatus(WorkState.RUNNING, 0, total)
        try:
            self.write(status)
            with self.log_path.open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", module, *arguments, "--lock", str(lock)],
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

    def status(self) -> WorkStatus:
        """How it stands; cheap enough to ask each second."""
        status = self.read()
        if status.state is not WorkState.RUNNING or not self._is_free():
            return status
        # It may have ended between the two looks; then it has written how.
        status = self.read()
        if status.state is not WorkState.RUNNING:
            return status
        return replace(status, state=WorkState.FAILED, reason=self.cut_off)

    def run(
        self, do: Callable[[Callable[[int, int], None]], Mapping[str, Any]], total: int = 0
    ) -> WorkStatus:
        """Does the work here and now, writing down how far it is; the lock is held.

        Args:
            do: the work; told how to report its progress, gives its result.
            total: of what is counted, if that is known before.
        """
        last = WorkStatus(WorkState.RUNNING, 0, total)
        self.write(last)
        written = time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal last, written
            last = WorkStatus(WorkState.RUNNING, done, total)
            if done == total or time.monotonic() - written >= _BETWEEN_WRITES:
                self.write(last)
                written = time.monotonic()

        try:
            result = do(progress)
        except DlcoreError as error:
            last = replace(last, state=WorkState.FAILED, reason=error.message)
        else:
            whole = last.total or total
            last = WorkStatus(WorkState.DONE, whole, whole, result=result)
        self.write(last)
        return last

    def take(self) -> int | None:
        """The lock, for a process that somebody started by hand; None if another one is at work."""
        return try_lock(self._lock_path)

    def _is_free(self) -> bool:
        lock = try_lock(self._lock_path)
        if lock is not None:
            os.close(lock)
        return lock is not None

    def write(self, status: WorkStatus) -> None:
        """Writes down how it stands."""
        data = asdict(status)
        data["reason"] = status.reason.to_dict() if status.reason else None
        write_json(self._status_path, data)

    def read(self) -> WorkStatus:
        """What was written down last, whether or not that is still so."""
        data = read_derived(self._status_path)
        if not data:
            return WorkStatus(WorkState.IDLE)
        reason = Message.from_dict(data["reason"]) if data["reason"] else None
        state = WorkState(data["state"])
        return WorkStatus(state, data["done"], data["total"], reason, data.get("result", {}))


def _environment(settings: Settings) -> dict[str, str]:
    """The process finds the same package and the same folders, wherever it starts."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "DLCORE_HOME": str(settings.home_dir),
        "KERAS_HOME": str(settings.keras_home.expanduser().resolve()),
        "PYTHONPATH": os.pathsep.join(place for place in places if place),
    }
