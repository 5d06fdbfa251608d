"""How fast some hardware is at the stages of runs, learned from its past runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from dlcore.design.reference import Reference
from dlcore.design.timing import Stage, Timing
from dlcore.design.workload import Workload

Array = npt.NDArray[np.float64]

NEAREST = 40
"""How many runs of like work are learned from."""

MACHINE, STAGE, WORK, TIMES, NOISE = 3.0, 0.5, 0.5, 0.4, 0.15
"""What makes a stage slower or faster than on the reference, as deviations of the logarithm: the machine
(unknown within a factor of 400), the stage on it, work that the reference misjudges, what else the machine
has to do at times, chance. `python -m benchmarks.estimates` holds them against real runs."""

LASTING = 3.0
"""For how many runs what else a machine has to do lasts."""

FAR = 2.0
"""Works that lie so far apart, in logarithms, tell little of each other: a factor of seven."""

SHORT_SECONDS = 0.02
"""What was measured in less tells little."""

EIGHT_OF_TEN = 1.2816
"""Within so many deviations lie eight of ten values."""

LEARNT = (Stage.STARTING, Stage.STEPS, Stage.VALIDATION, Stage.EPOCHS, Stage.ENDING)


@dataclass(frozen=True)
class Span:
    """Seconds: what is expected, and the bounds that eight of ten runs should keep."""

    expected: float
    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        """One after the other."""
        return Span(self.expected + other.expected, self.low + other.low, self.high + other.high)

    def __mul__(self, times: float) -> Span:
        """So many of them."""
        return Span(self.expected * times, self.low * times, self.high * times)


NOTHING = Span(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Units:
    """How long one unit of each stage of a run takes.

    Attributes:
        data: None where this data was never prepared, so that nothing is known of it.
        steps: of each phase.
        validation: None where there is no validation part.
    """

    data: Span | None
    starting: Span
    steps: tuple[Span, ...]
    validation: Span | None
    epochs: Span
    ending: Span


@dataclass(frozen=True)
class _Observation:
    """One stage of one run: how much slower than the reference it was, as a logarithm, and how sure that is.

    Attributes:
        age: how many runs ago; 0 for the run in question.
    """

    age: int
    stage: Stage
    place: tuple[float, ...]
    slowness: float
    noise: float


def learn(
    load: Workload,
    history: Sequence[tuple[Workload, Timing]],
    reference: Reference,
    *,
    own: Timing | None = None,
) -> Units | None:
    """Estimates a run from the past runs on its hardware; None if none has trained yet.

    The time of a stage is that of the reference times a factor. The factor of a new run is inferred from
    those of others as in a Gaussian process (Rasmussen and Williams, 2006, chapter 2): the machine's part
    of it is common to all, and the more alike two works are, the more of the rest they share. So one run
    is enough for a first guess; its range is wide where no run was alike, and each that is makes it
    narrower.

    Args:
        load: what the run has to do.
        history: what others had to do and where their seconds went, the newest first.
        reference: what the stages would take elsewhere.
        own: where the run's own seconds went, as far as it is.
    """
    here = reference.place(Stage.STEPS, load, 0)
    aged = [(age, *one) for age, one in enumerate(history, start=1)]
    aged.sort(key=lambda one: math.dist(reference.place(Stage.STEPS, one[1], 0), here))
    known = [(0, load, own or Timing()), *aged[:NEAREST]]
    seen = [one for age, work, timing in known for one in _stages(age, work, timing, reference)]
    if not any(one.stage is Stage.STEPS for one in seen):
        return None
    process = _Process(seen)

    def unit(stage: Stage, phase: int = 0) -> Span:
        asked = _Observation(0, stage, reference.place(stage, load, phase), 0.0, NOISE)
        middle, deviation = process.predict(asked)
        seconds, factor = reference.seconds(stage, load, phase), math.exp(EIGHT_OF_TEN * deviation)
        expected = seconds * math.exp(middle)
        return Span(expected, expected / factor, expected * factor)

    return Units(
        data=_preparation(load, history),
        starting=unit(Stage.STARTING),
        steps=tuple(unit(Stage.STEPS, phase) for phase in range(len(load.steps))),
        validation=unit(Stage.VALIDATION) if load.validation else None,
        epochs=unit(Stage.EPOCHS),
        ending=unit(Stage.ENDING),
    )


def _stages(age: int, load: Workload, timing: Timing, reference: Reference) -> list[_Observation]:
    found = []
    for stage in LEARNT:
        for phase in range(len(load.steps) if stage is Stage.STEPS else 1):
            lap = timing.of(stage, phase)
            if lap.count and lap.seconds > 0 and (load.validation or stage is not Stage.VALIDATION):
                slowness = math.log(lap.seconds / lap.count / reference.seconds(stage, load, phase))
                noise = math.hypot(NOISE, min(1.0, SHORT_SECONDS / lap.seconds))
                found.append(_Observation(age, stage, reference.place(stage, load, phase), slowness, noise))
    return found


def _preparation(load: Workload, history: Sequence[tuple[Workload, Timing]]) -> Span | None:
    """Returns how long the data takes: hardly any time once it is prepared,
    else as long as it took the last times.
    """
    same = [timing for work, timing in history if work.dataset == load.dataset]
    made = [lap.seconds / lap.count for timing in same if (lap := timing.of(Stage.DATA)).count]
    found = [lap.seconds for timing in same if not (lap := timing.of(Stage.DATA)).count]
    if any(work.recipe == load.recipe for work, _ in history):
        seconds = found or [0.0]
    elif made:
        seconds = made
    else:
        return None
    return Span(median(seconds), min(seconds), max(seconds))


class _Process:
    """Predicts the slowness of a stage from what was seen."""

    def __init__(self, seen: Sequence[_Observation]) -> None:
        self._seen = seen
        noise = np.array([one.noise for one in seen])
        self._inverse = np.linalg.inv(_covariance(seen, seen) + np.diag(noise**2))
        self._weights = self._inverse @ np.array([one.slowness for one in seen])

    def predict(self, asked: _Observation) -> tuple[float, float]:
        """Returns the mean and the deviation of what is asked."""
        shared = _covariance([asked], self._seen)[0]
        own = MACHINE**2 + STAGE**2 + WORK**2 + TIMES**2
        variance = own - shared @ self._inverse @ shared
        return float(shared @ self._weights), math.sqrt(max(float(variance), 0.0) + asked.noise**2)


def _covariance(left: Sequence[_Observation], right: Sequence[_Observation]) -> Array:
    """Returns how much of their slowness two stages of two runs share."""
    places, others = np.array([one.place for one in left]), np.array([one.place for one in right])
    apart = ((places[:, None, :] - others[None, :, :]) ** 2).sum(-1) / FAR**2
    stages, others = (np.array([LEARNT.index(one.stage) for one in side]) for side in (left, right))
    of_stage = (stages[:, None] == others[None, :]) * (STAGE**2 + WORK**2 * np.exp(-apart / 2))
    ages, others = (np.array([one.age for one in side]) for side in (left, right))
    of_times = TIMES**2 * np.exp(-np.abs(ages[:, None] - others[None, :]) / LASTING)
    return np.asarray(MACHINE**2 + of_stage + of_times)
