"""Samples that say nothing, which explanations compare a sample with."""

from __future__ import annotations

import numpy as np

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.explain.drawn import training_samples
from dlcore.engine.explain.subject import Subject
from dlcore.records.explanation_methods import Baseline
from dlcore.spec.data import DataKind
from dlcore.spec.signature import INPUT


def baseline_of(subject: Subject, chosen: Baseline) -> dict[str, Array]:
    """Returns a sample that says nothing, as the network takes it.

    Of pictures it is black, or the mean picture of the training part; of texts nothing; of tables the medians and the
    most frequent categories of the training part; of series the medians of each column; of all else the mean.

    Returns:
        By input, (1, …); the ids of a text are those of padding, those of a series stay its own.
    """
    kind, values = subject.asked.how.facts.kind, subject.asked.how.values
    raw = _raw(subject, chosen)
    found = {}
    for name in subject.given:
        given = subject.given[name]
        if name not in raw:
            found[name] = given
        elif given.dtype == np.int32:
            found[name] = np.broadcast_to(raw[name], given.shape).astype(np.int32)
        else:
            ready = apply_value_ops(np.broadcast_to(raw[name], given.shape), values.get(name, ()))
            found[name] = ready.astype(np.float32)
    if kind is DataKind.TABLE:
        _with_whole_categories(found, subject)
    return found


def _raw(subject: Subject, chosen: Baseline) -> dict[str, Array]:
    """Returns by input what stands in for a sample, before the steps on values; inputs that stay are absent."""
    kind, train = subject.asked.how.facts.kind, subject.asked.data.train
    if kind is DataKind.TEXT or (kind is DataKind.IMAGE and chosen is Baseline.BLACK):
        return {name: np.zeros((1,)) for name in subject.given}
    if kind is DataKind.TABLE:
        return {name: _middle(training_samples(train, name)) for name in subject.given}
    some = training_samples(train, INPUT).astype(np.float64)
    if kind is DataKind.SERIES:
        return {INPUT: np.median(some.reshape(-1, some.shape[-1]), axis=0)}
    return {INPUT: some.mean(axis=0)}


def _middle(some: Array) -> Array:
    """Returns the median of numbers, the most frequent of ids."""
    if some.dtype == np.int32:
        return np.array([np.bincount(some[:, 0]).argmax()], np.int32)
    found: Array = np.median(some.astype(np.float64), axis=0)
    return found


def _with_whole_categories(found: dict[str, Array], subject: Subject) -> None:
    """Puts the most frequent category in the place of flags whose medians are all 0: no row has none."""
    how = subject.asked.how
    names = columns_of_inputs(how.facts, how.steps, how.state).get(INPUT, ())
    flags = {one.name for one in how.facts.columns if one.type.value in ("category", "text")}
    train = training_samples(subject.asked.data.train, INPUT) if INPUT in found else np.empty((0, 0))
    for name in dict.fromkeys(names):
        if name in flags:
            places = [place for place, one in enumerate(names) if one == name]
            common = np.zeros(train.shape[1], np.float32)
            common[places[int(train[:, places].sum(axis=0).argmax())]] = 1
            ready = apply_value_ops(common[None], how.values.get(INPUT, ())).astype(np.float32)
            found[INPUT][:, places] = ready[:, places]
