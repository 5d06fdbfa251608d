"""The audit log on the page Administration: who did what, the newest first."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from dlcore.access.actors import Role
from dlcore.queue.health import audit_tail
from dlcore.text import visible_text
from dlcore.ui.admin.people import member_names, person, role_text
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.tables import date_column
from dlcore.web.context import context

COUNT = 200
SHORT_TABLE = 15


def log_tab() -> None:
    """Shows the newest lines."""
    here, names = context(), member_names()
    lines = audit_tail(here.store, COUNT, actor=here.actor)
    if not lines:
        st.info(_("Nothing was noted yet."), icon=":material/info:")
        return
    roles = {role.value: role_text(role) for role in Role}
    rows = [
        {
            "at": datetime.fromisoformat(str(line["at"])),
            "who": person(str(line["actor"]), names),
            "role": roles.get(line["role"], str(line["role"])),
            "what": visible_text(str(line["what"])),
            "name": visible_text(str(line.get("name", ""))) or None,
            "refused": _("refused") if line.get("refused") else None,
            "from": visible_text(str(line["from"])),
        }
        for line in lines
    ]
    st.dataframe(
        pd.DataFrame(rows),
        key="admin_log",
        placeholder="–",
        hide_index=True,
        height="content" if len(rows) <= SHORT_TABLE else 560,
        column_config={
            "at": date_column(_("When")),
            "who": _("Who"),
            "role": _("Role"),
            "what": _("What"),
            "name": st.column_config.TextColumn(_("To what"), width=280),
            "refused": "",
            "from": _("From where"),
        },
        alt=_("Audit log"),
    )
    st.caption(
        _("The newest {n}; all of it: {command}").format(
            n=len(rows), command="`python -m dlcore audit --json`"
        )
    )
