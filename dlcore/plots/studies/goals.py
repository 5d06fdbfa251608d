"""What the figures of a study judge its trials by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_
from dlcore.records import Direction, Study, Trial, TrialState

MOST_POINTS = 2_000
"""Of a trace: more are slow to draw and cover each other."""

STATE_NAMES = {
    TrialState.WAITING: N_("Waiting"),
    TrialState.RUNNING: N_("Running"),
    TrialState.COMPLETE: N_("Complete"),
    TrialState.PRUNED: N_("Pruned"),
    TrialState.FAIL: N_("Failed"),
}
STATE_COLOURS = {
    TrialState.WAITING: "#ADB5BD",
    TrialState.RUNNING: "#3B9EFF",
    TrialState.COMPLETE: "#12A87B",
    TrialState.PRUNED: "#98A0B3",
    TrialState.FAIL: "#F0524F",
}
"""Readable on white and on black alike; what has no state takes the theme's colours."""

FAINT = "rgba(140,146,165,0.55)"
BEYOND = "#F08C2E"
"""Of trials beyond their constraints."""

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Goal:
    """One number that trials are judged by: an objective, or something that was measured besides.

    Attributes:
        title: for display, in their language.
        direction: which way is better.
        objective: place among the study's metrics.
        measured: name among what was measured, instead of an objective; empty: the objective.
    """

    title: str
    direction: Direction
    objective: int = 0
    measured: str = ""

    @property
    def sign(self) -> int:
        """What a value is multiplied by so that less is better."""
        return -1 if self.direction == "maximize" else 1

    def of(self, trial: Trial) -> float:
        """Returns the value of a trial, NaN if it has none."""
        if self.measured:
            return float(trial.measured.get(self.measured, math.nan))
        return float(trial.values[self.objective]) if self.objective < len(trial.values) else math.nan


def goal_of(study: Study, objective: int = 0, title: str = "") -> Goal:
    """Returns an objective of a study as a goal.

    Args:
        study: whose.
        objective: place among its metrics.
        title: for display, in their language; empty: the name of the metric.
    """
    return Goal(title or study.metrics[objective], study.directions[objective], objective)


@dataclass(frozen=True)
class ScoredTrials:
    """The complete trials that have a value, in the order of their numbers.

    Attributes:
        trials: as they came.
        numbers: of the trials.
        values: of the goal, all finite.
        counts: whether each can be the best: neither bad nor beyond its constraints.
        left_out: complete trials without a finite value.
    """

    trials: tuple[Trial, ...]
    numbers: Whole
    values: Floats
    counts: Flags
    left_out: int

    def chosen(self, mask: Flags | Whole) -> ScoredTrials:
        """Returns some of them, by a mask or by their places."""
        places = np.arange(len(self.trials))[mask]
        trials = tuple(self.trials[place] for place in places)
        return ScoredTrials(
            trials, self.numbers[places], self.values[places], self.counts[places], self.left_out
        )


def score_trials(trials: Iterable[Trial], goal: Goal) -> ScoredTrials:
    """Separates the trials that have a result from the others."""
    complete = sorted(
        (trial for trial in trials if trial.state is TrialState.COMPLETE), key=lambda trial: trial.number
    )
    values = np.array([goal.of(trial) for trial in complete], np.float64)
    all_of_them = ScoredTrials(
        tuple(complete),
        np.array([trial.number for trial in complete], np.int64),
        values,
        np.array([trial.counts for trial in complete], np.bool_),
        int((~np.isfinite(values)).sum()),
    )
    return all_of_them.chosen(np.isfinite(values)) if all_of_them.left_out else all_of_them


def best_place(judged: ScoredTrials, goal: Goal) -> int | None:
    """Returns the position of the best trial that counts, if any; the first of equal ones."""
    if not judged.counts.any():
        return None
    return int(np.argmin(np.where(judged.counts, judged.values * goal.sign, np.inf)))


def keep_peaks(values: Floats, most: int = MOST_POINTS) -> Whole:
    """Returns the indices of at most that many values, in order:
    the lowest and the highest of each stretch.
    """
    if len(values) <= most:
        return np.arange(len(values))
    chosen: set[int] = set()
    for stretch in np.array_split(np.arange(len(values)), most // 2):
        chosen |= {int(stretch[values[stretch].argmin()]), int(stretch[values[stretch].argmax()])}
    return np.array(sorted(chosen), np.int64)


def keep_best(judged: ScoredTrials, goal: Goal, most: int = MOST_POINTS) -> Whole:
    """Returns the indices of at most that many trials, in order: the best quarter, the rest evenly by rank.

    The worst one is always among them. Those that do not count come after all others in rank.
    """
    count = len(judged.trials)
    if count <= most:
        return np.arange(count)
    ranks = np.lexsort((judged.values * goal.sign, ~judged.counts))
    best = most // 4
    rest = np.linspace(best, count - 1, most - best).astype(np.int64)
    return np.sort(ranks[np.concatenate([np.arange(best), rest])])


def column(numbers: Sequence[float] | Floats | Whole) -> npt.NDArray[np.float64]:
    """Returns numbers as Plotly takes them fastest."""
    return np.asarray(numbers, np.float64)
