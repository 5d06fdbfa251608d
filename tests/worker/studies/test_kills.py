"""SIGKILLs at random moments in a search: no trial is lost, none doubled."""

import os
import random
import signal
from contextlib import suppress
from statistics import median

import optuna
import psutil
import pytest

from dlcore.access.actors import Actor
from dlcore.queue import ensure_worker
from dlcore.queue.studies import change, start
from dlcore.records import Axis, Scope, SeriesKey, StudyState
from dlcore.store import Store
from dlcore.worker.studies.optuna_storage import open_storage, optuna_name
from tests.search.runs import search
from tests.waiting import wait_for
from tests.worker.test_kills import kill_at_work, kill_the_supervisor, two_slots

pytestmark = [pytest.mark.keras, pytest.mark.processes, pytest.mark.timeout(900)]

MORE, EPOCHS = 5, 12
VAL = SeriesKey("accuracy", Scope.VALIDATION, Axis.EPOCH)
SPACE = {
    "training.optimizer.learning_rate": {"low": 1e-3, "high": 0.1, "log": True},
    "training.batch_size": [8, 16],
}


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


@pytest.mark.parametrize(
    ("kills", "of_supervisors"), [(5, 2), pytest.param(20, 4, marks=pytest.mark.acceptance)]
)
def test_kills_in_a_search_lose_no_trial_and_double_none(store, settings, kills, of_supervisors):
    chance = random.Random(5)
    ensure_worker(settings, store)
    # As many trials as the kills need, on whatever machine.
    study = start(store, search(SPACE, epochs=EPOCHS, max_trials=100_000, parallel=2), owner="ann")
    moments = chance.sample(range(1, kills - 1), of_supervisors)
    for number in range(kills):
        if number in moments:
            kill_the_supervisor(store, settings)
        else:
            wait_for(lambda: kill_at_work(store, chance))
    change(store, study.id, actor=Actor("ann"), max_trials=store.studies.get(study.id).finished + MORE)
    wait_for(lambda: store.studies.get(study.id).state is StudyState.COMPLETED)
    trials = store.studies.trials(study.id)
    count = len(trials)
    assert count >= MORE
    assert [(trial.number, trial.state.value) for trial in trials] == [(n, "complete") for n in range(count)]
    runs = store.runs.list(study=study.id, limit=100_000)
    assert sorted(run.trial for run in runs) == list(range(count))
    assert sum(run.attempt - 1 for run in runs) >= kills - of_supervisors
    for run in runs:
        curve = store.metrics.window(run.id, VAL)
        assert curve.x.tolist() == list(range(1, EPOCHS + 1))
    told = optuna.load_study(
        study_name=optuna_name(storage := open_storage(settings), study), storage=storage
    ).get_trials(deepcopy=False)
    assert [(t.number, t.state.name, t.value, t.params) for t in told] == [
        (trial.number, "COMPLETE", trial.value, trial.params) for trial in trials
    ]


@pytest.mark.parametrize("count", [8, pytest.param(60, marks=pytest.mark.acceptance)])
def test_many_trials_take_no_more_memory_than_few(store, settings, count):
    few = count // 4
    ensure_worker(settings, store)
    study = start(store, search(SPACE, epochs=1, max_trials=count, parallel=2), owner="ann")

    def wait_until_finished(wanted):
        # Each trial has the whole patience for itself.
        while (done := store.studies.get(study.id).finished) < wanted:
            wait_for(lambda: store.studies.get(study.id).finished > done)

    wait_until_finished(few)
    supervisor = psutil.Process(store.workers.current().pid)
    # The forkserver is the one that every trial is a child of.
    forkserver = max(supervisor.children(), key=lambda process: process.memory_info().rss)
    early = [process.memory_info().rss for process in (supervisor, forkserver)]
    wait_until_finished(count)
    late = [process.memory_info().rss for process in (supervisor, forkserver)]
    assert late[0] - early[0] < 15e6
    assert late[1] - early[1] < 5e6
    peaks = []
    for run in sorted(store.runs.list(study=study.id, limit=100), key=lambda run: run.trial):
        memory = store.metrics.window(run.id, SeriesKey("memory_mb", Scope.SYSTEM, Axis.TIME))
        peaks.append(memory.y.max())
    assert len(peaks) == count
    assert median(peaks[-few:]) < median(peaks[:few]) * 1.08
