"""What can be done with a run: the one button that its state asks for, and the rest in a menu."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dlcore.access.permissions import Kind
from dlcore.design.transplant import continue_from
from dlcore.errors import DlcoreError
from dlcore.queue import request_stop, resume
from dlcore.records import Run, RunState
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.shares import Thing
from dlcore.spec import ExperimentSpec
from dlcore.spec.fine_tuning import FromRun
from dlcore.ui.runs.lineage import parent_of
from dlcore.ui.runs.removal import confirm_delete
from dlcore.ui.shared import sharing
from dlcore.ui.shared.address import open_tab
from dlcore.ui.shared.buttons import icon_key, menu, menu_item, pressed_item
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import BUILD_PAGE, COMPARE_PAGE, DATA_PAGE
from dlcore.ui.shared.requests import attempt
from dlcore.web.context import context

MENU = icon_key("run_menu")
MORE_EPOCHS = 5
"""Proposed where a run that has completed is trained longer."""
VIEW = "view"
"""The parameter of the address that names the open tab."""


def main_button(run: Run) -> None:
    """Shows the one button that stands out: stop what is at work, resume what was cut short, try what is there."""
    mine = run.owner == context().actor.id
    if mine and not run.state.final:
        _stop(run)
    elif mine and run.state is not RunState.COMPLETED:
        _resume(run)
    elif _has_model(run):
        st.button(
            _("Try it"),
            icon=":material/draw:",
            key="try",
            type="primary",
            on_click=open_tab,
            args=(VIEW, "try"),
        )
    else:
        _duplicate(run, _("Duplicate as a new experiment"), key="duplicate", kind="primary")


def further_actions(run: Run) -> None:
    """Shows what else can be done with it."""
    mine, final = run.owner == context().actor.id, run.state.final
    with menu(MENU):
        _duplicate(run, _("Duplicate"), key="menu_duplicate", kind="tertiary")
        if mine and final:
            _fine_tune(run)
        _compare_with_parent(run)
        if mine and final:
            _train_longer(run)
        if mine:
            sharing.share_item()
        if mine and final:
            menu_item(
                _("Delete"),
                "delete",
                "delete",
                help=_("Including its curves, model and log. Asks for confirmation."),
            )
    match pressed_item():
        case "delete":
            confirm_delete([run])
        case sharing.SHARE:
            sharing.share_dialog([Thing(Kind.RUN, run.id)])


def copy_button(
    run: Run, *, key: str = "copy", kind: Literal["primary", "secondary", "tertiary"] = "primary"
) -> None:
    """Shows the button that begins a draft with the settings of a run that is shown, where its data may be used.

    Args:
        run: which one.
        key: of the button.
        kind: how much it stands out.
    """
    if context().library.may_read(run.dataset):
        _duplicate(run, _("Make a copy"), key=key, kind=kind)


def _has_model(run: Run) -> bool:
    return (context().store.artifacts.folder(run.id) / MODEL_FILE).is_file()


def _stop(run: Run) -> None:
    here = context()
    if st.button(
        _("Stop"),
        icon=":material/stop:",
        key="stop",
        type="primary",
        disabled=run.stop_requested,
        help=_("It saves its state so that it can be resumed later."),
    ):
        attempt(lambda: request_stop(here.store, run.id, actor=here.actor))


def _resume(run: Run) -> None:
    here = context()
    if st.button(
        _("Resume"),
        icon=":material/play_arrow:",
        key="resume",
        type="primary",
        help=_("It resumes from epoch {n} with its full state.").format(n=run.epoch),
    ):
        attempt(lambda: resume(here.store, run.id, actor=here.actor, epochs=max(run.epochs, run.epoch, 1)))


def _train_longer(run: Run) -> None:
    """Shows the number of epochs that it should have in the end, and the button that resumes it for them."""
    here = context()
    completed = run.state is RunState.COMPLETED
    least = run.epoch + 1 if completed else max(1, run.epoch)
    with st.container(border=True, gap="xsmall"):
        epochs = st.number_input(
            _("Epochs in all"),
            min_value=least,
            max_value=100_000,
            value=max(least, run.epochs + (MORE_EPOCHS if completed else 0)),
            key=f"epochs_{run.id}_{run.epochs}_{run.epoch}",
            help=_("It resumes from epoch {n} with its full state.").format(n=run.epoch),
        )
        if st.button(_("Train to there"), icon=":material/play_arrow:", key="train_longer"):
            attempt(lambda: resume(here.store, run.id, actor=here.actor, epochs=int(epochs)))


def _duplicate(run: Run, label: str, *, key: str, kind: Literal["primary", "secondary", "tertiary"]) -> None:
    pressed = st.button(
        label,
        icon=":material/content_copy:",
        key=key,
        type=kind,
        help=_("A new draft with these settings."),
    )
    if not pressed:
        return
    try:
        spec = ExperimentSpec.from_dict(run.spec)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    name = "" if run.has_usual_name else _("{name} copy").format(name=run.name)
    if not sharing.sees_all(run):
        # The weights that it began with are its owner's.
        spec = spec.updated(fine_tuning=None)
    start_draft(spec.updated(name=name))
    st.switch_page(BUILD_PAGE)


def _fine_tune(run: Run) -> None:
    """Begins a draft with the weights of a run that has left a model."""
    if not _has_model(run) or not st.button(
        _("Fine-tune"),
        icon=":material/moving:",
        key="fine_tune",
        type="tertiary",
        help=_(
            "A new draft with these layers and weights, for other data; only its last layer starts "
            "with new weights."
        ),
    ):
        return
    try:
        name = _("{name}, fine-tuned").format(name=run.name)
        spec = continue_from(ExperimentSpec.from_dict(run.spec), FromRun(run=run.id), name=name)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    start_draft(spec)
    st.switch_page(DATA_PAGE)


def _compare_with_parent(run: Run) -> None:
    if parent := parent_of(run):
        st.page_link(
            COMPARE_PAGE,
            label=_("Compare with its parent"),
            icon=":material/compare_arrows:",
            query_params={"runs": f"{parent.id},{run.id}"},
        )
