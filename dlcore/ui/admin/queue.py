"""The queue on the page Administration: all that is at work or waits, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from dlcore.access.permissions import Kind
from dlcore.errors import PermissionDeniedError, StateError
from dlcore.queue.order import Waiting, WholeQueue, put, stop, whole_queue
from dlcore.queue.slots import slots_here
from dlcore.records import Job, Run, Study
from dlcore.store.queue import Spot
from dlcore.text import visible_text
from dlcore.ui.admin.people import member_names, person
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import RUN_PAGE, STUDY_PAGE, address_of
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.speed import span_text, time_left
from dlcore.ui.shared.tables import TableSelection, follow_rows, link_column
from dlcore.web.context import context

SHOWN = "admin_queue_shown"
REFRESH_SECONDS = 5
SHORT_TABLE = 15
"""Rows of a table that is as high as they are; a longer one scrolls."""


@st.fragment(run_every=REFRESH_SECONDS)
def queue_tab() -> None:
    """Shows the queue, again every few seconds."""
    here = context()
    try:
        found = whole_queue(here.store, here.forecasts, actor=here.actor)
    except PermissionDeniedError:  # they were an admin a moment ago
        st.rerun()
    _numbers(found)
    rows = _rows(found)
    if not rows:
        st.info(_("Nothing is at work, and nothing waits."), icon=":material/check_circle:")
        return
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="admin_queue_actions")
    chosen = _table(rows)
    with bar:
        _actions(chosen, [one.run.id for one in found.waiting])


def _numbers(found: WholeQueue) -> None:
    last = found.waiting[-1].wait if found.waiting else None
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        slots = slots_here(context().settings).total
        st.metric(_("Runs at work"), f"{len(found.at_work)} / {slots}", border=True)
        st.metric(_("Runs that wait"), f"{found.length:,}", border=True)
        st.metric(
            _("The last one begins in"), show.rough_duration(last.expected) if last else "–", border=True
        )
        st.metric(_("Searches and jobs"), f"{len(found.searches)} · {len(found.jobs)}", border=True)


def _rows(found: WholeQueue) -> dict[str, dict[str, Any]]:
    """Returns the rows of the table, by the kind and the id of what each is about."""
    rows: list[tuple[Kind, Run | Study | Job, dict[str, Any]]] = [
        *((Kind.RUN, run, _at_work(run)) for run in found.at_work),
        *((Kind.RUN, one.run, _waiting(one)) for one in found.waiting),
    ]
    for study in found.searches:
        title, _color = show.STUDY_STATES[study.state]
        rows.append((Kind.STUDY, study, _row(_("Search"), study, _(title))))
    rows += [(Kind.JOB, job, _row(_("Job"), job, _(job.state.value))) for job in found.jobs]
    names = member_names()
    return {f"{kind}:{item.id}": {**row, "owner": person(item.owner, names)} for kind, item, row in rows}


def _at_work(run: Run) -> dict[str, Any]:
    left = time_left(run)
    ends = _("{time} left").format(time=span_text(left)) if left else None
    if run.stop_requested:
        ends = _("stopping")
    return _row(_("Run"), run, _(show.STATE_NAMES[run.state])) | {"when": ends}


def _waiting(one: Waiting) -> dict[str, Any]:
    parts = [_(show.STATE_NAMES[one.run.state])]
    if one.priority:
        parts.append(_("put to the front") if one.priority > 0 else _("put to the back"))
    begins = _("in {time}").format(time=span_text(one.wait)) if one.wait and one.wait.high else None
    return _row(_("Run"), one.run, " · ".join(parts)) | {"place": one.place, "when": begins}


def _row(kind: str, item: Run | Study | Job, state: str) -> dict[str, Any]:
    return {"what": kind, "name": _link(item), "owner": "", "state": state, "place": None, "when": None}


def _link(item: Run | Study | Job) -> str:
    """Returns the address of the page of a thing, with its name behind the hash; a job has none, and leads nowhere."""
    match item:
        case Run():
            return f"{address_of(RUN_PAGE, {'run': item.id})}#{quote(visible_text(item.name), safe='')}"
        case Study():
            return f"{address_of(STUDY_PAGE, {'study': item.id})}#{quote(visible_text(item.name), safe='')}"
    return f"#{item.what}"


def _table(rows: Mapping[str, dict[str, Any]]) -> list[str]:
    """Shows the rows; returns the keys of those that are chosen."""
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), list(rows))
    frame = pd.DataFrame(list(rows.values()), columns=["place", "name", "owner", "what", "state", "when"])
    event = st.dataframe(
        frame.astype({"place": "Int64"}),
        key=f"admin_queue_{shown.number}",
        selection_default={"selection": {"rows": shown.rows}},
        placeholder="–",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(rows) <= SHORT_TABLE else 560,
        column_config={
            "place": st.column_config.NumberColumn(_("Place"), width=70, help=_("In the queue, 1 is next.")),
            "name": link_column(_("Name")),
            "owner": st.column_config.TextColumn(_("Owner"), width=130),
            "what": st.column_config.TextColumn(_("What"), width=80),
            "state": st.column_config.TextColumn(_("State"), width=200),
            "when": _("Begins or ends"),
        },
        alt=_("Queue"),
    )
    chosen = [key for place, key in enumerate(rows) if place in event.selection.rows]
    st.session_state[SHOWN] = shown.with_chosen(chosen)
    return chosen


def _actions(chosen: Sequence[str], waiting: Sequence[str]) -> None:
    """Shows the buttons, which rest without a choice, so that the table stays in its place."""
    things = [(Kind(kind), name) for kind, _colon, name in (key.partition(":") for key in chosen)]
    runs = [name for kind, name in things if kind is Kind.RUN and name in waiting]
    for spot, label, icon in (
        (Spot.FRONT, _("To the front"), "vertical_align_top"),
        (Spot.BACK, _("To the back"), "vertical_align_bottom"),
        (Spot.USUAL, _("Usual place"), "restart_alt"),
    ):
        if st.button(label, icon=f":material/{icon}:", key=f"admin_put_{spot}", disabled=not runs):
            attempt(_putting(runs, spot))
    if st.button(
        _n("Stop {n}", "Stop {n}", len(things)).format(n=len(things)) if things else _("Stop"),
        icon=":material/stop:",
        key="admin_stop",
        disabled=not things,
        help=_("Runs and searches save where they are; jobs end."),
    ):
        attempt(partial(_stop, things))


def _stop(things: Sequence[tuple[Kind, str]]) -> None:
    here = context()
    for kind, name in things:
        with suppress(StateError):  # it has ended meanwhile
            stop(here.store, kind, name, actor=here.actor)


def _putting(runs: Sequence[str], spot: Spot) -> Callable[[], None]:
    here = context()
    return lambda: put(here.store, runs, spot, actor=here.actor)
