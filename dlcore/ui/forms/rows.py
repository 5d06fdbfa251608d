"""Lists edited by position: a row for each part, and a palette that new ones are taken from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dlcore.spec.order import Order
from dlcore.text import short_texts
from dlcore.ui.forms.asking import entry_key
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.i18n import _


def row_ids(key: str, size: int) -> list[int]:
    """Returns a number for each part of a list that it keeps when it moves.

    What a user types into a row, or presses there, means its part, wherever that stands meanwhile.

    Args:
        key: of the list.
        size: how many parts it has.
    """
    ids: list[int] = st.session_state.setdefault(f"{key}.ids", [])
    if len(ids) != size:  # it was changed elsewhere
        ids[:] = _new_ids(key, size)
    return ids


def move_rows(key: str, order: Order) -> None:
    """Lets the numbers of a list's parts follow an act on it."""
    ids = row_ids(key, order.size)
    fresh = _new_ids(key, len(order.sources))
    copies = [source in order.sources[:place] for place, source in enumerate(order.sources)]
    ids[:] = [
        new if source is None or copy else ids[source]
        for source, copy, new in zip(order.sources, copies, fresh, strict=True)
    ]


def _new_ids(key: str, count: int) -> list[int]:
    first = st.session_state.get(f"{key}.next_id", 0)
    st.session_state[f"{key}.next_id"] = first + count
    return list(range(first, first + count))


def row_buttons(
    name: str, key: str, index: int, size: int, *, moves: bool = True, copies: bool = False
) -> Order | None:
    """Draws the buttons of a part of a list; returns the order that a pressed one asks for.

    Args:
        name: of the part, for those who hear the page.
        key: of the row.
        index: of the part.
        size: of the list.
        moves: whether it can be moved.
        copies: whether it can be duplicated.
    """
    pressed = None
    if moves:
        text = _("Move up: {name}").format(name=name)
        if icon_button(text, "arrow_upward", f"{key}.up", disabled=index == 0):
            pressed = Order.moved(size, index, index - 1)
        text = _("Move down: {name}").format(name=name)
        if icon_button(text, "arrow_downward", f"{key}.down", disabled=index == size - 1):
            pressed = Order.moved(size, index, index + 1)
    if copies and icon_button(_("Duplicate: {name}").format(name=name), "content_copy", f"{key}.copy"):
        pressed = Order.duplicated(size, index)
    if icon_button(_("Remove: {name}").format(name=name), "delete", f"{key}.remove"):
        pressed = Order.removed(size, index)
    return pressed


def palette(
    label: str,
    options: Sequence[str],
    key: str,
    content: Any,
    *,
    title: Callable[[str], str] = str,
    free: bool = False,
) -> str | None:
    """Draws a field in which one thing is found by any part of its name, and taken by Enter or a click.

    Args:
        label: what is added.
        options: what there is.
        key: of the field.
        content: what is added to; the field is empty again when that has changed.
        title: what users call an option.
        free: whether anything else can be typed as well.

    Returns:
        What is chosen, as long as the content has not changed.
    """
    titles = short_texts(map(title, options))

    def shown(option: str) -> str:
        # What was typed is none of the options.
        return titles.get(title(option), option)

    chosen: str | None = st.selectbox(
        label,
        options,
        index=None,
        format_func=shown,
        key=entry_key(key, content),
        placeholder=label,
        label_visibility="collapsed",
        filter_mode="contains",
        accept_new_options=free,
    )
    return chosen
