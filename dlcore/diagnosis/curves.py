"""Evidence that several rules show: curves of a run, and signals of its layers."""

from __future__ import annotations

import numpy as np

from dlcore.diagnosis.findings import Bars, Lines
from dlcore.diagnosis.observation import Observation
from dlcore.errors import N_, Message
from dlcore.records.signals import SignalKind
from dlcore.spec.measure_name import LOSS
from dlcore.spec.metrics import METRICS

TRAINING, VALIDATION = Message(N_("Training")), Message(N_("Validation"))

SIGNAL_TITLES = {
    SignalKind.GRADIENT_NORM: N_("Norm of the gradient"),
    SignalKind.WEIGHT_NORM: N_("Norm of the weights"),
    SignalKind.UPDATE_RATIO: N_("Size of a step, as a share of the weights"),
    SignalKind.DEAD_SHARE: N_("Dead units"),
    SignalKind.ACTIVATION_MEAN: N_("Mean of the activations"),
    SignalKind.ACTIVATION_STD: N_("Deviation of the activations"),
}

LOGARITHMIC = frozenset({SignalKind.GRADIENT_NORM, SignalKind.WEIGHT_NORM, SignalKind.UPDATE_RATIO})
"""What differs between layers by magnitudes."""

MOST_LINES = 12
"""Layers in one figure: with more, no line could be told from another."""


def metric_title(name: str) -> Message:
    """Returns what a curve is called."""
    return Message(METRICS[name].title if name in METRICS else N_("Loss"))


def learning_curves(run: Observation, name: str = LOSS, *, since: int | None = None) -> Lines:
    """Returns a metric on both parts, over the epochs."""
    lines = []
    for title, part in ((TRAINING, run.train), (VALIDATION, run.validation)):
        values = part.get(name)
        if values is not None and len(values):
            lines.append((title, np.arange(1.0, len(values) + 1), values))
    is_share = name in METRICS and METRICS[name].is_share
    return Lines(metric_title(name), tuple(lines), since=since, is_share=is_share)


def signal_lines(
    run: Observation, kind: SignalKind, layers: tuple[str, ...] = (), *, limit: float | None = None
) -> Lines:
    """Returns a signal of some layers over the epochs, by default of those spread over the model."""
    found = run.of_kind(kind)
    chosen = layers[:MOST_LINES] or spread(tuple(found))
    return Lines(
        Message(SIGNAL_TITLES[kind]),
        tuple((name, found[name].epochs, found[name].values) for name in chosen if name in found),
        limit=limit,
        log=kind in LOGARITHMIC,
        is_share=kind is SignalKind.DEAD_SHARE,
    )


def signal_bars(run: Observation, kind: SignalKind, *, limit: float | None = None) -> Bars:
    """Returns how a signal of the layers is now."""
    found = run.of_kind(kind)
    chosen = spread(tuple(found), 2 * MOST_LINES)
    return Bars(
        Message(SIGNAL_TITLES[kind]),
        chosen,
        np.array([found[name].now for name in chosen]),
        limit=limit,
        log=kind in LOGARITHMIC,
        is_share=kind is SignalKind.DEAD_SHARE,
    )


def spread(names: tuple[str, ...], most: int = MOST_LINES) -> tuple[str, ...]:
    """Returns at most so many names, evenly from the first to the last.

    Example:
        >>> spread(("a", "b", "c", "d", "e"), 3)
        ('a', 'c', 'e')
    """
    if len(names) <= most:
        return names
    return tuple(names[place] for place in np.linspace(0, len(names) - 1, most).round().astype(int))
