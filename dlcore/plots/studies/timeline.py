"""The timeline of a study: when trials ran, and when none did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis
from dlcore.plots.studies.goals import MOST_POINTS, STATE_COLOURS, STATE_NAMES
from dlcore.plots.studies.history import first_start, time_unit
from dlcore.records import Trial, TrialState

_SLACK = 1.0
"""Seconds that a trial may begin before the one in its place has ended: both are told late."""


@dataclass(frozen=True)
class Span:
    """One or several trials in the same place, one after another.

    Attributes:
        first, last: numbers of the first and the last trial.
        count: how many.
        state: the most common of their states.
        lane: the place, from 0.
        start, end: seconds since the first trial began.
    """

    first: int
    last: int
    count: int
    state: TrialState
    lane: int
    start: float
    end: float


@dataclass(frozen=True)
class TimelineInfo:
    """All trials that have begun.

    Attributes:
        spans: by lane and time.
        lanes: how many trials ran at the same time at most.
        seconds: from the first beginning to the last end.
        busy: the share of the lanes' time in which a trial ran.
        never: trials that did not begin.
    """

    spans: tuple[Span, ...]
    lanes: int
    seconds: float
    busy: float
    never: int


def timeline_info(trials: Sequence[Trial], *, now: datetime, most: int = MOST_POINTS) -> TimelineInfo:
    """Returns the trials, ready to draw.

    A trial has the first lane that is free when it begins. Where there are too many, short ones that follow
    each other closely are drawn as one, those that failed apart from the others.

    Args:
        trials: of the study, in any order.
        now: how far those that run have come.
        most: spans.
    """
    began = first_start(trials)
    started = sorted(
        (trial for trial in trials if trial.started_at), key=lambda trial: (trial.started_at, trial.number)
    )
    if began is None:
        return TimelineInfo((), 0, 0.0, 0.0, len(trials))
    spans, free = [], list[float]()
    for trial in started:
        start = (trial.started_at - began).total_seconds() if trial.started_at else 0.0
        end = max(start, ((trial.finished_at or now) - began).total_seconds())
        slack = min(_SLACK, 0.1 * (end - start))
        lane = next((lane for lane, until in enumerate(free) if until <= start + slack), len(free))
        free[lane : lane + 1] = [end]
        spans.append(Span(trial.number, trial.number, 1, trial.state, lane, start, end))
    seconds = max(span.end for span in spans)
    worked = sum(span.end - span.start for span in spans)
    busy = min(1.0, worked / (seconds * len(free))) if seconds else 0.0
    spans.sort(key=lambda span: (span.lane, span.start))
    shown = _merged(spans, seconds, most)
    return TimelineInfo(shown, len(free), seconds, busy, len(trials) - len(started))


def _merged(spans: Sequence[Span], seconds: float, most: int) -> tuple[Span, ...]:
    found, length = tuple(spans), seconds / most
    while len(found) > most:
        # Failures are few and matter, as long as they do not alternate with all others.
        found, length = _grouped(spans, length, apart=length < seconds / 50), length * 1.5
    return found


def _grouped(spans: Sequence[Span], length: float, *, apart: bool) -> tuple[Span, ...]:
    """Neighbours as one, as far as they are not longer than that together; failures apart, if asked to."""
    groups: list[list[Span]] = []
    for span in spans:
        last = groups[-1] if groups else None
        mixed = last and apart and _failed(last[0]) != _failed(span)
        if last and last[0].lane == span.lane and span.end - last[0].start <= length and not mixed:
            last.append(span)
        else:
            groups.append([span])
    return tuple(
        Span(
            group[0].first,
            group[-1].last,
            len(group),
            Counter(span.state for span in group).most_common(1)[0][0],
            group[0].lane,
            group[0].start,
            group[-1].end,
        )
        for group in groups
    )


def _failed(span: Span) -> bool:
    return span.state is TrialState.FAIL


def clock(seconds: float) -> str:
    """Returns a span of time in hours, minutes and seconds.

    Example:
        >>> clock(93_784), clock(0.25)
        ('26:03:04', '0.25 s')
    """
    if seconds < 10:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def timeline_figure(info: TimelineInfo, *, translate: Translate = str) -> go.Figure:
    """Draws a row for each trial that ran at the same time, coloured by how it ended.

    `customdata[0]` and `[1]` are the first and the last number of a bar's trials.
    """
    unit, title = time_unit(info.seconds)
    traces = []
    for state in TrialState:
        spans = [span for span in info.spans if span.state is state]
        if not spans:
            continue
        start, end = np.array([(span.start, span.end) for span in spans]).T / unit
        # A trial that failed immediately would not be seen.
        shortest = info.seconds / unit / 1_000
        length = np.maximum(end - start, shortest)
        names = [str(s.first) if s.count == 1 else f"{s.first} … {s.last} ({s.count})" for s in spans]
        texts = [f"{n}<br>{clock(s.end - s.start)}" for n, s in zip(names, spans, strict=True)]
        traces.append(
            go.Bar(
                base=start,
                x=length,
                y=np.array([span.lane + 1 for span in spans], np.float64),
                customdata=np.array([(span.first, span.last, span.count) for span in spans], np.int32),
                text=texts,
                textposition="none",
                orientation="h",
                width=0.72,
                name=translate(STATE_NAMES[state]),
                marker={"color": STATE_COLOURS[state], "line": {"width": 0}},
                hovertemplate=f"{translate(N_('Trial'))} %{{text}}<extra>%{{fullData.name}}</extra>",
            )
        )
    lanes = max(info.lanes, 1)
    return figure(
        traces,
        legend=True,
        height=min(640, 110 + 34 * max(lanes, 3)),
        barmode="overlay",
        hovermode="closest",
        xaxis=value_axis(translate(title), zeroline=False),
        yaxis=value_axis(
            translate(N_("In parallel")),
            range=[lanes + 0.5, 0.5],
            tick0=1,
            dtick=max(1, -(-lanes // 12)),
            zeroline=False,
            showgrid=False,
        ),
    )
