"""A sheet to draw on, with the mouse, a pen or a finger."""

from __future__ import annotations

import base64
import binascii

import streamlit as st

from dlcore.browser import FOLDER
from dlcore.browser.wording import SHEET, sheet_look
from dlcore.ui.components.scripts import script
from dlcore.ui.shared.i18n import _

_START = "data:image/png;base64,"
_MOST_CHARACTERS = 2**20
"""A drawing takes a few thousand; more was not drawn here."""

_component = st.components.v2.component(
    "sheet", html=SHEET, css=(FOLDER / "sheet.css").read_text(encoding="utf-8"), js=script("sheet_field.js")
)


def sheet(*, key: str, channel: str = "") -> bytes | None:
    """Draws a dark sheet, and returns what was drawn on it so far: a PNG with light strokes, None without any.

    Args:
        key: unique on the page.
        channel: where what is drawn goes within the browser, instead of to the page.
    """
    found = _component(
        key=key, data={**sheet_look(_), "channel": channel}, default={"png": ""}, on_png_change=_nothing
    )
    return None if channel else read_png(found.png)


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
