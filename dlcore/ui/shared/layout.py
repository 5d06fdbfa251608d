"""The layout of pages: parts that stay in view while the rest scrolls, and what lines up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

# Up to 640 px Streamlit puts columns below each other.
_STYLE = """<style>
[data-testid="stTableStyledTable"] th[scope="row"] p { word-break: keep-all; overflow-wrap: normal; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] { position: relative; left: -0.5rem; }
.st-key-head h1 { font-size: 1.6rem; padding-block: .4rem; }
.st-key-head > .st-key-run_state { flex: 1 1 17rem; min-width: min(100%, 17rem); }
[data-testid="stLayoutWrapper"]:has(> .st-key-head_actions) { margin-left: auto; }
@media (min-width: 641px) {
    [data-testid="stLayoutWrapper"]:has(> .st-key-beside) {
        position: sticky; top: 4rem; max-height: calc(100dvh - 5rem); overflow-y: auto;
    }
}
@media (max-width: 640px) {
    .st-key-foot {
        position: fixed; z-index: 90; bottom: 0; left: 0; width: 100%; padding: 0.75rem 1rem;
        background: light-dark(LIGHT, DARK); box-shadow: 0 -1px 0 rgb(128 128 128 / 25%);
    }
    [data-testid="stMainBlockContainer"]:has(.st-key-foot) { padding-bottom: 7rem; }
}
</style>"""


def layout_style() -> None:
    """Adds the styles of the layout; called once a run, before any part of a page."""
    # Streamlit gives the colours of its theme to components alone.
    light, dark = (st.get_option(f"theme.{name}.backgroundColor") or "Canvas" for name in ("light", "dark"))
    st.html(_STYLE.replace("LIGHT", light).replace("DARK", dark))


@contextmanager
def head_line() -> Iterator[None]:
    """What is drawn within it is the first line of a page about one thing: its name, how it is, what can be done."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        yield


@contextmanager
def head_actions() -> Iterator[None]:
    """What is drawn within it stands at the end of the head's line, and stays together."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xxsmall", width="content", key="head_actions"
    ):
        yield


@contextmanager
def beside() -> Iterator[None]:
    """What is drawn within it, in a column, stays in view beside a longer column."""
    with st.container(key="beside"):
        yield


def start_button(label: str, *, key: str, icon: str, disabled: bool, help: str) -> bool:
    """Draws the button that a page is for, which stays in view at the foot of a phone's window.

    Args:
        label: what it starts, in the reader's language.
        key: of the button.
        icon: before the label.
        disabled: whether it cannot be pressed.
        help: what happens then.

    Returns:
        Whether it was pressed.
    """
    with st.container(key="foot"):
        return st.button(
            label, key=key, icon=icon, disabled=disabled, help=help, type="primary", width="stretch"
        )
