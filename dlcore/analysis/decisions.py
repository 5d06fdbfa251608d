"""Yes or no at a threshold: what both kinds of errors cost, and the threshold at which they cost least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcore.analysis.answers import Array
from dlcore.analysis.intervals import Floats


@dataclass(frozen=True, eq=False)
class Costs:
    """What errors cost, threshold by threshold.

    Attributes:
        thresholds: a sample counts as yes from this chance on; from low to high.
        costs: the mean of all samples.
        best: the threshold that costs least; the lowest of several.
        least: what it costs.
    """

    thresholds: Floats
    costs: Floats
    best: float
    least: float


def cost_curve(true: Array, chance: Floats, *, false_alarm: float, miss: float) -> Costs:
    """Returns the mean cost of the errors at each threshold that makes a difference.

    Args:
        true: (samples,) whether each is a yes.
        chance: (samples,) of yes.
        false_alarm: the cost of a no that is taken for yes.
        miss: the cost of a yes that is taken for no.

    Example:
        >>> found = cost_curve(np.array([False, True]), np.array([0.3, 0.4]), false_alarm=1, miss=5)
        >>> found.best, found.least
        (0.4, 0.0)
    """
    yes = np.asarray(true, np.bool_)
    thresholds = np.unique(np.concatenate([[0.0], chance, [np.nextafter(1.0, 2.0)]]))
    # From this place on in the order of the chances, samples count as yes.
    order = np.argsort(chance, kind="stable")
    first = np.searchsorted(chance[order], thresholds, side="left")
    missed = np.concatenate([[0], np.cumsum(yes[order])])[first]
    spared = np.concatenate([[0], np.cumsum(~yes[order])])[first]
    costs = (miss * missed + false_alarm * ((~yes).sum() - spared)) / len(yes)
    place = int(costs.argmin())
    return Costs(thresholds, costs, float(min(thresholds[place], 1.0)), float(costs[place]))


def ideal_threshold(false_alarm: float, miss: float) -> float:
    """Returns the threshold that would be best if the chances were exact (Elkan 2001): false / (false + miss).

    Example:
        >>> ideal_threshold(1, 4)
        0.2
    """
    return false_alarm / (false_alarm + miss)
