"""The curves of the compared runs over each other."""

from __future__ import annotations

import streamlit as st

from dlcore.records import Run
from dlcore.spec.metrics import METRICS
from dlcore.ui.components.compare_chart import ChartAxis, ComparedLine, ComparedRun, compare_chart
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.runs.comparison.lines import Line, drawn_lines
from dlcore.ui.runs.view import main_metric
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.i18n import _

AXIS, MINUS = "axis", "minus"


def curves(chosen: ComparedRuns) -> None:
    """Shows the controls and a chart for the main metric and for the loss."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        axis = _axis()
        smoothing = st.slider(
            _("Smoothing"), 0.0, 0.99, 0.0, 0.01, key="smoothing", persist_state="session", width=120,
            help=_("An exponential mean over earlier points."),
        )  # fmt: skip
        log = st.toggle(_("Log scale"), key="log_scale", persist_state="session")
        training = st.toggle(_("Training"), key="with_training", persist_state="session")
        minus = len(chosen.lines) > 1 and st.toggle(
            _("Difference"),
            key=MINUS,
            persist_state="session",
            help=_("From the baseline, at the same place of the axis."),
        )
    # Groups have been made of those that are compared; each of the others is a line, or one of many.
    last = len(chosen.lines)
    more = [Line(chosen.names[run.id], last + place, (run.id,)) for place, run in enumerate(chosen.others)]
    lines = drawn_lines([*chosen.lines, *more])
    # One of those that are drawn: the baseline may be among the others.
    base = next(line for line in lines if chosen.found.baseline in line.ids)
    compare_chart(
        [ComparedRun(run.id, _pace(run)) for run in (*chosen.runs, *chosen.others)],
        [ComparedLine(line.name, line.place, line.ids) for line in lines],
        curve_metrics(chosen),
        axis=axis,
        smoothing=float(smoothing),
        log=bool(log),
        training=bool(training),
        baseline=base.place if minus else None,
        key="compare_curves",
    )


def curve_metrics(chosen: ComparedRuns) -> list[str]:
    """Returns what has a chart: what the runs are judged by, and the loss."""
    judged = {main_metric(run) for run in chosen.runs}
    return [*(name for name in METRICS if name in judged), "loss"]


def _pace(run: Run) -> float | None:
    return run.seconds / run.epoch if run.epoch and run.seconds else None


def _axis() -> ChartAxis:
    names = {
        ChartAxis.EPOCH.value: _("Epoch"),
        ChartAxis.BATCH.value: _("Batch"),
        ChartAxis.TIME.value: _("Duration"),
        ChartAxis.CLOCK.value: _("Time"),
    }
    begin(AXIS, names)
    first = ChartAxis.EPOCH.value
    chosen = st.segmented_control(
        _("Per"),
        list(names),
        format_func=names.__getitem__,
        default=None if AXIS in st.session_state else first,
        key=AXIS,
        required=True,
        help=_(
            "The duration counts from the start of each run, without its breaks; the time is that of the day."
        ),
    )
    axis = ChartAxis(chosen or first)
    tell(AXIS, axis.value, first=first)
    return axis
