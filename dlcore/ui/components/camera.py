"""A photo, taken by the camera of the visitor's device."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dlcore.ui.components.data_address import read_address
from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import _

_MOST_CHARACTERS = 8 * 2**20
"""A photo of a webcam takes some hundred thousand."""
_HTML = (
    "<div class='camera'><video class='camera-video' autoplay playsinline muted></video>"
    "<canvas class='camera-photo' role='img' hidden></canvas><div class='camera-note' role='status'></div>"
    "<button type='button' class='camera-button'></button></div>"
)
_component = st.components.v2.component(
    "camera",
    html=_HTML,
    css=Path(__file__).with_name("camera.css").read_text(encoding="utf-8"),
    js=script("camera.js"),
)


def camera(*, key: str, channel: str = "") -> bytes | None:
    """Draws what the camera sees, and returns the photo that was taken: a JPEG, None without one.

    Args:
        key: unique on the page.
        channel: where the photo goes within the browser, instead of to the page.
    """
    texts = {
        "take": _("Take a photo"),
        "again": _("Take another one"),
        "photo": _("The photo"),
        "failed": _("The camera cannot be used: {reason}"),
        "insecure": _("Browsers allow the camera only over HTTPS or on localhost."),
    }
    data = {"channel": channel, "texts": texts}
    found = _component(key=key, data=data, default={"photo": ""}, on_photo_change=nothing)
    return None if channel else read_address(found.photo, types=["image/jpeg"], most=_MOST_CHARACTERS)
