"""Texts in the language of whoever reads a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from dlcore.errors import DlcoreError, Message
from dlcore.languages import LANGUAGES, catalogue
from dlcore.ui.components.document import document
from dlcore.ui.shared.markdown import escape_values, format_sentence

KEY, CHOSEN = "lang", "lang_chosen"
COOKIE = "dlstudio_lang"
_SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)


def preferred_language(accept_language: str) -> str:
    """Returns the language that a browser asks for, of those there are; English where there is none of them.

    Example:
        >>> preferred_language("fr-CH, zh-TW;q=0.9, en;q=0.8"), preferred_language("de"), preferred_language("en;q=0.5, zh")
        ('zh_CN', 'en', 'zh_CN')
    """
    known = {code.partition("_")[0]: code for code in LANGUAGES}
    ranked: list[tuple[float, str]] = []
    for entry in accept_language.split(","):
        name, _semicolon, weight = entry.partition(";")
        code = known.get(name.strip().lower().partition("-")[0])
        if code:
            ranked.append((_weight(weight), code))
    return max(ranked, key=lambda one: one[0], default=(1.0, "en"))[1]


def _weight(text: str) -> float:
    """Returns the weight of an entry of Accept-Language, written `q=0.8`; 1 where it says nothing."""
    try:
        return float(text.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def texts(accept_language: str) -> tuple[str, Callable[[str], str]]:
    """Returns the language that a browser asks for, and the translation into it, for what is no page."""
    code = preferred_language(accept_language)
    return code, catalogue(code).gettext


@contextmanager
def use_language(name: str) -> Iterator[None]:
    """Sets the language of texts within the block, also without a session; English if it is unknown."""
    token = _SPOKEN.set(name if name in LANGUAGES else "en")
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> str:
    """Returns the language set by `use_language`, else the session's: chosen, in the URL, remembered,
    or the browser's.
    """
    if (spoken := _SPOKEN.get()) is not None:
        return spoken
    chosen = st.session_state.get(KEY) or st.query_params.get(KEY)
    return str(chosen) if chosen in LANGUAGES else _first_language()


def _first_language() -> str:
    """Returns the language of a session in which no one has chosen one."""
    remembered = st.context.cookies.get(COOKIE)
    asked_for = st.context.headers.get("Accept-Language") or st.context.locale or ""
    return remembered if remembered in LANGUAGES else preferred_language(asked_for)


def _(text: str) -> str:
    """`text` in the language of this session."""
    return catalogue(language()).gettext(text) if text else ""


def _n(one: str, many: str, count: float) -> str:
    """Returns the one of two texts that goes with a number, in the language of this session.

    Args:
        one: for one thing.
        many: for any other number of them.
        count: how many there are.
    """
    return catalogue(language()).ngettext(one, many, count)  # type: ignore[arg-type]


def say(error: DlcoreError | Message) -> str:
    """Returns the whole sentence of an error or a message, translated, as Markdown: its values are shown as they are."""
    message = error.message if isinstance(error, DlcoreError) else error
    text = escape_values(message).text(_)
    return format_sentence(text if message.where else _capitalised(text))


def say_beside(error: DlcoreError) -> str:
    """Returns `say` for a place that shows beside what the error is about."""
    return format_sentence(_capitalised(escape_values(error.message).body(_)))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def choose_language() -> None:
    """Shows the language switch of the sidebar; the choice stays in the URL, and in the browser."""
    st.session_state.setdefault(KEY, language())
    # Not bound by Streamlit: it would put the shown name into the URL instead of the code.
    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=KEY,
        on_change=_remember,
        persist_state="session",
        label_visibility="collapsed",
        required=True,
    )
    in_url = st.query_params.get(KEY)
    if in_url != language() and (in_url or language() != _first_language()):
        st.query_params[KEY] = language()
    # Not what a link that someone sent says: that is for this visit.
    chosen = st.session_state.get(CHOSEN, False)
    document(language=tag(language()), cookie=f"{COOKIE}={language()}" if chosen else "")


def _remember() -> None:
    st.session_state[CHOSEN] = True


def tag(code: str) -> str:
    """Returns the language as HTML writes it.

    Example:
        >>> tag("zh_CN")
        'zh-CN'
    """
    return code.replace("_", "-")
