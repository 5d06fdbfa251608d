"""A sheet to draw on, with the mouse, a pen or a finger."""

from __future__ import annotations

import streamlit as st

from dlcore.browser import FOLDER
from dlcore.browser.wording import SHEET, sheet_look
from dlcore.ui.components.data_address import read_address
from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import _

PNG = "image/png"
_MOST_CHARACTERS = 2**20
"""A drawing takes a few thousand; more was not drawn here."""

_component = st.components.v2.component(
    "sheet", html=SHEET, css=(FOLDER / "sheet.css").read_text(encoding="utf-8"), js=script("sheet_field.js")
)


def sheet(*, key: str, channel: str = "") -> bytes | None:
    """Draws a dark sheet, and returns what was drawn on it so far: a PNG with light strokes, None without any.

    Args:
        key: unique on the page; under it the browser keeps what is drawn as long as it shows the dashboard.
        channel: where what is drawn goes within the browser, instead of to the page.
    """
    look = {**sheet_look(_), "channel": channel, "name": key}
    found = _component(key=key, data=look, default={"png": ""}, on_png_change=nothing)
    return None if channel else read_address(found.png, types=[PNG], most=_MOST_CHARACTERS)
