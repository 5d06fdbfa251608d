"""Time estimates in words: an estimate, and its range next to it."""

from __future__ import annotations

from dlcore.design.estimate import Forecast
from dlcore.design.speeds import Span
from dlcore.design.workload import workload
from dlcore.records import Run
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.status import is_warming_up
from dlcore.web.context import context


def draft_forecast(draft: WorkingDraft) -> Forecast | None:
    """Returns how long a run of a draft takes; None where nothing is known, or its model does not fit."""
    if draft.report.problem is not None:
        return None
    load = workload(draft.spec, draft.facts, draft.report)
    training = draft.spec.training
    return context().forecasts.new(load, training.device, training.epochs)


def time_left(run: Run) -> Span | None:
    """Returns how long an active run continues; None where nothing is known."""
    found = context().forecasts.run(run) if run.state.active else None
    return None if found is None else found.span


def span_text(span: Span) -> str:
    """Returns an estimate with its range.

    Example:
        >>> span_text(Span(41.0, 29.7, 66.0))
        '41 s (30 s – 1 min 10 s)'
    """
    middle, bounds = show.rough_duration(span.expected), span_range(span)
    return f"{middle} ({bounds})" if bounds else middle


def span_range(span: Span) -> str:
    """Returns the range alone; empty where it is no wider than what is said of the middle."""
    low, high = show.rough_duration(span.low), show.rough_duration(span.high)
    return "" if low == high else f"{low} – {high}"


def waiting_text(place: int) -> str:
    """Returns when a run begins, empty where that is not known.

    Args:
        place: its place in the queue, from 1.
    """
    wait = context().forecasts.wait(place)
    if wait is None:
        return ""
    if wait.high:
        return _("begins in about {time}").format(time=span_text(wait))
    return _("starts when warmed up") if is_warming_up(context().store) else _("starts immediately")
