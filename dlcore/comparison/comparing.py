"""Runs side by side: the numbers of each, and how sure their differences from one of them are."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from dlcore.comparison.answers import TestAnswers, read_answers
from dlcore.comparison.intervals import Interval, difference_interval, sign_test, value_interval
from dlcore.comparison.settings import (
    LayerRow,
    SettingRow,
    differing_layers,
    differing_settings,
    setting_of,
)
from dlcore.errors import N_, Message, NotFoundError, SpecError
from dlcore.records import Run
from dlcore.spec.metrics import METRICS, higher_is_better
from dlcore.store import Store
from dlcore.store.run_files import DamagedArtifactError, read_evaluation

SURE = 0.05
"""A difference that is as likely as this where there is none is not called one."""
CLOSE = 1e-3
"""How near what the answers give must be to what was measured, for its interval to be that of the metric."""


class Verdict(StrEnum):
    """How a run compares with the baseline."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "equal"
    """The samples are too few to tell them apart."""
    UNSURE = "unsure"
    """How sure the difference is cannot be said."""


@dataclass(frozen=True)
class Difference:
    """How much a metric of a run is above that of the baseline.

    Attributes:
        value: the run's minus the baseline's.
        interval: of the value, over the test samples that both answered; None: see `reason`.
        verdict: which is better.
        reason: why there is no interval.
    """

    value: float
    interval: Interval | None
    verdict: Verdict
    reason: Message | None = None

    def sentence(self, metric: str) -> Message:
        """Returns it in words: "better by 0.8 ± 0.3 points"."""
        share = metric in METRICS and METRICS[metric].is_share
        if self.verdict is Verdict.EQUAL or not self.value:
            return Message(N_("cannot be told apart") if self.interval else N_("the same"))
        scale = 100 if share else 1
        params: dict[str, Any] = {"difference": _digits(scale * abs(self.value), share=share)}
        if self.interval is None:
            return Message(_PLAIN[self.value > 0, share], params=params)
        params["margin"] = _digits(scale * self.interval.margin, share=share)
        return Message(_SENTENCES[self.verdict, share], params=params)


_SENTENCES = {
    (Verdict.BETTER, True): N_("better by {difference} ± {margin} points"),
    (Verdict.BETTER, False): N_("better by {difference} ± {margin}"),
    (Verdict.WORSE, True): N_("worse by {difference} ± {margin} points"),
    (Verdict.WORSE, False): N_("worse by {difference} ± {margin}"),
}
_PLAIN = {
    (True, True): N_("higher by {difference} points"),
    (True, False): N_("higher by {difference}"),
    (False, True): N_("lower by {difference} points"),
    (False, False): N_("lower by {difference}"),
}
"""Without an interval nothing says which is better. Each by whether the metric is a share."""


@dataclass(frozen=True)
class Score:
    """One metric of a run on its test part.

    Attributes:
        value: as it was measured.
        interval: of the value, over the test samples; None where it does not follow from the kept answers.
        difference: from the baseline; None for the baseline itself, and where that has no such metric.
    """

    value: float
    interval: Interval | None
    difference: Difference | None = None


@dataclass(frozen=True)
class RunScores:
    """What one of the runs scores.

    Attributes:
        run: which.
        scores: by metric.
        samples: of its test part; None where its answers were not kept.
        same_samples: whether they are those of the baseline.
        problem: why there are none.
    """

    run: Run
    scores: Mapping[str, Score] = field(default_factory=dict)
    samples: int | None = None
    same_samples: bool = False
    problem: Message | None = None


@dataclass(frozen=True)
class SeedSpread:
    """How far runs of one setting lie apart, which is chance.

    Attributes:
        ids: of the runs, which differ only in their seed; at least two.
        means, deviations: by metric, of those that all of them have.
    """

    ids: tuple[str, ...]
    means: Mapping[str, float]
    deviations: Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Attributes:
        results: one per run, in the order in which they were named.
        baseline: the id of the run that the others are compared with.
        metrics: what was measured of any of them on the test part, the one that they are judged by first.
        seeds: the settings of which there are several runs.
        settings: in which they differ; `settings_total` is how many they have.
        layers: in which their networks differ; `layers_total` is how many those have.
    """

    results: tuple[RunScores, ...]
    baseline: str
    metrics: tuple[str, ...]
    seeds: tuple[SeedSpread, ...]
    settings: tuple[SettingRow, ...]
    settings_total: int
    layers: tuple[LayerRow, ...]
    layers_total: int

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, in their order."""
        return tuple(one.run for one in self.results)

    def of(self, run_id: str) -> RunScores:
        """Returns what one of the runs scores."""
        return next(one for one in self.results if one.run.id == run_id)

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form, with the sentences in English."""
        return {
            "baseline": self.baseline,
            "metrics": list(self.metrics),
            "runs": [_run_dict(one) for one in self.results],
            "seeds": [asdict(one) for one in self.seeds],
            "settings": {row.path: list(row.values) for row in self.settings},
            "settings_total": self.settings_total,
            "layers": {row.name: list(row.layers) for row in self.layers},
            "layers_total": self.layers_total,
        }


def find_runs(store: Store, ids: Sequence[str]) -> tuple[list[Run], list[str]]:
    """Returns the runs of some ids, each once, and the ids of which there is none."""
    runs, missing = [], []
    for run_id in dict.fromkeys(ids):
        try:
            runs.append(store.runs.get(run_id))
        except NotFoundError:
            missing.append(run_id)
    return runs, missing


def compare_runs(store: Store, runs: Sequence[Run], *, baseline: str = "") -> Comparison:
    """Returns runs side by side.

    Args:
        store: has their files.
        runs: at least one.
        baseline: the id of the run that the others are compared with; by default the first one's.

    Raises:
        SpecError: there is no run, or the baseline is none of them.
    """
    ids = [run.id for run in runs]
    baseline = baseline or next(iter(ids), "")
    if baseline not in ids:
        raise SpecError(
            N_("expected one of the compared runs, got '{got}'."),
            hint=N_("Possible: {possible}."),
            where="baseline",
            got=baseline,
            possible=", ".join(ids),
        )
    found = [_tested(store, run) for run in runs]
    reference = found[ids.index(baseline)]
    measured = {name for one in found for name in one.metrics}
    settings, settings_total = differing_settings(runs)
    layers, layers_total = differing_layers(runs)
    return Comparison(
        tuple(_scores(one, reference) for one in found),
        baseline,
        tuple(name for name in (*METRICS, "loss") if name in measured),
        _seeds(found),
        settings,
        settings_total,
        layers,
        layers_total,
    )


@dataclass(frozen=True, eq=False)
class _Tested:
    """A run with what was measured on its test part, and what it answered there."""

    run: Run
    metrics: Mapping[str, float]
    answers: TestAnswers | None
    problem: Message | None = None


def _tested(store: Store, run: Run) -> _Tested:
    folder = store.artifacts.folder(run.id)
    try:
        evaluation = read_evaluation(folder)
        if evaluation is None:
            return _Tested(run, {}, None, Message(N_("It has not been tested: only a run that ends is.")))
        return _Tested(run, evaluation.metrics, read_answers(folder, evaluation.task))
    except DamagedArtifactError as error:
        return _Tested(run, {}, None, error.message)


def _seeds(found: Sequence[_Tested]) -> tuple[SeedSpread, ...]:
    groups: dict[str, list[_Tested]] = {}
    for one in found:
        if one.metrics:
            groups.setdefault(setting_of(one.run.spec), []).append(one)
    return tuple(_spread(members) for members in groups.values() if len(members) > 1)


def _spread(members: Sequence[_Tested]) -> SeedSpread:
    common = [name for name in members[0].metrics if all(name in one.metrics for one in members)]
    values = {name: [one.metrics[name] for one in members] for name in common}
    return SeedSpread(
        tuple(one.run.id for one in members),
        {name: statistics.fmean(of_name) for name, of_name in values.items()},
        {name: statistics.stdev(of_name) for name, of_name in values.items()},
    )


def _scores(one: _Tested, reference: _Tested) -> RunScores:
    scores = {}
    for metric, value in one.metrics.items():
        own = _of_answers(one, metric)
        interval = None if own is None else value_interval(own)
        other = reference.metrics.get(metric)
        difference = None
        if one is not reference and other is not None:
            difference = _difference(one, reference, metric)
        scores[metric] = Score(value, interval, difference)
    if one.answers is None:
        return RunScores(one.run, scores, problem=one.problem)
    same = reference.answers is not None and one.answers.same_samples(reference.answers)
    return RunScores(one.run, scores, len(one.answers.rows), same, one.problem)


def _of_answers(one: _Tested, metric: str) -> Any:
    """Returns a metric sample by sample, if the kept answers give what was measured."""
    scores = one.answers.scores(metric) if one.answers is not None else None
    if scores is None or not len(scores.parts):
        return None
    value = one.metrics[metric]
    return scores if abs(scores.value - value) <= CLOSE * max(1.0, abs(value)) else None


def _difference(one: _Tested, reference: _Tested, metric: str) -> Difference:
    value = one.metrics[metric] - reference.metrics[metric]
    own, other = _of_answers(one, metric), _of_answers(reference, metric)
    if one.answers is None or reference.answers is None:
        return Difference(value, None, Verdict.UNSURE, Message(N_("What they answered was not kept.")))
    if not one.answers.same_samples(reference.answers):
        reason = Message(N_("They were tested on different samples, so their difference says less."))
        return Difference(value, None, Verdict.UNSURE, reason)
    if own is None or other is None:
        reason = Message(N_("It does not follow from the answers sample by sample."))
        return Difference(value, None, Verdict.UNSURE, reason)
    interval = difference_interval(own, other)
    sure = interval.excludes_zero and (not own.are_yes_or_no or sign_test(own, other) < SURE)
    if not sure:
        return Difference(value, interval, Verdict.EQUAL)
    ahead = (value > 0) is higher_is_better(metric)
    return Difference(value, interval, Verdict.BETTER if ahead else Verdict.WORSE)


def _digits(value: float, *, share: bool) -> str:
    return f"{value:.1f}" if share and value >= 0.05 else f"{value:.2g}"


def _run_dict(one: RunScores) -> dict[str, Any]:
    return {
        "run_id": one.run.id,
        "name": one.run.name,
        "state": one.run.state.value,
        "parameters": one.run.workload.get("parameters"),
        "seconds": round(one.run.seconds, 3),
        "samples": one.samples,
        "same_samples": one.same_samples,
        "problem": one.problem.text() if one.problem else None,
        "scores": {metric: _score_dict(metric, score) for metric, score in one.scores.items()},
    }


def _score_dict(metric: str, score: Score) -> dict[str, Any]:
    found: dict[str, Any] = {
        "value": score.value,
        "interval": asdict(score.interval) if score.interval else None,
        "difference": None,
    }
    if score.difference is not None:
        one = score.difference
        found["difference"] = {
            "value": one.value,
            "interval": asdict(one.interval) if one.interval else None,
            "verdict": one.verdict.value,
            "sentence": one.sentence(metric).text(),
            "reason": one.reason.text() if one.reason else None,
        }
    return found
