"""Whether an experiment is a single run or a search, and what is searched of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dlcore.errors import SpecError
from dlcore.field_path import FieldPath
from dlcore.spec import ExperimentSpec
from dlcore.spec.order import Order
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.dimensions import LONGEST, Dimensions
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import escape_name

RUN, SEARCH = "run", "search"
"""What an experiment can be."""


def is_searching(draft: WorkingDraft) -> bool:
    """Returns whether the experiment is a search, so that a switch is beside each field that one can vary."""
    return draft.search.active


def choose_mode(draft: WorkingDraft, page: str) -> None:
    """Shows the choice between a single run and a search.

    Args:
        draft: whose.
        page: the name of the page it is on.
    """
    names = {RUN: _("Single run"), SEARCH: _("Search")}
    mode = ask(
        f"{draft.id}.{page}.search_mode",
        SEARCH if draft.search.active else RUN,
        lambda key, shown: st.segmented_control(
            _("Experiment"),
            [RUN, SEARCH],
            default=shown,
            required=True,
            format_func=names.__getitem__,
            key=key,
            label_visibility="collapsed",
            persist_state=KEPT,
            help=_("A search varies fields of the experiment: a switch is next to each that it can vary."),
        ),
    )
    if (mode == SEARCH) != draft.search.active:
        draft.save(search=replace(draft.search, active=mode == SEARCH))


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


def stale(draft: WorkingDraft) -> Mapping[str, SpecError]:
    """Returns the dimensions that no longer lead to a field, each with what is wrong."""
    space = Dimensions.of(draft)
    return {path: problem for path, problem in space.problems.items() if path not in space.known}


def show_stale(draft: WorkingDraft) -> None:
    """Shows the dimensions that no longer lead to a field, each with a button that removes it."""
    for path, problem in stale(draft).items():
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
