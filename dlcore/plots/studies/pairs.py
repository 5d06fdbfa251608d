"""The values of trials over two parameters: as a landscape, and by rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text
from dlcore.plots.studies.axes import (
    Distributions,
    ParamAxis,
    jitter,
    param_axes,
    plotly_axis,
    positions,
    short_number,
)
from dlcore.plots.studies.goals import (
    BEYOND,
    MOST_POINTS,
    Floats,
    Goal,
    ScoredTrials,
    best_place,
    column,
    keep_best,
    score_trials,
)
from dlcore.plots.studies.shades import OUTLINE, Shades, colour_axis, shade_axis, shades_of
from dlcore.plots.studies.slices import BEST_MARK
from dlcore.records import Trial

_CELLS = 60
"""Of the landscape along an axis of numbers."""
_FEW = 300
"""Trials that can be drawn large on the landscape."""
_NEAR = 0.35
"""Where the weights of all trials add up to less, nothing is known; one trial at the spot itself has 1."""


@dataclass(frozen=True)
class PairPoints:
    """Trials over two parameters, in positions: of a logarithmic axis exponents of 10, of a category its place.

    Attributes:
        ranks: 1 for the best, 0 for the worst; of equal values the same.
    """

    numbers: tuple[int, ...] = ()
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    ranks: tuple[float, ...] = ()


@dataclass(frozen=True)
class PairInfo:
    """Complete trials that have both parameters.

    Attributes:
        counting: those that can be the best.
        aside: those beyond the constraints or marked as bad.
        best: the best of all trials, if it has both.
        lacking: complete trials without one of them.
        scale: the values behind the shades.
        ticks: rank to value, for the scale of the ranks.
    """

    x_axis: ParamAxis
    y_axis: ParamAxis
    counting: PairPoints
    aside: PairPoints
    best: PairPoints
    lacking: int
    scale: Shades
    ticks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LandscapeInfo:
    """What to expect at each place of a grid, from the trials near it.

    Attributes:
        x, y: the middles of the cells, in positions.
        values: a row for each y; NaN where no trial is near.
    """

    pair: PairInfo
    x: tuple[float, ...]
    y: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]


def rank_info(
    trials: Sequence[Trial],
    goal: Goal,
    distributions: Distributions,
    *,
    x: str,
    y: str,
    most: int = MOST_POINTS,
) -> PairInfo:
    """Returns the complete trials over two parameters, ready to draw.

    Args:
        trials: of the study, in any order.
        goal: what they are judged by.
        distributions: of the parameters.
        x: path of the one across.
        y: path of the one upwards.
        most: points; of many the best, and of the others an even choice.
    """
    return _pair(trials, goal, distributions, x, y, most)[0]


def _pair(
    trials: Sequence[Trial], goal: Goal, distributions: Distributions, x: str, y: str, most: int
) -> tuple[PairInfo, ScoredTrials]:
    judged = score_trials(trials, goal)
    x_axis, y_axis = param_axes((x, y), distributions, judged.trials)
    having = np.array([x in trial.params and y in trial.params for trial in judged.trials], np.bool_)
    own = judged.chosen(having)
    counting = own.chosen(own.counts)
    place = best_place(judged, goal)
    best = [place] if place is not None and having[place] else []
    ranks = ranks_of(counting.values * goal.sign)

    def points(of: ScoredTrials, shades: Floats) -> PairPoints:
        at = (positions(x_axis, of.trials), positions(y_axis, of.trials))
        columns = (of.numbers, *at, of.values, shades)
        return PairPoints(*(tuple(one.tolist()) for one in columns))

    kept, aside = keep_best(counting, goal, most), own.chosen(~own.counts)
    aside = aside.chosen(keep_best(aside, goal, most))
    losses = np.sort(counting.values * goal.sign)
    shares = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    ticks = zip(shares, np.quantile(losses, 1 - shares) * goal.sign, strict=True) if len(losses) else ()
    info = PairInfo(
        x_axis,
        y_axis,
        points(counting.chosen(kept), ranks[kept]),
        points(aside, np.zeros(len(aside.trials))),
        points(judged.chosen(np.array(best, np.int64)), np.ones(len(best))),
        int((~having).sum()),
        shades_of(counting, goal),
        tuple((float(share), float(value)) for share, value in ticks),
    )
    return info, counting


def ranks_of(losses: Floats) -> Floats:
    """Returns the share of the others that each is not worse than, ties counted half; 1 for the lowest.

    Example:
        >>> ranks_of(np.array([3.0, 1.0, 2.0])).tolist()
        [0.0, 1.0, 0.5]
    """
    if len(losses) < 2:
        return np.ones(len(losses))
    _, places, counts = np.unique(losses, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(1.0 - middle[places] / (len(losses) - 1))


def contour_info(
    trials: Sequence[Trial],
    goal: Goal,
    distributions: Distributions,
    *,
    x: str,
    y: str,
    most: int = MOST_POINTS,
) -> LandscapeInfo:
    """Returns what two parameters make of the value, from the trials that count.

    The value of a cell is the mean of the trials, weighted by a Gaussian of their distance (Nadaraya and
    Watson, 1964) as wide as Scott's rule has it; categories keep to themselves.

    Args:
        trials: of the study, in any order.
        goal: what they are judged by.
        distributions: of the parameters.
        x: path of the one across.
        y: path of the one upwards.
        most: points; of many the best, and of the others an even choice.
    """
    pair, counting = _pair(trials, goal, distributions, x, y, most)
    across, upwards = positions(pair.x_axis, counting.trials), positions(pair.y_axis, counting.trials)
    x_cells, x_weights = _weights(pair.x_axis, across)
    y_cells, y_weights = _weights(pair.y_axis, upwards)
    # What diverged would shine far around; beyond the scale it has its last colour anyway.
    low, high = sorted((pair.scale.best, pair.scale.worst))
    values = np.clip(counting.values, low, high)
    weights = y_weights @ x_weights.T
    sums = (y_weights * values) @ x_weights.T
    known = weights >= _NEAR
    found = np.where(known, sums / np.where(known, weights, 1.0), np.nan)
    return LandscapeInfo(
        pair, tuple(x_cells.tolist()), tuple(y_cells.tolist()), tuple(map(tuple, found.tolist()))
    )


def _weights(axis: ParamAxis, at: Floats) -> tuple[Floats, Floats]:
    """Returns the middles of the cells of an axis, and the weight of each trial in each of them (cells,
    trials).
    """
    if axis.kind == "category":
        cells = np.arange(len(axis.choices), dtype=np.float64)
        return cells, (cells[:, None] == at).astype(np.float64)
    low, high = (float(at.min()), float(at.max())) if len(at) else (0.0, 0.0)
    margin = 0.05 * (high - low) or 0.5
    cells = np.linspace(low - margin, high + margin, _CELLS)
    # Scott's rule in two dimensions, and never so narrow that the landscape falls into dots.
    width = max(float(at.std()) * len(at) ** (-1 / 6), (high - low) / 25) if high > low else margin
    return cells, np.exp(-0.5 * ((cells[:, None] - at) / width) ** 2)


def contour_figure(info: LandscapeInfo, goal: Goal, *, translate: Translate = str) -> go.Figure:
    """Draws the landscape with the trials on it, the best one as a star; blank where nothing is known.

    `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        goal: what the trials are judged by.
        translate: for the texts.
    """
    pair, traces = info.pair, []
    values = np.array(info.values, np.float64).reshape(len(info.y), len(info.x))
    if np.isfinite(values).any():
        traces.append(_landscape(info, values, goal))
    few = len(pair.counting.numbers) <= _FEW
    dots = {"size": 6 if few else 3.5, "color": "rgba(140,146,165,0.6)"}
    traces += _point_traces(pair, goal, dots, translate)
    return _pair_figure(pair, traces, colour_axis(pair.scale, goal))


def _landscape(info: LandscapeInfo, values: Floats, goal: Goal) -> go.Contour | go.Heatmap:
    pair = info.pair
    shared: dict[str, Any] = {
        "x": _shown(pair.x_axis, np.array(info.x)),
        "y": _shown(pair.y_axis, np.array(info.y)),
        "z": pair.scale.of(values.ravel()).reshape(values.shape).astype(np.float32),
        "customdata": values.astype(np.float32),
        "coloraxis": "coloraxis",
        "hovertemplate": f"{figure_text(goal.title)}: %{{customdata:.4~g}}<extra></extra>",
    }
    if "category" in (pair.x_axis.kind, pair.y_axis.kind):
        return go.Heatmap(**shared, hoverongaps=False)
    return go.Contour(
        **shared,
        connectgaps=False,
        contours={"coloring": "heatmap", "start": 0.0, "end": 1.0, "size": 0.1},
        line={"width": 0.5, "color": "rgba(128,134,155,0.6)"},
        hoverongaps=False,
    )


def rank_figure(info: PairInfo, goal: Goal, *, translate: Translate = str) -> go.Figure:
    """Draws one point per trial over two parameters, the better its rank the stronger.

    `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        goal: what the trials are judged by.
        translate: for the texts.
    """
    dots = {"size": 7, "color": column(info.counting.ranks), "coloraxis": "coloraxis", "line": OUTLINE}
    names = {0.0: translate(N_("Worst")), 0.5: translate(N_("Median")), 1.0: translate(N_("Best"))}
    ticks = {
        share: f"{names[share]}: {short_number(value)}" if share in names else short_number(value)
        for share, value in info.ticks
    }
    scale = shade_axis(goal.title, ticks)
    return _pair_figure(info, _point_traces(info, goal, dots, translate), scale)


def _point_traces(info: PairInfo, goal: Goal, dots: dict[str, Any], translate: Translate) -> list[go.Scatter]:
    beyond = {"symbol": "diamond-open", "size": 5, "opacity": 0.7, "color": BEYOND}
    groups = (
        (info.counting, N_("Trials"), dots),
        (info.aside, N_("Not counted"), beyond),
        (info.best, N_("Best trial"), BEST_MARK),
    )
    return [
        go.Scatter(
            x=_shown(info.x_axis, jitter(info.x_axis, column(points.x), points.numbers)),
            y=_shown(info.y_axis, jitter(info.y_axis, column(points.y), points.numbers, upwards=True)),
            customdata=np.column_stack([points.numbers, points.values]),
            name=translate(name),
            # A legend has no colour for what is shaded.
            showlegend=points is not info.counting,
            mode="markers",
            marker=marker,
            hovertemplate=f"{translate(N_('Trial'))} %{{customdata[0]}}<br>"
            f"{figure_text(goal.title)}: %{{customdata[1]:.5~g}}<extra></extra>",
        )
        for points, name, marker in groups
        if points.x
    ]


def _shown(axis: ParamAxis, at: Floats) -> Floats:
    """Returns positions as Plotly takes them."""
    return np.asarray(10.0**at) if axis.kind == "log" else at


def _pair_figure(info: PairInfo, traces: list[Any], scale: dict[str, Any]) -> go.Figure:
    return figure(
        traces,
        legend=True,
        height=440,
        hovermode="closest",
        coloraxis=scale,
        xaxis=plotly_axis(info.x_axis, zeroline=False),
        yaxis=plotly_axis(info.y_axis, zeroline=False),
    )
