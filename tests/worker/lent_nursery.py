"""Nurseries that go from one test to the next, for each takes seconds to import what its children need."""

from __future__ import annotations

import importlib
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

from dlcore.settings import Settings
from dlcore.worker.executors.base import Attempt
from dlcore.worker.executors.nursery import NurseryExecutor

MOMENT = 0.5
"""Seconds within which a child that has done its work ends."""

_TARGET = "TESTS_TARGET"


class LentNursery(NurseryExecutor):
    """Takes a nursery that another test has left, if any, and leaves it again, unless it was killed or had work.

    The settings travel with each child.
    """

    _left: ClassVar[dict[tuple[str, ...], list[tuple[subprocess.Popen[bytes], bool, bytes]]]] = {}

    def __init__(self, target: str, *, preload: Sequence[str], settings: Settings) -> None:
        super().__init__(f"{__name__}:main", preload=preload, settings=settings)
        self._target, self._idle = target, self._left.setdefault(tuple(preload), [])

    @classmethod
    def end_all(cls) -> None:
        """Ends those that nobody has taken again."""
        for idle in cls._left.values():
            while idle:
                process, _, _ = idle.pop()
                process.kill()
                process.communicate()

    def start(self, attempt: Attempt, environment: Mapping[str, str], *, is_job: bool = True) -> None:
        """Starts a child with these settings."""
        mine = {**environment, **self._settings.environment(), _TARGET: self._target}
        super().start(attempt, mine, is_job=is_job)

    def terminate(self) -> None:
        """Leaves the nursery to the next test if it has no children."""
        patience = time.monotonic() + MOMENT
        # A job may be done, and its process not yet seen to end.
        while self._children and time.monotonic() < patience:
            self._listen()
            time.sleep(0.01)
        process = self._process
        if process is None or self._children or process.poll() is not None:
            super().terminate()
        else:
            self._idle.append((process, self._ready, self._heard))
            self._process, self._ready, self._heard = None, False, b""

    def _begin(self) -> None:
        if not self._idle:
            super()._begin()
        else:
            self._process, self._ready, self._heard = self._idle.pop()


def main(begun_with: Settings, job_id: str, attempt: int) -> None:
    """What a child calls: the target, with the settings that came with it."""
    module, _, name = os.environ[_TARGET].partition(":")
    getattr(importlib.import_module(module), name)(Settings(), job_id, attempt)
