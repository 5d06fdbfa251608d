"""The models of runs: whether one can be asked, how its samples were prepared, and what it answers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dlcore.access.acts import Act
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.queue.wire import Answer, Given
from dlcore.records import Run
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE
from dlcore.records.registry import TryPlace, UseKind
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context

_READY = "try_ready"


def can_be_tried(run: Run) -> bool:
    """Returns whether a run has left a model, and how its samples were prepared."""
    folder = context().store.artifacts.folder(run.id)
    return (folder / MODEL_FILE).is_file() and (folder / PREPARATION_FILE).is_file()


def preparation_of(run: Run) -> Preparation:
    """Returns how a run's samples were prepared.

    Raises:
        DatasetError: the file is absent, damaged, or of another version.
    """
    folder = context().store.artifacts.folder(run.id)
    try:
        written = (folder / PREPARATION_FILE).stat().st_mtime_ns
    except OSError:  # absent; its reader says so
        written = 0
    return _preparation(str(folder), written)


@st.cache_resource(max_entries=8, show_spinner=False)
def _preparation(folder: str, written: int) -> Preparation:
    """Returns how a run's samples were prepared.

    Args:
        folder: of the run.
        written: when the file was; a resumed run has another one.
    """
    return read_preparation(Path(folder))


def load_model(run: Run) -> None:
    """Has a run's model loaded, so that its first answer comes immediately.

    Raises:
        DlcoreError: the run or its model is gone, or cannot be loaded.
    """
    here = context()
    ready = st.session_state.setdefault(_READY, set())
    if (run.id, here.predictor.pid) not in ready:
        with st.spinner(_("Loading the model …")):
            here.predictor.ask(here.store, run.id)
        here.store.registry.note_use(run.id, UseKind.TRY, TryPlace.PAGE)
        ready.add((run.id, here.predictor.pid))


def ask_model(run: Run, given: Given) -> Answer:
    """Returns what a run's model answers.

    Raises:
        DlcoreError: there is no answer, and why.
    """
    here = context()
    here.take(Act.PREDICT)
    load_model(run)
    return here.predictor.ask(here.store, run.id, given)
