"""The empirical distribution of the values of several studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import default_range
from dlcore.plots.studies.goals import MOST_POINTS, Goal, score_trials
from dlcore.records import Trial
from dlcore.text import short_text


@dataclass(frozen=True)
class EdfLine:
    """One study.

    Attributes:
        values: from the best to the worst.
        shares: of its trials that are as good as each of them.
        trials: how many it has.
    """

    name: str
    values: tuple[float, ...]
    shares: tuple[float, ...]
    trials: int


def edf_info(
    studies: Mapping[str, Sequence[Trial]], goal: Goal, *, most: int = MOST_POINTS
) -> tuple[EdfLine, ...]:
    """Returns the empirical distribution of the values of each study's trials that count.

    Args:
        studies: name to trials; those without any that count are left out.
        goal: what the trials of all are judged by.
        most: points of a line.
    """
    lines = []
    for name, trials in studies.items():
        losses = np.sort(score_trials((trial for trial in trials if trial.counts), goal).values * goal.sign)
        if not len(losses):
            continue
        # One point more says where the line begins.
        kept = np.linspace(0, len(losses) - 1, min(len(losses), most - 1)).astype(np.int64)
        shares = (kept + 1) / len(losses)
        values = losses[kept] * goal.sign
        lines.append(EdfLine(name, tuple(values.tolist()), tuple(shares.tolist()), len(losses)))
    return tuple(lines)


def edf_figure(
    lines: Sequence[EdfLine], goal: Goal, *, log: bool = False, translate: Translate = str
) -> go.Figure:
    """Draws one line per study; the one that rises first, in the direction of the worse, is the better one.

    Values far off are seen after a double click.

    Args:
        lines: what is drawn.
        goal: what the trials are judged by.
        log: whether the values have a logarithmic axis.
        translate: for the texts.
    """
    traces = [
        go.Scatter(
            x=np.array([line.values[0], *line.values]),
            y=np.array([0.0, *line.shares]),
            name=figure_text(short_text(line.name, 32)),
            mode="lines",
            line={"shape": "hv", "width": 2},
            hovertemplate="%{x:.4~g}: %{y:.0%}<extra>%{fullData.name}</extra>",
        )
        for line in lines
    ]
    upwards = goal.direction == "minimize"
    view = None if log else default_range([value for line in lines for value in line.values])
    shown = {"range": view if upwards else view[::-1]} if view else {"autorange": upwards or "reversed"}
    return figure(
        traces,
        legend=len(traces) > 1,
        hovermode="closest",
        xaxis=value_axis(figure_text(goal.title), type="log" if log else "linear", zeroline=False, **shown),
        yaxis=value_axis(
            translate(N_("Share of the trials")), tickformat=".0%", range=[0, 1.02], zeroline=False
        ),
    )
