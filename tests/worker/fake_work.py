"""What the children of executors do in tests. It imports little, for each of them does so anew."""

import gc
import json
import os
import sys
import threading
import time

from dlcore.processes.ending import on_end_request
from dlcore.settings import Settings
from dlcore.worker.executors.base import Executor
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.executors.nursery import NurseryExecutor
from dlcore.worker.executors.spawn import SpawnExecutor
from tests.waiting import wait_for

HERE = "tests.worker.fake_work"

OUTLIVING = ("forkserver", "spawn")
"""Those whose children live on when they die, and save when they are asked to end."""

ENDING = ("nursery", "spawn, for jobs")
"""Those whose children end with them."""


def work(settings: Settings, action: str, attempt: int) -> None:
    """What a child does; which of it, says the id."""
    home = settings.home
    if action == "tell":
        seen = {"home": str(home), "attempt": attempt, "seen": os.environ.get("DLCORE_TEST_SEEN")}
        (home / "told.part").write_text(json.dumps(seen))
        (home / "told.part").rename(home / "told")
    elif action == "exit":
        sys.exit(attempt)
    elif action == "frozen":
        sys.exit(int(gc.get_freeze_count() > 10_000))
    elif action == "save":
        told = threading.Event()
        on_end_request(told.set)
        begin(settings, attempt)
        told.wait(600)
        sys.exit(9)
    elif action == "sleep":
        begin(settings, attempt)
        time.sleep(600)
    elif action == "patient":
        begin(settings, attempt)
        wait_for((home / "enough").exists)
        (home / "done").touch()


def begin(settings: Settings, attempt: int, pid: int | None = None) -> None:
    """Notes the process of an attempt, which is this one if no other is given."""
    note = settings.home / f"begun{attempt}"
    note.with_suffix(".part").write_text(str(pid or os.getpid()))
    note.with_suffix(".part").rename(note)


def pid(settings: Settings, attempt: int = 1) -> int:
    """Returns the process that began, once it has."""
    note = settings.home / f"begun{attempt}"
    wait_for(note.exists)
    return int(note.read_text())


def made(kind: str, settings: Settings, preload: tuple[str, ...] = (HERE,)) -> Executor:
    """Returns an executor of a kind, not yet warm."""
    target = f"{HERE}:work"
    if kind == "forkserver":
        return ForkserverExecutor(target, job_target=target, preload=preload, settings=settings)
    if kind == "nursery":
        return NurseryExecutor(target, preload=preload, settings=settings)
    ends = kind == "spawn, for jobs"
    return SpawnExecutor(target, preload=preload, settings=settings, ends_with_parent=ends)
