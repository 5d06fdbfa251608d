"""The trials of a study: the table, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.errors import N_
from dlcore.plots.studies import STATE_NAMES, parallel_info, short_names
from dlcore.queue import client
from dlcore.records import Study, Trial, TrialState
from dlcore.text import file_name
from dlcore.ui.components.live_view import live_view
from dlcore.ui.components.study_chart import brushed_ranges, selected_trials
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.ui.shared.tables import escape_formula
from dlcore.ui.studies.data import (
    TRIAL_COLORS,
    distributions,
    followed_study,
    is_active,
    is_share,
    param_text,
    study_snapshot,
    title_of,
)
from dlcore.ui.studies.figures import CHOSEN, TABLE, VIEW, brush_key, choose_trial
from dlcore.ui.studies.trial_card import trial_detail
from dlcore.ui.studies.view import TRIALS

FOLLOWED = 500
"""Trials up to which the table follows by itself: a larger one would cost more with each trial."""
FOLLOW_SECONDS = 5.0
"""Between two times that it does, however fast the trials end."""
SHOWN = "study_shown"
SHORT_TABLE = 12
ORDERS = {"number": N_("By number"), "latest": N_("Latest first"), "best": N_("Best first")}


def trials_table(study: Study) -> None:
    """Shows the table with its filters and the details of the chosen trial."""
    st.fragment(_table, key=TABLE)(study.id)


def _table(study_id: str) -> None:
    study = followed_study(study_id)
    known = study_snapshot(study_id).trials
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states, text, order = _filters(study)
        if is_active(study) and len(known) <= FOLLOWED:
            live_view(TRIALS, study_id, key="trials_state", pace=FOLLOW_SECONDS, scope="fragment")
        elif is_active(study):
            st.button(
                _("Refresh"),
                icon=":material/refresh:",
                key="table_refresh",
                help=_("A table this large does not follow by itself."),
            )
        _download(study, known)
    rows = _ordered(study, [trial for trial in known if not states or trial.state in states], order)
    rows = _brushed(study, known, _matching(rows, text))
    if not rows:
        st.info(
            _("No trials match these filters. Clear a filter above to see more.")
            if known
            else _("No trial has started."),
            icon=":material/filter_alt_off:" if known else ":material/hourglass_empty:",
        )
    else:
        _rows(study, rows)
        words = _n("{n} of {count} trial", "{n} of {count} trials", len(known))
        st.caption(words.format(n=f"{len(rows):,}", count=f"{len(known):,}"))
    # While it runs the best changes, and with it what a button would be for.
    number = st.session_state.get(CHOSEN, None if is_active(study) else study.best)
    trial_detail(study, next((trial for trial in known if trial.number == number), None))


def _filters(study: Study) -> tuple[frozenset[TrialState], str, str]:
    states = st.multiselect(
        _("State"),
        [state.value for state in TrialState],
        format_func=lambda value: _(STATE_NAMES[TrialState(value)]),
        key="trial_states",
        placeholder=_("all"),
        width=240,
    )
    text = st.text_input(
        _("Search"),
        key="trial_text",
        placeholder=_("a number, a value, a reason"),
        width=220,
        help=_("Text to find in a row, such as Adam, or a parameter and its value, such as units=64."),
    )
    order = st.selectbox(
        _("Order"),
        list(ORDERS),
        format_func=lambda name: _(ORDERS[name]),
        key="trial_order",
        width=150,
    )
    return frozenset(TrialState(value) for value in states), (text or "").strip(), order or "number"


def _ordered(study: Study, rows: Sequence[Trial], order: str) -> list[Trial]:
    if order == "best":
        best = study.ranked(rows)
        numbers = {trial.number for trial in best}
        return [*best, *(trial for trial in rows if trial.number not in numbers)]
    return list(reversed(rows)) if order == "latest" else list(rows)


def _matching(rows: Sequence[Trial], text: str) -> list[Trial]:
    """Returns the trials that say a text, or have a parameter whose path ends so with that value."""
    if not text:
        return list(rows)
    name, equals, value = text.partition("=")
    if equals:
        name, value = name.strip().casefold(), value.strip().casefold()
        return [
            trial
            for trial in rows
            if any(
                path.casefold().endswith(name)
                and value in (str(given).casefold(), param_text(given).casefold())
                for path, given in trial.params.items()
            )
        ]
    if text.lstrip("#").isdecimal() and any(trial.number == int(text.lstrip("#")) for trial in rows):
        return [trial for trial in rows if trial.number == int(text.lstrip("#"))]
    wanted = text.casefold()
    return [trial for trial in rows if wanted in _said(trial).casefold()]


def _said(trial: Trial) -> str:
    params = " ".join(param_text(value) for value in trial.params.values())
    return f"{params} {_reason(trial)} {trial.run_id}"


def _reason(trial: Trial) -> str:
    return trial.reason.text(_) if trial.reason else ""


def _brushed(study: Study, known: Sequence[Trial], rows: list[Trial]) -> list[Trial]:
    """Returns the rows that are brushed on the parallel axes, while these are shown."""
    shown = st.session_state.get("study_parallel")
    if st.session_state.get(VIEW) != "parallel" or shown is None or shown[0] != study.id:
        return rows
    brushes = brushed_ranges(brush_key())
    if not brushes:
        return rows
    _name, paths, goal = shown
    spread = distributions(study, known)
    drawn = parallel_info(known, goal, spread, paths=paths)
    whole = parallel_info(known, goal, spread, paths=paths, most=max(1, len(known)))
    numbers = selected_trials(drawn, whole, brushes)
    words = _n("{n} trial is selected on the axes", "{n} trials are selected on the axes", len(numbers))
    st.badge(
        words.format(n=f"{len(numbers):,}"),
        icon=":material/brush:",
        color="primary",
    )
    return [trial for trial in rows if trial.number in numbers]


def _rows(study: Study, rows: Sequence[Trial]) -> None:
    numbers = [trial.number for trial in rows]
    version, before = st.session_state.get(SHOWN, (0, [study.id]))
    # A selection is kept as places of rows: where rows moved, the same places would be other trials.
    if before[0] != study.id or before[1:] != numbers[: len(before) - 1]:
        version += 1
    chosen = st.session_state.get(CHOSEN)
    place = numbers.index(chosen) if chosen in numbers else None
    shown = st.session_state.get(f"trials_{version}")
    if shown is not None and list(shown.selection.rows) != ([] if place is None else [place]):
        # Chosen elsewhere, by a click in a figure: only a new table begins with another row.
        version += 1
    st.session_state[SHOWN] = (version, [study.id, *numbers])
    key = f"trials_{version}"

    def picked() -> None:
        places = st.session_state[key].selection.rows
        if places and places[0] < len(numbers):
            choose_trial(numbers[places[0]])
        else:
            st.session_state.pop(CHOSEN, None)

    st.dataframe(
        trials_frame(study, rows),
        key=key,
        selection_default={
            "selection": {
                "rows": [] if place is None else [place],
                "columns": [],
                "cells": [],
            }
        },
        placeholder="–",
        hide_index=True,
        on_select=picked,
        selection_mode="single-row",
        height="content" if len(rows) <= SHORT_TABLE else 430,
        column_config=_columns(study, rows),
        alt=_("Trials"),
    )


def trials_frame(study: Study, rows: Sequence[Trial]) -> pd.DataFrame:
    """Returns the trials as a table, one column per parameter."""
    paths = list(dict.fromkeys(path for trial in rows for path in trial.params))
    names = {state: [_(name)] for state, name in STATE_NAMES.items()}
    values = {
        f"value_{place}": [trial.values[place] if place < len(trial.values) else None for trial in rows]
        for place in range(len(study.metrics))
    }
    return pd.DataFrame(
        {
            "number": [trial.number for trial in rows],
            "state": [names[trial.state] for trial in rows],
            **values,
            **{f"p:{path}": _column([trial.params.get(path) for trial in rows]) for path in paths},
            # Of one that runs it moves; it is at the top of the page.
            "epoch": [trial.epoch if trial.state.finished else None for trial in rows],
            "seconds": [trial.seconds for trial in rows],
            "bad": [trial.bad for trial in rows],
            "reason": [_reason(trial) for trial in rows],
        }
    )


def _column(values: list[Any]) -> list[Any]:
    """Returns values of one type, as a table needs them: numbers, or texts."""
    if all(
        value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values
    ):
        return values
    return [None if value is None else param_text(value) for value in values]


def _columns(study: Study, rows: Sequence[Trial]) -> dict[str, Any]:
    column = st.column_config
    names = short_names(dict.fromkeys(path for trial in rows for path in trial.params))
    values = {
        f"value_{place}": column.NumberColumn(title_of(name), format="percent" if is_share(name) else "%.5g")
        for place, name in enumerate(study.metrics)
    }
    return {
        "number": column.NumberColumn(_("Trial"), format="%d", pinned=True, width=70),
        "state": column.MultiselectColumn(
            _("State"),
            options=[_(name) for name in STATE_NAMES.values()],
            color=[TRIAL_COLORS[state] for state in STATE_NAMES],
            width=110,
        ),
        **values,
        **{f"p:{path}": _param_column(name, path, rows) for path, name in names.items()},
        "epoch": column.NumberColumn(_("Trained"), format="%d", width=80, help=_("Epochs that are done.")),
        "seconds": column.NumberColumn(_("Seconds"), format="%.1f", width=90),
        "bad": column.CheckboxColumn(_("Bad"), width=60),
        "reason": column.TextColumn(_("Reason"), width="medium"),
    }


def _param_column(name: str, path: str, rows: Sequence[Trial]) -> Any:
    value = next((trial.params[path] for trial in rows if path in trial.params), None)
    number, whole = isinstance(value, float), escape_markdown(path)
    config = st.column_config
    return config.NumberColumn(name, format="%.4g", help=whole) if number else config.Column(name, help=whole)


def _download(study: Study, known: Sequence[Trial]) -> None:
    st.download_button(
        _("CSV"),
        lambda: trials_csv(study, known),
        file_name=f"{file_name(study.name)}-trials.csv",
        mime="text/csv",
        icon=":material/download:",
        key="trials_csv",
        on_click="ignore",
        help=_("All trials with their parameters, for a spreadsheet."),
    )


def trials_csv(study: Study, trials: Sequence[Trial]) -> str:
    """Returns the trials as CSV: what they are, their values by metric, and one column per parameter."""
    return str(client.trials_frame(study, trials).map(escape_formula).to_csv(index=False))
