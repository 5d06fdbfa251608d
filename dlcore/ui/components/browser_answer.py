"""A model that answers in the visitor's browser, and what it is given there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dlcore.browser import FOLDER
from dlcore.browser.wording import ANSWER, PICTURE, answer_texts, picture_texts
from dlcore.ui.components.data_address import read_address, written_address
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
_sample = st.components.v2.component("sample_field", html="", js=script("sample_field.js"))
_answer = st.components.v2.component(
    "browser_answer",
    html=ANSWER,
    css=(FOLDER / "answer.css").read_text(encoding="utf-8"),
    js=script("browser_answer.js"),
)
_verdict = st.components.v2.component(
    "browser_verdict",
    html="<div class='verdict' role='status'></div>",
    css=".verdict { font-family: var(--st-font); color: var(--st-text-color); font-weight: 600; }",
    js=script("browser_verdict.js"),
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


@dataclass(frozen=True)
class SentPicture:
    """A picture that is on the server already.

    Attributes:
        token: another one for another picture.
        name: of the file.
        content: its bytes.
    """

    token: str
    name: str
    content: bytes


def picture_place(*, key: str, channel: str, sent: SentPicture | None = None) -> None:
    """Draws a place for a picture; what listens on the channel hears of it in the browser.

    Args:
        key: unique on the page.
        channel: another one has another picture.
        sent: what is in the place at first.
    """
    # A browser tells the kind of a picture by its first bytes.
    begun = sent and {
        "token": sent.token,
        "name": sent.name,
        "address": written_address(sent.content, "application/octet-stream"),
    }
    _place(key=key, data={"channel": channel, "texts": picture_texts(_), "sent": begun})


def sample_given(png: bytes, *, key: str, channel: str) -> None:
    """Gives a picture to what listens on the channel; draws nothing."""
    _sample(key=key, data={"channel": channel, "address": written_address(png, "image/png")}, height=1)


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
    data = {
        "source": dict(source),
        "channel": channel,
        "chosen": _chosen(key),
        "texts": texts,
        "server": server,
    }
    _answer(key=key, data=data, on_asked_change=lambda: _keep(key))


def browser_verdict(answers: Sequence[str], *, key: str) -> None:
    """Draws whether the models agree, once two have chosen classes.

    Args:
        answers: the keys of their answers.
        key: unique on the page.
    """
    texts = {"agree": _("They agree."), "differ": _("They differ.")}
    _verdict(key=key, data={"channels": [_chosen(one) for one in answers], "texts": texts})


def _chosen(key: str) -> str:
    """Returns the channel on which an answer tells what it chose."""
    return f"{key}.chosen"


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
        >>> read_asked({"of": "1", "kind": "other", "address": "data:image/png;base64,iVBORw=="})
    """
    match sent:
        case {"of": str(of), "kind": "drawing" | "picture" as kind, "address": address}:
            content = read_address(address, most=_MOST_CHARACTERS)
            return None if content is None else Asked(of, kind, content)
    return None
