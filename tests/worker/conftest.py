"""A supervisor in the test's own process, and helpers that wait for what it does."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.placement import Slots
from dlcore.worker.supervisor import Supervisor
from tests.waiting import wait_for
from tests.worker.fake_run import starts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Quick beats, so that nothing here takes long."""
    return Settings(
        home=tmp_path / "home",
        KERAS_HOME=tmp_path / "keras",
        poll_seconds=0.02,
        heartbeat_seconds=0.05,
        lost_seconds=2.0,
        max_attempts=3,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.close()
    for _, _, pid in starts(settings.home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Driven:
    """A supervisor that moves on only while a test waits for something."""

    def __init__(self, store: Store, settings: Settings, slots: Slots) -> None:
        self.store, self.lines = store, []
        self.executor = ForkserverExecutor(
            "tests.worker.fake_run:main",
            job_target="tests.worker.fake_job:main",
            preload=["tests.worker.fake_run", "tests.worker.fake_job"],
            arguments=(settings,),
        )
        self.supervisor = Supervisor(store, settings, self.executor, slots, log=self.lines.append)
        assert self.supervisor.acquire()

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        wait_for(lambda: self.supervisor.tick() and condition(), seconds, self.lines)

    def ended(self, *ids: str) -> Callable[[], bool]:
        return lambda: all(self.store.runs.get(run_id).state.final for run_id in ids)

    def at_epoch(self, run_id: str, epoch: int) -> Callable[[], bool]:
        return lambda: self.store.runs.get(run_id).epoch >= epoch


@pytest.fixture
def drive(store: Store, settings: Settings) -> Callable[..., Driven]:
    """Makes the supervisor, with so many slots and GPUs."""
    return lambda slots=1, gpu_count=0: Driven(store, settings, Slots(slots, gpu_count))
