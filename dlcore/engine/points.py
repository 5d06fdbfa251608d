"""What was measured, as points of curves."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.engine.checkpoint import Summary
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.spec.metrics import metric_of


def point(name: str, scope: Scope, axis: Axis, x: int, value: float) -> Metric:
    """Returns one point of one curve."""
    return Metric(SeriesKey(name, scope, axis), float(x), value)


def points(axis: Axis, x: int, summary: Summary) -> Iterator[Metric]:
    """Yields a point of each metric of each part."""
    for scope, logs in summary.items():
        for name, value in logs.items():
            yield point(name, Scope(scope), axis, x, value)


def describe(summary: Summary) -> str:
    """Returns a summary in a line, for the log."""
    values = (
        f"{scope} {name} {value:.4f}" for scope, logs in summary.items() for name, value in logs.items()
    )
    return ", ".join(values)


def is_additive(name: str) -> bool:
    """Returns whether the mean over some batches follows from those over all, before and after them."""
    metric = metric_of(name)
    return metric is None or metric.additive
