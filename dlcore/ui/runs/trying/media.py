"""Pictures and sounds: drawn, uploaded, pasted, taken by the camera, recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dlcore.browser.plan import can_be_drawn
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.uploads import Upload
from dlcore.queue.wire import Drawing, Given
from dlcore.ui.components.browser_answer import SentPicture, picture_place
from dlcore.ui.components.camera import camera
from dlcore.ui.components.sheet import sheet
from dlcore.ui.runs.trying.samples import drawing_style
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.uploads import known_upload, sent_file
from dlcore.web.context import context

Way = tuple[str, Callable[[Preparation], Given | None]]

_MOST_SECONDS = 30
"""Of 16,000 samples of two bytes: Streamlit's own uploads end at 1 MB here."""

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")


PICTURE = "try_picture"
"""The place for a picture that is sent to the server."""


def ways_of_pictures(how: Preparation, channel: str) -> dict[str, Way]:
    """Returns the ways of giving a picture; small grey ones can be drawn.

    Args:
        how: the run's samples were prepared.
        channel: where pictures go within the browser; empty: to the server.
    """
    ways: dict[str, Way] = {}
    if can_be_drawn(how):
        ways["draw"] = (_("Draw it"), partial(_draw, channel))
    # Called alike in both places: the choice is one widget, which stays.
    ways["open"] = (_("Open a picture"), partial(_open_picture, channel) if channel else _upload_picture)
    return {**ways, "camera": (_("Camera"), partial(_photograph, channel))}


def ways_of_sounds() -> dict[str, Way]:
    """Returns the ways of giving a recording."""
    return {"record": (_("Record"), _record), "upload": (_("Upload"), _upload_sound)}


def _draw(channel: str, how: Preparation) -> Given | None:
    png = sheet(key="try_sheet", channel=channel)
    st.caption(_("Draw with the mouse or a finger."))
    # The bytes alone: what a browser sends is not decoded here.
    return None if png is None else Drawing(png, drawing_style(how))


def _upload_picture(how: Preparation) -> Given | None:
    hint = _("A PNG, JPEG or other picture, up to {limit}. You can paste it, too.")
    # It is shown with the answer: what a browser sends is not decoded here.
    return _sent(PICTURE, PICTURES, hint)


def _open_picture(channel: str, how: Preparation) -> None:
    """Draws the place for a picture that stays in the browser; one that was uploaded before is in it."""
    upload, sent = known_upload(PICTURE), None
    if upload is not None and upload.done and (content := _content(upload)) is not None:
        sent = SentPicture(upload.token, upload.name, content)
    picture_place(key=f"try_place.{channel}", channel=channel, sent=sent)


def _upload_sound(how: Preparation) -> Given | None:
    data = _sent("try_sound", SOUNDS, _("A WAV, FLAC, Ogg, MP3 or AIFF file, up to {limit}."))
    if data is not None:
        st.audio(data)
    return data


def _sent(key: str, accept: tuple[str, ...], hint: str) -> bytes | None:
    """Draws the place for a file; returns its bytes once it is here."""
    most = context().settings.max_file_bytes
    upload = sent_file(key, accept=accept, hint=hint, most_bytes=most)
    return None if upload is None else _content(upload)


def _content(upload: Upload) -> bytes | None:
    """Returns the bytes of a file that is here; says why there are none."""
    if upload.size > context().settings.max_file_bytes:  # its address may be of another place
        st.warning(_("The file is too large. Use a smaller one."), icon=":material/warning:")
        return None
    try:
        with upload.content.open("rb") as file:
            return file.read()
    except OSError:  # swept away meanwhile
        st.warning(_("The file is no longer here. Upload it again."), icon=":material/warning:")
        return None


def _photograph(channel: str, how: Preparation) -> Given | None:
    return camera(key="try_camera", channel=channel)


def _record(how: Preparation) -> Given | None:
    recorded = st.audio_input(_("Record"), key="try_record", label_visibility="collapsed")
    st.caption(_("Up to {seconds} s.").format(seconds=_MOST_SECONDS))
    return recorded.getvalue() if recorded else None
