"""A dataset being stored in the background: its progress and its outcome."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.jobs import dataset_of, request_ingestion
from dlcore.records import Job, JobState
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import follow_job, wait_briefly
from dlcore.ui.upload.correction import Correction, keep_corrections
from dlcore.ui.upload.look import InspectedFile
from dlcore.ui.upload.own_datasets import outcome, use_button
from dlcore.ui.upload.source import discard_sent
from dlcore.web.context import context

KEY = "ingestion"


def followed_ingestion() -> Job | None:
    """Returns the ingestion in the URL, else of this session, if any.

    It is put into the URL, so that a reload or another device finds it again.
    """
    here = context()
    for job_id in (st.query_params.get(KEY), st.session_state.get(KEY)):
        job = here.store.jobs.find(job_id) if job_id else None
        if job is not None and job.what == "ingestion" and job.owner == here.actor.id:
            st.session_state[KEY] = st.query_params[KEY] = job.id
            return job
    forget_ingestion()
    return None


def store_button(source: InspectedFile, corrected: Correction) -> None:
    """Starts to store what was corrected."""
    if not st.button(
        _("Store"), type="primary", icon=":material/save:", key="store", disabled=corrected.problem
    ):
        return
    here = context()
    try:
        job = request_ingestion(here.store, source.file, corrected.choices, owner=here.actor.id)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    keep_corrections(source, corrected.choices)
    st.session_state[KEY] = st.query_params[KEY] = job.id
    wait_briefly(job)
    st.rerun()


def follow_ingestion(job: Job) -> None:
    """Shows how far it is while it runs; its outcome afterwards."""
    if not job.state.final:
        follow_job(job, _("Storing the data …"))
    elif job.state is JobState.DONE:
        _done(job)
    else:
        if job.reason is not None:
            st.error(say(job.reason), icon=":material/error:")
        else:
            st.info(_("Cancelled; nothing was stored."), icon=":material/cancel:")
        _leave_button(_("Back to the corrections"))


def _done(job: Job) -> None:
    discard_sent()
    try:
        dataset = dataset_of(context().store, job)
    except DlcoreError as error:  # removed since, or too long ago
        st.error(say(error), icon=":material/error:")
        _leave_button(_("Upload other data"))
        return
    outcome(dataset)
    with st.container(horizontal=True):
        use_button(dataset.facts, key="use_new", primary=True)
        _leave_button(_("Upload other data"))


def _leave_button(label: str) -> None:
    st.button(label, icon=":material/arrow_back:", key="leave", on_click=forget_ingestion)


def forget_ingestion() -> None:
    """Forgets the ingestion, so that the page shows the form again."""
    st.query_params.pop(KEY, None)
    st.session_state.pop(KEY, None)
