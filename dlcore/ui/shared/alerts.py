"""Alerts on the pages: how many there are, what they say, and the browser's notifications of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dlcore.records import Run, Study
from dlcore.records.alerts import ENDINGS, STUDY_ENDINGS, TITLES, Alert
from dlcore.records.kinds import RUN
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge
from dlcore.ui.components.notifier import notifier
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say, use_language
from dlcore.ui.shared.links import RUN_PAGE, STUDY_PAGE, address_of
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

TOPIC = "alerts"
MOST = 12
"""Alerts in the list of the sidebar, and in one answer to the browser."""


def alerts_menu() -> None:
    """Shows in the sidebar how many alerts there are that were not seen, and the latest of them when it is opened."""
    here = context()
    unseen = here.store.alerts.count_unseen(owner=here.actor.id)
    name = _n("{n} new alert", "{n} new alerts", unseen).format(n=unseen) if unseen else _("Alerts")
    icon = ":material/notifications_unread:" if unseen else ":material/notifications:"
    box = st.popover(name, icon=icon, key=TOPIC, type="tertiary", on_change="rerun")
    notifier(TOPIC)
    if not box.open:
        return
    with box:
        found = here.store.alerts.latest(owner=here.actor.id, limit=MOST)
        if not found:
            st.caption(
                _(
                    "Here it says when a run or a search has ended, and when a run overfits, diverges or learns no more."
                )
            )
        for alert in found:
            _line(alert)
        if unseen and st.button(_("Mark all as seen"), key="alerts_seen", icon=":material/done_all:"):
            here.store.alerts.mark_seen(owner=here.actor.id)
            st.rerun()
        notifier(TOPIC, key="notifier_button", button=True)


def _line(alert: Alert) -> None:
    name, (page, query) = escape_name(alert.name), _page_of(alert)
    with st.container(gap=None):
        icon = "monitoring" if alert.about == RUN else "query_stats"  # as on the cards of what is at work
        label = name if alert.seen else f"**{name}**"
        st.page_link(page, label=label, icon=f":material/{icon}:", query_params=query)
        st.caption(f"{say(alert.sign.sentence)} · {show.time_ago(alert.at)}")


def _page_of(alert: Alert) -> tuple[str, dict[str, str]]:
    """Returns the page of what an alert is about, and its parameters."""
    page, parameter = (RUN_PAGE, "run") if alert.about == RUN else (STUDY_PAGE, "study")
    return page, {parameter: alert.item_id}


def alert_badges(found: Sequence[Alert]) -> tuple[Badge, ...]:
    """Returns what the losses of a run show, or of the trials of a study, as badges.

    How it ended itself is said by its state.
    """
    endings = {*ENDINGS.values(), *STUDY_ENDINGS.values()}
    return tuple(
        Badge(_badge_text(alert), "orange", icon="warning", help=say(alert.sign.sentence))
        for alert in found
        if alert.sign.kind not in endings or alert.sign.trials is not None
    )


def _badge_text(alert: Alert) -> str:
    title = _(TITLES[alert.sign.kind])
    return title if alert.sign.trials is None else f"{title}: {alert.sign.trials:,}"


def see_alerts(item: Run | Study, found: Sequence[Alert]) -> None:
    """Notes that the owner of a run or a study has opened it.

    Args:
        item: what is open.
        found: its alerts.
    """
    here = context()
    if item.owner == here.actor.id and not all(alert.seen for alert in found):
        here.store.alerts.mark_seen(owner=here.actor.id, item_id=item.id)


def alert_news(store: Store, _subject: str, language: str) -> list[dict[str, Any]]:
    """Returns the alerts that someone has not seen, as the browser tells of them, the newest first."""
    with use_language(language):
        return [
            {
                "number": one.number,
                "address": f"/{address_of(*_page_of(one))}",
                "title": one.name,
                "text": say(one.sign.sentence),
            }
            for one in store.alerts.latest(owner=context().actor.id, limit=MOST)
            if not one.seen
        ]
