"""The pages of a draft: their head, the steps from its data to its run, and the card that starts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.errors import SpecError
from dlcore.field_path import FieldPath
from dlcore.lessons.lesson import Control
from dlcore.spec.checks import augmentation_problem, fine_tuning_problem, training_problem
from dlcore.spec.paths import AUGMENTATION, DATASET, FINE_TUNING, PREPROCESSING, TRAINING
from dlcore.ui.forms.search_mode import choose_mode, is_searching, show_stale
from dlcore.ui.search.start import problem_of, search_card
from dlcore.ui.shared.annotations import annotation_notes, annotation_tools
from dlcore.ui.shared.draft_bar import draft_actions, draft_facts, draft_title
from dlcore.ui.shared.draft_changes import Changes, changes_note, changes_since_start
from dlcore.ui.shared.drafts import KEY, WorkingDraft
from dlcore.ui.shared.hidden import is_hidden
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.layout import beside, head_actions
from dlcore.ui.shared.links import BUILD_PAGE, DATA_PAGE, RUN_PAGE, SEARCH_PAGE, TRAIN_PAGE, page_of
from dlcore.ui.train.launch import launch_card


class Step(StrEnum):
    """What is decided of an experiment, one page after the other; the values are the names of the pages."""

    DATA = "data"
    NETWORK = "build"
    TRAINING = "train"
    SEARCH = "search"
    RUN = "run"


class StepState(StrEnum):
    """How far a step is."""

    DONE = "done"
    WRONG = "wrong"
    OPEN = "open"


@dataclass(frozen=True)
class StepView:
    """A step as it is shown.

    Attributes:
        problem: what keeps the experiment from being started, if it comes from this step.
    """

    state: StepState
    problem: SpecError | None = None


_PAGES = {
    Step.DATA: DATA_PAGE,
    Step.NETWORK: BUILD_PAGE,
    Step.TRAINING: TRAIN_PAGE,
    Step.SEARCH: SEARCH_PAGE,
}
_ICONS = {StepState.DONE: "check_circle", StepState.WRONG: "error", StepState.OPEN: "radio_button_unchecked"}
_OF_DATA = (DATASET, PREPROCESSING, AUGMENTATION)
_OF_TRAINING = (TRAINING, FINE_TUNING)


def experiment_steps(draft: WorkingDraft, changes: Changes | None) -> dict[Step, StepView]:
    """Returns how far each step of a draft is: done, or what is wrong with it.

    Args:
        draft: the draft.
        changes: since it was started, if it was.
    """
    found = draft.report
    problems: dict[Step, SpecError] = {}
    for problem in (
        found.problem,
        training_problem(draft.spec, draft.facts),
        augmentation_problem(draft.spec, draft.facts),
        fine_tuning_problem(draft.spec, found),
        problem_of(draft) if is_searching(draft) else None,
    ):
        if problem is not None:
            problems.setdefault(_step_of(problem.path), problem)
    views = {step: _view(problems.get(step)) for step in Step}
    views[Step.RUN] = StepView(
        StepState.DONE if changes is not None and not changes.count else StepState.OPEN
    )
    if draft.lost is not None:
        views[Step.DATA] = StepView(StepState.WRONG)
    if not is_searching(draft):
        views[Step.SEARCH] = StepView(StepState.OPEN)
    return views


def _view(problem: SpecError | None) -> StepView:
    return StepView(StepState.DONE if problem is None else StepState.WRONG, problem)


def _step_of(path: FieldPath) -> Step:
    """Returns the step that a problem comes from."""
    if path.root in ("space", "search"):
        return Step.SEARCH
    if any(path.within(part) for part in _OF_DATA):
        return Step.DATA
    return Step.TRAINING if any(path.within(part) for part in _OF_TRAINING) else Step.NETWORK


def experiment_head(draft: WorkingDraft, here: Step) -> None:
    """Draws the head of a page that edits a draft: its name, what it is, and the steps.

    Args:
        draft: the draft.
        here: the step that the page is for.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        draft_title(draft)
        draft_facts(draft)
        if not is_hidden(Control.SEARCH) or is_searching(draft):
            choose_mode(draft, here.value)
        with head_actions():
            annotation_tools(draft.row)
            draft_actions(draft)
    _stepper(draft, here)
    annotation_notes(draft.row)
    if is_searching(draft) and here is not Step.SEARCH:
        show_stale(draft)


def _stepper(draft: WorkingDraft, here: Step) -> None:
    changes = changes_since_start(draft)
    with st.container(horizontal=True, gap=None, key="steps"):
        for step, view in experiment_steps(draft, changes).items():
            if step is Step.SEARCH and is_hidden(Control.SEARCH) and not is_searching(draft):
                continue
            with st.container(key="step_here" if step is here else f"step_{step}"):
                page, query = (_PAGES[step], {KEY: draft.id}) if step in _PAGES else _became(changes)
                st.page_link(
                    page,
                    label=_label(step, view),
                    icon=f":material/{_ICONS[view.state]}:",
                    help=say(view.problem) if view.problem is not None else None,
                    query_params=query,
                    disabled=step is Step.RUN and changes is None,
                    width="stretch",
                )


def _label(step: Step, view: StepView) -> str:
    titles = {
        Step.DATA: _("Data"),
        Step.NETWORK: _("Network"),
        Step.TRAINING: _("Training"),
        Step.SEARCH: _("Search"),
        Step.RUN: _("Run"),
    }
    if view.state is StepState.WRONG:
        return _("{step}: to fix").format(step=titles[step])
    if step is Step.SEARCH and view.state is StepState.OPEN:
        return _("{step} (optional)").format(step=titles[step])
    return titles[step]


def _became(changes: Changes | None) -> tuple[str, dict[str, str]]:
    """Returns the page of what a draft became, and its parameters."""
    return (RUN_PAGE, {}) if changes is None else page_of(changes.item)


def experiment_columns() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Returns the place of the forms, and that of the card with what will run."""
    with st.container(key="wide"):
        forms, card = st.columns([11, 4], gap="medium")
    return forms, card


def start_card(draft: WorkingDraft, here: Step, *, valid: bool) -> None:
    """Shows what will run, a single run or a search, and the button that starts it.

    Args:
        draft: the draft.
        here: the step that the page is for.
        valid: whether all fields of the page could be taken; else it would not run what they show.
    """
    changes = changes_since_start(draft)
    # What is marked on this page is not said again in the card.
    marked = here is not Step.SEARCH and experiment_steps(draft, changes)[here].problem is not None
    with beside("start"):
        if is_searching(draft):
            search_card(draft, valid=valid, marked=marked)
        else:
            launch_card(draft, valid=valid, marked=marked)
        if changes is not None:
            changes_note(changes)
