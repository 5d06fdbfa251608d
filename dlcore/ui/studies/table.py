"""The list of studies: filter, table, and what can be done with the chosen ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.records import Study, StudyState
from dlcore.ui.components.live_view import Look, live_view
from dlcore.ui.shared.annotations import annotation_actions, archive_toggle, starred_name
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import SEARCH_PAGE, STUDY_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.tables import TableSelection, date_column, escape_formula, follow_rows, name_column
from dlcore.ui.studies.controls import confirm_delete
from dlcore.ui.studies.data import STUDY_STATES, title_of, value_text
from dlcore.ui.studies.view import EVERYBODY, MINE, STUDIES, STUDY
from dlcore.web.context import context

SHOWN = "studies_shown"
SHORT_TABLE = 12
CARDS = 6
"""Searches that have a card while they run."""


def filters() -> tuple[str, bool, bool]:
    """Shows the filters: part of a name, only your own, and what is archived."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            _("Search"), placeholder=_("part of a name"), key="study_q", bind="query-params", width=240
        )
        mine = st.toggle(_("Only mine"), value=True, key="studies_mine", persist_state="session")
        archived = archive_toggle()
    return search or "", bool(mine), archived


def studies_at_work(mine: bool) -> None:
    """Shows the searches that run, as live cards.

    Args:
        mine: only your own.
    """
    here = context()
    live_view(STUDIES, MINE if mine else EVERYBODY, key="studies_state")
    owner = here.actor if mine else None
    running = here.store.studies.list(owner=owner, states=(StudyState.RUNNING,), limit=CARDS)
    if not running:
        return
    with st.grid(3, min_column_width=300, gap="small"):
        for study in running:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.page_link(
                    STUDY_PAGE,
                    label=escape_name(study.name),
                    icon=":material/query_stats:",
                    query_params={"study": study.id},
                )
                live_view(STUDY, study.id, key=f"study_state_{study.id}", look=Look.BRIEF)


@st.fragment
def studies_table(wanted: tuple[str, bool, bool]) -> None:
    """Shows the table; it keeps sort, scroll and selection when it is drawn again."""
    here = context()
    search, mine, archived = wanted
    studies = here.store.studies.list(owner=here.actor if mine else None, search=search, archived=archived)
    if not studies:
        _nothing(search)
        _choose(())
        return
    shown = follow_rows(st.session_state.get(SHOWN, TableSelection()), [study.id for study in studies])
    event = st.dataframe(
        studies_frame(studies),
        key=f"studies_table_{shown.number}",
        selection_default={"selection": {"rows": shown.rows, "columns": [], "cells": []}},
        placeholder="–",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(studies) <= SHORT_TABLE else 470,
        column_config=_columns(),
        alt=_("Studies"),
    )
    chosen = [studies[row] for row in event.selection.rows if row < len(studies)]
    st.session_state[SHOWN] = shown.with_chosen(study.id for study in chosen)
    _actions(studies, chosen)
    _choose(tuple(study.id for study in chosen))


CHOSEN = "studies_chosen"


def _choose(ids: tuple[str, ...]) -> None:
    """Remembers the chosen studies; what compares them stands outside of this fragment."""
    if st.session_state.get(CHOSEN, ()) != ids:
        st.session_state[CHOSEN] = ids
        st.rerun(scope="app")


def _nothing(search: str) -> None:
    if search:
        st.info(_("No studies match this filter."), icon=":material/filter_alt_off:")
        return
    st.info(
        _("No studies here yet. A search tries many settings of an experiment by itself."),
        icon=":material/info:",
    )
    st.page_link(SEARCH_PAGE, label=_("Define the search"), icon=":material/arrow_forward:")


def studies_frame(studies: Sequence[Study]) -> pd.DataFrame:
    """Returns the studies as a table."""
    # What moves stands on the cards: the table is drawn again only when a study comes, goes or changes its state.
    return pd.DataFrame(
        {
            "name": [starred_name(study) for study in studies],
            "state": [[_(STUDY_STATES[study.state][0])] for study in studies],
            "best": [None if study.state is StudyState.RUNNING else _best(study) for study in studies],
            "goal": [", ".join(title_of(name) for name in study.metrics) for study in studies],
            "trials": [None if study.state is StudyState.RUNNING else _trials(study) for study in studies],
            "dataset": [study.dataset for study in studies],
            "tags": [list(study.annotation.tags) for study in studies],
            "created": [study.created_at for study in studies],
            "owner": [study.owner for study in studies],
            "id": [study.id for study in studies],
        }
    )


def _best(study: Study) -> str:
    # As text: the metrics of several studies do not share a column's format.
    return value_text(study.metrics[0], study.best_value)


def _trials(study: Study) -> str:
    limit = f" / {study.max_trials:,}" if study.max_trials else ""
    return f"{study.finished:,}{limit}"


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "name": name_column(_("Study")),
        "state": column.MultiselectColumn(
            _("State"),
            options=[_(STUDY_STATES[state][0]) for state in StudyState],
            color=[STUDY_STATES[state][1] for state in StudyState],
        ),
        "best": column.TextColumn(_("Best"), help=_("By the first goal.")),
        "goal": column.TextColumn(_("Goal")),
        "trials": column.TextColumn(_("Trials"), help=_("Finished, out of the total.")),
        "dataset": column.TextColumn(_("Dataset")),
        "tags": column.ListColumn(_("Tags")),
        "created": date_column(_("Begun")),
        "owner": column.TextColumn(_("Owner")),
        "id": column.TextColumn(_("Id")),
    }


def _actions(studies: Sequence[Study], chosen: Sequence[Study]) -> None:
    here = context()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            _n("{total} study, {chosen} chosen", "{total} studies, {chosen} chosen", len(studies)).format(
                total=len(studies), chosen=len(chosen)
            )
            if chosen
            else _n(
                "{total} study. Choose it to open it.",
                "{total} studies. Choose one to open it, several to compare them.",
                len(studies),
            ).format(total=len(studies))
        )
        if len(chosen) == 1:
            st.page_link(
                STUDY_PAGE,
                label=_("Open {name}").format(name=escape_name(chosen[0].name)),
                icon=":material/open_in_new:",
                query_params={"study": chosen[0].id},
            )
        annotation_actions(chosen, key="studies")
        still = [one for one in chosen if one.state is not StudyState.RUNNING and one.owner == here.actor]
        if still and st.button(
            _("Delete {n}").format(n=len(still)),
            icon=":material/delete:",
            key="delete_studies",
            help=_("Including their trials and runs. Asks for confirmation."),
        ):
            confirm_delete(still)
        st.download_button(
            _("CSV"),
            lambda: studies_csv(chosen or studies),
            file_name="studies.csv",
            mime="text/csv",
            icon=":material/download:",
            key="studies_csv",
            on_click="ignore",
        )


def studies_csv(studies: Sequence[Study]) -> str:
    """Returns the studies as CSV."""
    rows = [
        {
            "id": study.id,
            "name": study.name,
            "tags": ", ".join(study.annotation.tags),
            "notes": study.annotation.notes,
            "owner": study.owner,
            "state": study.state.value,
            "dataset": study.dataset,
            "metrics": " ".join(study.metrics),
            "directions": " ".join(study.directions),
            "best_trial": study.best,
            "best_value": study.best_value,
            **{state.value: count for state, count in study.counts.items()},
            "max_trials": study.max_trials,
            "seconds": study.seconds,
            "created": study.created_at.isoformat(),
        }
        for study in studies
    ]
    return str(pd.DataFrame(rows).map(escape_formula).to_csv(index=False))
