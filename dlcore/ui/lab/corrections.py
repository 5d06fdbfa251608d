"""Correcting samples: the buttons that say what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.errors import N_, DlcoreError
from dlcore.queue.corrections import (
    change_set_of,
    correct,
    take_back,
)
from dlcore.records import Run
from dlcore.records.corrections import Correction, CorrectionKind, answer_text
from dlcore.records.label_check import Answer
from dlcore.spec.data import DataKind, Task
from dlcore.text import short_texts
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

PROBLEM = "correction_problem"
"""Where the session keeps why the last correction was refused, until the next one."""

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
        label = choose_label(run, key=f"relabel_to.{sample}", beginning=suggested)
        if label is not None:
            action_button(CorrectionKind.RELABEL, run, part, [sample], label=label, key="one_relabel")
        action_button(CorrectionKind.EXCLUDE, run, part, [sample], key="one_exclude")
        action_button(CorrectionKind.ACCEPT, run, part, [sample], key="one_accept")
        if said is not None:
            undo_button(run, [sample], key="one_undo")
    if said is not None:
        st.caption(said_text(said))
    show_problem()


def choose_label(run: Run, *, key: str, beginning: Answer | None = None) -> Answer | None:
    """Draws the choice of a label as the task has it; returns it, or None where samples cannot be relabelled.

    Args:
        run: whose dataset it is about.
        key: of the widget.
        beginning: what is chosen at first.
    """
    dataset = run.spec["dataset"]
    try:
        facts = context().library.facts(dataset["name"], dataset["version"])
    except DlcoreError:  # it is gone: the problem is said once something is asked of it
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
    if facts.task is Task.REGRESSION and facts.kind is not DataKind.SERIES and len(facts.targets) == 1:
        value = beginning if isinstance(beginning, float) else 0.0
        return float(st.number_input(_("Value"), value=value, key=key, width=160))
    return None


def action_button(
    kind: CorrectionKind,
    run: Run,
    part: str,
    samples: Sequence[int],
    *,
    key: str,
    label: Answer | None = None,
    title: str = "",
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
        title: by default what the kind is called.
        shortcut: the key that presses it.
        then: is called once it is said.
    """
    titles = {
        CorrectionKind.RELABEL: _("Relabel"),
        CorrectionKind.EXCLUDE: _("Exclude"),
        CorrectionKind.ACCEPT: _("Accept"),
    }
    helps = {
        CorrectionKind.RELABEL: _("Give it the label that is chosen."),
        CorrectionKind.EXCLUDE: _("Leave it out: it will be in no part."),
        CorrectionKind.ACCEPT: _("Its label is right: it is no longer listed."),
    }
    st.button(
        title or titles[kind],
        icon=f":material/{ICONS[kind]}:",
        key=key,
        help=helps[kind],
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
    st.session_state.pop(PROBLEM, None)
    try:
        correct(here.store, run, samples, kind, actor=here.actor, label=label, part=part)
    except DlcoreError as error:
        st.session_state[PROBLEM] = error.message
        return
    if then is not None:
        then()


def undo_button(run: Run, samples: Sequence[int] | None, *, key: str, title: str = "") -> None:
    """Draws a button that takes back what was said of some samples, or of all."""
    here = context()
    st.button(
        title or _("Undo"),
        icon=":material/undo:",
        key=key,
        on_click=take_back,
        args=(here.store, run, None if samples is None else list(samples)),
        kwargs={"actor": here.actor},
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
