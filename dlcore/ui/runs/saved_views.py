"""Views of the table of runs that are kept by a name: its filter, its order, its columns and its groups."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.store.views import LONGEST_NAME, SavedView
from dlcore.ui.runs.columns import URL as COLUMNS
from dlcore.ui.runs.filter_line import LINE, SORT
from dlcore.ui.runs.groups import URL as GROUP
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

PARAMETERS = (LINE, SORT, COLUMNS, GROUP)
"""Those of the address that make a view."""


def saved_views() -> None:
    """Shows the views to open or delete, and a field to keep what the table shows now."""
    here = context()
    with st.popover(_("Views"), icon=":material/bookmark:"):
        for view in here.store.views.list(owner=here.actor.id):
            with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                if st.button(
                    escape_name(view.name),
                    key=f"view.{view.name}",
                    type="tertiary",
                    on_click=_open,
                    args=(view.query,),
                    width="stretch",
                ):
                    st.rerun()
                if icon_button(
                    _("Delete the view {name}").format(name=view.name), "delete", f"view_gone.{view.name}"
                ):
                    here.store.views.delete(view.name, owner=here.actor.id)
                    st.rerun()
        with st.form("save_view", border=False, clear_on_submit=True):
            name = st.text_input(
                _("Save this view as"),
                max_chars=LONGEST_NAME,
                key="view_name",
                help=_("Filter, order, columns and groups; a view of the same name is replaced."),
            )
            if st.form_submit_button(_("Save"), key="view_save") and _save(name):
                st.rerun()


def _open(query: Mapping[str, str]) -> None:
    """Shows a view; a callback, for a widget cannot be written once it is drawn."""
    for name in PARAMETERS[1:]:
        st.query_params.pop(name, None)
    st.session_state[LINE] = query.get(LINE, "")
    st.query_params.update({key: value for key, value in query.items() if key != LINE})


def _save(name: str) -> bool:
    here = context()
    query = {key: value for key in PARAMETERS if (value := _current(key))}
    try:
        here.store.views.save(SavedView(name, query), owner=here.actor.id)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return False
    return True


def _current(key: str) -> str:
    # The address follows the line of the filter only once the browser has heard of it.
    return str((st.session_state.get(LINE) if key == LINE else st.query_params.get(key)) or "")
