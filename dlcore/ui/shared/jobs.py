"""Jobs on the pages: progress, a button to cancel, and why one failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue import cancel_job, worker_alive
from dlcore.records import Job, JobState, JobUnit
from dlcore.store import Store
from dlcore.ui.components.live_view import LiveTopic, Progress, View, fingerprint, live_view
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.status import missing_worker
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context

_MOMENT, _LOOK = 1.0, 0.03
"""For how long a page waits for a job before it shows a bar, and how often it looks: most are done by then."""

FOLLOW_MILLISECONDS = 500
"""Between two looks of a page that waits for a job: it shows nothing else until then."""


def wait_briefly(job: Job) -> Job:
    """Waits a moment for a job to end, and returns it; starts a supervisor if allowed."""
    if job.state.final:
        return job
    wake_worker()
    here = context()
    ends = time.monotonic() + _MOMENT
    while worker_alive(here.store, here.settings) and time.monotonic() < ends:
        time.sleep(_LOOK)
        found = here.store.jobs.find(job.id)
        if found is None or found.state.final:
            return found or job
    return job


def job_view(store: Store, job_id: str) -> View:
    """Returns how far a job is."""
    job = store.jobs.find(job_id)
    if job is None:  # swept away, which is how all end
        return View(page=ENDED)
    waits = job.state is JobState.QUEUED
    return View(
        page=ENDED if job.state.final else fingerprint(job.cancel_requested),
        live=not job.state.final,
        caption=_("Waiting for other jobs to end, or for the worker to start.") if waits else "",
        progress=Progress(job.share, _how_far(job)) if job.done else None,
    )


ENDED = "ended"
"""What `View.page` is for a job that has ended."""

JOB = LiveTopic("job", job_view)


def follow_job(job: Job, title: str, *, border: bool = True) -> None:
    """Shows how far a job is; the page runs again when it has ended.

    Args:
        job: one that waits or runs.
        title: what it does, in the reader's language.
        border: whether around it; not where it is in a card.
    """
    with st.container(border=border):
        st.markdown(f":material/hourglass_top: {title}")
        live_view(JOB, job.id, key=f"job.{job.id}", interval=FOLLOW_MILLISECONDS)
        st.caption(_("It continues when you leave this page; the page's address brings you back."))
        if job.owner == context().actor.id:
            _cancel_button(job)
    missing_worker()


def show_until_done(
    job: Job, title: str, again: Callable[..., Any], *, key: str, border: bool = True
) -> bool:
    """Shows how far a job is, or why it ended without a result and a button to try again.

    Args:
        job: any.
        title: what it does, in the reader's language.
        again: asks for it again.
        key: of the button.
        border: whether around the progress; not where it is in a card.

    Returns:
        Whether it is done: nothing is shown then.
    """
    if not job.state.final:
        follow_job(job, title, border=border)
    elif job.state is not JobState.DONE:
        _show_failed(job, again, key=key)
    return job.state is JobState.DONE


def _cancel_button(job: Job) -> None:
    if st.button(
        _("Cancel"), icon=":material/cancel:", key=f"cancel_{job.id}", disabled=job.cancel_requested
    ):
        here = context()
        try:
            cancel_job(here.store, job.id, actor=here.actor)
        except DlcoreError as error:  # it has ended meanwhile
            st.error(say(error), icon=":material/error:")
        else:
            st.rerun()


def _how_far(job: Job) -> str:
    count = show.size if job.unit is JobUnit.BYTES else "{:,}".format
    done, total = job.done, job.total
    words = {
        JobUnit.FILES: (
            _n("{done} of {total} file", "{done} of {total} files", total),
            _n("{done} file", "{done} files", done),
        ),
        JobUnit.ROWS: (
            _n("{done} of {total} row", "{done} of {total} rows", total),
            _n("{done} row", "{done} rows", done),
        ),
        JobUnit.COLUMNS: (
            _n("{done} of {total} column", "{done} of {total} columns", total),
            _n("{done} column", "{done} columns", done),
        ),
    }.get(job.unit, (_("{done} of {total}"), "{done}"))
    return words[not total].format(done=count(done), total=count(total))


def _show_failed(job: Job, again: Callable[..., Any], *, key: str) -> None:
    if job.state is JobState.CANCELLED:
        st.info(_("Cancelled."), icon=":material/cancel:")
    elif job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")
    st.button(_("Try again"), icon=":material/refresh:", key=key, on_click=again)
