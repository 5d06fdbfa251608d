"""A supervisor in the test's own process, and helpers that wait for what it does."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from dlcore.queue.slots import Slots
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.supervisor import Companion, Supervisor
from tests.waiting import PATIENCE, wait_for
from tests.worker.enough import enough
from tests.worker.fake_job import fake_jobs
from tests.worker.fake_run import starts
from tests.worker.lent_nursery import LentNursery


@pytest.fixture(autouse=True, scope="session")
def no_nursery_stays() -> Iterator[None]:
    """Ends those that tests have left to others."""
    yield
    LentNursery.end_all()


@pytest.fixture
def lost_seconds() -> float:
    """Silence after which a process counts as lost: longer than any pause of a slow machine."""
    return 60.0


@pytest.fixture
def settings(tmp_path: Path, lost_seconds: float) -> Settings:
    """Quick beats, so that nothing here takes long."""
    return Settings(
        home=tmp_path / "home",
        KERAS_HOME=tmp_path / "keras",
        poll_seconds=0.02,
        heartbeat_seconds=0.05,
        lost_seconds=lost_seconds,
        max_attempts=3,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.close()
    enough(settings.home)
    for _, _, pid in starts(settings.home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Driven:
    """A supervisor that moves on only while a test waits for something."""

    def __init__(
        self, store: Store, settings: Settings, slots: Slots, companion: Companion | None = None
    ) -> None:
        self.store, self.lines, self.passed = store, [], 0.0
        self.executor = ForkserverExecutor(
            "tests.worker.fake_run:main",
            job_target="tests.worker.fake_job:main",
            preload=["tests.worker.fake_run", "tests.worker.fake_job"],
            settings=settings,
        )
        light = LentNursery(
            "tests.worker.fake_job:main", preload=["tests.worker.fake_job"], settings=settings
        )
        self.jobs = fake_jobs(store, self.executor, light, log=self.lines.append, clock=self.clock)
        self.supervisor = Supervisor(
            store,
            settings,
            self.executor,
            slots,
            self.jobs,
            log=self.lines.append,
            companion=companion,
            clock=self.clock,
        )
        assert self.supervisor.acquire()

    def clock(self) -> float:
        return time.monotonic() + self.passed

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        wait_for(lambda: self.supervisor.tick() and condition(), seconds, self.lines)

    def beats(self, count: int) -> Callable[[], bool]:
        """Whether it has said so often from now on that it is alive, and looked for the lost each time."""
        heard: list[object] = []

        def enough() -> bool:
            beat = self.store.workers.current().heartbeat_at
            if beat not in heard:
                heard.append(beat)
            return len(heard) > count

        return enough

    def ended(self, *ids: str) -> Callable[[], bool]:
        return lambda: all(self.store.runs.get(run_id).state.final for run_id in ids)

    def at_epoch(self, run_id: str, epoch: int) -> Callable[[], bool]:
        return lambda: self.store.runs.get(run_id).epoch >= epoch


@pytest.fixture
def drive(store: Store, settings: Settings) -> Iterator[Callable[..., Driven]]:
    """Makes the supervisor, with so many slots and GPUs, and some settings changed."""
    made: list[Driven] = []

    def driven(
        slots: int = 1, gpu_count: int = 0, companion: Companion | None = None, **changed: int
    ) -> Driven:
        given = settings.model_copy(update=changed)
        made.append(Driven(replace(store, settings=given), given, Slots(slots, gpu_count), companion))
        return made[-1]

    yield driven
    for one in made:
        one.jobs.close()
