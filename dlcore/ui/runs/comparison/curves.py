"""The curves of the compared runs over each other."""

from __future__ import annotations

import streamlit as st

from dlcore.comparison.settings import setting_of
from dlcore.records import Axis, Run
from dlcore.spec.metrics import METRICS
from dlcore.ui.components.compare_chart import ComparedRun, compare_chart
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.runs.view import main_metric
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.i18n import _

AXIS = "axis"


def curves(chosen: ComparedRuns) -> None:
    """Shows the controls and a chart for the main metric and for the loss; more on request."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        axis = _axis()
        smoothing = st.slider(
            _("Smoothing"), 0.0, 0.99, 0.0, 0.01, key="smoothing", persist_state="session", width=120,
            help=_("An exponential mean over earlier points."),
        )  # fmt: skip
        log = st.toggle(_("Log scale"), key="log_scale", persist_state="session")
        training = st.toggle(_("Training"), key="with_training", persist_state="session")
        groups = [setting_of(run.spec) for run in chosen.runs]
        together = len(set(groups)) < len(groups) and st.toggle(
            _("Seeds together"),
            key="seeds_together",
            persist_state="session",
            help=_(
                "Runs that differ only in their seed are one line, their mean, with a band around all of them."
            ),
        )
    compare_chart(
        [
            ComparedRun(run.id, chosen.names[run.id], place, _pace(run), str(groups.index(group)))
            for place, (run, group) in enumerate(zip(chosen.runs, groups, strict=True))
        ],
        curve_metrics(chosen),
        axis=axis,
        smoothing=float(smoothing),
        log=bool(log),
        training=bool(training),
        together=together,
        key="compare_curves",
    )


def curve_metrics(chosen: ComparedRuns) -> list[str]:
    """Returns what has a chart: what the runs are judged by, and the loss."""
    judged = {main_metric(run) for run in chosen.runs}
    return [*(name for name in METRICS if name in judged), "loss"]


def _pace(run: Run) -> float | None:
    return run.seconds / run.epoch if run.epoch and run.seconds else None


def _axis() -> Axis:
    names = {Axis.EPOCH.value: _("Epoch"), Axis.BATCH.value: _("Batch"), Axis.TIME.value: _("Time")}
    begin(AXIS, names)
    chosen = st.segmented_control(
        _("Per"),
        list(names),
        format_func=names.__getitem__,
        default=None if AXIS in st.session_state else Axis.EPOCH.value,
        key=AXIS,
        required=True,
        help=_("Over time each epoch of a run counts as long as its others."),
    )
    axis = Axis(chosen or Axis.EPOCH.value)
    tell(AXIS, axis.value, first=Axis.EPOCH.value)
    return axis
