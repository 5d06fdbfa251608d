"""The figures of a study's page: one at a time, drawn when it is looked at."""

from __future__ import annotations

import streamlit as st

from dlcore.records import Study
from dlcore.ui.shared import address
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.studies.data import (
    distributions,
    followed_study,
    goals,
    is_active,
    param_text,
    study_snapshot,
    trial_badge,
    value_text,
)
from dlcore.ui.studies.figures import CHOSEN, FIGURE, MOST_PARAMS, VIEW, VIEWS, FigureSource

HEIGHT = 560
"""Of the card of a figure, in pixels; a higher figure scrolls."""
FIRST = "history"
"""The figure with which the page begins."""


@st.fragment(key=FIGURE)
def figures(study_id: str) -> None:
    """Shows the choice of a figure, and the chosen one."""
    study = followed_study(study_id)
    view = _choose()
    known = study_snapshot(study_id)
    if not known.trials:
        # With the first trial the page's script runs.
        st.info(_("The figures appear with the first trial."), icon=":material/hourglass_empty:")
        return
    all_goals = goals(study)
    # As high for every figure, so that nothing below moves under the pointer.
    with st.container(border=True, height=HEIGHT):
        _title(study, view)
        controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        goal = all_goals[0]
        if len(all_goals) > 1 and view not in ("curves", "timeline", "front"):
            goal = controls.selectbox(
                _("By"), all_goals, format_func=lambda one: one.title, key=f"goal_{study_id}", width=260
            )
        looked = FigureSource(study, known, all_goals, goal, distributions(study, known.trials))
        VIEWS[view][1](looked, controls)
        _chosen_line(looked)


def _choose() -> str:
    """Shows the choice of a figure, which is kept in the URL."""
    address.begin(VIEW, VIEWS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.pills(
            _("Figure"),
            list(VIEWS),
            format_func=lambda name: _(VIEWS[name][0]),
            default=None if VIEW in st.session_state else FIRST,
            key=VIEW,
            required=True,
            label_visibility="collapsed",
            wrap=True,
        )
    view = chosen or FIRST
    address.tell(VIEW, view, first=FIRST)
    return view


def _title(study: Study, view: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{_(VIEWS[view][0])}**", help=_(VIEWS[view][2]), width="content")
        # The history continues by itself; what is drawn on the server stays as it is while one looks at it.
        if is_active(study) and view != FIRST:
            st.button(
                _("Refresh"),
                icon=":material/refresh:",
                key="figure_refresh",
                type="tertiary",
                help=_("Redraws it with the current trials."),
            )


def _chosen_line(looked: FigureSource) -> None:
    """Shows the chosen trial in a line, so that a click on a point says something where it happens."""
    number = st.session_state.get(CHOSEN)
    trial = next((trial for trial in looked.trials if trial.number == number), None)
    if trial is None:
        return
    names = looked.names
    values = zip(looked.study.metrics, trial.values, strict=False)
    words = [
        *(value_text(name, value) for name, value in values),
        *(f"{names[path]} {param_text(value)}" for path, value in list(trial.params.items())[:MOST_PARAMS]),
    ]
    title = _("Trial {number}").format(number=trial.number)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}** {trial_badge(trial)}", width="content")
        st.caption(" · ".join(map(escape_name, words)), width="stretch")
