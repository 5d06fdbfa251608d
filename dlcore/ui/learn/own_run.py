"""The run and the sample that a topic is about: runs of whoever looks, and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.learning.trace import Trace, TraceNumbers
from dlcore.datasets.parts import Indices
from dlcore.errors import DlcoreError, NotFoundError, PermissionDeniedError
from dlcore.queue.mathematics import request_trace, trace_of
from dlcore.queue.ready import READY
from dlcore.records import Evaluation, Run, RunState
from dlcore.records.artifacts import ANSWERS_FILES, MODEL_FILE
from dlcore.store.run_files import DamagedArtifactError, read_answers, read_evaluation
from dlcore.ui.shared.address import asked_number, begin
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.inside import lead_to_card
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.launch import launch_ready
from dlcore.ui.shared.links import NEW_PAGE
from dlcore.web.context import context

FIRST = "digits-cnn"
"""The experiment that is offered to who has no run yet."""
_MOST_RUNS = 50
_RUN, _SAMPLE = "run", "learn_sample"
_RUN_TOLD, _TOLD = "learn_run_told", "learn_sample_told"
"""What the address was told last: if it says something else, a link did."""


@dataclass(frozen=True)
class OwnSample:
    """A sample of a run.

    Attributes:
        run: whose model answers.
        part: of the data.
        sample: its row in the dataset as it was stored.
        classes: what the answers are called; empty where they are numbers.
    """

    run: Run
    part: str
    sample: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class OwnTrace:
    """What was computed of a sample of one's own."""

    about: OwnSample
    trace: Trace
    numbers: TraceNumbers


def choose_run() -> Run | None:
    """Draws the choice of a run of one's own; without any, offers to train one."""
    runs = {run.id: run for run in _own_runs()}
    if not runs:
        _offer_first()
        return None
    asked_for = st.query_params.get(_RUN)
    # A link to another run counts more than what was chosen here before.
    if asked_for in runs and asked_for != st.session_state.get(_RUN_TOLD):
        st.session_state[_RUN] = asked_for
    if st.session_state.get(_RUN) not in runs:  # deleted meanwhile
        st.session_state.pop(_RUN, None)
    chosen = st.selectbox(
        _("Run"), list(runs), format_func=lambda name: runs[name].name, key=_RUN, persist_state="session"
    )
    st.query_params[_RUN] = st.session_state[_RUN_TOLD] = chosen
    return runs[chosen]


def _own_runs() -> Sequence[Run]:
    """Returns the latest runs of whoever looks that have a model, and the one of the address if it is theirs."""
    here = context()
    found = here.store.runs.list(
        owner=here.actor.id, states=(RunState.COMPLETED, RunState.STOPPED), limit=_MOST_RUNS
    )
    asked_for = st.query_params.get("run", "")
    if asked_for and all(run.id != asked_for for run in found):
        try:
            run = here.store.runs.get(asked_for)
        except (NotFoundError, PermissionDeniedError):
            pass
        else:
            if run.owner == here.actor.id and run.state.final:
                found = [run, *found]
    return [run for run in found if (here.store.artifacts.folder(run.id) / MODEL_FILE).is_file()]


def _offer_first() -> None:
    st.info(
        _("This page computes with a network of your own, and you have none yet. The example is trained in under a minute."),
        icon=":material/school:",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Train the example now"), type="primary", icon=":material/play_arrow:", key="learn_example"
        ):
            launch_ready(READY[FIRST])
        st.page_link(NEW_PAGE, label=_("New experiment"), icon=":material/add_circle:", width="content")


def choose_sample(run: Run) -> OwnSample | None:
    """Draws the choice of a part and of one of its samples; says so where no answers were kept."""
    folder = context().store.artifacts.results(run.id)
    try:
        evaluation = read_evaluation(folder)
        answers = {} if evaluation is None else _answers(folder, evaluation)
    except DamagedArtifactError as error:
        st.warning(say(error), icon=":material/warning:")
        return None
    if evaluation is None or not answers:
        st.info(_("This run has kept no answers to choose a sample from."), icon=":material/info:")
        return None
    labels = {"test": _("Test part"), "validation": _("Validation part")}
    begin("part", answers)
    if st.session_state.get("part") not in answers:  # another run has kept less
        st.session_state.pop("part", None)
    left, right = st.columns(2)
    with left:
        part = st.selectbox(_("Part"), list(answers), format_func=labels.__getitem__, key="part")
    with right:
        sample = _choose_row(np.sort(answers[part].rows))
    st.query_params["part"] = part
    return OwnSample(run, part, sample, evaluation.classes)


def _choose_row(rows: Indices) -> int:
    """Draws the choice of a sample by its number in the dataset; returns the number of one of those in `rows`.

    Args:
        rows: what there is to choose from, the lowest first.
    """
    asked_for = asked_number("sample")
    # A link to another sample counts more than what was chosen here before.
    if asked_for is not None and str(asked_for) != st.session_state.get(_TOLD):
        st.session_state[_SAMPLE] = asked_for
    wanted = int(st.session_state.get(_SAMPLE, rows[0]))
    st.session_state[_SAMPLE] = nearest_row(rows, wanted, before=wanted - 1)
    chosen = int(
        st.number_input(
            _("Sample"),
            int(rows[0]),
            int(rows[-1]),
            key=_SAMPLE,
            help=_(
                "Its row in the dataset, counted from 0. One that this part lacks leads to the next one it has."
            ),
            on_change=_go_on,
            args=(rows,),
        )
    )
    st.query_params["sample"] = st.session_state[_TOLD] = str(chosen)
    return chosen


def _go_on(rows: Indices) -> None:
    """Goes on to a sample that there is, upwards or downwards."""
    st.session_state[_SAMPLE] = nearest_row(rows, st.session_state[_SAMPLE], int(st.session_state[_TOLD]))


def nearest_row(rows: Indices, wanted: int, before: int) -> int:
    """Returns the first of some rows on the way from `before` that reaches `wanted`; at the end the last one.

    Args:
        rows: sorted.
        wanted: the row that somebody asked for.
        before: the row from which.

    Example:
        >>> rows = np.array([2, 5, 9])
        >>> [nearest_row(rows, 6, 5), nearest_row(rows, 4, 5), nearest_row(rows, 20, 9)]
        [9, 2, 9]
    """
    upwards = wanted >= before
    place = int(rows.searchsorted(wanted, "left" if upwards else "right")) - (not upwards)
    return int(rows[min(max(0, place), len(rows) - 1)])


def _answers(folder: Path, evaluation: Evaluation) -> Mapping[str, PartAnswers]:
    """Returns what was answered, by part, where that was kept."""
    found = {part: read_answers(folder, evaluation, part) for part in ANSWERS_FILES}
    return {part: answers for part, answers in found.items() if answers is not None}


def own_trace() -> OwnTrace | None:
    """Draws the choice of a run and a sample, and returns what was computed of it; None while there is nothing."""
    left, right = st.columns(2)
    with left:
        run = choose_run()
    if run is None:
        return None
    with right:
        about = choose_sample(run)
    if about is None:
        return None
    lead_to_card(run, about.part, about.sample)
    here = context()

    def request_again() -> None:
        request_trace(here.store, run, about.part, about.sample, owner=here.actor.id, again=True)

    try:
        job = request_trace(here.store, run, about.part, about.sample, owner=here.actor.id)
        job = wait_briefly(job)
        if not show_until_done(
            job,
            _("Computing this sample's way through the network …"),
            request_again,
            key="learn_again",
        ):
            return None
        return OwnTrace(about, *trace_of(here.store, job))
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        st.button(_("Try again"), icon=":material/refresh:", key="learn_retry", on_click=request_again)
        return None
