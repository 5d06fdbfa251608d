"""When the points of a run are dated, for MLflow; that MLflow reads them is tested beside the other formats."""

import dataclasses

import numpy as np
import pytest

from dlcore.exports.mlflow import Calendar
from dlcore.queue import submit
from dlcore.records import Axis, Scope, SeriesKey
from dlcore.spec import ExperimentSpec

CLOCK, SECONDS = (SeriesKey(name, Scope.SYSTEM, Axis.EPOCH) for name in ("clock", "seconds"))
BEGAN, ENDED = 1_000_000, 1_400_000
"""In milliseconds since 1970; between the first and the second epoch, the run waited for a place to go on."""
KEPT = {
    CLOCK: (np.array([1.0, 2.0]), np.array([1_010.0, 1_300.0])),
    SECONDS: (np.array([1.0, 2.0]), np.array([10.0, 20.0])),
}


@pytest.fixture
def run(store):
    layers = ["Flatten", {"kind": "Dense"}]
    spec = {"dataset": {"name": "digits"}, "model": {"layers": layers}, "training": {"epochs": 2}}
    queued = submit(store, ExperimentSpec.from_dict(spec), owner="local")
    return dataclasses.replace(queued, epochs=2, steps=200)


@pytest.mark.parametrize(
    ("axis", "x", "moments"),
    [
        (Axis.EPOCH, [1, 2], [1_010_000, 1_300_000]),
        # Halfway through each epoch, and at its end.
        (Axis.BATCH, [50, 100, 150, 200], [1_005_000, 1_010_000, 1_155_000, 1_300_000]),
        # After the last epoch comes the evaluation.
        (Axis.TIME, [5, 10, 20, 25], [1_005_000, 1_010_000, 1_300_000, 1_400_000]),
    ],
)
def test_a_point_is_dated_by_the_clock_of_the_epochs_around_it(run, axis, x, moments):
    calendar = Calendar.of(run, KEPT, BEGAN, ENDED)
    assert calendar.moments(axis, np.array(x, float)).tolist() == moments


def test_without_a_clock_a_point_is_dated_by_its_share_of_the_training(run):
    calendar = Calendar.of(run, {}, BEGAN, ENDED)
    assert calendar.moments(Axis.EPOCH, np.array([1.0, 2.0])).tolist() == [1_200_000, 1_400_000]
    assert calendar.moments(Axis.BATCH, np.array([1.0, 4.0])).tolist() == [1_100_000, 1_400_000]
