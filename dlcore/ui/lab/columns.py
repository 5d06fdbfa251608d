"""Which columns of a table or series a model needs: how much worse it is where one is shuffled."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.explanations import MOST_BARS, bars_figure, bars_info
from dlcore.queue.network_maps import find_importance, importance_of, request_importance
from dlcore.records import Job, Run
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.format import metric
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context


def columns_view(source: LabSource) -> None:
    """Draws how much worse the model is where one column is shuffled."""
    here, run = context(), source.run
    st.subheader(_("Which columns it needs"), anchor=False)
    try:
        job = find_importance(here.store, run, owner=here.actor.id)
        if job is None and st.button(
            _("Shuffle the columns"), icon=":material/shuffle:", key="importance_ask"
        ):
            job = request_importance(here.store, run, owner=here.actor.id)
        if job is not None:
            _importance(run, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")


def _importance(run: Run, job: Job) -> None:
    here = context()

    def again() -> None:
        request_importance(here.store, run, owner=here.actor.id, again=True)

    title = _("Shuffling one column after another")
    if not show_until_done(wait_briefly(job), title, again, key="importance_again", border=False):
        return
    found = importance_of(here.store, job)
    rows = found.rows[:MOST_BARS]
    info = bars_info(
        [row.column for row in rows],
        np.array([row.mean for row in rows]),
        spreads=[row.deviation for row in rows],
    )
    falls = _("Fall of the accuracy") if found.metric == "accuracy" else _("Rise of the error (RMSE)")
    st.plotly_chart(
        bars_figure(info, title=falls, translate=_),
        key="importance_plot",
        config={"displayModeBar": False},
    )
    st.caption(
        _(
            "Without any shuffling: {value} on {samples} test samples; each column was shuffled {repeats} times."
        ).format(value=metric(found.metric, found.value), samples=f"{found.samples:,}", repeats=found.repeats)
    )
