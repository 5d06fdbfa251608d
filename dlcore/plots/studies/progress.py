"""How fast several searches came to their best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import default_range
from dlcore.plots.studies.goals import Goal, column
from dlcore.plots.studies.history import Marks, history_info, time_unit
from dlcore.records import Trial
from dlcore.text import short_text


def progress_info(
    studies: Mapping[str, Sequence[Trial]], goal: Goal, *, by_time: bool = False
) -> dict[str, Marks]:
    """Returns the best value so far of each study; those without a trial that counts are left out.

    Args:
        studies: name to trials.
        goal: what the trials of all are judged by.
        by_time: over the seconds since the study's first trial began instead of the number.
    """
    found = {name: history_info(trials, goal, by_time=by_time).best for name, trials in studies.items()}
    return {name: best for name, best in found.items() if best.numbers}


def progress_figure(
    lines: Mapping[str, Marks], goal: Goal, *, by_time: bool = False, translate: Translate = str
) -> go.Figure:
    """Draws one line per study; the one that is soonest far up, or down, is the faster search.

    Args:
        lines: what is drawn.
        goal: what the trials are judged by.
        by_time: whether x is seconds.
        translate: for the texts.
    """
    latest = max((marks.x[-1] for marks in lines.values()), default=0.0)
    unit, title = time_unit(latest) if by_time else (1.0, N_("Trial"))
    trial = translate(N_("Trial"))
    traces = [
        go.Scatter(
            x=column(marks.x) / unit,
            y=column(marks.y),
            customdata=np.array(marks.numbers, np.int32).reshape(-1, 1),
            name=figure_text(short_text(name, 32)),
            mode="lines",
            line={"shape": "hv", "width": 2},
            hovertemplate=f"{trial} %{{customdata[0]}}<br>%{{y:.5~g}}<extra>%{{fullData.name}}</extra>",
        )
        for name, marks in lines.items()
    ]
    view = default_range([y for marks in lines.values() for y in marks.y])
    return figure(
        traces,
        legend=True,
        height=320,
        hovermode="closest",
        xaxis=value_axis(translate(title), zeroline=False),
        yaxis=value_axis(figure_text(goal.title), zeroline=False, range=view),
    )
