"""Permutation importance: how much worse a model is where the values of one column are shuffled.

Source: Breiman, Random Forests, 2001; Fisher, Rudin and Dominici, All Models are Wrong, but Many are Useful, 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from dlcore.datasets.parts import Array, Indices, Part
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.drawn import drawn_evenly
from dlcore.engine.scores import measure_answers
from dlcore.records.explanations import Importance, ImportanceRow
from dlcore.spec.data import DataKind, Task
from dlcore.spec.signature import INPUT

MOST_SAMPLES, REPEATS, BATCH, SEED = 2_000, 5, 512, 0

Inputs = dict[str, Array]


def importance(asked: AskedModel, tell: Callable[[int, int], None]) -> Importance:
    """Returns by how much the accuracy falls, or the error rises, where each column of the test part is shuffled.

    The numbers of a column are shuffled together, of a series its whole windows. The same each time.

    Args:
        asked: the model with its dataset.
        tell: is told how many columns are done.
    """
    part = asked.part("test")
    places = drawn_evenly(part.indices, MOST_SAMPLES)
    given = asked.prepared(part, places)
    columns = _columns(asked)
    metric, sign = ("accuracy", 1) if asked.task.classifies else ("rmse", -1)
    whole = _measured(asked, given, part, places)[metric]
    rng, rows = np.random.default_rng(SEED), []
    for number, (name, where) in enumerate(columns.items()):
        falls = []
        for _repeat in range(REPEATS):
            order = rng.permutation(len(places))
            measured = _measured(asked, _shuffled(given, where, order), part, places)[metric]
            falls.append(sign * (whole - measured))
        rows.append(ImportanceRow(name, float(np.mean(falls)), float(np.std(falls))))
        tell(number + 1, len(columns))
    rows.sort(key=lambda row: -row.mean)
    return Importance(metric, whole, len(places), REPEATS, tuple(rows))


def _columns(asked: AskedModel) -> Mapping[str, Mapping[str, Indices]]:
    """Returns by column which numbers of the last axis of each input it is."""
    how = asked.how
    if how.facts.kind is DataKind.SERIES:
        return {name: {INPUT: np.array([place])} for place, name in enumerate(how.state["columns"])}
    names = columns_of_inputs(how.facts, how.steps, how.state)
    found: dict[str, dict[str, Indices]] = {}
    for given in asked.input_names:
        for column in dict.fromkeys(names[given]):
            found.setdefault(column, {})[given] = np.flatnonzero(np.array(names[given]) == column)
    return found


def _shuffled(given: Mapping[str, Array], where: Mapping[str, Indices], order: Indices) -> Inputs:
    found = dict(given)
    for name, places in where.items():
        changed = given[name].copy()
        changed[..., places] = given[name][order][..., places]
        found[name] = changed
    return found


def _measured(asked: AskedModel, given: Mapping[str, Array], part: Part, places: Indices) -> dict[str, float]:
    outputs = np.concatenate(
        [
            asked.outputs({name: array[start : start + BATCH] for name, array in given.items()}).numpy()
            for start in range(0, len(places), BATCH)
        ]
    )
    return measure_answers(_said(outputs, asked.task), part.y[places], asked.how.facts)


def _said(outputs: npt.NDArray[np.floating[Any]], task: Task) -> npt.NDArray[np.floating[Any]]:
    """Returns probabilities of logits, one for each class; numbers as they are."""
    found: npt.NDArray[np.floating[Any]] = outputs
    match task:
        case Task.MULTICLASS:
            found = softmax(outputs, axis=1)
        case Task.BINARY:
            found = np.concatenate([expit(-outputs), expit(outputs)], axis=1)
        case Task.MULTILABEL:
            found = expit(outputs)
    return found
