"""SIGKILLs at random moments: every run completes, with the numbers of an undisturbed one."""

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from dlcore.queue import ensure_worker, submit
from dlcore.queue.processes import is_gone
from dlcore.records import Axis, Run, RunState, Scope
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Identity, Store
from tests.waiting import wait_for

pytestmark = [pytest.mark.keras, pytest.mark.processes, pytest.mark.timeout(900)]

AT_ONCE, EPOCHS = 3, 12
SPEC = ExperimentSpec.from_dict(
    {
        "name": "killed",
        "dataset": {"name": "digits", "train_samples": 400},
        "model": {
            "layers": [
                {"kind": "Conv2D", "filters": 4},
                {"kind": "BatchNormalization"},
                "Flatten",
                {"kind": "Dropout", "rate": 0.2},
                {"kind": "Dense"},
            ]
        },
        "training": {"epochs": EPOCHS, "batch_size": 8, "deterministic": True},
        "seed": 3,
    }
)


def two_slots(tmp_path: Path) -> Settings:
    """Settings of a home of its own, for two runs at the same time."""
    return Settings(
        home=tmp_path / "home",
        KERAS_HOME=tmp_path / "keras",
        slots=2,
        poll_seconds=0.05,
        heartbeat_seconds=0.2,
    )


@pytest.fixture
def settings(tmp_path):
    return two_slots(tmp_path)


@pytest.fixture
def store(settings):
    opened = Store.open(settings)
    yield opened
    with suppress(ProcessLookupError, AttributeError):
        os.killpg(opened.workers.current().pid, signal.SIGKILL)
    opened.close()


def curves(store: Store, run: Run):
    """All that depends on the numbers; the clock does not."""
    found = store.metrics.overview(run.id, axis=Axis.EPOCH, buckets=10_000).curves
    return {
        key: list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
        for key, curve in found.items()
        if key.scope is not Scope.SYSTEM
    }


def kill_the_supervisor(store: Store, settings: Settings) -> None:
    """Kills it, and sees to another as a page would."""
    pid = store.workers.current().pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: ensure_worker(settings, store) or store.workers.current().pid != pid)


def process_of(store: Store, run: Run) -> Identity | None:
    process = store.runs.process(run.id)
    return None if process is None else Identity(run.id, *process)


def kill_at_work(store: Store, chance: random.Random) -> bool:
    """Kills the process of a run at work, at an epoch that chance chooses.

    Returns:
        Whether the run lost it; not if it had come to its end before, however quick the machine is.
    """
    at_work = [(run, who) for run in store.runs.active() if (who := process_of(store, run))]
    if not at_work:
        return False
    run, who = chance.choice(at_work)
    goal = chance.randint(run.epoch, run.epochs)  # the last one is over while it evaluates

    def is_there() -> bool:
        now = store.runs.get(run.id)
        return now.epoch >= goal or now.attempt != run.attempt or now.state.final

    wait_for(is_there)
    if is_gone(who):
        return False
    with suppress(ProcessLookupError):
        os.kill(who.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(who))
    return not store.runs.get(run.id).state.final


@pytest.mark.parametrize(
    ("kills", "of_supervisors"), [(5, 1), pytest.param(20, 2, marks=pytest.mark.acceptance)]
)
def test_kills_at_random_moments_change_no_number(store, settings, kills, of_supervisors):
    chance = random.Random(11)
    moments = chance.sample(range(2, kills - 2), of_supervisors)
    ensure_worker(settings, store)
    undisturbed = submit(store, SPEC, owner="ann")
    wait_for(lambda: store.runs.get(undisturbed.id).state.final)
    runs: list[Run] = []

    def kill_one() -> bool:
        # As much work as the kills need, on whatever machine.
        while sum(not store.runs.get(run.id).state.final for run in runs) < AT_ONCE:
            runs.append(submit(store, SPEC, owner="ann"))
        return kill_at_work(store, chance)

    for number in range(kills):
        if number in moments:
            kill_the_supervisor(store, settings)
        else:
            wait_for(kill_one)
    wait_for(lambda: all(store.runs.get(run.id).state.final for run in runs))
    first = store.runs.get(undisturbed.id)
    expected = curves(store, first)
    assert all(
        [x for x, _ in points] == list(range(1, EPOCHS + 1))
        for key, points in expected.items()
        if key.scope != "test"
    )
    for run in runs:
        done = store.runs.get(run.id)
        assert (done.state, done.epoch, done.reason) == (RunState.COMPLETED, EPOCHS, None)
        assert done.summary == first.summary
        assert curves(store, done) == expected
    assert sum(store.runs.get(run.id).attempt - 1 for run in runs) >= kills - of_supervisors
