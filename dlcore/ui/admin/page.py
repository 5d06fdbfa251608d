"""The page Administration of a hosted dashboard: whoever looks after it sees there how it is, and does what has to be done.

The router names it to admins alone; whatever it shows or does comes from functions that check who asks, too.
"""

from __future__ import annotations

import streamlit as st

from dlcore.access.permissions import check_admin
from dlcore.errors import PermissionDeniedError
from dlcore.queue.complaints import count_cases
from dlcore.ui.admin.complaints import complaints_tab
from dlcore.ui.admin.health import health_tab
from dlcore.ui.admin.log import log_tab
from dlcore.ui.admin.members import members_tab
from dlcore.ui.admin.queue import queue_tab
from dlcore.ui.admin.usage import usage_tab
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.i18n import _, _n
from dlcore.web.context import context

VIEW = "view"


def admin_page() -> None:
    """Draws the page; nothing for anybody but admins."""
    here = context()
    try:
        check_admin(here.actor, "admin.look")
    except PermissionDeniedError:
        st.stop()
    count = count_cases(here.store, actor=here.actor)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(_("Administration"), anchor=False, width="content")
        if count:
            text = _n("{n} report to decide", "{n} reports to decide", count).format(n=count)
            st.badge(text, icon=":material/flag:", color="orange")
    views = {
        "queue": (_("Queue"), queue_tab),
        "usage": (_("Usage"), usage_tab),
        "reports": (_("Reports"), complaints_tab),
        "members": (_("Members"), members_tab),
        "health": (_("Health"), health_tab),
        "log": (_("Audit log"), log_tab),
    }
    for name, tab in tabs({name: title for name, (title, _view) in views.items()}, key=VIEW).items():
        with tab:
            views[name][1]()
