"""Runs, studies and trials as those see them with whom they are shared."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from dlcore.records import Run, RunState, Study, Trial, TrialState
from dlcore.records.annotations import Annotation

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
