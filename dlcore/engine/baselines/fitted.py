"""Small models of scikit-learn, fitted on a run's own training part within seconds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dlcore.datasets.parts import Array, Part
from dlcore.engine.baselines.features import Features
from dlcore.engine.data import TrainingData
from dlcore.engine.scores import Floats
from dlcore.errors import N_, Message
from dlcore.spec.data import DataKind, Task

MOST_NUMBERS = 10_000_000
"""Of the training part, at most so many numbers are fitted on: 80 MB."""

MOST_SAMPLES = 50_000

MOST_WORK = 150_000_000
"""Samples × features × outputs of a linear model; it takes some seconds on two cores."""

MOST_TREE_WORK = 20_000_000
"""The same of boosted trees, which also take some seconds."""

FEWEST_SAMPLES = 10
"""With fewer, a fitted model says nothing."""

MOST_FEATURES = 4_096
"""Samples of more numbers are nothing for a small model."""

MOST_TREE_OUTPUTS = 4
MOST_LABELS = 100
MOST_CATEGORIES = 255
"""What boosted trees take as a category; ids beyond it they take as numbers."""

BLOCK = 4_096
"""Test samples that are answered in one go."""

LOGISTIC = Message(N_("logistic regression"))
LOGISTIC_WORDS = Message(N_("logistic regression on TF–IDF of the words"))
RIDGE = Message(N_("ridge regression"))
RIDGE_WINDOWS = Message(N_("ridge regression on the same windows"))
TREES = Message(N_("gradient-boosted trees"))
TREES_WINDOWS = Message(N_("gradient-boosted trees on the same windows"))


@dataclass(frozen=True)
class _Model:
    """A model to be fitted.

    Attributes:
        name: what it is called.
        make: makes it.
        work: samples × this is what fitting it takes.
        most: of that.
        arrange: makes the rows it takes of a part.
    """

    name: Message
    make: Callable[[], Any]
    work: int
    most: int
    arrange: Callable[[Part], Any]


def fitted_answers(data: TrainingData, log: Callable[[str], None]) -> Iterator[tuple[Message, int, Floats]]:
    """Yields each model's name, the samples it was fitted on, and its answers for the test part.

    What cannot be fitted is left out, and said in the log.
    """
    if data.task in (Task.RATING, Task.RECONSTRUCTION):
        return
    features = Features.of(data)
    if features is None or features.width > MOST_FEATURES:
        log("baselines: the samples are too wide for small models")
        return
    if data.task.single_label and len(np.unique(data.train.labels)) < 2:
        log("baselines: the training part has one class only")
        return
    for model in _models(data, features):
        chosen = _chosen(data.train, features, model)
        if len(chosen) < FEWEST_SAMPLES:
            continue
        try:
            # Threads of BLAS that wait beside TensorFlow's take five times as long as one alone.
            with warnings.catch_warnings(), threadpool_limits(1, "blas"):
                warnings.simplefilter("ignore", ConvergenceWarning)
                # Of a label that all samples have, or none; the constant answer is right then.
                warnings.filterwarnings("ignore", "Label .* is present in all training examples", UserWarning)
                estimator = model.make().fit(model.arrange(chosen), _targets(chosen, data.task))
            found = _answers(estimator, model, data)
        except (ValueError, ArithmeticError, MemoryError, np.linalg.LinAlgError) as error:
            log(f"baselines: {model.name.text()} cannot be fitted: {error}")
            continue
        yield model.name, len(chosen), found


def _models(data: TrainingData, features: Features) -> Iterator[_Model]:
    """Yields what fits the data: a linear model, and trees where columns mean something by themselves."""
    windows, words = data.facts.kind is DataKind.SERIES, features.words is not None
    linear = LOGISTIC if data.task.classifies else RIDGE
    if windows and linear is RIDGE:
        linear = RIDGE_WINDOWS
    if words and linear is LOGISTIC:
        linear = LOGISTIC_WORDS
    if data.task is not Task.MULTILABEL or data.outputs <= MOST_LABELS:
        outputs = max(data.outputs, 1)
        yield _Model(
            linear,
            lambda: _linear(data.task, sparse_rows=features.sparse, words=words),
            features.width * outputs,
            MOST_WORK,
            features.linear,
        )
    columns = data.facts.kind in (DataKind.TABLE, DataKind.SERIES) or features.flat
    if columns and not words and data.outputs <= MOST_TREE_OUTPUTS:
        yield from _trees(data, features, TREES_WINDOWS if windows else TREES)


def _linear(task: Task, *, sparse_rows: bool, words: bool) -> Any:
    scaler = TfidfTransformer(sublinear_tf=True) if words else StandardScaler(with_mean=not sparse_rows)
    if not task.classifies:
        ridge = Ridge(solver="lsqr") if sparse_rows or words else RidgeCV(np.logspace(-2, 4, 7))
        return make_pipeline(scaler, ridge)
    logistic = LogisticRegression(C=10.0 if words else 1.0, max_iter=100, tol=1e-3)
    return make_pipeline(scaler, OneVsRestClassifier(logistic) if task is Task.MULTILABEL else logistic)


def _trees(data: TrainingData, features: Features, name: Message) -> Iterator[_Model]:
    # Slow to import, and not every kind of data wants it.
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    options = {"categorical_features": features.categories(MOST_CATEGORIES), "random_state": 0}

    def make() -> Any:
        if data.task.single_label:
            return HistGradientBoostingClassifier(**options)
        if data.task is Task.MULTILABEL:
            return OneVsRestClassifier(HistGradientBoostingClassifier(**options))
        return MultiOutputRegressor(HistGradientBoostingRegressor(**options))

    outputs = len(data.facts.classes) if data.task is Task.MULTICLASS else data.outputs
    yield _Model(name, make, features.width * outputs, MOST_TREE_WORK, features.dense)


def _chosen(train: Part, features: Features, model: _Model) -> Part:
    """Returns the training samples that a model is fitted on: all, or some at random."""
    most = min(MOST_SAMPLES, MOST_NUMBERS // features.width, model.most // model.work)
    if most >= len(train):
        return train
    return train.take(np.sort(np.random.default_rng(0).choice(train.indices, most, replace=False)))


def _targets(part: Part, task: Task) -> Array:
    targets: Array = part.labels.astype(np.int64 if task.classifies else np.float64)
    return targets


def _answers(estimator: Any, model: _Model, data: TrainingData) -> Floats:
    indices = data.test.indices
    blocks = [
        _answer(estimator, model.arrange(data.test.take(indices[start : start + BLOCK])), data)
        for start in range(0, len(indices), BLOCK)
    ]
    return np.concatenate(blocks)


def _answer(estimator: Any, rows: Any, data: TrainingData) -> Floats:
    """Returns the answers for some rows; a class that was not fitted on is never the answer."""
    if not data.task.classifies:
        found: Floats = np.asarray(estimator.predict(rows), np.float64)
        return found.reshape(len(found), -1)
    chances = np.asarray(estimator.predict_proba(rows), np.float64)
    if data.task is Task.MULTILABEL:
        return chances
    whole = np.zeros((len(chances), len(data.facts.classes)))
    whole[:, estimator.classes_] = chances
    return whole
