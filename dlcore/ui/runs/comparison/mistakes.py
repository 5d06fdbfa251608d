"""The mistakes of two of the compared runs beside each other, and the samples that only one of them gets right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.answers import CLASS_TASKS, PartAnswers, disagreement
from dlcore.datasets.parts import Array
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import thumbnails
from dlcore.errors import DlcoreError
from dlcore.plots.mistakes import MOST_CLASSES, mistakes_figure, mistakes_info
from dlcore.records import Evaluation, Run
from dlcore.spec.data import DataKind
from dlcore.store.run_files import read_answers, read_evaluation
from dlcore.text import short_texts
from dlcore.ui.runs.comparison.choice import ComparedRuns, escaped_names
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.hues import is_dark
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.images import SIDE, enlarge
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import samples_of_run
from dlcore.web.context import context

OTHER = "other"
"""The parameter of the address that names the run whose mistakes stand beside the baseline's."""
SHOWN = 12
"""Samples of each side."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A run that answered with classes."""

    run: Run
    evaluation: Evaluation
    answers: PartAnswers


def mistakes(chosen: ComparedRuns) -> None:
    """Shows the mistakes of the baseline and of another run, if both answered the same samples with classes."""
    base = _answered(chosen.found.of(chosen.found.baseline).run)
    # Of groups, those of others first: two runs of one setting differ by their seeds alone.
    runs = sorted(chosen.runs, key=lambda run: run.id in chosen.baseline.ids)
    others = [one for run in runs if run.id != chosen.found.baseline and (one := _answered(run))]
    fitting = [one for one in others if base is not None and base.answers.same_samples(one.answers)]
    if base is None or not fitting:
        return
    with st.container(border=True):
        other = _choose(fitting, chosen)
        if len(base.evaluation.classes) <= MOST_CLASSES:
            _matrices(other, base, chosen)
        else:
            _pairs(other, base, chosen)
    with st.container(border=True):
        _disagreement(other, base, chosen)


def _answered(run: Run) -> Answered | None:
    folder = context().store.artifacts.results(run.id)
    try:
        evaluation = read_evaluation(folder)
        answers = read_answers(folder, evaluation) if evaluation is not None else None
    except DlcoreError:  # said beside its numbers
        return None
    if evaluation is None or answers is None or answers.task not in CLASS_TASKS:
        return None
    return Answered(run, evaluation, answers)


def _choose(fitting: Sequence[Answered], chosen: ComparedRuns) -> Answered:
    by_id = {one.run.id: one for one in fitting}
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _(
            "on the test part; in the difference: blue where the first errs less, grey where nothing differs"
        )
        if chosen.together:
            words = _(
                "of two runs on the test part; in the difference: blue where the first errs less, grey where nothing "
                "differs"
            )
        st.markdown(f"**{_('Mistakes')}** :gray[{words}]", width="stretch")
        if len(fitting) == 1:
            return fitting[0]
        begin(OTHER, by_id)
        if st.session_state.get(OTHER) not in by_id:
            st.session_state.pop(OTHER, None)
        run_id = st.selectbox(
            _("Run"), list(by_id), format_func=chosen.names.__getitem__, key=OTHER, label_visibility="collapsed", width=220
        )  # fmt: skip
    tell(OTHER, run_id, first=fitting[0].run.id)
    return by_id[run_id]


def _matrices(other: Answered, base: Answered, chosen: ComparedRuns) -> None:
    names, classes = escaped_names(chosen), base.evaluation.classes
    one, two = other.evaluation.confusion, base.evaluation.confusion
    alone = [mistakes_info(one, classes), mistakes_info(two, classes)]
    most = max(info.most for info in alone)
    shown = (
        (names[other.run.id], mistakes_info(one, classes, most=most)),
        (names[base.run.id], mistakes_info(two, classes, most=most)),
        (_("Difference"), mistakes_info(one, classes, minus=two)),
    )
    for place, (column, (title, info)) in enumerate(zip(st.columns(3, gap="small"), shown, strict=True)):
        with column:
            st.markdown(f":small[{title}]")
            drawn = mistakes_figure(info, ink="#FFFFFF" if is_dark() else "", translate=_)
            st.plotly_chart(drawn, key=f"mistakes_{place}", config={"displayModeBar": False})


def _pairs(other: Answered, base: Answered, chosen: ComparedRuns) -> None:
    """Shows the mistakes in whose number two runs differ most, where a matrix of all classes could not be read."""
    classes = short_texts(base.evaluation.classes)
    names = base.evaluation.classes
    one, two = (np.array(each.evaluation.confusion) for each in (other, base))
    difference = one - two
    np.fill_diagonal(difference, 0)
    order = np.argsort(-np.abs(difference), axis=None, kind="stable")[:SHOWN]
    rows, columns = np.unravel_index(order, difference.shape)
    kept = [(row, column) for row, column in zip(rows, columns, strict=True) if difference[row, column]]
    table = pd.DataFrame(
        [
            (
                classes[names[row]],
                classes[names[column]],
                one[row, column],
                two[row, column],
                difference[row, column],
            )
            for row, column in kept
        ],
        columns=[_("True"), _("Predicted"), chosen.names[other.run.id], chosen.names[base.run.id], "Δ"],
    )
    st.dataframe(table, hide_index=True, key="mistakes_pairs")


def _disagreement(other: Answered, base: Answered, chosen: ComparedRuns) -> None:
    found = disagreement(other.answers, base.answers)
    if found is None:
        return
    names = escaped_names(chosen)
    words = _n("{n} sample of {total}", "{n} samples of {total}", len(found.first) + len(found.second))
    total = len(base.answers.rows)
    counts = words.format(n=f"{len(found.first) + len(found.second):,}", total=f"{total:,}")
    st.markdown(f"**{_('Where they disagree')}** :gray[{counts}]")
    for right, wrong, places in ((other, base, found.first), (base, other, found.second)):
        text = _("Only **{name}** is right: {n}").format(name=names[right.run.id], n=f"{len(places):,}")
        st.markdown(text)
        if len(places):
            _samples(places[:SHOWN], right, wrong)


def _samples(places: Array, right: Answered, wrong: Answered) -> None:
    """Shows samples with what they are and what the other said instead."""
    classes = right.evaluation.classes
    titles = [
        _("{true}, not {predicted}").format(
            true=escape_name(classes[int(right.answers.targets[place])]),
            predicted=escape_name(classes[int(wrong.answers.predicted[place])]),
        )
        for place in places
    ]
    try:
        samples = samples_of_run(right.run)
    except DlcoreError as error:
        st.markdown(f":gray[{say(error)}]")
        return
    stored = np.searchsorted(samples.rows, right.answers.rows[places])
    if samples.facts.kind is DataKind.IMAGE:
        pictures = thumbnails(samples, stored.tolist(), side=SIDE)
        with st.container(horizontal=True, gap="small"):
            for picture, title in zip(pictures, titles, strict=True):
                with st.container(gap="xsmall", width=96):
                    st.image(enlarge(picture), width=80)
                    st.markdown(f":small[{title}]")
        return
    _rows(samples, stored, titles, key=f"disagree_{right.run.id}")


def _rows(samples: Samples, stored: Array, titles: Sequence[str], *, key: str) -> None:
    frame = samples.frame.iloc[stored].reset_index(drop=True)
    names = {place: name for name, place in samples.places.items()}
    columns = [name for name in frame.columns if name in names or name == "text"]
    table = frame[columns].rename(columns=names)
    table.insert(0, _("Answers"), list(titles))
    st.dataframe(table, hide_index=True, key=key, height="content" if len(table) <= 6 else 250)
