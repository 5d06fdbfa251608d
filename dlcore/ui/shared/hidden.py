"""What forms and pages leave out while a lesson asks for that."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from dlcore.lessons.lesson import Control

_HIDDEN = "lesson_hides"
"""Where the session keeps what is hidden; set anew at each run of the script, before any page."""


def hide(controls: Collection[str]) -> None:
    """Hides controls, by the names that lessons have for them, and no others."""
    st.session_state[_HIDDEN] = frozenset(controls)


def is_hidden(control: Control | str) -> bool:
    """Returns whether a part of a page, or a field by its path, is left out."""
    return str(control) in st.session_state.get(_HIDDEN, frozenset())


def not_hidden(names: Collection[str], prefix: str = "") -> tuple[str, ...]:
    """Returns those of some fields that are shown, in their order.

    Args:
        names: of the fields.
        prefix: the path of what they are fields of; empty: of the experiment.
    """
    return tuple(name for name in names if not is_hidden(f"{prefix}.{name}" if prefix else name))
