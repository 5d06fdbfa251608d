"""The switch of the search, on the pages whose fields it can vary."""

from __future__ import annotations

import streamlit as st

from dlcore.spec import ExperimentSpec
from dlcore.ui.forms.dimensions import Dimensions
from dlcore.ui.shared.drafts import Working, forget_widgets
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.links import SEARCH_PAGE
from dlcore.ui.shared.markdown import plain

MODE = "search_mode"
"""Where the session keeps for which drafts the switches are shown."""

SPACES = "spaces_seen"
"""Where the session keeps the page it is on, and what each page has shown of the space."""


def searching(draft: Working) -> bool:
    """Whether the switches beside the fields are shown; at first where something is searched already."""
    return bool(st.session_state.get(MODE, {}).get(draft.id, bool(draft.search.space)))


def show_switches(draft: Working, *, shown: bool = True) -> None:
    """Shows the switches beside the fields of this draft, or hides them."""
    st.session_state[MODE] = {**st.session_state.get(MODE, {}), draft.id: shown}


def search_mode(draft: Working, page: str) -> None:
    """The switch, and what of the search fits the draft no more.

    Args:
        draft: whose.
        page: the name of the page it stands on.
    """
    _follow(draft, page)
    here = page == "search"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        on = st.toggle(
            _("Search mode"),
            value=searching(draft),
            key=f"{draft.key}.search_mode",
            persist_state="session",
            help=_("Shows beside each field a switch that lets a search vary it."),
        )
        show_switches(draft, shown=on)
        if on and not here:
            st.badge(_("{n} dimensions").format(n=len(draft.search.space)), icon=":material/tune:")
            st.page_link(SEARCH_PAGE, label=_("Define the search"), icon=":material/arrow_forward:")
    if on and not here:
        stale(draft)


def _follow(draft: Working, page: str) -> None:
    """Lets the widgets of a page follow what another one changed, or they would write the old values back."""
    last, spaces = st.session_state.get(SPACES, ("", {}))
    now = (draft.id, dict(draft.search.space))
    if last != page and page in spaces and spaces[page] != now:
        forget_widgets()
    st.session_state[SPACES] = (page, {**spaces, page: now})


def searched(draft: Working, prefix: str) -> Dimensions | None:
    """The dimensions of a form that edits what is at `prefix`; None while nobody searches."""
    return Dimensions.of(draft, prefix) if searching(draft) else None


def save(draft: Working, spec: ExperimentSpec, space: Dimensions | None) -> None:
    """Stores what the forms of a page changed of the experiment, and of what is searched of it."""
    if space is not None and space.changed:
        draft.save(spec, search=space.search.following(draft.spec, spec))
    elif spec != draft.spec:
        draft.save(spec)


def stale(draft: Working) -> None:
    """The dimensions that lead to no field any more, each with a button that removes it."""
    space = Dimensions.of(draft)
    for path, problem in space.problems.items():
        if path in space.known:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.error(f"**{plain(path)}** · {say_beside(problem)}", icon=":material/error:", width="stretch")
            remove_button(draft, path)


def remove_button(draft: Working, path: str, *, small: bool = False) -> None:
    """Takes a dimension out of the space."""
    if st.button(
        "" if small else _("Remove"),
        icon=":material/delete:",
        key=f"remove.{path}",
        type="tertiary" if small else "secondary",
        help=_("Search no longer: {field}").format(field=plain(path)),
    ):
        rest = {other: data for other, data in draft.search.space.items() if other != path}
        forget_widgets()
        draft.save(search=draft.search.with_space(rest))
