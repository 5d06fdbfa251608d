"""The switch of the search, on the pages whose fields it can vary."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dlcore.field_path import FieldPath
from dlcore.spec import ExperimentSpec
from dlcore.spec.order import Order
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.dimensions import LONGEST, Dimensions
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, _n, say_beside
from dlcore.ui.shared.links import SEARCH_PAGE
from dlcore.ui.shared.markdown import escape_name

MODE = "search_mode"
"""Where the session keeps for which drafts the switches are shown."""


def is_searching(draft: WorkingDraft) -> bool:
    """Returns whether the switches beside the fields are shown;
    at first where something is searched already.
    """
    return bool(st.session_state.get(MODE, {}).get(draft.id, bool(draft.search.space)))


def show_switches(draft: WorkingDraft, *, shown: bool = True) -> None:
    """Shows the switches beside the fields of this draft, or hides them."""
    st.session_state[MODE] = {**st.session_state.get(MODE, {}), draft.id: shown}


def search_mode(draft: WorkingDraft, page: str) -> None:
    """Shows the switch, and the dimensions that no longer fit the draft.

    Args:
        draft: whose.
        page: the name of the page it stands on.
    """
    here = page == "search"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        on = ask(
            f"{draft.id}.{page}.search_mode",
            is_searching(draft),
            lambda key, shown: st.toggle(
                _("Search mode"),
                value=shown,
                key=key,
                persist_state=KEPT,
                help=_("Shows a switch next to each field that lets a search vary it."),
            ),
        )
        show_switches(draft, shown=on)
        if on and not here:
            count = len(draft.search.space)
            text = _n("{n} dimension", "{n} dimensions", count).format(n=count)
            st.badge(text, icon=":material/tune:")
            st.page_link(SEARCH_PAGE, label=_("Define the search"), icon=":material/arrow_forward:")
    if on and not here:
        show_stale(draft)


def searched_dimensions(draft: WorkingDraft, prefix: FieldPath) -> Dimensions | None:
    """Returns the dimensions of a form that edits what is at `prefix`; None while no one searches."""
    return Dimensions.of(draft, prefix) if is_searching(draft) else None


def save(
    draft: WorkingDraft,
    spec: ExperimentSpec,
    space: Dimensions | None,
    orders: Mapping[FieldPath, Order] | None = None,
) -> None:
    """Stores what the user changed in the forms of a page, if anything.

    Args:
        draft: as the page shows it.
        spec: the experiment as the forms leave it.
        space: the dimensions as they leave them; None while no one searches.
        orders: the acts on lists of the experiment, by path from its root.
    """
    search = space.search if space is not None else draft.search
    search = search.rearranged(orders) if orders else search.following(draft.spec, spec)
    if spec != draft.spec or search != draft.search:
        draft.save(spec, search=search)


def show_stale(draft: WorkingDraft) -> None:
    """Shows the dimensions that no longer lead to a field, each with a button that removes it."""
    space = Dimensions.of(draft)
    for path, problem in space.problems.items():
        if path in space.known:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.error(
                f"**{escape_name(path, LONGEST)}** · {say_beside(problem)}",
                icon=":material/error:",
                width="stretch",
            )
            remove_button(draft, path)


def remove_button(draft: WorkingDraft, path: str, *, small: bool = False) -> None:
    """Takes a dimension out of the space."""
    text, key = _("Stop searching: {field}").format(field=path), f"remove.{path}"
    if (
        icon_button(text, "delete", key)
        if small
        else st.button(_("Remove"), icon=":material/delete:", key=key, help=escape_name(text, LONGEST))
    ):
        rest = {other: data for other, data in draft.search.space.items() if other != path}
        draft.save(search=draft.search.with_space(rest))
