"""Twenty SIGKILLs at random moments: every run completes, with the numbers of an undisturbed one."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from dlcore.queue import ensure_worker, submit
from dlcore.records import Axis, Run, RunState
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store
from tests.waiting import wait_for

pytestmark = [pytest.mark.keras, pytest.mark.processes]

KILLS, OF_SUPERVISORS, RUNS, EPOCHS = 20, 2, 4, 40
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
    found = store.metrics.overview(run.id, axis=Axis.EPOCH, buckets=10_000).curves
    return {key: list(zip(curve.x.tolist(), curve.y.tolist(), strict=True)) for key, curve in found.items()}


def kill_the_supervisor(store: Store, settings: Settings) -> None:
    """Kills it, and sees to another as a page would."""
    pid = store.workers.current().pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: ensure_worker(settings, store) or store.workers.current().pid != pid, 60)


def kill_a_run(store: Store, chance: random.Random, killed: set[int]) -> None:
    """Waits until some run trains, then a random while, and kills one of those at work."""
    at_work: list[tuple[Run, int]] = []

    def found():
        at_work[:] = [
            (run, process[1])
            for run in store.runs.active()
            if (process := store.runs.process(run.id)) and process[1] not in killed
        ]
        return at_work

    wait_for(found, 90)
    time.sleep(chance.uniform(0.0, 1.5))
    if not found():
        return kill_a_run(store, chance, killed)
    pid = chance.choice(at_work)[1]
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return killed.add(pid)


def test_twenty_kills_at_random_moments_change_no_number(store, settings):
    chance = random.Random(11)
    moments = sorted(chance.sample(range(3, KILLS - 3), OF_SUPERVISORS))
    ensure_worker(settings, store)
    undisturbed = submit(store, SPEC, owner="ann")
    wait_for(lambda: store.runs.get(undisturbed.id).state.final, 60)
    runs = [submit(store, SPEC, owner="ann") for _ in range(RUNS)]
    killed: set[int] = set()
    for number in range(KILLS):
        if number in moments:
            kill_the_supervisor(store, settings)
        else:
            kill_a_run(store, chance, killed)
    wait_for(lambda: all(store.runs.get(run.id).state.final for run in runs), 120)
    assert len(killed) == KILLS - OF_SUPERVISORS
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
    assert sum(store.runs.get(run.id).attempt for run in runs) > RUNS
