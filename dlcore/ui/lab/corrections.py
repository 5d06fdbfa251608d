"""Correcting samples: the buttons that say what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from dlcore.errors import N_, DlcoreError
from dlcore.queue.corrections import (
    change_set_of,
    correct,
    dataset_of_run,
    take_back,
)
from dlcore.records import Run
from dlcore.records.corrections import Correction, CorrectionKind, answer_text
from dlcore.records.label_check import Answer
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.text import short_texts
from dlcore.ui.lab.sample import places_of
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import samples_of
from dlcore.web.context import context

PROBLEM = "correction_problem"
"""Where the session keeps why the last correction was refused, until the next one."""

MOST_VALUES = 6
"""Numbers of a sample that can be changed here."""

PARTS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test")}
KINDS = {
    CorrectionKind.RELABEL: N_("Relabelled"),
    CorrectionKind.EXCLUDE: N_("Excluded"),
    CorrectionKind.ACCEPT: N_("Accepted"),
}
ICONS = {
    CorrectionKind.RELABEL: "edit",
    CorrectionKind.EXCLUDE: "block",
    CorrectionKind.ACCEPT: "check",
}


def correction_buttons(run: Run, part: str, sample: int, *, suggested: Answer | None = None) -> None:
    """Draws what can be said of one sample, and what was said.

    Args:
        run: in which it is looked at.
        part: the part that it is in.
        sample: its row in the dataset as it was stored.
        suggested: the label that is chosen at first.
    """
    here = context()
    said = change_set_of(here.store, run, owner=here.actor.id).of(sample)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="correction_buttons"):
        label = choose_label(run, sample, key="relabel_to", beginning=suggested)
        if label is not None:
            action_button(CorrectionKind.RELABEL, run, part, [sample], label=label, key="one_relabel")
        action_button(CorrectionKind.EXCLUDE, run, part, [sample], key="one_exclude")
        action_button(CorrectionKind.ACCEPT, run, part, [sample], key="one_accept")
        if said is not None:
            undo_button(run, [sample], key="one_undo")
    tell_limits(run)
    if said is not None:
        st.caption(said_text(said))
    show_problem()


def choose_label(run: Run, sample: int, *, key: str, beginning: Answer | None = None) -> Answer | None:
    """Draws the choice of a label as the task has it; returns it, or None where samples cannot be relabelled.

    Args:
        run: whose dataset it is about.
        sample: whose label it is.
        key: of the widget, which is another one for each sample.
        beginning: the class, or the labels, that are chosen at first; numbers begin as they are stored.
    """
    key = f"{key}.{sample}"
    facts = _facts(run)
    if facts is None:
        return None
    titles = short_texts(facts.classes)
    if facts.task.single_label:
        index = facts.classes.index(beginning) if beginning in facts.classes else 0
        return st.selectbox(
            _("Label"), facts.classes, index=index, format_func=titles.__getitem__, key=key, width=160
        )
    if facts.task.classifies:
        chosen = beginning if isinstance(beginning, list) else []
        return st.multiselect(
            _("Labels"),
            facts.classes,
            default=[one for one in chosen if one in facts.classes],
            format_func=titles.__getitem__,
            key=key,
            width=320,
        )
    if facts.task is Task.REGRESSION and len(facts.targets) <= MOST_VALUES:
        return _choose_values(run, facts.targets, sample, key)
    return None


def _choose_values(run: Run, names: Sequence[str], sample: int, key: str) -> list[float] | None:
    """Draws a field for each number; returns None where nothing is stored of them."""
    dataset = run.spec["dataset"]
    samples = samples_of(dataset["name"], dataset["version"])
    if samples.targets is None:
        return None
    stored = samples.targets[places_of(samples, np.array([sample]))[0]]
    # As short as the stored number is, not as its double would be.
    known = [float(str(value)) for value in np.ravel(stored).astype(np.float32)]
    titles = [_("Value")] if len(names) == 1 else [escape_name(name) for name in names]
    return [
        float(
            st.number_input(
                title, value=value, format="%.9g", step=1.0, key=f"{key}.{place}", width=160,
            )
        )
        for place, (title, value) in enumerate(zip(titles, known, strict=True))
    ]  # fmt: skip


def _facts(run: Run) -> DatasetFacts | None:
    """Returns what is known of a run's dataset; None where it is gone, which is said once something is asked of it."""
    try:
        return context().library.facts_in(dataset_of_run(run))
    except DlcoreError:
        return None


def tell_limits(run: Run) -> None:
    """Says what can be corrected where samples have no label that could be changed."""
    facts = _facts(run)
    if facts is None:
        return
    if facts.kind is DataKind.SERIES:
        text = _(
            "Many forecasts see a value of a series, so none is changed here. A row that is excluded is no longer forecast; "
            "forecasts of later rows still see it."
        )
    elif facts.task is Task.RATING:
        text = _("A rating is not changed here: exclude it, or correct the file and add it again.")
    else:
        return
    st.caption(text)


def _words(kind: CorrectionKind, run: Run) -> tuple[str, str]:
    """Returns what a button says, and what it explains."""
    facts = _facts(run)
    has_numbers = facts is not None and not facts.task.classifies
    match kind:
        case CorrectionKind.RELABEL if has_numbers:
            return _("Set the value"), _("Give it the value that stands there.")
        case CorrectionKind.RELABEL:
            return _("Relabel"), _("Give it the label that is chosen.")
        case CorrectionKind.EXCLUDE:
            return _("Exclude"), _("Leave it out: it will be in no part.")
    told = _("Its value is right: it is no longer listed.") if has_numbers else ""
    return _("Accept"), told or _("Its label is right: it is no longer listed.")


def action_button(
    kind: CorrectionKind,
    run: Run,
    part: str,
    samples: Sequence[int],
    *,
    key: str,
    label: Answer | None = None,
    shortcut: str | None = None,
    then: Callable[[], object] | None = None,
) -> None:
    """Draws a button that says something of some samples.

    Args:
        kind: what becomes of them.
        run: in which they are looked at.
        part: the part that they are in.
        samples: their rows.
        key: of the button.
        label: of those that are relabelled.
        shortcut: the key that presses it.
        then: is called once it is said.
    """
    title, told = _words(kind, run)
    st.button(
        title,
        icon=f":material/{ICONS[kind]}:",
        key=key,
        help=told,
        shortcut=shortcut,
        disabled=not samples,
        on_click=_say,
        args=(kind, run, part, list(samples), label, then),
    )


def _say(
    kind: CorrectionKind,
    run: Run,
    part: str,
    samples: list[int],
    label: Answer | None,
    then: Callable[[], object] | None,
) -> None:
    here = context()

    def act() -> None:
        correct(here.store, run, samples, kind, actor=here.actor, label=label, part=part)
        if then is not None:
            then()

    _attempt(act)


def _attempt(action: Callable[[], object]) -> None:
    """Runs what a button asks for before the page is drawn; what is wrong is shown there by `show_problem`."""
    st.session_state.pop(PROBLEM, None)
    try:
        action()
    except DlcoreError as error:
        st.session_state[PROBLEM] = error.message


def undo_button(run: Run, samples: Sequence[int] | None, *, key: str, title: str = "") -> None:
    """Draws a button that takes back what was said of some samples, or of all."""
    here = context()
    st.button(
        title or _("Undo"),
        icon=":material/undo:",
        key=key,
        on_click=_attempt,
        args=(
            partial(take_back, here.store, run, None if samples is None else list(samples), actor=here.actor),
        ),
    )


def show_problem() -> None:
    """Shows why the last correction was refused, if it was."""
    if PROBLEM in st.session_state:
        st.error(say(st.session_state[PROBLEM]), icon=":material/error:")


def said_text(said: Correction) -> str:
    """Returns what was said of a sample, in words."""
    if said.kind is CorrectionKind.RELABEL:
        return f":material/{ICONS[said.kind]}: {_move(said)}"
    return f":material/{ICONS[said.kind]}: {_(KINDS[said.kind])}"


def _move(said: Correction) -> str:
    return f"{escape_name(answer_text(said.given))} → **{escape_name(answer_text(said.label))}**"
