"""Axes of parameters: numbers, orders of magnitude, categories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dlcore.plots.layout import figure_text, value_axis
from dlcore.plots.studies.goals import Floats
from dlcore.plots.studies.labels import short_names
from dlcore.records import Trial
from dlcore.text import short_text

Distributions = Mapping[str, BaseDistribution]
MOST_TICKS = 12
_ACROSS, _UPWARDS = 0.7548776662466927, 0.5698402909980532
"""Of the R2 sequence (Roberts, 2018): points spread evenly, though nothing is drawn by chance."""


@dataclass(frozen=True)
class ParamAxis:
    """How the values of one parameter are laid out.

    Attributes:
        path: of the parameter.
        name: its short name.
        kind: a category's position is its place among `choices`.
        choices: the categories, in their order.
    """

    path: str
    name: str
    kind: Literal["linear", "log", "category"]
    choices: tuple[str, ...] = ()


def param_axes(
    paths: Iterable[str], distributions: Distributions, trials: Sequence[Trial]
) -> tuple[ParamAxis, ...]:
    """Returns an axis for each parameter.

    Args:
        paths: of the parameters.
        distributions: of all parameters of the study; what is missing is told from the trials' values.
        trials: whose values must fit on the axes.
    """
    names = short_names({**dict.fromkeys(distributions), **dict.fromkeys(paths := list(paths))})
    return tuple(_param_axis(path, names[path], distributions.get(path), trials) for path in paths)


def paths_of(trials: Iterable[Trial], distributions: Distributions) -> list[str]:
    """Returns the parameters that any of the trials has, those of the space first and in its order."""
    seen = dict.fromkeys(path for trial in trials for path in trial.params)
    return [*(path for path in distributions if path in seen), *sorted(set(seen) - set(distributions))]


def _param_axis(
    path: str, name: str, distribution: BaseDistribution | None, trials: Sequence[Trial]
) -> ParamAxis:
    values = [trial.params[path] for trial in trials if path in trial.params]
    numeric = all(map(_is_number, values))
    if isinstance(distribution, CategoricalDistribution) or not numeric:
        given = getattr(distribution, "choices", ())
        return ParamAxis(path, name, "category", tuple(dict.fromkeys(map(str, [*given, *values]))))
    logarithmic = isinstance(distribution, (FloatDistribution, IntDistribution)) and distribution.log
    return ParamAxis(path, name, "log" if logarithmic and all(v > 0 for v in values) else "linear")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def raw_positions(axis: ParamAxis, trials: Sequence[Trial]) -> Floats:
    """Returns where the trials stand on an axis, NaN if they lack the parameter;
    on a log axis the value itself.
    """
    if axis.kind == "category":
        places = {choice: place for place, choice in enumerate(axis.choices)}
        found = [places[str(t.params[axis.path])] if axis.path in t.params else math.nan for t in trials]
    else:
        found = [t.params.get(axis.path, math.nan) for t in trials]
    return np.array(found, np.float64)


def positions(axis: ParamAxis, trials: Sequence[Trial]) -> Floats:
    """`raw_positions` on an even scale: of a log axis the exponent of 10."""
    raw = raw_positions(axis, trials)
    return np.log10(raw) if axis.kind == "log" else raw


def jitter(axis: ParamAxis, raw: Floats, numbers: Sequence[int], *, upwards: bool = False) -> Floats:
    """Returns the positions, spread out within each category; always the same for a trial.

    Args:
        axis: what they stand on.
        raw: the positions.
        numbers: of the trials.
        upwards: whether the axis is the vertical one of two.
    """
    if axis.kind != "category":
        return raw
    share = _UPWARDS if upwards else _ACROSS
    return raw + 0.56 * ((np.asarray(numbers, np.int64) * share) % 1 - 0.5)


def default_range(values: Floats | Sequence[float], *also: float) -> list[float] | None:
    """Returns the initial range of an axis, so that a few outliers do not squeeze all other values together.

    Args:
        values: on the axis.
        also: what must be seen in any case.

    Returns:
        Its ends, or None if all values can be seen.
    """
    if not len(values):
        return None
    given = np.asarray(values, np.float64)
    low, high = np.quantile(given, [0.05, 0.95])
    room = 1.5 * (high - low)
    near = given[(given >= low - room) & (given <= high + room)]
    ends = min([float(near.min()), *also]), max([float(near.max()), *also])
    if (given.min() >= ends[0] and given.max() <= ends[1]) or ends[0] == ends[1]:
        return None
    margin = 0.05 * (ends[1] - ends[0])
    return [ends[0] - margin, ends[1] + margin]


def plotly_axis(axis: ParamAxis, *, most: int = 28, **more: Any) -> dict[str, Any]:
    """Returns an axis of a parameter in Plotly's terms.

    Args:
        axis: which.
        most: characters of its title.
        more: anything else Plotly's axis takes.
    """
    title = figure_text(short_text(axis.name, most))
    if axis.kind == "log":
        # Plotly writes 2 and 5 between the powers wherever more ticks are allowed, too close on a phone.
        return value_axis(title, type="log", nticks=4, **POWERS, **more)
    if axis.kind == "linear":
        return value_axis(title, nticks=6, **more)
    places = range(0, len(axis.choices), math.ceil(len(axis.choices) / MOST_TICKS) or 1)
    return value_axis(
        title,
        tickmode="array",
        tickvals=list(places),
        ticktext=[figure_text(short_text(axis.choices[place], 16)) for place in places],
        range=[-0.6, max(len(axis.choices), 1) - 0.4],
        **more,
    )


POWERS = {"exponentformat": "power", "showexponent": "all"}


def log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Returns ticks between two exponents of 10: the powers;
    with fewer than three of them also 2 and 5 times those.

    Example:
        >>> log_ticks(-3.0, -1.0)
        ([-3.0, -2.0, -1.0], ['0.001', '0.01', '0.1'])
    """
    steps: tuple[int, ...] = (1,)
    for steps in ((1,), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8, 9)):
        exponents = range(math.floor(low), math.ceil(high) + 1)
        found = [math.log10(step) + exponent for exponent in exponents for step in steps]
        inside = [round(at, 9) for at in found if low - 1e-9 <= at <= high + 1e-9]
        if len(inside) >= 3:
            break
    every = math.ceil(len(inside) / MOST_TICKS) or 1
    inside = inside[::every]
    return inside, [short_number(10**at) for at in inside]


def short_number(value: float) -> str:
    """Returns a number in few characters.

    Example:
        >>> short_number(0.000012345), short_number(65536), short_number(0.25), short_number(1.5e7)
        ('1.23e-5', '65536', '0.25', '1.5e7')
    """
    if 1e-3 <= abs(value) < 1e6:
        before = math.floor(math.log10(abs(value)))
        text = f"{value:.{max(0, 3 - before)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits, _, exponent = f"{value:.3g}".partition("e")
    return f"{digits}e{int(exponent)}" if exponent else digits


def params_text(trial: Trial, names: Mapping[str, str]) -> str:
    """Returns the parameters of a trial, one per line, for the box at the pointer."""
    lines = []
    for path, name in names.items():
        if path in trial.params:
            value = trial.params[path]
            shown = short_number(value) if _is_number(value) else str(value)
            lines.append(f"{figure_text(short_text(name, 32))}: {figure_text(short_text(shown, 32))}")
    return "<br>".join(lines)
