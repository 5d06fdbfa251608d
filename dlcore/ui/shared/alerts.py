"""Alerts on the pages: how many there are, what they say, and the browser's notifications of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.records.alerts import ENDINGS, TITLES, Alert
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge
from dlcore.ui.components.notifier import notifier
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say, use_language
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

TOPIC = "alerts"
MOST = 12
"""Alerts in the list of the sidebar, and in one answer to the browser."""


def alerts_menu() -> None:
    """Shows in the sidebar how many alerts there are that were not seen, and the latest of them when it is opened."""
    here = context()
    unseen = here.store.alerts.count_unseen(owner=here.actor)
    name = _n("{n} new alert", "{n} new alerts", unseen).format(n=unseen) if unseen else _("Alerts")
    icon = ":material/notifications_unread:" if unseen else ":material/notifications:"
    box = st.popover(name, icon=icon, key=TOPIC, type="tertiary", on_change="rerun")
    notifier(TOPIC)
    if not box.open:
        return
    with box:
        found = here.store.alerts.latest(owner=here.actor, limit=MOST)
        if not found:
            st.caption(_("Here it says when a run has ended, overfits, diverges or learns no more."))
        for alert in found:
            _line(alert)
        if unseen and st.button(_("Mark all as seen"), key="alerts_seen", icon=":material/done_all:"):
            here.store.alerts.mark_seen(owner=here.actor)
            st.rerun()
        notifier(TOPIC, key="notifier_button", button=True)


def _line(alert: Alert) -> None:
    with st.container(gap=None):
        st.page_link(
            RUN_PAGE,
            label=escape_name(alert.run_name) if alert.seen else f"**{escape_name(alert.run_name)}**",
            query_params={"run": alert.run_id},
        )
        st.caption(f"{say(alert.sign.sentence)} · {show.time_ago(alert.at)}")


def alert_badges(store: Store, run_id: str) -> tuple[Badge, ...]:
    """Returns what the losses of a run show, as badges; how it ended is said by its state."""
    return tuple(
        Badge(_(TITLES[alert.sign.kind]), "orange", icon="warning", help=say(alert.sign.sentence))
        for alert in store.alerts.of_run(run_id)
        if alert.sign.kind not in ENDINGS.values()
    )


def alert_news(store: Store, _subject: str, language: str) -> list[dict[str, Any]]:
    """Returns the alerts that someone has not seen, as the browser tells of them, the newest first."""
    with use_language(language):
        return [
            {"number": one.number, "run": one.run_id, "title": one.run_name, "text": say(one.sign.sentence)}
            for one in store.alerts.latest(owner=context().actor, limit=MOST)
            if not one.seen
        ]
