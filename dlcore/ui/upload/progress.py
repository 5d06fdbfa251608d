"""A dataset being stored in the background: how far it is, and what came of it."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets.background import WorkState, WorkStatus
from dlcore.datasets.ingest.background import ingest_owner, ingest_status, start_ingest
from dlcore.datasets.ingest.writing import check_name
from dlcore.datasets.stored import stored
from dlcore.errors import DlcoreError
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.upload.correction import Corrected, Source, keep_corrections
from dlcore.ui.upload.own_datasets import outcome, use_button
from dlcore.ui.upload.source import drop_sent
from dlcore.web.context import context

KEY = "ingestion"


def followed() -> str:
    """The token of the ingestion in the URL, else of this session; empty if there is none.

    It is put into the URL, so that a reload or another device finds it again.
    """
    here = context()
    for token in (st.query_params.get(KEY), st.session_state.get(KEY)):
        if token and ingest_owner(token, here.settings) == here.actor:
            st.session_state[KEY] = st.query_params[KEY] = token
            return str(token)
    leave()
    return ""


def store_button(source: Source, corrected: Corrected) -> None:
    """Starts to store what was corrected."""
    if not st.button(
        _("Store"), type="primary", icon=":material/save:", key="store", disabled=corrected.problem
    ):
        return
    here = context()
    try:
        check_name(corrected.choices.name, here.settings, here.actor)
        token = start_ingest(
            source.path, corrected.choices, here.settings, owner=here.actor, origin=source.origin
        )
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    keep_corrections(source, corrected.choices)
    st.session_state[KEY] = st.query_params[KEY] = token
    st.rerun()


def follow(token: str) -> None:
    """How far it is while it runs; its outcome afterwards."""
    status = ingest_status(token, context().settings)
    match status.state:
        case WorkState.RUNNING:
            st.fragment(_progress, run_every=1.0)(token)
        case WorkState.DONE:
            _done(status)
        case _:
            if status.reason is not None:
                st.error(say(status.reason), icon=":material/error:")
            _leave_button(_("Back to the corrections"))


def _progress(token: str) -> None:
    status = ingest_status(token, context().settings)
    if status.state is not WorkState.RUNNING:
        st.rerun(scope="app")
    # Not as a context: leaving it would say that the work is done.
    box = st.status(_("Storing the data …"), state="running", expanded=True)
    if status.total:
        done, total = f"{status.done:,}", f"{status.total:,}"
        box.progress(status.share, text=_("{done} of {total} files").format(done=done, total=total))
    box.caption(_("It continues when you leave this page; the page's address brings you back."))


def _done(status: WorkStatus) -> None:
    drop_sent()
    try:
        dataset = stored(status.result["name"], context().settings, status.result["version"])
    except DlcoreError as error:  # removed since
        st.error(say(error), icon=":material/error:")
        _leave_button(_("Upload other data"))
        return
    outcome(dataset)
    with st.container(horizontal=True):
        use_button(dataset, key="use_new")
        _leave_button(_("Upload other data"))


def _leave_button(label: str) -> None:
    st.button(label, icon=":material/arrow_back:", key="leave", on_click=leave)


def leave() -> None:
    """Forgets the ingestion, so that the page shows the form again."""
    st.query_params.pop(KEY, None)
    st.session_state.pop(KEY, None)
