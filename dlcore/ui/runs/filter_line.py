"""The line that says which runs the table shows, what is wrong with it, and the clicks that write it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import SpecError
from dlcore.store.filters import FilterError, RunQuestion
from dlcore.store.filters.values import FLAGS, NONE
from dlcore.ui.shared import format as show
from dlcore.ui.shared.clock import now_there
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

LINE, SORT = "q", "sort"
"""The parameters of the address that hold the filter and what the table is sorted by."""
MOST = 12
"""Values of a field that are offered to be clicked."""
_WORDS = frozenset({"and", "or", "not", "in", NONE, *FLAGS})
"""What means something else where it is not in quotes."""


def filter_line() -> str:
    """Shows the filter, and what can be added to it with a click; returns what it says."""
    line = st.text_input(
        _("Filter"),
        placeholder='accuracy > 0.95 and template = "cnn" and tag:baseline and created > -7d',
        icon=":material/filter_alt:",
        key=LINE,
        bind="query-params",
        help=_(
            "Names, metrics, settings (`training.batch_size`), dates and tags, joined by `and`, `or`, "
            "`not`. A word alone is a part of the name."
        ),
    )
    _clicks()
    return line or ""


def read_line(line: str) -> RunQuestion | None:
    """Returns what a filter asks for, in the order that the address names; None after saying what is wrong with it."""
    try:
        return RunQuestion.read(line, st.query_params.get(SORT, ""), now=now_there())
    except FilterError as error:
        st.error(say(error), icon=":material/error:")
        st.code(error.mark(line), language=None)
    except SpecError:  # an address of another version; the table is sorted by age
        del st.query_params[SORT]
        return RunQuestion.read(line, now=now_there())
    return None


def _clicks() -> None:
    """Shows what can be added to the line with a click."""
    here = context()
    there = here.store.runs.kinds(owner=here.actor.id)
    with st.popover(_("Add"), icon=":material/add:"):
        states = [
            (f"state = {one.value}", _(name)) for one, name in show.STATE_NAMES.items() if one in there.states
        ]
        tags = here.store.annotations.tags(owner=here.actor.id)
        _group(_("State"), states)
        _group(_("Dataset"), [(f"dataset = {quote(name)}", name) for name in there.datasets])
        _group(_("Template"), [(f"template = {quote(name)}", name) for name in there.templates])
        _group(_("Tags"), [(f"tag:{quote(tag)}", tag) for tag in tags])
        _group(
            _("Other"),
            [
                ("favorite = true", _("Favorites")),
                ("created > -1d", _("Last 24 hours")),
                ("created > -7d", _("Last 7 days")),
                ("archived = true", _("Archived")),
            ],
        )


def _group(title: str, choices: Sequence[tuple[str, str]]) -> None:
    if not choices:
        return
    st.caption(title)
    with st.container(horizontal=True, gap="xsmall"):
        for test, label in choices[:MOST]:
            st.button(escape_name(label), key=f"add.{test}", on_click=add_test, args=(test,))


def add_test(test: str) -> None:
    """Writes a further test to the line; a callback, for a widget cannot be written once it is drawn."""
    line = str(st.session_state.get(LINE) or "").strip()
    if " or " in line:
        line = f"({line})"
    st.session_state[LINE] = f"{line} and {test}" if line else test


def sort_by(name: str) -> None:
    """Sorts the table by a column: first the highest, then the lowest, then the newest run first; a callback."""
    following = {name: f"+{name}", f"+{name}": ""}
    st.query_params[SORT] = following.get(st.query_params.get(SORT, ""), name)


def quote(text: str) -> str:
    r"""Returns a text as a filter takes it.

    Example:
        >>> quote("cnn"), quote("two words"), quote('a "b"')
        ('cnn', '"two words"', '"a \\"b\\""')
    """
    plain = text.replace("_", "").replace("-", "").isalnum() and not text[0].isdigit()
    if plain and text.casefold() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
