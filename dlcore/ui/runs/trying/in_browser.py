"""A model that answers in the visitor's browser: whether it can, its export, and both sides of the tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.browser.plan import browser_plan, can_be_drawn
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
    picture_place,
)
from dlcore.ui.components.sheet import sheet
from dlcore.ui.runs.trying.models import ask_model
from dlcore.ui.runs.trying.samples import drawing_style
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context
from dlcore.web.runtime import runtime_urls

ON = "on"
SERVER, BROWSER = "server", "browser"
_DRAW, _OPEN = "draw", "open"


def choose_place() -> str:
    """Draws the choice of where answers come from, which stands in the address; returns it."""
    names = {SERVER: _("On the server"), BROWSER: _("In this browser")}
    begin(ON, names)
    st.segmented_control(
        _("Where the model answers"),
        list(names),
        format_func=names.__getitem__,
        default=None if ON in st.session_state else SERVER,
        required=True,
        key=ON,
        label_visibility="collapsed",
    )
    chosen: str = st.session_state[ON]
    tell(ON, chosen, first=SERVER)
    return chosen


def browser_export(run: Run, how: Preparation) -> Job | None:
    """Returns the finished export of a model that can answer in this browser; else says why there is none."""
    obstacle = browser_obstacle(how, context().settings)
    if obstacle is not None:
        st.info(f"{say(obstacle)} {_('The server answers instead.')}", icon=":material/info:")
        return None
    return _exported(run)


def _exported(run: Run) -> Job | None:
    here = context()
    job = find_export(here.store, run, Onnx.name, owner=here.actor)
    if job is None or _is_gone(job):
        job = wait_briefly(_request(run))
    if show_until_done(
        job, _("Making the model ready for browsers …"), partial(_request, run), key="again_browser"
    ):
        return job
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
    return request_export(here.store, run, Onnx.name, owner=here.actor, again=True)


def answer_in_browser(
    run: Run, how: Preparation, job: Job, left: DeltaGenerator, right: DeltaGenerator
) -> None:
    """Draws both sides: what is given stays in the browser, unless the server is asked, too."""
    channel, key = f"try.{run.id}", f"try_browser.{run.id}"
    _note_use(run)
    with left:
        _ways(how)[_choose_way(how)][1](channel)
    plan = browser_plan(how, drawing_style(how))
    source = {**runtime_urls(), "model": f"/api/exports/{job.id}/model.onnx", "plan": plan}
    asked = asked_of_server(key)
    with right:
        server = None if asked is None else _of_server(run, how, asked, plan["names"])
        browser_answer(source, key=key, channel=channel, server=server)
        _agreement(job)


def _note_use(run: Run) -> None:
    """Counts once a session that the model is tried in a browser: the server does not see each answer."""
    noted = st.session_state.setdefault("try_noted", set())
    if run.id not in noted:
        context().store.registry.note_use(run.id, UseKind.TRY, TryPlace.BROWSER)
        noted.add(run.id)


def _ways(how: Preparation) -> dict[str, tuple[str, Callable[[str], None]]]:
    ways: dict[str, tuple[str, Callable[[str], None]]] = {_OPEN: (_("Open a picture"), _open)}
    return {_DRAW: (_("Draw it"), _draw), **ways} if can_be_drawn(how) else ways


def _choose_way(how: Preparation) -> str:
    ways = _ways(how)
    return st.segmented_control(
        _("What you give"),
        list(ways),
        format_func=lambda name: ways[name][0],
        default=next(iter(ways)),
        required=True,
        key=f"try_browser_way.{len(ways)}",
        label_visibility="collapsed",
    )


def _draw(channel: str) -> None:
    sheet(key="try_sheet", channel=channel)
    st.caption(_("Draw with the mouse or a finger."))


def _open(channel: str) -> None:
    picture_place(key="try_place", channel=channel)


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
