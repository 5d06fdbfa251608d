"""Runs whose times are those of the reference, so many times over."""

from dlcore.design.reference import CPU
from dlcore.design.timing import Lap, Stage, Timing
from dlcore.design.workload import Workload
from dlcore.queue import submit
from dlcore.queue.slots import Slots, hardware_here
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from tests.store.samples import moved

SLOTS = Slots(1, 0, cores=4)
SPEC = ExperimentSpec.from_dict(
    {
        "dataset": {"name": "digits"},
        "model": {"layers": ["Flatten", {"kind": "Dense", "units": 64}, "Dense"]},
        "training": {"epochs": 5},
    }
)
STEPS = 41
"""1,294 digits in batches of 32."""


def load_of(run):
    load = Workload.from_dict(run.workload)
    assert load is not None
    return load


def whole(load, slowness, epochs=5):
    """The times of a whole run on a machine so much slower than the reference."""
    counts = {
        Stage.STARTING: 1, Stage.STEPS: STEPS * epochs, Stage.VALIDATION: epochs, Stage.EPOCHS: epochs,
        Stage.ENDING: 1,
    }  # fmt: skip
    return Timing(
        {
            Timing.key(stage): Lap(count, slowness * count * CPU.seconds(stage, load, 0))
            for stage, count in counts.items()
        }
    )


def at_work(store, *, slots=SLOTS, device="cpu", spec=SPEC, timing=None, **values):
    """A run at work on a device of a machine with these slots."""
    run = submit(store, spec, owner="ann")
    hardware = hardware_here(slots, device)
    run = moved(store, run, RunState.STARTING, device=device, hardware=hardware)
    run = moved(store, run, RunState.RUNNING)
    if timing is not None:
        values["timing"] = timing(load_of(run)).to_dict()
    if values:
        store.reports.write(run.id, run.attempt, values)
    return store.runs.get(run.id)


def done(store, slowness=1.0, **values):
    """A run that has ended, and what it took in all."""
    run = at_work(store, timing=lambda load: whole(load, slowness), **values)
    moved(store, run, RunState.COMPLETED)
    return sum(lap.seconds for lap in run.timing.laps.values())
