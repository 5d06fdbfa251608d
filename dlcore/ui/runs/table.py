"""The table of runs: filtered and sorted in the store, with the columns that someone chose, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue import delete, request_stop
from dlcore.records import Run
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import FieldKind, find_field
from dlcore.store.filters.reading import field_value
from dlcore.ui.runs.columns import chosen_columns, column_formats, runs_csv, runs_frame
from dlcore.ui.runs.filter_line import LINE, SORT, add_test, filter_line, quote, read_line, sort_by
from dlcore.ui.runs.groups import chosen_groups, groups_table
from dlcore.ui.runs.saved_views import saved_views
from dlcore.ui.shared.annotations import annotation_actions
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import COMPARE_PAGE, RUN_PAGE, RUNS_PAGE, TRAIN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.tables import TableSelection, follow_rows
from dlcore.web.context import context

SHOWN = "runs_shown"
PAGE_SIZE = 200
SHORT_TABLE = 15
"""Rows of a table that is as high as they are; a longer one scrolls."""
MOST_IN_CSV = 100_000


@st.fragment
def runs_table() -> None:
    """Shows the filter and the table; it keeps scroll and selection when it is drawn again, and its order is the store's."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        line = filter_line()
    asked = read_line(line)
    if asked is None:
        return
    page = int(st.session_state.get("runs_page") or 1)
    runs, total = _page(asked, page)
    pages = max(1, -(-total // PAGE_SIZE))
    if page > pages:
        runs, total = _page(asked, pages)
    with row:
        by = chosen_groups(runs)
        columns = chosen_columns(runs)
        saved_views()
        _download(asked)
    if not runs:
        _nothing()
        return
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    if by:
        groups_table(asked, by, columns, bar=bar)
        return
    chosen, cell = _table(runs, columns)
    if pages > 1:
        st.pagination(pages, key="runs_page")
    _offer_tests(cell)
    with bar:
        actions(chosen, total)


def _page(asked: RunQuestion, page: int) -> tuple[Sequence[Run], int]:
    here = context()
    return here.store.runs.page(
        owner=here.actor, **asked.filters, **asked.order, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )


def _table(runs: Sequence[Run], columns: Sequence[str]) -> tuple[list[Run], tuple[Run, str] | None]:
    """Shows the rows; returns those that are chosen, and the run and the column of a cell that is."""
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [run.id for run in runs])
    st.session_state[SHOWN] = shown
    key, frame = f"runs_table_{shown.number}", runs_frame(runs, columns)

    def sort_if_asked() -> None:
        picked = st.session_state[key]["selection"]["columns"]
        if picked and picked[0] != "id":
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
        height="content" if len(runs) <= SHORT_TABLE else 560,
        column_config=column_formats(frame, st.query_params.get(SORT, "")),
        alt=_("Runs"),
    )
    chosen = [runs[row] for row in event.selection.rows if row < len(runs)]
    st.session_state[SHOWN] = st.session_state[SHOWN].with_chosen(run.id for run in chosen)
    cells = [(runs[row], column) for row, column in event.selection.cells if row < len(runs)]
    return chosen, cells[0] if cells else None


def _offer_tests(cell: tuple[Run, str] | None) -> None:
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
        lambda: runs_csv(
            here.store.runs.list(owner=here.actor, **asked.filters, **asked.order, limit=MOST_IN_CSV)
        ),
        file_name="runs.csv",
        mime="text/csv",
        icon=":material/download:",
        key="runs_csv",
        on_click="ignore",
        help=_("All runs that the filter lets through, with their metrics and settings."),
    )


def _nothing() -> None:
    if st.session_state.get(LINE):
        st.info(_("No runs match this filter. Clear it to see more."), icon=":material/filter_alt_off:")
        return
    st.info(_("No runs here yet. Start one on the Train page."), icon=":material/info:")
    st.page_link(TRAIN_PAGE, label=_("Train"), icon=":material/model_training:")


def actions(chosen: Sequence[Run], total: int) -> None:
    """Shows what can be done with the chosen runs; without any the buttons rest, so that the table stays in its place."""
    words = _n("{total} run, {chosen} chosen", "{total} runs, {chosen} chosen", total)
    st.caption(words.format(total=total, chosen=len(chosen)), width="content")
    if len(chosen) == 1:
        st.page_link(
            RUN_PAGE,
            label=_("Open {name}").format(name=escape_name(chosen[0].name)),
            icon=":material/open_in_new:",
            query_params={"run": chosen[0].id},
        )
    if len(chosen) > 1:
        st.page_link(
            COMPARE_PAGE,
            label=_("Compare {n}").format(n=len(chosen)),
            icon=":material/compare_arrows:",
            query_params={"runs": ",".join(run.id for run in chosen)},
        )
    annotation_actions(chosen, key="runs", at_rest=True)
    going = [run.id for run in chosen if not run.state.final and not run.stop_requested]
    if going and st.button(
        _("Stop {n}").format(n=len(going)),
        icon=":material/stop:",
        key="stop_runs",
        help=_("They save their state so that they can be resumed later."),
    ):
        _stop(going)
    final = [run for run in chosen if run.state.final]
    if st.button(
        _("Delete {n}").format(n=len(final)) if final else _("Delete"),
        icon=":material/delete:",
        key="delete_runs",
        disabled=not final,
        help=_("Including their curves, models and logs. Asks for confirmation."),
    ):
        confirm_delete(final)


def _stop(run_ids: Sequence[str]) -> None:
    here = context()
    for run_id in run_ids:
        try:
            request_stop(here.store, run_id, actor=here.actor)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")


def confirm_delete(runs: Sequence[Run]) -> None:
    """Asks for confirmation, then deletes the runs with all their files."""

    def act() -> None:
        here = context()
        for run in runs:
            delete(here.store, run.id, actor=here.actor)
        st.switch_page(RUNS_PAGE)

    ask(
        Question(
            _("Delete this run?") if len(runs) == 1 else _("Delete {n} runs?").format(n=len(runs)),
            _("Curves, models and logs are deleted, too. This cannot be undone."),
            _("Delete"),
            act,
            names=[f"{run.name} ({run.id})" for run in runs],
            key="delete_sure",
        )
    )
