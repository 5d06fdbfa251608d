"""The learning curves of trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.lines import lines_info
from dlcore.plots.studies.goals import (
    FAINT,
    STATE_COLOURS,
    STATE_NAMES,
    best_place,
    goal_of,
    score_trials,
)
from dlcore.records import Study, Trial, TrialState

MOST_CURVES = 60
_POINTS = 400
"""Of one curve: 60 of them make 24,000."""

Curve = tuple[npt.ArrayLike, npt.ArrayLike]


def chosen_trials(trials: Sequence[Trial], study: Study, most: int = MOST_CURVES) -> list[int]:
    """Returns the trials whose curves are worth a look, by number, ascending.

    A third of the places go to the best ones, a third to those that run (the latest first), all others to
    those that began last.

    Args:
        trials: of the study, in any order.
        study: whose first metric says what is best.
        most: so many at most.
    """
    begun = sorted((trial for trial in trials if trial.run_id), key=lambda trial: -trial.number)
    goal = goal_of(study)
    judged = score_trials((trial for trial in begun if trial.counts), goal)
    best = judged.numbers[np.argsort(judged.values * goal.sign, kind="stable")][: max(1, most // 3)]
    running = [trial.number for trial in begun if trial.state is TrialState.RUNNING][: max(1, most // 3)]
    latest = [trial.number for trial in begun]
    return sorted(list(dict.fromkeys([*best.tolist(), *running, *latest]))[:most])


@dataclass(frozen=True)
class TrialCurve:
    """One trial's curve.

    Attributes:
        last: where it ends; None without a finite point.
    """

    number: int
    state: TrialState
    x: tuple[float, ...]
    y: tuple[float, ...]
    last: tuple[float, float] | None


@dataclass(frozen=True)
class CurvesInfo:
    """Curves of trials.

    Attributes:
        curves: by number; those without points are left out.
        best: number of the best trial among them.
    """

    curves: tuple[TrialCurve, ...]
    best: int | None


def curves_info(curves: Mapping[int, Curve], trials: Sequence[Trial], study: Study) -> CurvesInfo:
    """Curves, ready to draw.

    Args:
        curves: number of a trial to the steps and the values of its curve.
        trials: of the study; curves of others are left out.
        study: whose first metric says what is best.
    """
    known = {trial.number: trial for trial in trials if trial.number in curves}
    drawn = []
    for number in sorted(known):
        x, y = (np.asarray(of, np.float64) for of in curves[number])
        thin = lines_info(x, {"": y}, points=_POINTS)
        finite = np.flatnonzero(np.isfinite(y))
        if len(finite):
            last = (float(x[finite[-1]]), float(y[finite[-1]]))
            points = tuple(thin.x[0].tolist()), tuple(thin.y[0].tolist())
            drawn.append(TrialCurve(number, known[number].state, *points, last))
    goal = goal_of(study)
    judged = score_trials((known[curve.number] for curve in drawn), goal)
    place = best_place(judged, goal)
    return CurvesInfo(tuple(drawn), None if place is None else int(judged.numbers[place]))


_LINES: dict[TrialState, dict[str, Any]] = {
    TrialState.COMPLETE: {"width": 1.2},
    TrialState.RUNNING: {"width": 1.8, "color": STATE_COLOURS[TrialState.RUNNING]},
    TrialState.PRUNED: {"width": 1.1, "dash": "dot", "color": STATE_COLOURS[TrialState.PRUNED]},
    TrialState.FAIL: {"width": 1.1, "dash": "dash", "color": STATE_COLOURS[TrialState.FAIL]},
    TrialState.WAITING: {"width": 1.1, "color": FAINT},
}
_SHADE = {TrialState.COMPLETE: 0.5, TrialState.PRUNED: 0.7, TrialState.FAIL: 0.7}


def curves_figure(
    info: CurvesInfo,
    *,
    x_title: str,
    y_title: str,
    log: bool = False,
    translate: Translate = str,
) -> go.Figure:
    """Draws one line per trial: pruned ones dotted, their ends marked, the best one on top.

    `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        x_title: of the steps, shown as it is.
        y_title: of the values, likewise.
        log: whether the values have a logarithmic axis.
        translate: for the texts.
    """
    order = [TrialState.PRUNED, TrialState.FAIL, TrialState.COMPLETE, TrialState.WAITING, TrialState.RUNNING]
    ordered = sorted(info.curves, key=lambda curve: (curve.number == info.best, order.index(curve.state)))
    traces: list[go.Scatter] = []
    named: set[str] = set()
    for curve in ordered:
        best = curve.number == info.best
        name = N_("Best trial") if best else STATE_NAMES[curve.state]
        traces.append(_line(curve, name, best=best, first=name not in named, translate=translate))
        named.add(name)
    traces += [
        _ends([curve for curve in info.curves if curve.state is state], translate)
        for state in (TrialState.PRUNED, TrialState.FAIL)
    ]
    return figure(
        [trace for trace in traces if trace.x.size],
        legend=True,
        height=400,
        hovermode="closest",
        xaxis=value_axis(figure_text(x_title), zeroline=False),
        yaxis=value_axis(figure_text(y_title), zeroline=False, type="log" if log else "linear"),
    )


def _line(curve: TrialCurve, name: str, *, best: bool, first: bool, translate: Translate) -> go.Scatter:
    line = {"width": 3.0, "color": STATE_COLOURS[TrialState.COMPLETE]} if best else _LINES[curve.state]
    colour = {} if "color" in line else {"color": "#7C83DB"}
    return go.Scatter(
        x=np.array(curve.x),
        y=np.array(curve.y),
        customdata=np.full((len(curve.x), 1), curve.number, np.int32),
        name=translate(name),
        legendgroup=name,
        showlegend=first,
        # A curve of one point would not be seen as a line.
        mode="lines" if len(curve.x) > 1 else "markers",
        line={**line, **colour},
        marker={"size": 5, "color": (line | colour)["color"]},
        opacity=1.0 if best else _SHADE.get(curve.state, 1.0),
        hovertemplate=f"{translate(N_('Trial'))} {curve.number}<br>%{{x}}: %{{y:.5~g}}"
        "<extra>%{fullData.name}</extra>",
    )


def _ends(curves: Sequence[TrialCurve], translate: Translate) -> go.Scatter:
    ends = [(curve.number, *curve.last) for curve in curves if curve.last]
    numbers, x, y = np.array(ends, np.float64).reshape(-1, 3).T
    state = curves[0].state if curves else TrialState.PRUNED
    return go.Scatter(
        x=x,
        y=y,
        customdata=numbers.astype(np.int32).reshape(-1, 1),
        name=translate(STATE_NAMES[state]),
        legendgroup=STATE_NAMES[state],
        showlegend=False,
        mode="markers",
        marker={"symbol": "x-thin-open", "size": 7, "color": STATE_COLOURS[state], "line": {"width": 1.5}},
        hovertemplate=f"{translate(N_('Trial'))} %{{customdata[0]}}<br>%{{x}}: %{{y:.5~g}}"
        "<extra>%{fullData.name}</extra>",
    )
