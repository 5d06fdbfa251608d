"""Who uses how much, on the page Administration; and what one owner has left, and may use instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dlcore.access.actors import Role
from dlcore.budgets import Limit
from dlcore.queue.disk import DiskUse
from dlcore.queue.own_budgets import account_of, own_budgets, set_budget
from dlcore.queue.usage import disk_uses, usage
from dlcore.store.ids import short_id
from dlcore.store.usage import OwnerUse
from dlcore.ui.admin.people import member_names, person, role_text
from dlcore.ui.shared.budget import limits_table
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.tables import TableSelection, date_column, follow_rows
from dlcore.web.context import context

SHOWN = "admin_usage_shown"
MEASURED = "admin_disk"
SHORT_TABLE = 15


def usage_tab() -> None:
    """Shows a row for each owner, and the budget of the chosen one."""
    here = context()
    found = usage(here.store, actor=here.actor)
    if not found:
        st.info(_("Nobody has made anything yet."), icon=":material/info:")
        return
    _disk_button()
    owner = _table(found)
    if owner is None:
        st.caption(_("Choose a row to see what is left of a budget, and to change it."))
        return
    _budget(owner)


def _disk_button() -> None:
    """Offers to measure the disk, which reads every folder; what was measured stays for the session."""
    here = context()
    if st.button(
        _("Measure the disk"),
        icon=":material/hard_drive:",
        key="admin_measure",
        help=_("Counts the files of everybody, which takes a while where there are many."),
    ):
        with st.spinner(_("Measuring …")):
            st.session_state[MEASURED] = disk_uses(here.store, actor=here.actor)


def _table(found: Sequence[OwnerUse]) -> OwnerUse | None:
    """Shows the rows; returns the chosen one."""
    here, names = context(), member_names()
    disk: Mapping[str, DiskUse] | None = st.session_state.get(MEASURED)
    own = own_budgets(here.store, actor=here.actor)
    rows = [
        {
            "owner": person(one.owner, names),
            "minutes": round(one.seconds / 60, 1),
            "work": one.at_work,
            "waiting": one.waiting,
            "runs": one.runs,
            "searches": one.searches,
            "disk": None if disk is None else disk.get(one.owner, DiskUse()).total / 1e6,
            "budget": own.get(one.owner),
            "role": role_text(one.role),
            "seen": None if one.last_seen is None else datetime.fromtimestamp(one.last_seen, UTC),
        }
        for one in found
    ]
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [one.owner for one in found])
    event = st.dataframe(
        pd.DataFrame(rows),
        key=f"admin_usage_{shown.number}",
        selection_default={"selection": {"rows": shown.rows}},
        placeholder="–",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(rows) <= SHORT_TABLE else 480,
        column_config={
            "owner": st.column_config.TextColumn(_("Owner"), pinned=True, width=150),
            "role": _("Role"),
            "seen": date_column(_("Last here")),
            "minutes": st.column_config.NumberColumn(
                _("Minutes"), format="%.1f", help=_("For which their runs had a slot in the last 24 hours.")
            ),
            "work": _("At work"),
            "waiting": _("Waiting"),
            "runs": _("Runs"),
            "searches": _("Searches"),
            "disk": st.column_config.NumberColumn(_("Disk, MB"), format="%.1f"),
            "budget": _("Own budget"),
        },
        alt=_("Usage"),
    )
    chosen = [one for place, one in enumerate(found) if place in event.selection.rows]
    st.session_state[SHOWN] = shown.with_chosen(one.owner for one in chosen)
    return chosen[0] if chosen else None


def _budget(one: OwnerUse) -> None:
    """Shows what an owner has left, and lets them have something else."""
    here = context()
    with st.container(border=True, key="admin_budget"):
        title = _("What is left for {name}").format(name=escape_name(one.name or short_id(one.owner)))
        st.subheader(title, anchor=False)
        left, right = st.columns([3, 2], gap="large")
        with left:
            rows = limits_table(account_of(here.store, one.owner, actor=here.actor))
            if rows:
                st.table(rows, border="horizontal")
            else:
                st.caption(_("Nothing is limited for them."))
        with right:
            if one.role in (Role.VISITOR, Role.MEMBER):
                _own_budget(one)


def _own_budget(one: OwnerUse) -> None:
    """Shows what differs for an owner, to be changed."""
    here, names = context(), ", ".join(f"`{limit}`" for limit in Limit)
    with st.form("admin_budget_form", border=False):
        changes = st.text_input(
            _("Own budget"),
            value=own_budgets(here.store, actor=here.actor).get(one.owner, ""),
            key=f"admin_budget_{one.owner}",
            placeholder="minutes=60,epochs=none",
        )
        words = _(
            "What differs from others of their role; empty: nothing. `none` takes a limit away. Limits: {names}"
        )
        st.caption(words.format(names=names))
        saved = st.form_submit_button(_("Save"), icon=":material/save:", type="primary")
    if saved:
        attempt(partial(set_budget, here.store, one.owner, changes, actor=here.actor))
