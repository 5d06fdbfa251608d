"""The page Account of a hosted dashboard: what is left, what is yours, all of it as one file, and its end."""

from __future__ import annotations

import streamlit as st

from dlcore.access.actors import Role
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.queue.departures import leave
from dlcore.queue.disk import DiskUse
from dlcore.queue.exports import exported_file, find_belongings, request_belongings
from dlcore.records import Job, JobState
from dlcore.ui.shared import format as show
from dlcore.ui.shared.budget import account, limits_table
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.links import DATASETS_PAGE, RUNS_PAGE
from dlcore.web.context import context


def account_page() -> None:
    """Draws the page."""
    st.title(_("Account"), anchor=False)
    _who()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _budget()
    with right:
        _things()
        _take_away()
        _end()


def _who() -> None:
    here = context()
    if here.actor.role is not Role.VISITOR:
        return
    days = here.settings.visitor_days
    st.caption(
        _n(
            "You are a visitor: this browser alone knows you, by a cookie. All that you make is removed {n} day "
            "after your last visit.",
            "You are a visitor: this browser alone knows you, by a cookie. All that you make is removed {n} days "
            "after your last visit.",
            days,
        ).format(n=days)
    )


def _budget() -> None:
    with st.container(border=True):
        st.subheader(_("What is left for you"), anchor=False)
        rows = limits_table(account())
        if not rows:
            st.caption(_("Nothing is limited for you."))
            return
        st.table(rows, border="horizontal")
        st.caption(_("Minutes and uploads are counted over the last 24 hours."))


def _things() -> None:
    here, use = context(), account().disk()
    owner = here.actor.id
    runs = here.store.runs.count(owner=owner, trials=True)
    searches = len(here.store.studies.states(owner=owner, limit=10_000))
    drafts = len(here.store.drafts.unstarted(owner=owner))
    with st.container(border=True):
        st.subheader(_("What is yours"), anchor=False)
        counts = [
            _n("{n} run", "{n} runs", runs).format(n=runs),
            _n("{n} search", "{n} searches", searches).format(n=searches),
            _n("{n} draft", "{n} drafts", drafts).format(n=drafts),
        ]
        st.markdown(" · ".join(counts))
        st.table(_sizes(use), border="horizontal")
        with st.container(horizontal=True):
            st.page_link(RUNS_PAGE, label=_("Experiments"), icon=":material/experiment:", width="content")
            st.page_link(DATASETS_PAGE, label=_("Data"), icon=":material/database:", width="content")


def _sizes(use: DiskUse) -> dict[str, str]:
    sizes = {
        _("Runs"): use.runs,
        _("Datasets"): use.datasets,
        _("Models"): use.models,
        _("Word vectors"): use.vectors,
        _("Uploads and results of jobs"): use.uploads + use.jobs,
    }
    return {
        name: show.size(size)
        for name, size in {**sizes, _("In all"): use.total}.items()
        if size or name == _("In all")
    }


def _take_away() -> None:
    here = context()
    with st.container(border=True):
        st.subheader(_("Take all of it with you"), anchor=False)
        st.caption(_("One zip: each run as `import-run` takes it, searches, drafts, datasets and models."))
        job = find_belongings(here.store, owner=here.actor.id)
        if job is not None and not show_until_done(
            job, _("Packing …"), _pack, key="pack_again", border=False
        ):
            return
        if job is not None:
            _download(job)
        if st.button(
            _("Pack again") if job is not None else _("Pack everything"),
            icon=":material/folder_zip:",
            key="pack",
        ):
            _pack()
            st.rerun()


def _pack() -> None:
    here = context()
    try:
        wait_briefly(request_belongings(here.store, owner=here.actor.id))
    except DlcoreError as error:
        st.toast(say(error), icon=":material/error:")


def _download(job: Job) -> None:
    try:
        found = exported_file(context().store, job)
    except NotFoundError:  # swept away
        return
    assert job.state is JobState.DONE
    st.link_button(
        _("Download ({size})").format(size=show.size(found.export.bytes)),
        f"/api/exports/{job.id}",
        type="primary",
        icon=":material/download:",
        key="download_all",
    )


def _end() -> None:
    with st.container(border=True):
        st.subheader(_("Delete all of it"), anchor=False)
        st.caption(_("Ends your visit, and removes all that you have made here."))
        if st.button(_("Delete everything"), icon=":material/delete_forever:", key="leave"):
            ask(
                Question(
                    _("Delete everything?"),
                    _(
                        "Runs that are at work are stopped. Runs, searches, drafts, datasets and models are removed, "
                        "and your visit ends. This cannot be undone."
                    ),
                    _("Delete everything"),
                    _leave,
                    icon="delete_forever",
                    key="leave_sure",
                )
            )


def _leave() -> None:
    here = context()
    leave(here.store)
    if here.member is not None:
        here.sign_ins.end_all(here.actor)
        st.logout()
    here.identities.forget(here.actor)
    # The page says then that the visit has ended.
    st.rerun()
