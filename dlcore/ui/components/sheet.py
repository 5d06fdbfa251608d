"""A sheet to draw on, with the mouse, a pen or a finger."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import streamlit as st

from dlcore.ui.components.scripts import script
from dlcore.ui.shared.i18n import _

SIDE = 272
"""Pixels of the sheet; it fits a phone."""
_INK, _PAPER, _PEN = "#ffffff", "#14172b", 24
_START = "data:image/png;base64,"
_MOST_CHARACTERS = 2**20
"""A drawing takes a few thousand; more was not drawn here."""

_HTML = (
    "<div class='sheet'><canvas class='sheet-paper' role='img'></canvas><div class='sheet-buttons'>"
    "<button type='button' class='sheet-undo'></button><button type='button' class='sheet-clear'></button></div></div>"
)
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "sheet", html=_HTML, css=(_HERE / "sheet.css").read_text(encoding="utf-8"), js=script("sheet.js")
)


def sheet(*, key: str) -> bytes | None:
    """Draws a dark sheet, and returns what was drawn on it so far: a PNG with light strokes, None without any.

    Args:
        key: unique on the page.
    """
    found = _component(
        key=key,
        data={
            "side": SIDE,
            "ink": _INK,
            "paper": _PAPER,
            "pen": _PEN,
            "texts": {
                "sheet": _("Draw with the mouse or a finger."),
                "undo": _("Undo"),
                "clear": _("Clear"),
            },
        },
        default={"png": ""},
        on_png_change=_nothing,
    )
    return read_png(found.png)


def read_png(address: object) -> bytes | None:
    r"""Returns the bytes in a `data:` address of a PNG; None where a browser sent anything else.

    Example:
        >>> read_png("data:image/png;base64,iVBORw=="), read_png(""), read_png("data:image/png;base64,?")
        (b'\x89PNG', None, None)
    """
    if not isinstance(address, str) or not address.startswith(_START) or len(address) > _MOST_CHARACTERS:
        return None
    try:
        return base64.b64decode(address.removeprefix(_START), validate=True)
    except binascii.Error:
        return None


def _nothing() -> None:
    """Does nothing: a new drawing only makes the page run again."""
