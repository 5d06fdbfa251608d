"""Runs grouped by what they have in some fields: how many, and the mean, deviation and best of their numbers."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.spec.metrics import METRICS
from dlcore.store.filters.fields import Field


@dataclass(frozen=True)
class Statistics:
    """What is said of a number of several runs.

    Attributes:
        count: of the runs that have it.
        mean: of them.
        deviation: the standard deviation from run to run; None of a single one.
        best: the highest or the lowest, as the metric has it; of what is no metric the lowest.
        best_id: the run that has it.
    """

    count: int
    mean: float
    deviation: float | None
    best: float
    best_id: str


@dataclass(frozen=True)
class RunGroup:
    """Runs that have the same in each of the fields.

    Attributes:
        values: in these fields, in their order.
        ids: of the runs, newest first.
        numbers: by the name of the field; without those that none of the runs has.
    """

    values: tuple[Any, ...]
    ids: tuple[str, ...]
    numbers: Mapping[str, Statistics]

    def to_dict(self, by: Sequence[Field]) -> dict[str, Any]:
        """Returns a JSON-ready form, with the names of the fields."""
        return {
            "group": {field.name: value for field, value in zip(by, self.values, strict=True)},
            "runs": list(self.ids),
            "numbers": {name: vars(found) for name, found in self.numbers.items()},
        }


def group_runs(
    rows: Sequence[tuple[str, Sequence[Any]]], by: Sequence[Field], numbers: Sequence[Field]
) -> list[RunGroup]:
    """Returns the groups of runs, the one with the best mean of the first number first.

    Args:
        rows: of each run, newest first, its id and what it has in `by` and then in `numbers`.
        by: what the runs of a group have in common.
        numbers: what is counted of them.
    """
    found: dict[str, list[tuple[str, Sequence[Any]]]] = {}
    for row in rows:
        # As text: lists and numbers of JSON are compared by what they say.
        found.setdefault(json.dumps(row[1][: len(by)], default=str), []).append(row)
    groups = [_group(members, len(by), numbers) for members in found.values()]
    if not numbers:
        return groups
    first, sign = numbers[0].name, -1 if higher_is_best(numbers[0]) else 1
    return sorted(
        groups, key=lambda one: sign * one.numbers[first].mean if first in one.numbers else math.inf
    )


def higher_is_best(field: Field) -> bool:
    """Returns whether a run is better the more it has of a number."""
    metric = METRICS.get(str(field.path[0])) if field.parts else None
    return metric is not None and metric.direction == "maximize"


def _group(members: Sequence[tuple[str, Sequence[Any]]], split: int, numbers: Sequence[Field]) -> RunGroup:
    described = {}
    for place, field in enumerate(numbers, start=split):
        known = [
            (float(values[place]), run_id)
            for run_id, values in members
            if isinstance(values[place], int | float) and math.isfinite(values[place])
        ]
        if known:
            described[field.name] = _statistics(known, highest=higher_is_best(field))
    return RunGroup(tuple(members[0][1][:split]), tuple(run_id for run_id, _values in members), described)


def _statistics(known: Sequence[tuple[float, str]], *, highest: bool) -> Statistics:
    values = [value for value, _id in known]
    best, best_id = max(known, key=lambda one: one[0]) if highest else min(known, key=lambda one: one[0])
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Statistics(len(values), statistics.fmean(values), deviation, best, best_id)
