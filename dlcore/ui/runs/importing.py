"""A run that was exported elsewhere, brought here: uploaded, checked by one job and added by another."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dlcore.datasets.uploads import discard
from dlcore.errors import DlcoreError
from dlcore.queue.imports import ADDING, imported_run, request_run_adding, request_run_unpacking
from dlcore.queue.jobs import SourceFile
from dlcore.records import Job, JobState, Run
from dlcore.spec import ExperimentSpec
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import follow_job, show_until_done, wait_briefly
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.uploads import known_upload, sent_file
from dlcore.web.context import context

ARCHIVE = "archive"
"""The place of the file, in the session and in the URL."""


def import_run() -> None:
    """Shows a button that opens the place for an archive, how far it is, and the run once it is here."""
    box = st.popover(
        _("Import"),
        icon=":material/upload_file:",
        help=_("A run that was exported elsewhere."),
        key="import_run",
        on_change="rerun",
    )
    with box:
        job = _followed_adding()
        if job is None:
            # Before it is opened there is no place for a file, which would stand in the address.
            if box.open or known_upload(ARCHIVE):
                _new_file()
        elif not job.state.final:
            follow_job(job, _("Adding the run …"))
        else:
            _ended(job)


def _new_file() -> None:
    hint = _("A .run.zip file, as the tab “Take away” of a run makes it; up to {limit}.")
    upload = sent_file(ARCHIVE, accept=(".zip",), hint=hint)
    if upload is None:
        return
    here = context()
    try:
        file = SourceFile.of(upload)
    except DlcoreError as error:  # swept away meanwhile
        st.error(say(error), icon=":material/error:")
        return
    request = partial(request_run_unpacking, here.store, file, owner=here.actor.id)
    unpacked = wait_briefly(request())
    if not show_until_done(
        unpacked, _("Checking the archive …"), partial(request, again=True), key="unpack_again"
    ):
        return
    adding = request_run_adding(here.store, unpacked, owner=here.actor.id)
    discard(upload)
    st.session_state.pop(ARCHIVE, None)
    st.query_params.pop(ARCHIVE, None)
    st.session_state[ADDING] = st.query_params[ADDING] = adding.id
    wait_briefly(adding)
    st.rerun()


def _followed_adding() -> Job | None:
    """Returns the job in the URL, else of this session, if any; a reload finds it again."""
    here = context()
    for job_id in (st.query_params.get(ADDING), st.session_state.get(ADDING)):
        job = here.store.jobs.find(job_id) if job_id else None
        if job is not None and job.what == ADDING and job.owner == here.actor.id:
            return job
    _forget()
    return None


def _forget() -> None:
    st.query_params.pop(ADDING, None)
    st.session_state.pop(ADDING, None)


def _ended(job: Job) -> None:
    if job.state is JobState.DONE:
        try:
            _added(imported_run(context().store, job))
        except DlcoreError as error:  # deleted since, or too long ago
            st.info(say(error), icon=":material/info:")
    elif job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")
    else:
        st.info(_("Cancelled; nothing was stored."), icon=":material/cancel:")
    st.button(_("Import another run"), icon=":material/upload_file:", key="import_another", on_click=_forget)


def _added(run: Run) -> None:
    st.success(
        _("**{name}** is here now.").format(name=escape_name(run.name)), icon=":material/check_circle:"
    )
    st.page_link(
        RUN_PAGE, label=_("Open the run"), icon=":material/open_in_new:", query_params={"run": run.id}
    )
    try:
        context().library.facts_in(ExperimentSpec.from_dict(run.spec).dataset)
    except DlcoreError as error:
        words = _("Its dataset is not here, so it cannot be resumed, nor its model exported.")
        st.warning(f"{words} {say(error)}", icon=":material/warning:")
