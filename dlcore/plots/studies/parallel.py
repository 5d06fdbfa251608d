"""All parameters of many trials at once: one line per trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlcore.plots.studies.axes import (
    MOST_TICKS,
    Distributions,
    ParamAxis,
    log_ticks,
    param_axes,
    paths_of,
    positions,
    short_number,
)
from dlcore.plots.studies.goals import MOST_POINTS, Floats, Goal, keep_best, score_trials
from dlcore.plots.studies.shades import Shades, shades_of
from dlcore.records import Trial
from dlcore.text import short_text


@dataclass(frozen=True)
class LinesAxis:
    """One vertical axis.

    Attributes:
        path: of the parameter; empty for the value of the goal.
        name: above it.
        positions: where each line crosses it; of a logarithmic one exponents of 10, of categories their
            places; lines without the parameter cross below all others.
        ticks: where a text stands.
        texts: as many.
        absent: where the lines without the parameter cross, if there are any.
        low, high: its ends.
    """

    path: str
    name: str
    positions: tuple[float, ...]
    ticks: tuple[float, ...]
    texts: tuple[str, ...]
    absent: float | None
    low: float
    high: float


@dataclass(frozen=True)
class ParallelInfo:
    """Trials as lines across axes.

    Attributes:
        numbers: of the trials, one per line: a brush over positions selects places in it.
        axes: the parameters, then the goal.
        shades: one per line, 1 for the best.
        scale: the values behind the shades.
        hidden: trials that count, but are not among the lines.
    """

    numbers: tuple[int, ...]
    axes: tuple[LinesAxis, ...]
    shades: tuple[float, ...]
    scale: Shades
    hidden: int

    def within(self, axis: int, low: float, high: float) -> list[int]:
        """Returns the trials whose lines cross an axis between two positions."""
        pairs = zip(self.numbers, self.axes[axis].positions, strict=True)
        return [trial for trial, at in pairs if low <= at <= high]


def parallel_info(
    trials: Sequence[Trial],
    goal: Goal,
    distributions: Distributions,
    *,
    paths: Sequence[str] = (),
    most: int = MOST_POINTS,
) -> ParallelInfo:
    """Returns the trials that count, ready to draw; of many the best, and of the others an even choice.

    Args:
        trials: of the study, in any order.
        goal: what they are judged by.
        distributions: of the parameters.
        paths: the parameters to show; empty: all that occur.
        most: lines.
    """
    counting = score_trials((trial for trial in trials if trial.counts), goal)
    kept = counting.chosen(keep_best(counting, goal, most))
    scale = shades_of(counting, goal)
    axes = param_axes(paths or paths_of(kept.trials, distributions), distributions, kept.trials)
    vertical = [_vertical(axis, positions(axis, kept.trials)) for axis in axes]
    if kept.trials:
        vertical.append(_goal_axis(kept.values, goal, scale))
    shades = scale.of(kept.values)
    return ParallelInfo(
        tuple(kept.numbers.tolist()),
        tuple(vertical),
        tuple(shades.tolist()),
        scale,
        len(counting.trials) - len(kept.trials),
    )


def _vertical(axis: ParamAxis, at: Floats) -> LinesAxis:
    known = at[np.isfinite(at)]
    if axis.kind == "category":
        low, high = 0.0, float(max(len(axis.choices) - 1, 0))
        every = math.ceil(len(axis.choices) / MOST_TICKS) or 1
        ticks: list[float] = [float(place) for place in range(0, len(axis.choices), every)]
        texts = [short_text(choice, 12) for choice in axis.choices[::every]]
    else:
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
        ticks, texts = log_ticks(low, high) if axis.kind == "log" else _even_ticks(low, high)
    if low == high:
        low, high = low - 0.5, high + 0.5
    absent = None
    if len(known) < len(at):
        absent = low - 0.12 * (high - low)
        at = np.where(np.isfinite(at), at, absent)
        ticks, texts = [absent, *ticks], ["–", *texts]
    return LinesAxis(
        axis.path,
        axis.name,
        tuple(at.tolist()),
        tuple(ticks),
        tuple(texts),
        absent,
        low if absent is None else absent,
        high,
    )


def _goal_axis(values: Floats, goal: Goal, scale: Shades) -> LinesAxis:
    """Returns the axis of the values; what is worse than the scale is at its end."""
    low, high = sorted((scale.best, scale.worst))
    axis = _vertical(ParamAxis("", goal.title, "linear"), np.clip(values, low, high))
    if not scale.clipped:
        return axis
    room = 0.06 * (high - low)
    between = [(t, s) for t, s in zip(axis.ticks, axis.texts, strict=True) if abs(t - scale.worst) > room]
    ends = (scale.worst, f"{'≥' if scale.worst > scale.best else '≤'} {short_number(scale.worst)}")
    ticks, texts = zip(*between, ends, strict=True)
    return replace(axis, ticks=ticks, texts=texts)


def _even_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Four to nine round numbers from `low` to `high`; one if they are equal."""
    if low == high:
        return [low], [short_number(low)]
    exponent = math.floor(math.log10((high - low) / 4))
    step = next(f * 10.0**exponent for f in (5, 2, 1) if f * 10.0**exponent <= (high - low) / 4)
    places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ticks = [round(place * step, 12 - exponent) for place in places]
    return ticks, [short_number(tick) for tick in ticks]
