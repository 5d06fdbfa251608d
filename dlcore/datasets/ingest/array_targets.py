"""What the targets among the arrays of a file ask for: classes in some form, labels, or quantities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.array_names import NamedPairs
from dlcore.datasets.ingest.proposal import clean_text, natural_order
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.data import Task

Array = npt.NDArray[Any]

_MOST_CLASSES = 1_000
_FEW = 20
"""Whole numbers with at most that many different values are classes, whatever numbers they are."""


def join_targets(found: NamedPairs) -> Array:
    """(samples,) or (samples, k) the targets of all parts."""
    y = [one[:, 0] if one.ndim == 2 and one.shape[1] == 1 else one for _, one in found.pairs.values()]
    if len({one.dtype.kind in "US" for one in y}) > 1:
        raise DatasetError(
            N_("y holds texts in one part and numbers in another."), hint=N_("Save them again.")
        )
    return np.concatenate(
        [np.char.decode(one, "utf-8", "replace") if one.dtype.kind == "S" else one for one in y]
    )


def is_one_hot(y: Array) -> bool:
    """Returns whether each sample has exactly one class, in a column for each."""
    return bool(
        y.ndim == 2 and y.dtype.kind in "biuf" and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
    )


def task_of_targets(y: Array) -> Task:
    """Returns what the targets ask for, by all of their values."""
    if y.dtype.kind not in "biuf":
        return Task.BINARY if len(np.unique(y)) == 2 else Task.MULTICLASS
    if y.ndim == 2:
        if is_one_hot(y):
            return Task.BINARY if y.shape[1] == 2 else Task.MULTICLASS
        return Task.MULTILABEL if np.isin(y, (0, 1)).all() else Task.REGRESSION
    values = np.unique(y[np.isfinite(y.astype(np.float64))]).astype(np.float64)
    counted = bool((values == np.rint(values)).all()) and len(values) <= max(2, len(y) // 2)
    # Whole numbers without a gap from 0 or 1 count classes, however many there are.
    gapless = len(values) > 0 and values[0] in (0, 1) and values[-1] - values[0] == len(values) - 1
    if counted and (
        len(values) <= _FEW or (gapless and len(values) <= _MOST_CLASSES and y.dtype.kind != "f")
    ):
        return Task.BINARY if len(values) == 2 else Task.MULTICLASS
    return Task.REGRESSION


def classes_of_targets(y: Array, task: Task) -> tuple[tuple[str, ...], npt.NDArray[np.int64] | None]:
    """Returns the names of classes or labels, and each sample's class where it has one, −1 where it is missing.

    Raises:
        DatasetError: the targets do not fit the task.
    """
    if task is Task.RECONSTRUCTION:
        return (), None
    if y.dtype.kind not in "biuf" and not task.single_label:
        raise DatasetError(
            N_("y holds texts, and {task} needs numbers."),
            hint=N_("Choose another task."),
            task=Message(task.value),
        )
    if task is Task.MULTILABEL:
        return tuple(str(i) for i in range(y.reshape(len(y), -1).shape[1])), None
    if not task.single_label:
        return (), None
    if y.ndim == 2:
        if not is_one_hot(y):
            raise DatasetError(
                N_("not every row of y holds exactly one 1, so a sample may have several classes or none."),
                hint=N_("Choose multilabel or regression."),
                count=y.shape[1],
            )
        return tuple(str(i) for i in range(y.shape[1])), y.argmax(axis=1).astype(np.int64)
    known = np.isfinite(y) if y.dtype.kind == "f" else np.ones(len(y), bool)
    values, places = np.unique(y[known], return_inverse=True)
    if len(values) > _MOST_CLASSES or (y.dtype.kind not in "biuf" and len(values) > max(2, len(y) // 2)):
        raise DatasetError(
            N_("y has {count} different values, too many for classes."),
            hint=N_("Choose regression.")
            if y.dtype.kind in "biuf"
            else N_("Save the classes, not names of samples."),
            count=len(values),
        )
    labels = np.full(len(y), -1, np.int64)
    labels[known] = places
    if y.dtype.kind in "biuf":
        return tuple(f"{value:.15g}" for value in values.astype(np.float64)), labels
    names = natural_order(set(map(str, values)))
    order = {name: place for place, name in enumerate(names)}
    labels[known] = np.array([order[str(value)] for value in values], np.int64)[places]
    return tuple(map(clean_text, names)), labels


def target_warnings(y: Array, task: Task) -> tuple[Message, ...]:
    """Returns what to know of the targets."""
    found: list[Message] = []
    if task is Task.RECONSTRUCTION:
        return ()
    if y.dtype.kind == "f" and (missing := int((~np.isfinite(y).reshape(len(y), -1).all(axis=1)).sum())):
        text = N_("samples whose target is missing are not used: {count}.")
        found.append(Message(text, params={"count": missing}))
    if task.single_label and y.dtype.kind == "f" and y.ndim == 1:
        text = N_(
            "the few whole numbers in y are taken for classes; choose regression if they are quantities."
        )
        found.append(Message(text))
    return tuple(found)
