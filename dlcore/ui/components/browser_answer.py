"""A model that answers in the visitor's browser, and a place for a picture that stays there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dlcore.browser import FOLDER
from dlcore.browser.wording import ANSWER, PICTURE, answer_texts, picture_texts
from dlcore.ui.components.scripts import script
from dlcore.ui.shared.i18n import _

DRAWING, PICTURE_FILE = "drawing", "picture"
_MOST_CHARACTERS = 12 * 2**20
"""Of a picture that a browser sends; it offers to only up to 8 MB, of which base64 makes a third more."""

_place = st.components.v2.component(
    "picture_field",
    html=PICTURE,
    css=(FOLDER / "picture.css").read_text(encoding="utf-8"),
    js=script("picture_field.js"),
)
_answer = st.components.v2.component(
    "browser_answer",
    html=ANSWER,
    css=(FOLDER / "answer.css").read_text(encoding="utf-8"),
    js=script("browser_answer.js"),
)


@dataclass(frozen=True)
class Asked:
    """What the server should answer, too.

    Attributes:
        of: tells the browser which of its questions this is.
        kind: a drawing or a picture.
        content: bytes of an image file.
    """

    of: str
    kind: str
    content: bytes


def picture_place(*, key: str, channel: str) -> None:
    """Draws a place for a picture; what listens on the channel hears of it in the browser."""
    _place(key=key, data={"channel": channel, "texts": picture_texts(_)})


def browser_answer(
    source: Mapping[str, Any], *, key: str, channel: str, server: Mapping[str, Any] | None
) -> None:
    """Draws what the model answers to what is given on a channel.

    Args:
        source: `script`, `wasm` and `model`, where the files are, and the `plan`.
        key: unique on the page; under it `asked` has what the server should answer, too.
        channel: on which something is given.
        server: what the server answered: `of` which question, and its `values` or the `problem`.
    """
    texts = {
        **answer_texts(_),
        "ask": _("Ask the server, too"),
        "same": _("The server gives the same answer; the values differ by at most {value}."),
        "other": _("The server answers {answer}; the values differ by up to {value}."),
    }
    data = {"source": dict(source), "channel": channel, "texts": texts, "server": server}
    _answer(key=key, data=data, on_asked_change=lambda: _keep(key))


def asked_of_server(key: str) -> Asked | None:
    """Returns the last that the server should answer, too."""
    asked: Asked | None = st.session_state.get(_kept(key))
    return asked


def _keep(key: str) -> None:
    found = read_asked(st.session_state[key].get("asked"))
    if found is not None:
        st.session_state[_kept(key)] = found


def _kept(key: str) -> str:
    return f"{key}.asked"


def read_asked(sent: object) -> Asked | None:
    r"""Returns what a browser sent; None where that is nothing that was given here.

    Example:
        >>> read_asked({"of": "1", "kind": "drawing", "address": "data:image/png;base64,iVBORw=="}).content
        b'\x89PNG'
        >>> read_asked({"of": "1", "kind": "other", "address": "data:,"})
    """
    match sent:
        case {"of": str(of), "kind": "drawing" | "picture" as kind, "address": str(address)}:
            head, found, body = address.partition(";base64,")
            if not head.startswith("data:") or not found or len(body) > _MOST_CHARACTERS:
                return None
            try:
                return Asked(of, kind, base64.b64decode(body, validate=True))
            except binascii.Error:
                return None
    return None
