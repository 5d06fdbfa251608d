"""The table of experiments: filtered and sorted in the store, with the columns that someone chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dlcore.store.experiments import Experiment
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import FieldKind, find_field
from dlcore.store.filters.reading import field_value
from dlcore.ui.experiments.actions import actions
from dlcore.ui.runs.columns import chosen_columns, column_formats, experiments_csv, experiments_frame
from dlcore.ui.runs.filter_line import LINE, SORT, add_test, filter_line, quote, read_line, sort_by
from dlcore.ui.runs.groups import chosen_groups, groups_table
from dlcore.ui.runs.saved_views import saved_views
from dlcore.ui.runs.trends import TREND
from dlcore.ui.shared.address import switch
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import NEW_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.tables import TableSelection, follow_rows
from dlcore.web.context import context

SHOWN = "experiments_shown"
TRIALS = "trials"
"""The parameter of the address that says that the runs of searches are in the table."""
PAGE_SIZE = 200
SHORT_TABLE = 15
"""Rows of a table that is as high as they are; a longer one scrolls."""
MOST_IN_CSV = 100_000


@st.fragment
def experiments_table() -> None:
    """Shows the filter and the table.

    It keeps scroll and selection when it is drawn again, and its order is the store's.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="table_tools")
    with row:
        line = filter_line()
    asked = read_line(line)
    if asked is None:
        return
    with row:
        trials = switch(
            _("Trials"),
            TRIALS,
            help=_("Shows the runs of searches, too; they are on the pages of those anyway."),
        )
    asked = replace(asked, trials=trials)
    page = int(st.session_state.get("experiments_page") or 1)
    found, total = _page(asked, page)
    pages = max(1, -(-total // PAGE_SIZE))
    if page > pages:
        found, total = _page(asked, pages)
    with row:
        by = chosen_groups(found)
        columns = chosen_columns(found)
        saved_views()
        _download(asked)
    if not found:
        _nothing()
        return
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="table_actions")
    if by:
        groups_table(asked, by, columns, bar=bar)
        return
    chosen, cell = _table(found, columns)
    if pages > 1:
        st.pagination(pages, key="experiments_page")
    _offer_tests(cell)
    with bar:
        actions(chosen, total)


def _page(asked: RunQuestion, page: int) -> tuple[Sequence[Experiment], int]:
    here = context()
    return here.store.experiments.page(
        owner=here.actor.id, **asked.filters, **asked.order, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )


def _table(
    found: Sequence[Experiment], columns: Sequence[str]
) -> tuple[list[Experiment], tuple[Experiment, str] | None]:
    """Shows the rows; returns those that are chosen, and the row and the column of a cell that is."""
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [one.id for one in found])
    st.session_state[SHOWN] = shown
    key, frame = f"experiments_table_{shown.number}", experiments_frame(found, columns)

    def sort_if_asked() -> None:
        picked = st.session_state[key]["selection"]["columns"]
        if picked and picked[0] not in ("id", TREND):
            sort_by(picked[0])
            # Another table, in which no column is chosen, so that the next click counts, too.
            st.session_state[SHOWN] = replace(st.session_state[SHOWN], number=shown.number + 1)

    event = st.dataframe(
        frame,
        key=key,
        selection_default={"selection": {"rows": shown.rows, "columns": [], "cells": []}},
        placeholder="–",
        hide_index=True,
        on_select=sort_if_asked,
        selection_mode=["multi-row", "single-column", "single-cell"],
        height="content" if len(found) <= SHORT_TABLE else 560,
        column_config=column_formats(frame, st.query_params.get(SORT, "")),
        alt=_("Experiments"),
    )
    chosen = [found[row] for row in event.selection.rows if row < len(found)]
    st.session_state[SHOWN] = st.session_state[SHOWN].with_chosen(one.id for one in chosen)
    cells = [(found[row], column) for row, column in event.selection.cells if row < len(found)]
    return chosen, cells[0] if cells else None


def _offer_tests(cell: tuple[Experiment, str] | None) -> None:
    """Shows buttons that add to the filter what is in the chosen cell."""
    field = find_field(cell[1]) if cell else None
    if cell is None or field is None or field.kind is FieldKind.TIME:
        return
    value = field_value(cell[0], field)
    if isinstance(value, list | tuple | dict):
        tests = [f"{field.name} = {quote(one)}" for one in value if isinstance(one, str)]
    elif value is None or value == "":
        tests = [f"{field.name} = none", f"{field.name} != none"]
    elif isinstance(value, bool):
        tests = [f"{field.name} = {str(value).lower()}"]
    elif isinstance(value, int | float):
        tests = [f"{field.name} {sign} {value}" for sign in (">=", "<=")]
    else:
        tests = [f"{field.name} {sign} {quote(str(value))}" for sign in ("=", "!=")]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for test in tests:
            text = escape_name(test, 80)
            icon = ":material/filter_alt:"
            if st.button(text, key=f"test.{test}", icon=icon, on_click=add_test, args=(test,)):
                st.rerun()


def _download(asked: RunQuestion) -> None:
    here = context()
    st.download_button(
        _("CSV"),
        lambda: experiments_csv(
            here.store.experiments.page(
                owner=here.actor.id, **asked.filters, **asked.order, limit=MOST_IN_CSV
            )[0]
        ),
        file_name="experiments.csv",
        mime="text/csv",
        icon=":material/download:",
        key="experiments_csv",
        on_click="ignore",
        help=_("All that the filter lets through, with metrics and settings."),
    )


def _nothing() -> None:
    if st.session_state.get(LINE):
        st.info(_("Nothing matches this filter. Clear it to see more."), icon=":material/filter_alt_off:")
        return
    st.info(_("No experiments yet."), icon=":material/info:")
    st.page_link(NEW_PAGE, label=_("New experiment"), icon=":material/add_circle:")
