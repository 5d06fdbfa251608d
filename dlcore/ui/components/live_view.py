"""Live views in the browser: badges, numbers, progress.

The page's script draws it once. From then on the feed brings what changed, and the script runs again only when
the page would look different: for one, when a run has ended, as its buttons are others then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import orjson
import streamlit as st

from dlcore.store import Store
from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import language, use_language
from dlcore.web.context import context
from dlcore.web.feed import TaggedView

LIVE_MILLISECONDS, IDLE_MILLISECONDS = 1_000, 5_000
"""Between two requests of a page with something that moves, and of one without."""

_HTML = (
    "<div class='dl-view'><div class='dl-top'>"
    "<div data-part='badges' role='status' aria-live='polite'></div><div data-part='caption'></div></div>"
    + "".join(f"<div data-part='{part}'></div>" for part in ("cards", "progress", "lines", "note"))
    + "</div>"
)
_CSS = (
    """
.dl-view { display: flex; flex-direction: column; gap: .75rem; font-family: var(--st-font); color: var(--st-text-color); }
.dl-top { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .75rem; }
.dl-view [data-part=badges] { display: flex; flex-wrap: wrap; gap: .3rem; }
.dl-view [data-part=caption], .dl-view [data-part=lines] { font-size: .875rem; opacity: .75; overflow-wrap: anywhere; }
.dl-view [data-part=cards] {
  display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 140px), 1fr));
}
.dl-badge {
  display: inline-flex; align-items: center; gap: .25rem; max-width: 100%; padding: .1rem .5rem;
  border-radius: var(--st-base-radius); font-size: .875rem; overflow-wrap: anywhere;
}
"""
    + "".join(
        f".dl-{color} {{ background: var(--st-{color}-background-color); color: var(--st-{color}-text-color); }}\n"
        for color in ("gray", "blue", "green", "orange", "violet", "red")
    )
    + """
.dl-icon { font-family: "Material Symbols Rounded"; font-size: 1.1em; line-height: 1; }
.dl-number {
  min-width: 0; padding: .8rem 1rem; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
}
.dl-label { font-size: .875rem; opacity: .75; overflow-wrap: anywhere; }
.dl-value {
  font-size: var(--st-metric-value-font-size); font-weight: var(--st-metric-value-font-weight); line-height: 1.4;
  font-variant-numeric: tabular-nums;
}
.dl-under { font-size: .875rem; opacity: .75; }
.dl-view [data-part=progress] { display: flex; flex-direction: column; gap: .35rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
.dl-bar { height: .5rem; border-radius: .25rem; background: var(--st-border-color); overflow: hidden; }
.dl-done { height: 100%; background: var(--st-primary-color); transition: width .3s; }
.dl-view [data-part=note] { font-size: .875rem; }
.dl-code {
  display: block; margin-top: .3rem; padding: .5rem .7rem; border-radius: var(--st-base-radius); user-select: all;
  background: var(--st-code-background-color); color: var(--st-code-text-color); font-family: var(--st-code-font);
}
.dl-brief { gap: .4rem; }
.dl-head { gap: .3rem; }
.dl-head .dl-top { gap: .2rem .6rem; }
.dl-head [data-part=caption] { font-size: .95rem; }
.dl-brief [data-part=caption], .dl-brief [data-part=note], .dl-brief [data-part=lines] { display: none; }
:is(.dl-brief, .dl-head) [data-part=cards] { display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
:is(.dl-brief, .dl-head) .dl-number { display: flex; flex-wrap: wrap; gap: .35rem; padding: 0; border: 0; }
:is(.dl-brief, .dl-head) .dl-value { font-size: .875rem; font-weight: 600; line-height: inherit; }
.dl-view > :empty, .dl-top > :empty, .dl-top:not(:has(:not(:empty))) { display: none; }
@media (prefers-reduced-motion: reduce) { .dl-done { transition: none; } }
"""
)


class Look(StrEnum):
    """How much room a view takes.

    Attributes:
        FULL: all of it, each number in a box.
        HEAD: beside the title of a page, without boxes.
        BRIEF: badges, numbers and progress, for several side by side; nothing runs because of it.
    """

    FULL = "full"
    HEAD = "head"
    BRIEF = "brief"


@dataclass(frozen=True)
class Badge:
    """A word on a coloured ground, perhaps with a hint; the icon is one of Material's."""

    text: str
    color: str
    icon: str = ""
    help: str = ""


@dataclass(frozen=True)
class Card:
    """A number with its name above it, perhaps a word under it, and a hint."""

    label: str
    value: str
    help: str = ""
    under: str = ""


@dataclass(frozen=True)
class Progress:
    """How far it is, from 0 to 1, None where no one knows, and the same in words."""

    share: float | None
    text: str


@dataclass(frozen=True)
class Note:
    """What to do, and the command that does it, if it is for the reader to do."""

    text: str
    code: str = ""


@dataclass(frozen=True)
class View:
    """The current state of a subject, as it is shown.

    Attributes:
        page: what the rest of the page depends on; when it changes, the page's script has to run.
        live: whether it moves by itself.
        title: of the page in the browser's tab, where the page is about nothing else; empty: left as it is.
    """

    page: str = ""
    live: bool = False
    title: str = ""
    badges: tuple[Badge, ...] = ()
    caption: str = ""
    cards: tuple[Card, ...] = ()
    progress: Progress | None = None
    lines: tuple[str, ...] = ()
    note: Note | None = None


def fingerprint(*parts: object) -> str:
    """Returns a short text that is another one as soon as one of the parts is: for `View.page`.

    Example:
        >>> fingerprint("running", 3) == fingerprint("running", 3), fingerprint("running", 3) == fingerprint("ended", 3)
        (True, False)
    """
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class LiveTopic:
    """A topic of the feed that is shown as a view.

    Attributes:
        name: in the URL.
        make: tells how a subject is now, in the language that is spoken.
    """

    name: str
    make: Callable[[Store, str], View]

    def view(self, store: Store, subject: str, language: str) -> View:
        """Returns how a subject is now, in the words of a language."""
        with use_language(language):
            return self.make(store, subject)


_component = st.components.v2.component(
    "live_view", html=_HTML, css=_CSS, js=script("live_view.js"), isolate_styles=False
)


def live_view(
    topic: LiveTopic,
    subject: str,
    *,
    key: str,
    look: Look = Look.FULL,
    pace: float = 0.0,
    interval: int = LIVE_MILLISECONDS,
    scope: Literal["app", "fragment"] = "app",
) -> None:
    """Draws how a subject is, and runs the script again when it comes to another state.

    Args:
        topic: which kind of thing.
        subject: which one.
        key: unique on the page.
        look: how much of it is drawn.
        pace: seconds that pass at least until the script runs again.
        interval: milliseconds between two requests while it moves.
        scope: what runs again: the page's script, or the fragment in which this is called.
    """
    here, words = context(), language()
    # Whoever asks from now on must not be told what was before this script ran: it would run again.
    here.moments.forget(subject)
    view = topic.view(here.store, subject, words)
    if view.title and look is not Look.BRIEF:
        st.set_page_config(page_title=view.title)
    data = {
        "topic": topic.name,
        "subject": subject,
        "tag": TaggedView.of(view).tag,
        "view": orjson.loads(orjson.dumps(view)),
        "language": words,
        "look": look.value,
        "pace": 1_000 * pace,
        "interval": interval,
        "idle": IDLE_MILLISECONDS,
    }
    if scope == "fragment":
        _component(key=key, data=data, on_stale_change=nothing)
    else:
        _Part(key, data).show()


class _Part:
    """A view that asks for the whole page from a fragment of its own.

    Streamlit breaks off a script that runs for the sake of another one, and with it what a click has asked for. It
    does not do so for a fragment, which waits until nothing runs; from there the page's script takes what waits with it.
    """

    def __init__(self, key: str, data: Mapping[str, Any]) -> None:
        self._key, self._data = key, data
        self._drawn = False

    def show(self) -> None:
        st.fragment(self._run, key=f"{self._key}.part")()

    def _run(self) -> None:
        if self._drawn:  # it runs by itself: there is news
            st.rerun()
        self._drawn = True
        _component(key=self._key, data=self._data, on_stale_change=nothing)
