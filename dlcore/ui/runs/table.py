"""The list of runs: filters, table, actions, and the cards of the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.datasets import CATALOGUE
from dlcore.datasets.stored import stored_names
from dlcore.errors import DlcoreError
from dlcore.queue import delete, request_stop
from dlcore.records import Run, RunState
from dlcore.spec.metrics import METRICS
from dlcore.ui.components.live_view import live_view
from dlcore.ui.runs.view import RUN, RUNS, main_metric
from dlcore.ui.shared import format as show
from dlcore.ui.shared.annotations import annotation_actions, archive_toggle, starred_name
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import RUN_PAGE, RUNS_PAGE, TRAIN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.tables import TableSelection, date_column, follow_rows, name_column
from dlcore.web.context import context

SHOWN = "runs_shown"
PAGE_SIZE = 200
CARDS = 6
"""Runs that have a card while they have not ended: as many as are at work on most machines."""
SHORT_TABLE = 15
"""Rows of a table that is as high as they are; a longer one scrolls."""


@dataclass(frozen=True)
class RunFilter:
    """What the filters ask for."""

    search: str
    states: tuple[RunState, ...]
    datasets: tuple[str, ...]
    archived: bool = False


def filters() -> RunFilter:
    """Shows the filters above the table, which are kept in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            _("Search"), placeholder=_("part of a name"), key="q", bind="query-params", width=240
        )
        states = _states()
        datasets = st.multiselect(
            _("Dataset"),
            [*CATALOGUE.names(), *stored_names(context().settings)],
            key="dataset",
            bind="query-params",
            placeholder=_("all"),
            width=260,
        )
        archived = archive_toggle()
    return RunFilter(search or "", tuple(RunState(value) for value in states), tuple(datasets), archived)


def _states() -> list[str]:
    # Not bound by Streamlit: it would put the translated names into the URL.
    known, in_url = [state.value for state in RunState], st.query_params.get_all("state")
    st.session_state.setdefault("state", [value for value in in_url if value in known])
    states = st.multiselect(
        _("State"),
        known,
        format_func=lambda value: _(show.STATE_NAMES[RunState(value)]),
        key="state",
        persist_state="session",
        placeholder=_("all"),
        width=260,
    )
    if states != in_url:
        st.query_params["state"] = states
    return states


def best_value(run: Run) -> tuple[str, float] | None:
    """Returns the metric a run is judged by, on the test part, else the validation,
    else the training part.
    """
    for name in (main_metric(run), "loss"):
        for scope in ("test", "validation", "train"):
            value = run.summary.get(scope, {}).get(name)
            if value is not None:
                return name, value
    return None


def runs_at_work() -> None:
    """Shows your unfinished runs as live cards, at most a few of them."""
    here = context()
    live_view(RUNS, "", key="runs_state")
    unfinished = here.store.runs.unfinished(owner=here.actor)[:CARDS]
    if not unfinished:
        return
    with st.grid(3, min_column_width=300, gap="small"):
        for run_id, _state in unfinished:
            with st.container(border=True, height="stretch", gap="xsmall"):
                run = here.store.runs.get(run_id)
                st.page_link(
                    RUN_PAGE,
                    label=escape_name(run.name),
                    icon=":material/monitoring:",
                    query_params={"run": run_id},
                )
                live_view(RUN, run_id, key=f"run_state_{run_id}", brief=True)


@st.fragment
def runs_table(wanted: RunFilter) -> None:
    """Shows the table; it keeps sort, scroll and selection when it is drawn again."""
    here = context()
    total = here.store.runs.count(
        owner=here.actor,
        search=wanted.search,
        states=wanted.states,
        datasets=wanted.datasets,
        archived=wanted.archived,
    )
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(pages, int(st.session_state.get("runs_page") or 1))
    runs = here.store.runs.list(
        owner=here.actor,
        search=wanted.search,
        states=wanted.states,
        datasets=wanted.datasets,
        archived=wanted.archived,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )
    if not runs:
        _nothing(wanted)
        return
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [run.id for run in runs])
    event = st.dataframe(
        _frame(runs),
        key=f"runs_table_{shown.number}",
        selection_default={"selection": {"rows": shown.rows, "columns": [], "cells": []}},
        placeholder="–",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(runs) <= SHORT_TABLE else 560,
        column_config=_columns(),
        alt=_("Runs"),
    )
    if pages > 1:
        st.pagination(pages, key="runs_page")
    chosen = [runs[row] for row in event.selection.rows if row < len(runs)]
    st.session_state[SHOWN] = shown.with_chosen(run.id for run in chosen)
    actions(chosen, total)


def _nothing(wanted: RunFilter) -> None:
    if wanted != RunFilter("", (), ()):
        st.info(
            _("No runs match these filters. Clear a filter above to see more."),
            icon=":material/filter_alt_off:",
        )
        return
    st.info(_("No runs here yet. Start one on the Train page."), icon=":material/info:")
    st.page_link(TRAIN_PAGE, label=_("Train"), icon=":material/model_training:")


def _frame(runs: Sequence[Run]) -> pd.DataFrame:
    # What moves stands on the cards: the table is drawn again only when a run comes, goes or changes its state.
    best = [best_value(run) if run.state.final else None for run in runs]
    return pd.DataFrame(
        {
            "name": [starred_name(run) for run in runs],
            "state": [[_(show.STATE_NAMES[run.state])] for run in runs],
            "progress": [run.progress if run.state.final else None for run in runs],
            **{
                name: [value[1] if value and value[0] == name else None for value in best]
                for name in _judged_by(best)
            },
            "dataset": [run.dataset for run in runs],
            "epochs": [f"{run.epoch}/{run.epochs}" if run.state.final else None for run in runs],
            "seconds": [run.seconds if run.state.final else None for run in runs],
            "tags": [list(run.annotation.tags) for run in runs],
            "created": [run.created_at for run in runs],
            "id": [run.id for run in runs],
        }
    )


def _judged_by(best: Sequence[tuple[str, float] | None]) -> list[str]:
    """Returns the metrics that get a column: those that some run is judged by."""
    found = {value[0] for value in best if value}
    return [name for name in METRICS if name in found] or [next(iter(METRICS))]


def _metric_columns() -> dict[str, Any]:
    return {
        name: st.column_config.NumberColumn(
            _(METRICS[name].title),
            format="percent" if METRICS[name].is_share else "%.4g",
            help=_("On the test part, else on the validation part."),
        )
        for name in METRICS
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "name": name_column(_("Run")),
        "state": column.MultiselectColumn(
            _("State"),
            options=[_(name) for name in show.STATE_NAMES.values()],
            color=list(show.STATE_COLORS.values()),
        ),
        "progress": column.ProgressColumn(_("Progress"), min_value=0, max_value=1, format="percent"),
        **_metric_columns(),
        "dataset": column.TextColumn(_("Dataset")),
        "epochs": column.TextColumn(_("Epochs")),
        "seconds": column.NumberColumn(_("Seconds"), format="%.1f"),
        "tags": column.ListColumn(_("Tags")),
        "created": date_column(_("Queued")),
        "id": column.TextColumn(_("Id")),
    }


def actions(chosen: Sequence[Run], total: int) -> None:
    """Shows what can be done with the chosen runs."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _n("{total} run, {chosen} chosen", "{total} runs, {chosen} chosen", total)
        st.caption(words.format(total=total, chosen=len(chosen)))
        if len(chosen) == 1:
            st.page_link(
                RUN_PAGE,
                label=_("Open {name}").format(name=escape_name(chosen[0].name)),
                icon=":material/open_in_new:",
                query_params={"run": chosen[0].id},
            )
        annotation_actions(chosen, key="runs")
        going = [run.id for run in chosen if not run.state.final and not run.stop_requested]
        if going and st.button(
            _("Stop {n}").format(n=len(going)),
            icon=":material/stop:",
            key="stop_runs",
            help=_("They save their state so that they can be resumed later."),
        ):
            _stop(going)
        final = [run for run in chosen if run.state.final]
        if final and st.button(
            _("Delete {n}").format(n=len(final)),
            icon=":material/delete:",
            key="delete_runs",
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


def recent_runs() -> None:
    """Shows the latest runs as cards, each with its curve; nothing while there is none."""
    here = context()
    runs = here.store.runs.list(owner=here.actor, archived=False, limit=4)
    if not runs:
        return
    st.subheader(_("Latest runs"))
    with st.grid(4, gap="small"):
        for run in runs:
            with st.container(border=True, height="stretch"):
                best = best_value(run)
                curve = here.store.metrics.epoch_curve(run.id, main_metric(run))
                st.markdown(f"**{escape_name(run.name)}** {show.state_badge(run.state)}")
                st.metric(
                    show.labels()[best[0]] if best else _("Result"),
                    show.metric(*best) if best else "–",
                    chart_data=curve if len(curve) > 1 else None,
                    chart_type="area",
                )
                st.space("stretch")
                st.page_link(
                    RUN_PAGE,
                    label=f"{escape_name(run.dataset)} · {show.time_ago(run.created_at)}",
                    query_params={"run": run.id},
                    icon=":material/monitoring:",
                )
