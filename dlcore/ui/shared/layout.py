"""The layout of pages: parts that stay in view while the rest scrolls, and what lines up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

# Up to 640 px Streamlit puts columns below each other.
_STYLE = """<style>
[data-testid="stTableStyledTable"] th[scope="row"] p { word-break: keep-all; overflow-wrap: normal; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] { position: relative; left: -0.5rem; }
/* A link to the page that is open, with other parameters, is not where one is. */
[data-testid="stMain"] [data-testid="stPageLink-NavLink"]:not(:hover) { background: none; }
[class*="st-key-card_"] [data-testid="stPageLink-NavLink"] p { white-space: normal; }
/* A menu that was pressed in the instant it opened stays open, behind the dialog that it led to. */
body:has([data-testid="stDialog"]) [data-testid="stPopoverBody"] { visibility: hidden; }
/* Streamlit darkens what is pointed at or open, also on a dark ground. */
button[kind="tertiary"]:is(:hover, :active, :focus-visible, [aria-expanded="true"]):not(:disabled) {
    color: light-dark(LIGHT_PRIMARY, DARK_LINK);
}
.st-key-starred button { color: light-dark(LIGHT_PRIMARY, DARK_PRIMARY); }
.st-key-head h1 { font-size: 1.6rem; padding-block: .4rem; }
.st-key-head > [data-testid="stLayoutWrapper"]:has(.st-key-run_state) { flex: 1 1 17rem; min-width: min(100%, 17rem); }
[data-testid="stLayoutWrapper"]:has(> .st-key-head_actions) { margin-left: auto; }
.st-key-steps > div { flex: 1 1 auto; width: auto; min-width: max-content; min-height: 2.5rem; }
.st-key-steps > div [data-testid="stPageLink-NavLink"] {
    left: 0; height: 2.5rem; margin: 0; padding: 0 0.75rem; justify-content: center; border-radius: 0;
    border: 1px solid light-dark(LIGHT_BORDER, DARK_BORDER);
}
.st-key-steps .st-key-step_here [data-testid="stPageLink-NavLink"] {
    border-color: light-dark(LIGHT_PRIMARY, DARK_PRIMARY);
    background: color-mix(in srgb, light-dark(LIGHT_PRIMARY, DARK_PRIMARY) 12%, transparent);
}
/* The guide of a lesson is in the sidebar; where that is closed, it opens from a bar above the page. */
[data-testid="stLayoutWrapper"]:has(> .st-key-lesson_bar) { position: sticky; top: 3.75rem; z-index: 80; }
body:has([data-testid="stSidebar"][data-collapsed="false"]) [data-testid="stLayoutWrapper"]:has(> .st-key-lesson_bar) {
    display: none;
}
/* On it, not on its button: that is half transparent while it is pointed at or open. */
.st-key-lesson_bar { background: light-dark(LIGHT_GROUND, DARK_GROUND); border-radius: .5rem; }
.st-key-lesson_side { background: light-dark(LIGHT_GROUND, DARK_GROUND); }
.st-key-lesson_side :is(p, li) { font-size: .875rem; }
@media (min-width: 641px) {
    [data-testid="stLayoutWrapper"]:has(> [class*="st-key-beside"]) {
        position: sticky; top: 4rem; max-height: calc(100dvh - 5rem); overflow-y: auto;
    }
}
@media (min-width: 641px) and (max-width: 1100px) {
    /* Too narrow for a third column: the card is below, and its button stays in view. */
    .st-key-wide > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
    .st-key-wide > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
        flex: 1 1 100%; min-width: 100%;
    }
    .st-key-wide .st-key-foot { position: fixed; z-index: 90; right: 1rem; bottom: 1rem; width: 16rem; }
    [data-testid="stMainBlockContainer"]:has(.st-key-wide) { padding-bottom: 6rem; }
}
@media (max-width: 640px) {
    .st-key-foot {
        position: fixed; z-index: 90; bottom: 0; left: 0; width: 100%; padding: 0.75rem 1rem;
        background: light-dark(LIGHT_GROUND, DARK_GROUND); box-shadow: 0 -1px 0 rgb(128 128 128 / 25%);
    }
    [data-testid="stMainBlockContainer"]:has(.st-key-foot) { padding-bottom: 7rem; }
    /* What is at work is a strip, and buttons are their icons, so that the table begins within the first screen. */
    .st-key-at_work [data-testid="stGrid"] { display: flex; overflow-x: auto; scroll-snap-type: x proximity; }
    .st-key-at_work [data-testid="stGridCell"] { flex: 1 0 20rem; scroll-snap-align: start; }
    :is(.st-key-table_tools, .st-key-table_actions) { gap: .5rem; }
    .st-key-table_tools > .st-key-q { flex: 1 1 15rem; min-width: 15rem; }
    :is(.st-key-table_tools, .st-key-table_actions) button [data-testid="stMarkdownContainer"] {
        position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
    }
}
</style>"""

_COLORS = (
    ("GROUND", "backgroundColor", "Canvas"),
    ("BORDER", "borderColor", "GrayText"),
    ("PRIMARY", "primaryColor", "Highlight"),
    ("LINK", "linkColor", "LinkText"),
)
"""What stands for a colour of the theme, its option, and what is there without one."""


def layout_style() -> None:
    """Adds the styles of the layout; called once a run, before any part of a page."""
    # Streamlit gives the colours of its theme to components alone.
    style = _STYLE
    for theme in ("light", "dark"):
        for name, option, usual in _COLORS:
            color = st.get_option(f"theme.{theme}.{option}") or usual
            style = style.replace(f"{theme.upper()}_{name}", color)
    st.html(style)


@contextmanager
def head_line() -> Iterator[None]:
    """What is drawn within it is the first line of a page about one thing: its name, how it is, what can be done."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        yield


@contextmanager
def head_actions() -> Iterator[None]:
    """What is drawn within it stands at the end of the head's line, and stays together."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="head_actions"
    ):
        yield


@contextmanager
def beside(name: str) -> Iterator[None]:
    """What is drawn within it, in a column, stays in view beside a longer column.

    Args:
        name: unique on the page.
    """
    with st.container(key=f"beside_{name}"):
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
