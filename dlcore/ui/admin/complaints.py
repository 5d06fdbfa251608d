"""What was reported, on the page Administration, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dlcore.access.permissions import Kind
from dlcore.queue.complaints import Case, allow, cases, dismiss, hidden_things, hide
from dlcore.queue.things import name_of
from dlcore.records.complaints import GROUNDS
from dlcore.records.shares import Thing
from dlcore.store.complaints import Hidden
from dlcore.ui.admin.people import member_names, person
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import DATASETS_PAGE, RUN_PAGE, STUDY_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.web.context import context

MOST_SHOWN = 5
"""Complaints about one thing that are shown, the newest."""


def complaints_tab() -> None:
    """Shows a card for each thing that was reported, then what is hidden."""
    here = context()
    found = cases(here.store, actor=here.actor)
    if not found:
        st.info(_("Nothing was reported that is still to be decided."), icon=":material/check_circle:")
    with st.grid(2, min_column_width=340, gap="small"):
        for case in found:
            with st.container(border=True, height="stretch", gap="small"):
                _card(case)
    hidden = hidden_things(here.store, actor=here.actor)
    if hidden:
        st.subheader(_("Hidden"), anchor=False)
        st.caption(_("Their owners cannot share them."))
    for one in hidden:
        _hidden_row(one)


def _card(case: Case) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _title(case.thing, case.name)
        st.badge(_kind_text(case.thing.kind), color="gray")
        if not case.is_shown:
            st.badge(_("no longer shown"), color="gray")
    count = len(case.complaints)
    said = _n("{n} report", "{n} reports", count).format(n=count)
    owner = _("Owner: {name}").format(name=escape_name(person(case.owner, member_names())))
    st.caption(f"{owner} · {said}")
    for one in case.complaints[:MOST_SHOWN]:
        words = f"**{_(GROUNDS[one.ground])}** · {show.time_ago(one.created_at)} · `{one.reporter[:10]}`"
        st.markdown(f"{words}  \n{escape_name(one.words, 500)}" if one.words else words)
    st.space("stretch")
    with st.container(horizontal=True):
        key = f"{case.thing.kind}_{case.thing.name}"
        _button(_("Hide"), "visibility_off", f"admin_hide_{key}", partial(hide, thing=case.thing))
        _button(_("Leave it"), "done", f"admin_dismiss_{key}", partial(dismiss, thing=case.thing))


def _title(thing: Thing, name: str) -> None:
    page, query = {
        Kind.RUN: (RUN_PAGE, {"run": thing.name}),
        Kind.STUDY: (STUDY_PAGE, {"study": thing.name}),
    }.get(thing.kind, (DATASETS_PAGE, {}))
    st.page_link(page, label=f"**{escape_name(name)}**", query_params=query, width="content")


def _kind_text(kind: Kind) -> str:
    return {Kind.RUN: _("Run"), Kind.STUDY: _("Search")}.get(kind, _("Data"))


def _hidden_row(one: Hidden) -> None:
    here = context()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
        _title(one.thing, name_of(here.store, one.thing))
        st.caption(show.time_ago(one.at), width="content")
        st.space("stretch")
        key = f"admin_allow_{one.thing.kind}_{one.thing.name}"
        _button(_("Let it be shared"), "visibility", key, partial(allow, thing=one.thing))


def _button(label: str, icon: str, key: str, action: Callable[..., None]) -> None:
    here = context()
    if st.button(label, icon=f":material/{icon}:", key=key):
        attempt(lambda: action(here.store, actor=here.actor))
