"""Comparison of several studies: their progress and their best trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dlcore.errors import NotFoundError
from dlcore.plots.studies import edf_figure, edf_info, goal_of, short_names
from dlcore.plots.studies.progress import progress_figure, progress_info
from dlcore.records import Study, Trial
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.studies.data import param_text, study_snapshot, title_of, value_text
from dlcore.web.context import context

STUDIES = "studies"
"""The parameter of the address that names them."""
MOST = 8
"""Studies in one comparison: more lines cannot be told apart."""


def comparison() -> None:
    """Shows the studies that the address names, if they are at least two."""
    studies = _chosen()
    if len(studies) < 2:
        st.info(_("Choose the searches to compare in the table of experiments."), icon=":material/info:")
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
        return
    goals = Counter((study.metrics[0], study.directions[0]) for study in studies)
    (metric, direction), _count = goals.most_common(1)[0]
    same = [study for study in studies if (study.metrics[0], study.directions[0]) == (metric, direction)]
    if others := len(studies) - len(same):
        words = _n(
            "{n} of them has another goal and is not drawn.",
            "{n} of them have another goal and are not drawn.",
            others,
        )
        st.info(words.format(n=others), icon=":material/info:")
    if len(same) > MOST:
        st.info(_("Only the first {n} are drawn.").format(n=MOST), icon=":material/info:")
        same = same[:MOST]
    trials = {study.id: study_snapshot(study.id).trials for study in same}
    if len({study.id for study in same if study.ranked(trials[study.id])}) == 0:
        st.info(_("No trial has completed yet."), icon=":material/hourglass_empty:")
        return
    with st.grid(2, min_column_width=420, gap="small"):
        _figures(same, trials)
        with st.container(border=True):
            _best(same, trials)


def _chosen() -> list[Study]:
    found = []
    for study_id in filter(None, st.query_params.get(STUDIES, "").split(",")):
        try:
            found.append(context().store.studies.get(study_id))
        except NotFoundError:
            continue
    return found


def _names(studies: Sequence[Study]) -> dict[str, str]:
    """Returns a name for each by its id; equal names are told apart by the ids."""
    often = Counter(study.name for study in studies)
    return {
        study.id: study.name if often[study.name] == 1 else show.with_id(study.name, study.id)
        for study in studies
    }


def _figures(studies: Sequence[Study], trials: Mapping[str, Sequence[Trial]]) -> None:
    names = _names(studies)
    goal = goal_of(studies[0], 0, title_of(studies[0].metrics[0]))
    named = {names[study.id]: trials[study.id] for study in studies}
    for title, by_time in ((_("Best so far, by trials"), False), (_("Best so far, by time"), True)):
        with st.container(border=True):
            st.markdown(f"**{title}**")
            lines = progress_info(named, goal, by_time=by_time)
            drawn = progress_figure(lines, goal, by_time=by_time, translate=_)
            st.plotly_chart(drawn, key=f"progress_{by_time}")
    with st.container(border=True):
        st.markdown(
            f"**{_('Distribution')}**",
            help=_("The share of the trials that are at least as good as a value."),
        )
        st.plotly_chart(edf_figure(edf_info(named, goal), goal, translate=_), key="compare_edf")


def _best(studies: Sequence[Study], trials: Mapping[str, Sequence[Trial]]) -> None:
    """Shows the best trial of each: one row per parameter, one column per study."""
    names = _names(studies)
    best = {study.id: next(iter(study.ranked(trials[study.id])), None) for study in studies}
    paths = list(dict.fromkeys(path for trial in best.values() if trial for path in trial.params))
    short = short_names(paths)
    columns = {}
    for study in studies:
        trial = best[study.id]
        if trial is None:
            continue
        columns[names[study.id]] = [
            value_text(study.metrics[0], trial.value),
            _("Trial {number}").format(number=trial.number),
            *(param_text(trial.params[path]) if path in trial.params else "–" for path in paths),
        ]
    first = [title_of(studies[0].metrics[0]), _("Trial"), *(short[path] for path in paths)]
    st.markdown(f"**{_('Parameters of the best trials')}**")
    table = pd.DataFrame({"parameter": first, **columns})
    st.dataframe(
        table,
        key="compare_best",
        hide_index=True,
        height="content",
        column_config={"parameter": st.column_config.TextColumn(_("Parameter"), pinned=True)},
        alt=_("Parameters of the best trials"),
    )
