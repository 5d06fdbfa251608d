"""The browser's own notifications, which reach a reader who looks at something else."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.scripts import script
from dlcore.ui.shared.i18n import _, language

MILLISECONDS = 10_000
"""Between two questions: a hidden page asks, too, so they must cost little."""

_component = st.components.v2.component(
    "notifier",
    html="<button class='dl-notify' type='button' hidden></button>",
    css="""
.dl-notify { padding: .3rem .6rem; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); background: none; color: inherit; font: inherit; font-size: .875rem; cursor: pointer; }
.dl-notify:disabled { cursor: default; color: var(--st-gray-text-color); }
.dl-notify[hidden] { display: none; }
""",
    js=script("notifier.js"),
    isolate_styles=False,
)


def notifier(topic: str, *, key: str = "notifier", button: bool = False) -> None:
    """Notifies a reader who has asked for that; nothing asks for the browser's permission but a click.

    Args:
        topic: of the feed, whose news are shown.
        key: unique on the page.
        button: whether to draw the button with which a reader asks for it, and takes that back.
    """
    _component(
        key=key,
        data={
            "topic": topic,
            "button": button,
            "language": language(),
            "interval": MILLISECONDS,
            "texts": {
                "off": _("Notify me in this browser"),
                "on": _("Stop notifying me in this browser"),
                "denied": _("This browser blocks notifications of this page."),
            },
        },
    )
