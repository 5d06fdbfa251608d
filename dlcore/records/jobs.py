"""Jobs as the store returns them: background work other than runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dlcore.errors import Message


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobUnit(StrEnum):
    """What the progress of a job is counted in."""

    NOTHING = ""
    BYTES = "bytes"
    FILES = "files"
    ROWS = "rows"
    COLUMNS = "columns"


Progress = Callable[[int, int, JobUnit], None]
"""Is told how much is done, of how much in all (0: no one knows), and what is counted; cheap to call."""


def no_progress(done: int, total: int, unit: JobUnit) -> None:
    """Ignores progress."""


@dataclass(frozen=True)
class Job:
    """Background work other than a run: it is slow, or reads an untrusted file.

    Attributes:
        id: a hash of what and arguments.
        what: which kind of job.
        arguments: of it, JSON-ready.
        attempt: how often it has been started.
        done, total: its progress in `unit`; a total of 0 is not known.
        cancel_requested: whether someone wants it ended.
        lost_count: how often its process has died silently since it was requested.
        reason: why it failed.
        owner: who asked first.
    """

    id: str
    what: str
    arguments: dict[str, Any]
    state: JobState
    attempt: int
    done: int
    total: int
    unit: JobUnit
    cancel_requested: bool
    lost_count: int
    reason: Message | None
    owner: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def share(self) -> float | None:
        """The share that is done, from 0 to 1; None where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else None
