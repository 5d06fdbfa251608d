"""What pages say of runs that are not there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_name


def say_gone(ids: Sequence[str]) -> None:
    """Says that there are no such runs."""
    words = _n(
        "There is no run {ids}. It may have been deleted.",
        "There are no runs {ids}. They may have been deleted.",
        len(ids),
    )
    named = ", ".join(f"'{escape_name(one)}'" for one in ids)
    st.warning(words.format(ids=named), icon=":material/search_off:")


def show_no_run(title: str, run_id: str, advice: str) -> None:
    """Draws a page about a run that is not there, with the way to all of them.

    Args:
        title: of the page.
        run_id: what the address names; empty: nothing.
        advice: what is said where it names nothing.
    """
    st.title(title, anchor=False)
    if run_id:
        say_gone([run_id])
    else:
        st.warning(advice, icon=":material/search_off:")
    st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
