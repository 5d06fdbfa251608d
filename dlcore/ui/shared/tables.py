"""Tables of rows that come and go: a selection that follows them, columns they share, cells safe to export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

FORMULA = re.compile(r"^[=+\-@\t\r]")
"""How a text begins that a spreadsheet would take for a formula."""


@dataclass(frozen=True)
class TableSelection:
    """What a table shows: the ids in its rows, and the chosen ones among them.

    Attributes:
        number: of the table; another number, another table in the browser.
    """

    number: int = 0
    ids: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()

    @property
    def rows(self) -> list[int]:
        """The places of the chosen ones."""
        return [self.ids.index(one) for one in self.chosen if one in self.ids]

    def with_chosen(self, ids: Iterable[str]) -> TableSelection:
        """Returns the same table with others chosen."""
        return replace(self, chosen=tuple(ids))


def follow_rows(selection: TableSelection, ids: Sequence[str]) -> TableSelection:
    """Returns the same table while its rows stay; a new one in which the same are chosen when they move.

    A selection is kept as places of rows: after a new run came in at the top, the same places would
    be other runs.
    """
    if tuple(ids) == selection.ids:
        return selection
    return replace(selection, number=selection.number + 1, ids=tuple(ids))


def escape_formula(value: Any) -> Any:
    """Returns a text that no spreadsheet takes for a formula; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def date_column(label: str) -> Any:
    """Returns the format of a column of dates and times, in the reader's time zone.

    Not "2 minutes ago": the browser's table would say that in English to everybody.
    """
    return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm", timezone=st.context.timezone)


def link_column(label: str) -> Any:
    """Returns the format of a column of links by name, which stays in sight and leaves room for others on a phone.

    Its cells are addresses; what is behind the hash is shown.
    """
    return st.column_config.LinkColumn(label, pinned=True, width=220, display_text="#(.*)$")
