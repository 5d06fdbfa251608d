"""Dialogs that ask before something is done that cannot be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name

MOST_NAMES = 8
"""How many of what it is about are named; the rest is counted."""
LONGEST = 120
"""Characters of such a name."""


@dataclass(frozen=True)
class Question:
    """What a dialog asks.

    Attributes:
        title: of the dialog.
        text: what would happen, as Markdown.
        yes: what the button that does it is called.
        act: does it, and shows what is to be seen then.
        names: what it is about, each as people call it.
        icon: of Material, for the dialog and its button.
        key: of the button that does it.
    """

    title: str
    text: str
    yes: str
    act: Callable[[], object]
    names: Sequence[str] = ()
    icon: str = "delete"
    key: str = "sure"


def ask(question: Question) -> None:
    """Opens the dialog."""
    # Made again at each call: the title is in the reader's language.
    st.dialog(question.title, icon=f":material/{question.icon}:")(_ask)(question)


def _ask(question: Question) -> None:
    if question.names:
        st.markdown("\n".join(f"- **{escape_name(name, LONGEST)}**" for name in question.names[:MOST_NAMES]))
        if (more := len(question.names) - MOST_NAMES) > 0:
            st.caption(_("and {n} more").format(n=more))
    st.markdown(question.text)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Cancel"), key=f"{question.key}_not"):
            st.rerun()
        agreed = st.button(question.yes, type="primary", icon=f":material/{question.icon}:", key=question.key)
    if agreed:
        try:
            question.act()
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
