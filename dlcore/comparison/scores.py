"""What runs score on their test parts, and how sure each difference from one of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.intervals import (
    Interval,
    SampleScores,
    difference_interval,
    sign_test,
    value_interval,
)
from dlcore.comparison.difference import Difference
from dlcore.errors import N_, Message
from dlcore.records import Run
from dlcore.store import Store
from dlcore.store.run_files import DamagedArtifactError, read_answers, read_evaluation

SURE = 0.05
"""A difference that is as likely as this where there is none is not called one."""
CLOSE = 1e-3
"""How near what the answers give must be to what was measured, for its interval to be that of the metric."""

OTHER_SAMPLES = Message(N_("They were tested on different samples, so their difference says less."))


@dataclass(frozen=True)
class Score:
    """One metric of a run on its test part.

    Attributes:
        value: as it was measured.
        interval: of the value, over the test samples; None where it does not follow from the kept answers.
        difference: from the baseline, over the test samples that both answered; None for the baseline itself, and
            where that has no such metric.
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
        same_samples: whether they are those of the baseline; None where one of them is not known.
        problem: why there are no scores.
    """

    run: Run
    scores: Mapping[str, Score] = field(default_factory=dict)
    samples: int | None = None
    same_samples: bool | None = None
    problem: Message | None = None

    @property
    def is_on_other_samples(self) -> bool:
        """Whether it was tested on other samples than the baseline, as far as that is known."""
        return self.same_samples is False

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form, with the sentences in English."""
        return {
            "run_id": self.run.id,
            "name": self.run.name,
            "state": self.run.state.value,
            "parameters": self.run.workload.get("parameters"),
            "seconds": round(self.run.seconds, 3),
            "samples": self.samples,
            "same_samples": self.same_samples,
            "problem": self.problem.text() if self.problem else None,
            "scores": {metric: _score_dict(metric, score) for metric, score in self.scores.items()},
        }


def score_runs(store: Store, runs: Sequence[Run], baseline: str) -> tuple[RunScores, ...]:
    """Returns what runs score, in their order.

    Args:
        store: has their files.
        runs: which.
        baseline: the id of the one that the others are compared with.
    """
    found = [_tested(store, run) for run in runs]
    reference = next(one for one in found if one.run.id == baseline)
    return tuple(_scores(one, reference) for one in found)


@dataclass(frozen=True, eq=False)
class _Tested:
    """A run with what was measured on its test part, and what it answered there."""

    run: Run
    metrics: Mapping[str, float]
    answers: PartAnswers | None
    problem: Message | None = None


def _tested(store: Store, run: Run) -> _Tested:
    folder = store.artifacts.results(run.id)
    try:
        evaluation = read_evaluation(folder)
        if evaluation is None:
            return _Tested(run, {}, None, Message(N_("It has not been tested: only a run that ends is.")))
        return _Tested(run, evaluation.metrics, read_answers(folder, evaluation))
    except DamagedArtifactError as error:
        return _Tested(run, {}, None, error.message)


def _scores(one: _Tested, reference: _Tested) -> RunScores:
    scores = {}
    for metric, value in one.metrics.items():
        own = _of_answers(one, metric)
        interval = None if own is None else value_interval(own)
        difference = None
        if one is not reference and metric in reference.metrics:
            difference = _difference(one, reference, metric)
        scores[metric] = Score(value, interval, difference)
    samples = None if one.answers is None else len(one.answers.rows)
    return RunScores(one.run, scores, samples, _same_samples(one, reference), one.problem)


def _same_samples(one: _Tested, reference: _Tested) -> bool | None:
    if one.run.dataset != reference.run.dataset:
        return False
    if one.answers is None or reference.answers is None:
        return None
    return one.answers.same_samples(reference.answers)


def _of_answers(one: _Tested, metric: str) -> SampleScores | None:
    """Returns a metric sample by sample, if the kept answers give what was measured."""
    scores = one.answers.scores(metric) if one.answers is not None else None
    if scores is None or not len(scores.parts):
        return None
    value = one.metrics[metric]
    return scores if abs(scores.value - value) <= CLOSE * max(1.0, abs(value)) else None


def _difference(one: _Tested, reference: _Tested, metric: str) -> Difference:
    value = one.metrics[metric] - reference.metrics[metric]
    own, other = _of_answers(one, metric), _of_answers(reference, metric)
    if _same_samples(one, reference) is False:
        return Difference.unsure(value, OTHER_SAMPLES)
    if one.answers is None or reference.answers is None:
        return Difference.unsure(value, Message(N_("What they answered was not kept.")))
    if own is None or other is None:
        return Difference.unsure(value, Message(N_("It does not follow from the answers sample by sample.")))
    interval = difference_interval(own, other)
    sure = interval.excludes_zero and (not own.are_yes_or_no or sign_test(own, other) < SURE)
    return Difference.judged(metric, value, interval, sure=sure)


def _score_dict(metric: str, score: Score) -> dict[str, Any]:
    return {
        "value": score.value,
        "interval": asdict(score.interval) if score.interval else None,
        "difference": score.difference.to_dict(metric) if score.difference else None,
    }
