"""The removal of runs, after asking."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.queue import delete
from dlcore.records import Run
from dlcore.ui.shared import format as show
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.web.context import context


def confirm_delete(runs: Sequence[Run]) -> None:
    """Asks for confirmation, then deletes the runs with all their files."""

    def act() -> None:
        here = context()
        for run in runs:
            delete(here.store, run.id, actor=here.actor)
        st.switch_page(RUNS_PAGE)

    ask(
        Question(
            _("Delete this run?") if len(runs) == 1 else _("Delete {n} runs?").format(n=len(runs)),
            _("Curves, models and logs are deleted, too. This cannot be undone."),
            _("Delete"),
            act,
            names=[show.with_id(run.name, run.id) for run in runs],
            key="delete_sure",
        )
    )
