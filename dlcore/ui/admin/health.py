"""Health on the page Administration: what works, which versions, how it is set."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.errors import N_
from dlcore.queue.health import Health, health
from dlcore.queue.readiness import OK
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.web.context import context


def health_tab() -> None:
    """Shows how the place is."""
    here = context()
    found = health(here.store, actor=here.actor)
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container(border=True):
            _parts(found)
        with st.container(border=True):
            st.subheader(_("Versions"), anchor=False)
            st.table({**found.versions, _("Store"): found.database}, border="horizontal")
    _settings(found)


SAID = (
    N_("it does not answer"),
    N_("unknown without the store"),
    N_("ok: none is alive, one is started"),
    N_("none is alive"),
    N_("the home folder cannot be read"),
)
"""What programs are told of parts that are not well; how much of the disk is free stands below it."""


def _parts(found: Health) -> None:
    names = {"store": _("Store"), "supervisor": _("Supervisor"), "disk": _("Disk")}
    st.subheader(_("Parts"), anchor=False)
    for part, said in found.parts.items():
        is_well = said.partition(":")[0] == OK
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            icon = ":material/check_circle:" if is_well else ":material/error:"
            st.badge(names.get(part, part), color="green" if is_well else "red", icon=icon)
            if said != OK:
                st.markdown(escape_markdown(_(said)))
    share = 1 - found.free / found.total
    text = _("{free} of {total} are free").format(free=show.size(found.free), total=show.size(found.total))
    st.progress(min(1.0, max(0.0, share)), text=text)
    worker = found.worker
    if worker is not None:
        words = _("Supervisor of version {version} on {host}, process {pid}; runs at the same time: {slots}")
        st.caption(
            words.format(
                version=worker.program.version,
                host=escape_markdown(worker.host),
                pid=worker.pid,
                slots=worker.slots,
            )
        )
        if worker.trouble is not None:
            st.warning(say(worker.trouble), icon=":material/warning:")


def _settings(found: Health) -> None:
    st.subheader(_("Settings"), anchor=False)
    rows = [
        {"variable": one.variable, "value": one.value or None, "set": None if one.is_usual else _("set")}
        for one in found.settings
    ]
    st.dataframe(
        pd.DataFrame(rows),
        key="admin_settings",
        placeholder="–",
        hide_index=True,
        height=420,
        column_config={
            "variable": st.column_config.TextColumn(_("Variable"), pinned=True, width=230),
            "value": st.column_config.TextColumn(_("Value"), width="large"),
            "set": st.column_config.TextColumn(_("Set"), width=70),
        },
        alt=_("Settings"),
    )
    st.caption(_("Secrets are not shown; those that are set first."))
