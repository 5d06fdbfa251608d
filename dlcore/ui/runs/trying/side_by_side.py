"""What several runs answer for the same sample, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.wire import Answer, Given
from dlcore.records import Run
from dlcore.spec.data import Task
from dlcore.ui.runs.trying.answer import show_answer
from dlcore.ui.runs.trying.unlike import learn_what_is_usual
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.trained import ask_model, load_model, preparation_of


def show_answers(runs: Sequence[Run], given: Given | None) -> None:
    """Shows what each run's model answers; before anything is given, the models are made ready.

    Args:
        runs: one, or several on the same dataset.
        given: the sample.
    """
    if given is None:
        _make_ready(runs)
        return
    if len(runs) == 1:
        answer = _show_one(runs[0], given)
        if answer is not None and _can_be_unlike(answer):
            learn_what_is_usual(runs[0])
        return
    verdict, answers = st.container(), []
    for run, column in zip(runs, st.columns(len(runs), gap="medium"), strict=True):
        with column:
            st.markdown(f"**{escape_name(run.name)}**")
            answers.append(_show_one(run, given))
    with verdict:
        _show_agreement(answers)


def _can_be_unlike(answer: Answer) -> bool:
    """Returns whether it is not known, but could be, how unlike a sample is; a reconstruction has a score of its own."""
    said = answer.predictions
    return answer.unlike is None and said is not None and said.task is not Task.RECONSTRUCTION


def _make_ready(runs: Sequence[Run]) -> None:
    for run in runs:
        try:
            load_model(run)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
            return
    st.caption(_("The answer appears here as soon as something is given."))


def _show_one(run: Run, given: Given) -> Answer | None:
    try:
        answer = ask_model(run, given)
        how = preparation_of(run)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return None
    show_answer(answer, how, given, key=run.id)
    return answer


def _show_agreement(answers: Sequence[Answer | None]) -> None:
    """Says whether all that answered chose the same classes; nothing where no classes are chosen."""
    known = [one.predictions for one in answers if one is not None and one.predictions is not None]
    if len(known) < 2 or not all(one.task.classifies for one in known):
        return
    same = len({frozenset(one[0].chosen) for one in known}) == 1
    st.markdown(f"**{_('They agree.')}**" if same else f"**{_('They differ.')}**")
