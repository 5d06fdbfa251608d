"""Widgets that show what a draft holds, and change it only when the user acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from dlcore.ui.shared.i18n import language

KEPT: Literal["session"] = "session"
"""What is typed, wrong or not, is still there when its form is shown again."""

_DRAWN, _ENTRIES = "drawn_widgets", "drawn_entries"
"""Where the session keeps how each widget, and each entry, was drawn last."""


@dataclass(frozen=True)
class _DrawnWidget:
    """How a widget was drawn last.

    Attributes:
        turn: how often it has started over.
        shown: what was in it before anyone touched it.
        held: what was in it then.
    """

    turn: int
    shown: Any
    held: Any


def _same(value: Any) -> Any:
    return value


def ask(
    key: str,
    value: Any,
    draw: Callable[[str, Any], Any],
    *,
    show: Callable[[Any], Any] = _same,
    read: Callable[[Any], Any] = _same,
    fresh: bool = False,
) -> Any:
    """Draws the widget of a field, and returns what the field is now.

    As long as no one touches the widget that is `value` itself, even where the widget can only show it
    rounded or cut. Where the field is changed by anything but this widget (undo, another tab, a row that
    moved), the widget starts over under another key: a browser sends what all its widgets hold with every
    act, and what an old one holds is no act of a user's.

    Args:
        key: of the field, unique among all fields of all drafts and pages.
        value: what the field is in the draft.
        draw: draws the widget with a key, showing a value; returns what is in it.
        show: makes of the field's value, or of whatever was read, what is in the widget.
        read: makes of what is in the widget the field's value; it must not raise.
        fresh: the draft has no such field yet, so what was typed here before is offered again.
    """
    # Options are sent by the words they are shown with, which are others in another language.
    key = f"{language()}.{key}"
    drawn: dict[str, _DrawnWidget] = st.session_state.setdefault(_DRAWN, {})
    last, shown = drawn.get(key), show(value)
    turn = last.turn if last else 0
    if last is not None and not fresh and last.shown != shown and show(read(last.held)) != shown:
        turn += 1
    held = draw(f"{turn}.{key}", shown)
    drawn[key] = _DrawnWidget(turn, shown, held)
    return value if held == shown else read(held)


def entry_key(key: str, content: Any) -> str:
    """Returns the key of a field from which something is added: another one whenever the content changed.

    So what was added is not added again: until the browser hears that the field is to be empty, it continues
    to send what was chosen.

    Args:
        key: of the field.
        content: what is added to.
    """
    entries: dict[str, tuple[int, Any]] = st.session_state.setdefault(_ENTRIES, {})
    turn, last = entries.get(key, (0, content))
    turn += last != content
    entries[key] = turn, content
    return f"{turn}.{key}"
