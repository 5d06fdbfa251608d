"""Two runs of one experiment, before and after the data was corrected, on what both were tested with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.intervals import difference_interval, sign_test
from dlcore.comparison.difference import Difference
from dlcore.comparison.scores import SURE
from dlcore.records import Run
from dlcore.spec.metrics import judging_metric
from dlcore.store import Store
from dlcore.store.run_files import read_answers, read_evaluation


@dataclass(frozen=True)
class CorrectedComparison:
    """How two runs do on the test samples of both, by their corrected labels.

    Attributes:
        metric: by which they are judged.
        samples: that both were tested with.
        relabelled: of these, how many have another label since.
        left_out: that only the run before was tested with.
        before, after: the metric of each.
        difference: after minus before.
    """

    metric: str
    samples: int
    relabelled: int
    left_out: int
    before: float
    after: float
    difference: Difference


def compare_corrected(store: Store, before: Run, after: Run) -> CorrectedComparison | None:
    """Returns how a run on corrected data compares with one on the data before; None where answers are missing.

    Raises:
        DlcoreError: a file of a run is damaged.
    """
    answers: list[PartAnswers] = []
    metric: str | None = None
    for run in (before, after):
        folder = store.artifacts.results(run.id)
        evaluation = read_evaluation(folder)
        found = None if evaluation is None else read_answers(folder, evaluation)
        if evaluation is None or found is None:
            return None
        answers.append(found)
        metric = judging_metric(evaluation.metrics)
    return None if metric is None else compare_answers(answers[0], answers[1], metric)


def compare_answers(before: PartAnswers, after: PartAnswers, metric: str) -> CorrectedComparison | None:
    """Returns how the answers of two runs compare by the targets of the second; None where they cannot.

    Args:
        before: to the test part as it was.
        after: to the test part with corrected targets, without the samples that are left out.
        metric: by which they are judged.
    """
    if before.task is not after.task or before.answers.shape[1:] != after.answers.shape[1:]:
        return None
    common, old, new = np.intersect1d(before.rows, after.rows, return_indices=True)
    if not len(common):
        return None
    targets = after.targets[new]
    first = PartAnswers(before.task, before.answers[old], targets, common)
    second = replace(first, answers=after.answers[new])
    one, other = second.scores(metric), first.scores(metric)
    if one is None or other is None:
        return None
    changed = (before.targets[old] != targets).reshape(len(common), -1).any(axis=1)
    interval = difference_interval(one, other)
    sure = interval.excludes_zero and (not one.are_yes_or_no or sign_test(one, other) < SURE)
    value = one.value - other.value
    return CorrectedComparison(
        metric,
        len(common),
        int(changed.sum()),
        len(before.rows) - len(common),
        other.value,
        one.value,
        Difference.judged(metric, value, interval, sure=sure),
    )
