"""Runs and points for the tests of store and queue."""

from typing import Any

from sqlalchemy import update

from dlcore.records import Axis, Metric, Run, RunState, Scope, SeriesKey, Study
from dlcore.store import Store
from dlcore.store.runs import add_run
from dlcore.store.tables import runs

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
EPOCH_LOSS = SeriesKey("loss", Scope.VALIDATION, Axis.EPOCH)
MEMORY = SeriesKey("memory_mb", Scope.SYSTEM, Axis.TIME)

SPEC = {
    "dataset": {"name": "digits"},
    "model": {"layers": [{"kind": "Flatten"}, {"kind": "Dense"}]},
    "training": {"epochs": 3, "batch_size": 32, "device": "auto"},
}

WAYS = {
    RunState.QUEUED: (),
    RunState.STARTING: (RunState.STARTING,),
    RunState.RUNNING: (RunState.STARTING, RunState.RUNNING),
    RunState.COMPLETED: (RunState.STARTING, RunState.RUNNING, RunState.COMPLETED),
    RunState.STOPPED: (RunState.STOPPED,),
    RunState.PRUNED: (RunState.STARTING, RunState.RUNNING, RunState.PRUNED),
    RunState.FAILED: (RunState.FAILED,),
    RunState.LOST: (RunState.STARTING, RunState.LOST),
}


def queued(store: Store, **values: Any) -> Run:
    """A run that waits."""
    given = {"spec": SPEC, "spec_hash": "0123", "name": "a run", "owner": "ann", "dataset": "digits"}
    return store.runs.create(**{**given, "epochs": 3, **values})


def queued_at(store: Store, *moments: float) -> None:
    """Runs that wait since those moments, in seconds since 1970."""
    for moment in moments:
        made = queued(store).id
        with store.database.write() as connection:
            connection.execute(update(runs).where(runs.c.id == made).values(queued_at=moment))


def of_trial(store: Store, study: Study, number: int) -> Run:
    """The run of a trial, which waits."""
    values = {"spec": SPEC, "spec_hash": "0123", "owner": study.owner, "dataset": "digits", "epochs": 3}
    with store.database.write() as connection:
        name = f"{study.name} · {number}"
        made = add_run(connection, study_id=study.id, trial=number, repeat=0, name=name, **values)
    return store.runs.get(made)


def moved(store: Store, run: Run, *states: RunState, **values: Any) -> Run:
    """The run after those moves; `values` are set with the last one."""
    for number, state in enumerate(states, start=1):
        assert store.runs.move(run, state, **(values if number == len(states) else {}))
        run = store.runs.get(run.id)
    return run


def in_state(store: Store, state: RunState, **values: Any) -> Run:
    """A run that has come to a state."""
    return moved(store, queued(store, **values), *WAYS[state])


def at_work(store: Store, **values: Any) -> Run:
    """A run that runs, in its first attempt."""
    return in_state(store, RunState.RUNNING, **values)


def losses(*pairs: tuple[float, float], key: SeriesKey = LOSS) -> list[Metric]:
    """Points of a curve."""
    return [Metric(key, step, value) for step, value in pairs]


def report(store: Store, run: Run, *metrics: Metric) -> None:
    """Adds points to the curves of a run at work."""
    assert store.reports.write(run.id, run.attempt, {"seconds": 1.0}, metrics=metrics) is False
