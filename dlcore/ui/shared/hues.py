"""The colours of things that are compared: they can be told apart by colour-blind readers, on light and on dark."""

from __future__ import annotations

import streamlit as st

HUES = {
    "light": ("#0072B2", "#C44E00", "#00785A", "#A8438B", "#8F6A00"),
    "dark": ("#56B4E9", "#F0883E", "#2FC79A", "#E58CC8", "#E3B92F"),
}
"""By theme; the same place is the same hue in both."""
DASHES = ("solid", "dash", "dashdot")
"""Of lines whose hue is used again."""
NAMES = ("blue", "orange", "green", "violet", "yellow")
"""The colours of Markdown that are nearest to them."""


def hue(place: int) -> str:
    """Returns the colour of one of the compared things, in the reader's theme."""
    hues = HUES["dark" if is_dark() else "light"]
    return hues[place % len(hues)]


def marker(place: int) -> str:
    """Returns a dot in the colour of one of the compared things, as Markdown."""
    return f":{NAMES[place % len(NAMES)]}[●]"


def is_dark() -> bool:
    """Returns whether the reader's theme is dark."""
    return st.context.theme.type == "dark"
