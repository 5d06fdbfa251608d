"""The head of a run's page: what it is called, how it is, where it belongs, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from dlcore.access.permissions import Kind
from dlcore.errors import NotFoundError
from dlcore.records import Run, RunState, Study
from dlcore.records.shares import Thing
from dlcore.ui.components.live_view import Look, live_view
from dlcore.ui.runs.actions import copy_button, further_actions, main_button
from dlcore.ui.runs.lineage import parent_of
from dlcore.ui.runs.view import RUN
from dlcore.ui.shared.alerts import see_alerts
from dlcore.ui.shared.annotations import annotation_notes, annotation_tools
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.layout import head_actions, head_line
from dlcore.ui.shared.links import RUN_PAGE, STUDY_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.sharing import sees_all, shown_notice
from dlcore.web.context import context


def head(run: Run) -> None:
    """Shows the run in one line, with the button that its state asks for; below it why it ended, and its notes."""
    see_alerts(run, context().store.alerts.of_run(run.id))
    with head_line():
        st.title(escape_markdown(run.name), anchor=False, width="content")
        live_view(RUN, run.id, key="run_state", look=Look.HEAD)
        _relatives(run)
        with head_actions():
            if sees_all(run):
                annotation_tools(run)
                main_button(run)
                further_actions(run)
            else:
                copy_button(run)
    if not sees_all(run):
        shown_notice([Thing(Kind.RUN, run.id)])
    if run.reason is not None:
        box = st.error if run.state is RunState.FAILED else st.info
        box(say(run.reason), icon=":material/info:")
    annotation_notes(run)


def _study_of(run: Run) -> Study | None:
    """Returns the study of a trial; None if it is none, or if the run alone is shown."""
    if run.study_id is None:
        return None
    try:
        return context().store.studies.get(run.study_id)
    except NotFoundError:
        return None


def _relatives(run: Run) -> None:
    """Links to the study of a trial, and to the run whose weights it started with."""
    study = _study_of(run)
    if study is not None:
        st.page_link(
            STUDY_PAGE,
            label=escape_name(study.name),
            icon=":material/travel_explore:",
            help=_("The search that it is a trial of; its number: {number}").format(number=run.trial),
            query_params={"study": study.id},
            width="content",
        )
    if parent := parent_of(run):
        st.page_link(
            RUN_PAGE,
            label=escape_name(parent.name),
            icon=":material/moving:",
            help=_("It started with the weights of this run."),
            query_params={"run": parent.id},
            width="content",
        )
