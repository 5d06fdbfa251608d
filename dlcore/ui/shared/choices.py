"""The choice of one of several names that people gave."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.text import short_texts


def choose_name(label: str, names: Sequence[str], *, key: str, first: int = 0) -> int:
    """Draws the choice of a name, where there is more than one; returns its place.

    Args:
        label: of the choice.
        names: what is offered, at least one.
        key: of the widget.
        first: the place of the name that is chosen at first.
    """
    if len(names) == 1:
        return 0
    titles = short_texts(names)
    return int(
        st.selectbox(
            label,
            range(len(names)),
            first,
            format_func=lambda place: titles[names[place]],
            key=key,
            width=260,
        )
    )
