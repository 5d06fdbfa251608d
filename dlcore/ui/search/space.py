"""The Search page: what is varied, as a list, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dlcore.errors import SpecError
from dlcore.field_path import FieldPath
from dlcore.search.offers import Offer, default_dimension
from dlcore.spec.base import Kind
from dlcore.spec.describe import Sort
from dlcore.spec.paths import MODEL, is_layer
from dlcore.ui.forms.dimensions import (
    FITS,
    LONGEST,
    Dimensions,
    Fits,
    dimension_markdown,
    dimension_title,
    summary,
)
from dlcore.ui.forms.search_mode import remove_button
from dlcore.ui.forms.structure import blocks
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import escape_name

EDITED = "edited_dimension"
"""Where the session keeps which dimension of the list is open."""


def space_card(draft: WorkingDraft) -> bool:
    """Every dimension with its range, to edit and to remove, and new ones.

    Returns:
        Whether all that was typed could be taken.
    """
    space = Dimensions.of(draft, page="search")
    with st.container(border=True):
        st.markdown(f"**{_('What is varied')}**", help=_("Each trial gets one value of each of these."))
        if not space.space:
            st.info(
                _(
                    "Nothing yet. Add a field here, or use the switch next to a field of Data, Network "
                    "and Training."
                ),
                icon=":material/tune:",
            )
        for path in list(space.space):
            _row(space, path)
        _new(space)
        blocks(draft, listed=False)
    if space.changed:
        draft.save(search=space.search)
    return space.valid


def _row(space: Dimensions, path: str) -> None:
    offer, data = space.known.get(path), space.space[path]
    opened = st.session_state.get(EDITED) == path
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        with st.container(gap=None):
            st.markdown(f"**{dimension_markdown(path, offer)}**")
            st.caption(escape_name(summary(path, data), LONGEST))
        text = _("Close: {name}") if opened else _("Change: {name}")
        if _editable(path, offer) and icon_button(
            text.format(name=dimension_title(path, offer)),
            "expand_less" if opened else "edit",
            f"edit.{path}",
        ):
            st.session_state[EDITED] = None if opened else path
            st.rerun()
        remove_button(space.draft, path, small=True)
    if opened and _editable(path, offer):
        with st.container(border=True, gap="small"):
            space.edit_at(path, offer.field if offer else None, _fitting(space.draft, offer))
    elif path in space.problems:
        st.error(say_beside(space.problems[path]), icon=":material/error:")


def _editable(path: str, offer: Offer | None) -> bool:
    return offer is not None or is_layer(FieldPath.parse(path))


def _fitting(draft: WorkingDraft, offer: Offer | None) -> Fits:
    """Returns which kinds are offered for a field of kinds."""
    if offer is None or offer.field is None or offer.field.sort is not Sort.KIND:
        return FITS
    task = draft.facts.task

    def fits(kind: type[Kind]) -> bool:
        return task in getattr(kind, "tasks", (task,))

    return fits


def _new(space: Dimensions) -> None:
    """Any field of the experiment, to be found by typing."""
    draft = space.draft
    free = [path for path in space.known if path not in space.space]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.selectbox(
            _("Add"),
            free,
            index=None,
            format_func=lambda path: _offered(space.known[path]),
            key=f"{draft.entry_key}.new_dimension",
            placeholder=_("Type to search: learning rate, filters, dropout …"),
        )
        if st.button(_("Add"), key="add_dimension", icon=":material/add:", disabled=path is None) and path:
            offer = space.known[path]
            begun = default_dimension(offer, draft.facts, _fitting(draft, offer)).model_dump(mode="json")
            st.session_state[EDITED] = path
            clear_entries()
            draft.save(search=draft.search.with_space({**draft.search.space, path: begun}))


def _offered(offer: Offer) -> str:
    text = " › ".join(_(title) for title in offer.titles)
    return f"{text} · {_('may be absent')}" if offer.field is None and offer.path != MODEL else text


def example_text(params: Mapping[str, object], error: SpecError, space: Dimensions) -> str:
    """Returns a trial that cannot be run, in words."""
    values = ", ".join(
        f"{dimension_markdown(path, space.known.get(path))} = {escape_name(str(value))}"
        for path, value in params.items()
    )
    return f"{values}: {say_beside(error)}"
