"""The HTML and the words of the parts in which a browser is given something and answers, for pages and reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dlcore.errors import N_

Translate = Callable[[str], str]

SHEET = (
    "<div class='sheet'><canvas class='sheet-paper' role='img'></canvas><div class='sheet-buttons'>"
    "<button type='button' class='sheet-undo'></button><button type='button' class='sheet-clear'></button></div></div>"
)
PICTURE = (
    "<div class='picture-place'><img class='picture-shown' hidden><div class='picture-note'></div>"
    "<button type='button' class='picture-choose'></button>"
    "<input type='file' class='picture-input' accept='image/*' hidden></div>"
)
ANSWER = "<div class='answer' aria-live='polite'></div>"

SIDE = 272
"""Pixels of the sheet; it fits a phone."""


def sheet_look(say: Translate) -> dict[str, Any]:
    """Returns how the sheet looks, and its words."""
    return {
        "side": SIDE,
        "ink": "#ffffff",
        "paper": "#14172b",
        "pen": 24,
        "texts": {
            "sheet": say(N_("Draw with the mouse or a finger.")),
            "undo": say(N_("Undo")),
            "clear": say(N_("Clear")),
        },
    }


def picture_texts(say: Translate) -> Mapping[str, str]:
    """Returns the words of the place for a picture."""
    return {
        "choose": say(N_("Choose a picture")),
        "hint": say(N_("Choose, drop or paste a picture. It stays in this browser.")),
        "given": say(N_("What was given")),
        "unread": say(N_("This browser cannot read that as a picture. Choose a PNG or JPEG file.")),
    }


def answer_texts(say: Translate) -> Mapping[str, str]:
    """Returns the words of an answer."""
    return {
        "loading": say(N_("Loading the model into this browser …")),
        "waiting": say(N_("The answer appears here as soon as something is given.")),
        "failed": say(N_("This browser cannot run the model: {reason}")),
        "none": say(N_("None of the labels")),
        "confident": say(N_("{share} confident")),
        "seen": say(N_("What the model sees")),
        "answered": say(N_("Answered in this browser in {time}.")),
    }
