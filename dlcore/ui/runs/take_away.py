"""What a run can be taken away as: each format with what it is for, how far it is, and how well it agrees."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.exports import EXPORTS, Agreement, Format, Group
from dlcore.exports.base import check_size
from dlcore.exports.in_browser import browser_obstacle
from dlcore.queue.exports import ExportedFile, exported_file, find_export, request_export
from dlcore.records import Job, JobState, Run
from dlcore.records.artifacts import MODEL_FILE
from dlcore.ui.runs.keeping import keep_button, kept_as
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, language, say, say_beside
from dlcore.ui.shared.jobs import follow_job, wait_briefly
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.ui.shared.trained import preparation_of
from dlcore.web.context import context

WITH_MODEL = "take_away_model"
WIDTH = 420
"""Least width of a format's card, in pixels."""


def take_away(run: Run) -> None:
    """Shows the formats, and what was exported."""
    if not (context().store.artifacts.folder(run.id) / MODEL_FILE).is_file():
        st.info(_("Available once an epoch is done."), icon=":material/hourglass_empty:")
        return
    if run.state.final:
        with st.container(horizontal=True, vertical_alignment="center"):
            keep_button(run)
            kept_as(context().store.registry.of_run(run.id))
    st.caption(
        _(
            "An exported model first answers test samples in the runtime that it is for, and must agree with this run."
        )
    )
    how = _preparation(run)
    for group in Group:
        formats = [made for made in EXPORTS.values() if made.group is group]
        st.subheader(_(group.value))
        with st.grid(2, min_column_width=WIDTH, gap="small"):
            for made in formats:
                _card(run, made, how)


def _preparation(run: Run) -> Preparation | None:
    """Returns how the run's samples were prepared; None where that is not known, which an export says."""
    try:
        return preparation_of(run)
    except DlcoreError:
        return None


def _obstacle(made: Format, how: Preparation | None) -> str:
    """Returns why the run cannot be taken away in a format, in the reader's language; empty where it can."""
    if made.install:
        return _("Install on this server first: `{line}`").format(line=made.install)
    try:
        if how is not None:
            check_size(made, how)
    except DlcoreError as error:
        return say_beside(error)
    return ""


def _card(run: Run, made: Format, how: Preparation | None) -> None:
    here, obstacle = context(), _obstacle(made, how)
    holds_model = made.can_hold_model and bool(st.session_state.get(WITH_MODEL))
    job = find_export(
        here.store, run, made.name, owner=here.actor.id, language=language(), holds_model=holds_model
    )
    done = _file(job)
    with st.container(border=True, gap="xsmall", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{escape_markdown(_(made.title))}**")
                st.caption(_(made.summary))
            if done is not None and job is not None:
                _download(job, made)
            elif not obstacle and (job is None or job.state.final):
                _button(run, made, holds_model=holds_model)
        if made.can_hold_model:
            _choose_model(run)
        if obstacle:
            st.caption(obstacle)
        elif job is not None and not job.state.final:
            follow_job(job, _("Exporting …"), border=False)
        elif job is not None and job.state is JobState.FAILED and job.reason is not None:
            st.error(say(job.reason), icon=":material/error:")
        elif done is not None:
            st.markdown(f":small[{_facts(done)}]")


def _choose_model(run: Run) -> None:
    """Draws the choice whether a report holds the model to try, or says why it cannot."""
    try:
        obstacle = browser_obstacle(preparation_of(run), context().settings)
    except DlcoreError as error:
        obstacle = error.message
    if obstacle is not None:
        st.session_state[WITH_MODEL] = False
    st.checkbox(
        _("With the model to try"),
        key=WITH_MODEL,
        disabled=obstacle is not None,
        help=_(
            "Draw or open a picture in the report, and the model in it answers; about 5 MB more, and the model."
        ),
    )
    if obstacle is not None:
        st.caption(say(obstacle))


def _download(job: Job, made: Format) -> None:
    st.link_button(
        _("Download"), f"/api/exports/{job.id}", icon=":material/download:", key=f"download_{made.name}"
    )


def _file(job: Job | None) -> ExportedFile | None:
    """Returns what a job has written, if it has and that is still kept."""
    if job is None or job.state is not JobState.DONE:
        return None
    try:
        return exported_file(context().store, job)
    except NotFoundError:
        return None


def _button(run: Run, made: Format, *, holds_model: bool) -> None:
    if not st.button(_("Export"), icon=":material/ios_share:", key=f"export_{made.name}"):
        return
    here = context()
    try:
        job = request_export(
            here.store,
            run,
            made.name,
            owner=here.actor.id,
            language=language(),
            holds_model=holds_model,
            again=True,
        )
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    wait_briefly(job)
    st.rerun()


def _facts(done: ExportedFile) -> str:
    """Returns the size, how well it agrees, and how long it takes, in a line."""
    said = [f":material/check_circle: {show.size(done.export.bytes)}"]
    if done.export.agreement is not None:
        said += _agreement(done.export.agreement)
    return " · ".join(said)


def _agreement(found: Agreement) -> list[str]:
    said = [
        _n(
            "differs by at most {value} on {n} test sample",
            "differs by at most {value} on {n} test samples",
            found.samples,
        ).format(value=f"{found.difference:.2g}", n=found.samples)
    ]
    labels = show.labels()
    for name, before in found.before.items():
        after = found.after[name]
        if show.metric(name, before) != show.metric(name, after):
            said.append(f"{labels.get(name, name)} {show.metric(name, before)} → {show.metric(name, after)}")
    return [*said, _("{time} for one sample").format(time=f"{found.milliseconds:.2g} ms")]
