"""Pictures and sounds: drawn, uploaded, pasted, taken by the camera, recorded."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.browser.plan import can_be_drawn
from dlcore.datasets.prepare.saved import Preparation
from dlcore.queue.wire import Drawing, Given
from dlcore.ui.components.sheet import sheet
from dlcore.ui.runs.trying.samples import drawing_style
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.uploads import sent_file
from dlcore.web.context import context

Way = tuple[str, Callable[[Preparation], Given | None]]

_MOST_SECONDS = 30
"""Of 16,000 samples of two bytes: Streamlit's own uploads end at 1 MB here."""

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")


def ways_of_pictures(how: Preparation) -> dict[str, Way]:
    """Returns the ways of giving a picture; small grey ones can be drawn."""
    ways: dict[str, Way] = {}
    if can_be_drawn(how):
        ways["draw"] = (_("Draw it"), _draw)
    return {**ways, "upload": (_("Upload"), _upload_picture), "camera": (_("Camera"), _photograph)}


def ways_of_sounds() -> dict[str, Way]:
    """Returns the ways of giving a recording."""
    return {"record": (_("Record"), _record), "upload": (_("Upload"), _upload_sound)}


def _draw(how: Preparation) -> Given | None:
    png = sheet(key="try_sheet")
    st.caption(_("Draw with the mouse or a finger."))
    # The bytes alone: what a browser sends is not decoded here.
    return None if png is None else Drawing(png, drawing_style(how))


def _upload_picture(how: Preparation) -> Given | None:
    hint = _("A PNG, JPEG or other picture, up to {limit}. You can paste it, too.")
    # It is shown with the answer: what a browser sends is not decoded here.
    return _sent("try_picture", PICTURES, hint)


def _upload_sound(how: Preparation) -> Given | None:
    data = _sent("try_sound", SOUNDS, _("A WAV, FLAC, Ogg, MP3 or AIFF file, up to {limit}."))
    if data is not None:
        st.audio(data)
    return data


def _sent(key: str, accept: tuple[str, ...], hint: str) -> bytes | None:
    """Draws the place for a file; returns its bytes once it is here."""
    most = context().settings.max_file_bytes
    upload = sent_file(key, accept=accept, hint=hint, most_bytes=most)
    if upload is None:
        return None
    if upload.size > most:  # its address may be of another place
        st.warning(_("The file is too large. Use a smaller one."), icon=":material/warning:")
        return None
    try:
        with upload.content.open("rb") as file:
            return file.read()
    except OSError:  # swept away meanwhile
        st.warning(_("The file is no longer here. Upload it again."), icon=":material/warning:")
        return None


def _photograph(how: Preparation) -> Given | None:
    taken = st.camera_input(_("Camera"), key="try_camera", label_visibility="collapsed")
    return taken.getvalue() if taken else None


def _record(how: Preparation) -> Given | None:
    recorded = st.audio_input(_("Record"), key="try_record", label_visibility="collapsed")
    st.caption(_("Up to {seconds} s.").format(seconds=_MOST_SECONDS))
    return recorded.getvalue() if recorded else None
