"""From curves, as a store or a training in memory has them, to an observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.diagnosis.observation import Observation, Recording, Values
from dlcore.records import Axis, Evaluation, Scope, SeriesKey
from dlcore.records.signals import Signal
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.measure_name import LOSS
from dlcore.spec.metrics import METRICS

Points = Mapping[SeriesKey, tuple[npt.NDArray[Any], npt.NDArray[Any]]]


def observe(
    points: Points,
    spec: ExperimentSpec,
    *,
    epochs: int,
    final: bool,
    complete: bool = False,
    diverged_at: int | None = None,
    evaluation: Evaluation | None = None,
    facts: DatasetFacts | None = None,
) -> Observation:
    """Returns the observation of a run.

    Args:
        points: its curves over epochs and probes: steps and values; others do not matter.
        spec: what it trains.
        epochs: how many it should have in the end.
        final: whether it has ended.
        complete: whether it has ended by itself.
        diverged_at: the epoch in which its loss was no longer a number, if it failed so.
        evaluation: what it does on the test part, if it has got that far.
        facts: of its dataset, where they are known.
    """
    parts: dict[Scope, dict[str, Values]] = {Scope.TRAIN: {}, Scope.VALIDATION: {}}
    signals = {}
    for key, (x, y) in points.items():
        if key.axis is Axis.EPOCH and key.scope in parts and (key.name == LOSS or key.name in METRICS):
            parts[key.scope][key.name] = _finite_head(np.asarray(y, np.float64))
        elif key.axis is Axis.PROBE and (signal := Signal.parse(key.name)) is not None:
            signals[signal] = Recording(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return Observation(
        spec,
        epochs,
        final,
        complete,
        diverged_at,
        parts[Scope.TRAIN],
        parts[Scope.VALIDATION],
        evaluation,
        facts,
        signals,
    )


def _finite_head(values: Values) -> Values:
    """Returns the values before the first that is no number."""
    wrong = np.flatnonzero(~np.isfinite(values))
    return values[: wrong[0]] if len(wrong) else values
