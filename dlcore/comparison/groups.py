"""Groups of runs, such as the seeds of one setting: their means, and whether two groups differ by more than chance."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dlcore.analysis.intervals import Interval
from dlcore.comparison.difference import Difference
from dlcore.comparison.few import difference_of_means, mean_interval
from dlcore.comparison.scores import OTHER_SAMPLES, RunScores
from dlcore.comparison.settings import setting_of
from dlcore.errors import N_, Message
from dlcore.store.filters.fields import Field
from dlcore.store.filters.reading import field_value

_ALONE = Message(N_("One run of a group says nothing of chance."), N_("Train it again with other seeds."))
_ALIKE = Message(N_("The runs of each group score the same, so nothing tells how much is chance."))


@dataclass(frozen=True)
class GroupScore:
    """One metric of a group.

    Attributes:
        values: of its runs that have been tested.
        interval: of the mean, as `few.mean_interval`; None of a single run.
        difference: of the means, from the group of the baseline; None for that group itself.
    """

    values: tuple[float, ...]
    interval: Interval | None
    difference: Difference | None = None

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """Their standard deviation, which is chance where the runs differ only in their seed; None of a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


@dataclass(frozen=True)
class ScoredGroup:
    """Runs that have something in common.

    Attributes:
        ids: of the runs.
        values: what they have in the fields by which they were grouped; empty for runs of one setting.
        scores: by metric.
    """

    ids: tuple[str, ...]
    values: tuple[Any, ...]
    scores: Mapping[str, GroupScore]

    def to_dict(self, by: Sequence[Field]) -> dict[str, Any]:
        """Returns a JSON-ready form, with the names of the fields."""
        return {
            "group": {field.name: value for field, value in zip(by, self.values, strict=True)},
            "runs": list(self.ids),
            "scores": {metric: _score_dict(metric, score) for metric, score in self.scores.items()},
        }


def group_results(
    results: Sequence[RunScores], baseline: str, by: Sequence[Field], metrics: Sequence[str]
) -> tuple[ScoredGroup, ...]:
    """Returns the groups of runs in the order of their first ones, each compared with that of the baseline.

    Args:
        results: of the runs.
        baseline: the id of one of them.
        by: what the runs of a group have in common; nothing: all settings but for the seed.
        metrics: what is compared.
    """
    groups: dict[str, list[RunScores]] = {}
    for one in results:
        groups.setdefault(_key(one, by), []).append(one)
    reference = next(members for members in groups.values() if any(one.run.id == baseline for one in members))
    return tuple(_group(members, reference, by, metrics) for members in groups.values())


def _key(one: RunScores, by: Sequence[Field]) -> str:
    if not by:
        return setting_of(one.run.spec)
    # As text: lists and numbers of JSON are compared by what they say.
    return json.dumps([field_value(one.run, field) for field in by], default=str)


def _group(
    members: Sequence[RunScores], reference: Sequence[RunScores], by: Sequence[Field], metrics: Sequence[str]
) -> ScoredGroup:
    scores = {}
    for metric in metrics:
        values = _values(members, metric)
        if values:
            others = _values(reference, metric) if members is not reference else ()
            difference = _difference(metric, members, reference) if others else None
            scores[metric] = GroupScore(values, mean_interval(values), difference)
    common = tuple(field_value(members[0].run, field) for field in by)
    return ScoredGroup(tuple(one.run.id for one in members), common, scores)


def _values(members: Sequence[RunScores], metric: str) -> tuple[float, ...]:
    return tuple(one.scores[metric].value for one in members if metric in one.scores)


def _difference(metric: str, members: Sequence[RunScores], reference: Sequence[RunScores]) -> Difference:
    one, other = _values(members, metric), _values(reference, metric)
    value = statistics.fmean(one) - statistics.fmean(other)
    if any(member.is_on_other_samples for member in (*members, *reference)):
        return Difference.unsure(value, OTHER_SAMPLES)
    if min(len(one), len(other)) < 2:
        return Difference.unsure(value, _ALONE)
    interval = difference_of_means(one, other)
    if interval is None:
        return Difference.unsure(value, _ALIKE)
    return Difference.judged(metric, value, interval, sure=interval.excludes_zero)


def _score_dict(metric: str, score: GroupScore) -> dict[str, Any]:
    return {
        "mean": score.mean,
        "deviation": score.deviation,
        "runs": len(score.values),
        "interval": asdict(score.interval) if score.interval else None,
        "difference": score.difference.to_dict(metric) if score.difference else None,
    }
