"""A field that takes one file of any size: dropped or chosen, with progress, cancel and resume."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dlcore.datasets.uploads import Upload
from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import _

_ICON = (
    "<svg class='up-icon' viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.8' "
    "stroke-linecap='round' stroke-linejoin='round' aria-hidden='true'>"
    "<path d='M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3'/></svg>"
)
_HTML = (
    f"<div class='up'>{_ICON}<div class='up-words'><div class='up-title'></div><div class='up-note'></div>"
    "<div class='up-bar' role='progressbar' aria-valuemin='0' aria-valuemax='100' hidden><i></i></div></div>"
    "<div class='up-buttons'><button type='button' class='up-retry' hidden></button>"
    "<button type='button' class='up-cancel' hidden></button>"
    "<button type='button' class='up-choose'></button></div>"
    "<input type='file' class='up-input' hidden><div class='up-said' role='status'></div></div>"
)
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "uploader",
    html=_HTML,
    css=(_HERE / "uploader.css").read_text(encoding="utf-8"),
    js=script("uploader.js"),
)


def uploader(upload: Upload, *, accept: Sequence[str], hint: str, limit: int, key: str) -> None:
    """Sends a file to `upload`; the page runs again when it is there.

    Args:
        upload: what to fill, made by `new_upload`.
        accept: the endings that the browser's dialog offers, with their dots.
        hint: what can be sent, in the reader's language.
        limit: the largest file, in bytes; the server has a limit of its own.
        key: unique on the page.
    """
    _component(
        key=key,
        data={
            "token": upload.token,
            "name": upload.name,
            "size": upload.size,
            "offset": upload.received,
            "limit": limit,
            "accept": list(accept),
            "hint": hint,
            "texts": _texts(),
        },
        on_arrived_change=nothing,
    )


def _texts() -> dict[str, str | dict[str, str]]:
    return {
        "drop": _("Drop a file here"),
        "choose": _("Choose a file"),
        "cancel": _("Cancel"),
        "retry": _("Try now"),
        "sent": _("{done} of {total}"),
        "done": _("The file has been uploaded."),
        "resume": _(
            "{done} of {total} have been uploaded. Choose the same file to continue, or another one."
        ),
        "errors": {
            "broken": _("The connection was lost. Trying again in {n} s."),
            "busy": _("Another tab is uploading here. Trying again in {n} s."),
            "other_file": _("Another tab is uploading a different file here. Reload this page."),
            "too_large": _("The file is too large: at most {limit} can be uploaded."),
            "disk": _("The server's disk is too full for this file. Free some space there, then try again."),
            "too_many": _("Too many uploads were begun. Try again later."),
            "budget": _(
                "This is more than you may send now. Reload the page to see what is left, and when it is free again."
            ),
            "empty": _("The file is empty. Choose another one."),
            "several": _("One file at a time: put them into one zip file."),
            "folder": _("A folder cannot be uploaded directly. Pack it into a zip file."),
            "name": _("The file's name is too long. Rename it."),
            "unknown": _("This page is too old to upload a file. Reload it."),
            "confused": _("The server did not accept the file. Reload the page and choose it again."),
        },
    }
