"""Confident learning: which labels are probably wrong, by probabilities of models that did not learn from them.

The method is that of Northcutt, Jiang and Chuang, *Confident Learning: Estimating Uncertainty in Dataset Labels*, Journal
of Artificial Intelligence Research 70 (2021), with the threshold of each class (their equation 2), the confident joint
(equation 1), and the ranking by normalised margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FAR = 3.0
"""Deviations beyond which a residual is likely to be more than noise."""

TO_DEVIATION = 1.4826
"""From the median of absolute residuals to the deviation, where they are normal (Rousseeuw and Croux 1993)."""


@dataclass(frozen=True, eq=False)
class Doubts:
    """How suspicious each sample is.

    Attributes:
        score: (samples,) the higher, the more suspicious; NaN where there was no answer.
        suggested: (samples,) the class that is suggested, or (samples, labels) 0 and 1, or the answers as they are.
        likely: (samples,) whether the label is likely to be wrong.
    """

    score: Floats
    suggested: npt.NDArray[Any]
    likely: Flags

    def ranked(self) -> Indices:
        """Returns the places of the samples that are at all suspicious (a score above 0), the most suspicious first."""
        order = np.argsort(-self.score, kind="stable")
        return order[self.score[order] > 0]


def thresholds(chances: Floats, given: Indices) -> Floats:
    """(classes,) how sure answers are of a class, on average over the samples that are given it.

    Infinite for a class that no sample is given: nothing is confidently of it.

    Args:
        chances: (samples, classes) probabilities.
        given: (samples,) class numbers.
    """
    counts = np.bincount(given, minlength=chances.shape[1])
    own = chances[np.arange(len(given)), given].astype(np.float64)
    sums = np.bincount(given, weights=own, minlength=chances.shape[1])
    limits: Floats = np.divide(sums, counts, out=np.full(len(counts), np.inf), where=counts > 0)
    return limits


def confident_classes(chances: Floats, given: Indices) -> Indices:
    """(samples,) the class of which each sample confidently is; −1 where it is of none.

    That is the most probable one of those whose probability reaches their threshold.
    """
    above = chances >= thresholds(chances, given)
    best = np.where(above, chances, -1.0).argmax(axis=1)
    found: Indices = np.where(above.any(axis=1), best, -1)
    return found


def confident_joint(chances: Floats, given: Indices) -> Indices:
    """(classes, classes) how many samples of a given class (rows) are confidently of which (columns).

    Example:
        >>> confident_joint(np.array([[0.9, 0.1], [0.2, 0.8], [0.95, 0.05]]), np.array([0, 1, 1])).tolist()
        [[1, 0], [1, 1]]
    """
    classes, sure = chances.shape[1], confident_classes(chances, given)
    known = sure >= 0
    flat = np.bincount(given[known] * classes + sure[known], minlength=classes * classes)
    return flat.reshape(classes, classes)


def doubt_classes(chances: Floats, given: Indices) -> Doubts:
    """Returns how much each class label is to be doubted: by how much another class is more probable.

    Args:
        chances: (samples, classes) probabilities; rows with NaN count as not answered.
        given: (samples,) class numbers.
    """
    known = np.isfinite(chances).all(axis=1)
    score = np.full(len(given), np.nan)
    suggested, likely = given.copy(), np.zeros(len(given), np.bool_)
    if known.any() and chances.shape[1] > 1:
        said, own = chances[known].astype(np.float64), given[known]
        places = np.arange(len(own))
        other = said.copy()
        other[places, own] = -1.0
        suggested[known] = other.argmax(axis=1)
        score[known] = other.max(axis=1) - said[places, own]
        sure = confident_classes(said, own)
        likely[known] = (sure >= 0) & (sure != own)
    return Doubts(score, suggested, likely)


def doubt_labels(chances: Floats, given: Floats) -> Doubts:
    """Returns how much each set of labels is to be doubted: as much as that of its labels that is doubted most.

    Args:
        chances: (samples, labels) the probability of each.
        given: (samples, labels) 0 or 1.
    """
    score = np.full(len(given), -np.inf)
    suggested, likely = given.astype(np.int64), np.zeros(len(given), np.bool_)
    for place in range(given.shape[1]):
        yes, has = chances[:, place], given[:, place].astype(np.int64)
        one = doubt_classes(np.stack([1 - yes, yes], axis=1), has)
        suggested[:, place] = np.where(one.score > 0, one.suggested, has)
        score = np.fmax(score, one.score)
        likely |= one.likely
    return Doubts(np.where(np.isinf(score), np.nan, score), suggested, likely)


def doubt_numbers(answers: Floats, given: Floats) -> Doubts:
    """Returns how far each sample's numbers are from the answers, the furthest of them, in deviations of the residuals.

    The deviation is that of most samples, whatever the few others are: from the median of the absolute residuals.

    Args:
        answers: (samples, numbers)
        given: (samples, numbers)
    """
    residuals = np.abs(answers.astype(np.float64) - given)
    known = np.isfinite(residuals).all(axis=1)
    score = np.full(len(given), np.nan)
    if known.any():
        usual = TO_DEVIATION * np.median(residuals[known], axis=0)
        mean = residuals[known].mean(axis=0)
        scale = np.where(usual > 0, usual, np.where(mean > 0, mean, 1.0))
        score[known] = (residuals[known] / scale).max(axis=1)
    return Doubts(score, answers, np.nan_to_num(score) > FAR)
