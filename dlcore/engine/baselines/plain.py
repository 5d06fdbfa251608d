"""Answers that need no learning: the commonest class, the mean, the last value, the biases of users and items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlcore.datasets.parts import Indices, Part
from dlcore.engine.data import TrainingData
from dlcore.engine.scores import Floats
from dlcore.errors import N_, Message
from dlcore.spec.data import Task
from dlcore.spec.signature import INPUT, ITEM, USER

MAJORITY = Message(N_("always the most common class"))
COMMON_LABELS = Message(N_("always the labels that most samples have"))
MEAN = Message(N_("always the training part's mean"))
LAST_VALUE = Message(N_("the last value that is known"))
SEASONAL = Message(N_("the value one season before"))
BIASES = Message(N_("the mean, plus what each user and each item differ from it"))

DAMPING = 5.0
"""Ratings at the mean that are added to those of each user and item: a few ratings say little."""

MOST_WINDOWS = 5_000
"""Of the training part, so many tell how long a season is."""

ROUNDS = 10
"""Users and items take turns so often; after that, nothing changes in the third digit."""


def plain_answers(data: TrainingData) -> Iterator[tuple[Message, Floats]]:
    """Yields each baseline's name and its answers for the test part, as `answers` of a model has them."""
    train, count = data.train.labels, len(data.test)
    match data.task:
        case Task.BINARY | Task.MULTICLASS:
            classes = len(data.facts.classes)
            commonest = np.bincount(train, minlength=classes).argmax()
            yield MAJORITY, np.tile(np.eye(classes)[commonest], (count, 1))
        case Task.MULTILABEL:
            yield COMMON_LABELS, np.tile(train.mean(axis=0, dtype=np.float64), (count, 1))
        case _:
            mean = train.mean(axis=0, dtype=np.float64)
            yield MEAN, np.broadcast_to(mean, data.test.labels.shape)
            if data.task is Task.FORECASTING and "target_columns" in data.state:
                yield from _of_series(data)
            if data.task is Task.RATING:
                yield BIASES, _by_biases(data)


def _of_series(data: TrainingData) -> Iterator[tuple[Message, Floats]]:
    columns = list(data.state["target_columns"])
    steps = data.outputs // len(columns)
    past = _past(data.test, columns)
    yield LAST_VALUE, np.tile(past[:, -1], (1, steps))
    if past.shape[1] > 1:
        found = [past[:, row, place % len(columns)] for place, row in enumerate(_season(data, columns))]
        yield SEASONAL, np.stack(found, axis=1)


def _season(data: TrainingData, columns: list[int]) -> list[int]:
    """Returns for each output the row of the window, but for the last, that is the least wrong on the training part."""
    some = data.train.take(data.train.indices[:: -(-len(data.train) // MOST_WINDOWS)])
    past, truth = _past(some, columns)[:, :-1], some.labels.astype(np.float64)
    return [
        int(((past[:, :, place % len(columns)] - truth[:, place, None]) ** 2).mean(axis=0).argmin())
        for place in range(data.outputs)
    ]


def _past(part: Part, columns: list[int]) -> Floats:
    """(windows, rows, targets): what a forecast sees of what it is to forecast."""
    past: Floats = part.inputs[INPUT][part.indices][:, :, columns].astype(np.float64)
    return past


def _by_biases(data: TrainingData) -> Floats:
    """Returns mean + bias of the user + bias of the item, each drawn to 0 where its ratings are few.

    Source: Koren, Bell and Volinsky, Matrix Factorization Techniques for Recommender Systems, 2009.
    """
    ratings = data.train.labels[:, 0].astype(np.float64)
    mean = ratings.mean()
    ids = {name: _ids(data.train, name) for name in (USER, ITEM)}
    counts = {name: int(data.train.inputs[name].max()) + 1 for name in ids}
    biases = {name: np.zeros(count) for name, count in counts.items()}
    for _ in range(ROUNDS):
        for name, other in ((ITEM, USER), (USER, ITEM)):
            left = ratings - mean - biases[other][ids[other]]
            sums = np.bincount(ids[name], left, counts[name])
            biases[name] = sums / (np.bincount(ids[name], minlength=counts[name]) + DAMPING)
    found = mean + sum(biases[name][_ids(data.test, name)] for name in ids)
    return np.asarray(found, np.float64)[:, None]


def _ids(part: Part, name: str) -> Indices:
    ids: Indices = part.inputs[name][part.indices, 0].astype(np.int64)
    return ids
