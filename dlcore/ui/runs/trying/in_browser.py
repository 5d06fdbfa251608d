"""Models that answer in the visitor's browser: whether they can, their exports, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dlcore.browser.plan import browser_plan
from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.exports.in_browser import browser_obstacle
from dlcore.exports.onnx import Onnx
from dlcore.queue.exports import exported_file, find_export, request_export
from dlcore.queue.wire import Drawing, Given
from dlcore.records import Job, JobState, Run
from dlcore.records.registry import TryPlace, UseKind
from dlcore.ui.components.browser_answer import (
    DRAWING,
    Asked,
    asked_of_server,
    browser_answer,
    browser_verdict,
)
from dlcore.ui.runs.trying.samples import drawing_style
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.trained import ask_model, preparation_of
from dlcore.web.context import context
from dlcore.web.runtime import runtime_urls

ON = "on"
SERVER, BROWSER = "server", "browser"


def choose_place() -> str:
    """Draws the choice of where answers come from, which stands in the address; returns it."""
    names = {SERVER: _("On the server"), BROWSER: _("In this browser")}
    begin(ON, names)
    chosen = st.segmented_control(
        _("Where the model answers"),
        list(names),
        format_func=names.__getitem__,
        default=None if ON in st.session_state else SERVER,
        required=True,
        key=ON,
        label_visibility="collapsed",
    )
    place = chosen or SERVER
    tell(ON, place, first=SERVER)
    return place


def browser_export(run: Run, how: Preparation, *, is_beside: bool = False) -> Job | None:
    """Returns the finished export of a model that can answer in this browser; else says why there is none yet.

    Args:
        run: whose model it is.
        how: its samples were prepared.
        is_beside: whether it is said in a column beside others; elsewhere, the server answers instead.
    """
    obstacle = browser_obstacle(how, context().settings)
    if obstacle is not None:
        text = say(obstacle) if is_beside else f"{say(obstacle)} {_('The server answers instead.')}"
        st.info(text, icon=":material/info:")
        return None
    here = context()
    job = find_export(here.store, run, Onnx.name, owner=here.actor.id)
    if job is None or _is_gone(job):
        try:
            job = wait_briefly(_request(run))
        except DlcoreError as error:  # the data of an added run is somebody else's
            st.error(say(error), icon=":material/error:")
            return None
    title, again = _("Making the model ready for browsers …"), partial(_request, run)
    if show_until_done(job, title, again, key=f"again_browser.{run.id}", border=not is_beside):
        return job
    if not is_beside and not job.state.final:
        st.caption(_("Until then, the server answers."))
    return None


def _is_gone(job: Job) -> bool:
    """Returns whether a job is done, but what it wrote was swept away."""
    if job.state is not JobState.DONE:
        return False
    try:
        exported_file(context().store, job)
    except NotFoundError:
        return True
    return False


def _request(run: Run) -> Job:
    here = context()
    return request_export(here.store, run, Onnx.name, owner=here.actor.id, again=True)


def channel_of(run: Run) -> str:
    """Returns where what is given to a run's model goes within the browser."""
    return f"try.{run.id}"


def answer_in_browser(runs: Sequence[Run], how: Preparation, job: Job) -> None:
    """Draws what each run's model answers to what is given in the browser.

    Args:
        runs: one, or several on the same dataset.
        how: the samples of the first were prepared.
        job: its finished export.
    """
    channel = channel_of(runs[0])
    if len(runs) == 1:
        _answer(runs[0], how, job, channel)
        return
    verdict = st.container()
    for run, column in zip(runs, st.columns(len(runs), gap="medium"), strict=True):
        with column:
            st.markdown(f"**{escape_name(run.name)}**")
            _answer_beside(run, channel)
    with verdict:
        browser_verdict([_key(run) for run in runs], key=f"try_verdict.{channel}")


def _answer_beside(run: Run, channel: str) -> None:
    """Draws what a run's model answers; where it cannot in a browser, why, and the others answer."""
    try:
        how = preparation_of(run)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    job = browser_export(run, how, is_beside=True)
    if job is not None:
        _answer(run, how, job, channel)


def _answer(run: Run, how: Preparation, job: Job, channel: str) -> None:
    _note_use(run)
    plan = browser_plan(how, drawing_style(how))
    source = {**runtime_urls(), "model": f"/api/exports/{job.id}/model.onnx", "plan": plan}
    asked = asked_of_server(_key(run))
    server = None if asked is None else _of_server(run, how, asked, plan["names"])
    browser_answer(source, key=_key(run), channel=channel, server=server)
    _agreement(job)


def _key(run: Run) -> str:
    return f"try_browser.{run.id}"


def _note_use(run: Run) -> None:
    """Counts once a session that the model is tried in a browser: the server does not see each answer."""
    noted = st.session_state.setdefault("try_noted", set())
    if run.id not in noted:
        context().store.registry.note_use(run.id, UseKind.TRY, TryPlace.BROWSER)
        noted.add(run.id)


def _of_server(run: Run, how: Preparation, asked: Asked, names: list[str]) -> Mapping[str, Any]:
    """Returns what the server answers, as the browser is told."""
    given: Given = Drawing(asked.content, drawing_style(how)) if asked.kind == DRAWING else asked.content
    try:
        predictions = ask_model(run, given).predictions
    except DlcoreError as error:
        return {"of": asked.of, "problem": say(error), "values": []}
    assert predictions is not None, "something was given"
    one = predictions[0]
    if one.problem is not None:
        return {"of": asked.of, "problem": say(one.problem), "values": []}
    return {"of": asked.of, "values": [one.values[name] for name in names]}


def _agreement(job: Job) -> None:
    """Says how the exported model agreed with the run's own when it was made."""
    found = exported_file(context().store, job).export.agreement
    if found is not None:
        st.caption(
            _n(
                "Checked when it was made: it differs from the server by at most {value} on {n} test sample.",
                "Checked when it was made: it differs from the server by at most {value} on {n} test samples.",
                found.samples,
            ).format(value=f"{found.difference:.2g}", n=found.samples)
        )
