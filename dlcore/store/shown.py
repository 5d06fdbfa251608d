"""Runs, studies and trials as those see them with whom they are shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from dlcore.records import Axis, Run, RunState, SeriesKey, Study, Trial, TrialState
from dlcore.records.annotations import Annotation
from dlcore.store.curves import Curve
from dlcore.store.metrics import News

_Item = TypeVar("_Item")


def as_shown(item: _Item) -> _Item:
    """Returns a run, a study or a trial without what its owner wrote for themselves (notes, tags, star, archive), and
    without words that may name a path or a machine: why a study rests, and why a run or a trial failed.

    Anything else is returned as it is.
    """
    match item:
        case Run():
            reason = None if item.state is RunState.FAILED else item.reason
            return replace(item, annotation=Annotation(), reason=reason)
        case Study():
            return replace(item, annotation=Annotation(), reason=None)
        case Trial():
            return replace(item, reason=None) if item.state is TrialState.FAIL else item
    return item


def without_signals(found: Any, asked: object = None) -> Any:
    """Returns what a method of `Metrics` found without the signals of layers: they are part of a run's diagnosis.

    Args:
        found: the curves.
        asked: which curve a window is of.
    """
    match found:
        case News():
            return replace(found, curves=_without_signals(found.curves))
        case dict():
            return _without_signals(found)
        case tuple():
            return tuple(key for key in found if key.axis is not Axis.PROBE)
        case Curve() if isinstance(asked, SeriesKey) and asked.axis is Axis.PROBE:
            return Curve(np.empty(0), np.empty(0))
    return found


def _without_signals(curves: Mapping[SeriesKey, _Item]) -> dict[SeriesKey, _Item]:
    return {key: one for key, one in curves.items() if key.axis is not Axis.PROBE}
