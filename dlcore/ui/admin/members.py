"""Members on the page Administration: who they are, and who may not come in any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dlcore.queue.members import block, members, sign_out
from dlcore.settings import Mode
from dlcore.store.members import Member
from dlcore.text import visible_text
from dlcore.ui.admin.people import role_text
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.tables import TableSelection, date_column, follow_rows
from dlcore.web.context import context

SHOWN = "admin_members_shown"
SHORT_TABLE = 15


def members_tab() -> None:
    """Shows the members, and what can be done about the chosen one."""
    here = context()
    found = members(here.store, actor=here.actor)
    if not found:
        words = _("Nobody has signed in yet.") if here.settings.has_sign_in else _("Nobody can sign in here.")
        st.info(words, icon=":material/info:")
        return
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    chosen = _table(found)
    with bar:
        _actions(chosen)
    if here.settings.mode is Mode.DEMO:
        st.caption(_("Visitors are not listed here: they need not sign in."))


def _table(found: Sequence[Member]) -> Member | None:
    """Shows the rows; returns the chosen one."""
    rows = [
        {
            "name": visible_text(one.name),
            "email": visible_text(one.email) or None,
            "role": role_text(one.actor.role),
            "state": _("blocked") if one.is_blocked else None,
            "first": datetime.fromtimestamp(one.first_seen, UTC),
            "last": datetime.fromtimestamp(one.last_seen, UTC),
            "id": one.actor.id,
        }
        for one in found
    ]
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [one.actor.id for one in found])
    event = st.dataframe(
        pd.DataFrame(rows),
        key=f"admin_members_{shown.number}",
        selection_default={"selection": {"rows": shown.rows}},
        placeholder="–",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(rows) <= SHORT_TABLE else 480,
        column_config={
            "name": st.column_config.TextColumn(_("Name"), pinned=True, width=180),
            "email": _("E-mail"),
            "role": _("Role"),
            "state": _("State"),
            "first": date_column(_("First here")),
            "last": date_column(_("Last here")),
            "id": _("Id"),
        },
        alt=_("Members"),
    )
    chosen = [one for place, one in enumerate(found) if place in event.selection.rows]
    st.session_state[SHOWN] = shown.with_chosen(one.actor.id for one in chosen)
    return chosen[0] if chosen else None


def _actions(one: Member | None) -> None:
    here = context()
    is_blocked = one is not None and one.is_blocked
    is_me = one is not None and one.actor.id == here.actor.id
    if (
        st.button(
            _("Sign out everywhere"),
            icon=":material/devices_off:",
            key="admin_sign_out",
            disabled=one is None or is_me,
        )
        and one is not None
    ):
        attempt(partial(sign_out, here.store, one.actor.id, actor=here.actor))
    if is_blocked and one is not None:
        if st.button(_("Unblock"), icon=":material/lock_open:", key="admin_unblock"):
            attempt(partial(block, here.store, one.actor.id, blocked=False, actor=here.actor))
    elif (
        st.button(
            _("Block member"), icon=":material/block:", key="admin_block", disabled=one is None or is_me
        )
        and one
    ):
        _confirm_block(one)


def _confirm_block(one: Member) -> None:
    here = context()

    def act() -> None:
        block(here.store, one.actor.id, blocked=True, actor=here.actor)
        st.rerun()

    ask(
        Question(
            _("Block this member?"),
            _("They are signed out everywhere and cannot sign in again. What they made stays."),
            _("Block member"),
            act,
            names=[one.name],
            icon="block",
            key="admin_block_sure",
        )
    )
