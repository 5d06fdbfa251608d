"""The tab Try it: something is given on the left, and the model answers on the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.errors import DlcoreError
from dlcore.queue.wire import Answer, Given
from dlcore.records import Run
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE
from dlcore.spec.data import DataKind
from dlcore.ui.runs.trying.answer import show_answer
from dlcore.ui.runs.trying.files import answer_file, give_file
from dlcore.ui.runs.trying.media import ways_of_pictures, ways_of_sounds
from dlcore.ui.runs.trying.rows import give_pair, give_row, give_series, give_text
from dlcore.ui.runs.trying.samples import sample_of_dataset
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

FILE = "file"
WAY = "try_way"
_WIDE = (DataKind.TABLE, DataKind.SERIES)
"""Kinds that are given in forms and tables."""

Way = tuple[str, Callable[[Preparation], Given | None]]
"""What a way of giving something is called, and what draws it and returns what is given."""


def try_it(run: Run) -> None:
    """Lets a person give the run's model something, and shows what it answers."""
    folder = context().store.artifacts.folder(run.id)
    path = folder / PREPARATION_FILE
    if not (folder / MODEL_FILE).is_file() or not path.is_file():
        st.info(_("The model can be tried once an epoch has finished."), icon=":material/info:")
        return
    try:
        how = _preparation(str(folder), path.stat().st_mtime_ns)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    _ask_and_answer(run.id, folder, how)


@st.cache_resource(max_entries=8, show_spinner=False)
def _preparation(folder: str, written: int) -> Preparation:
    """Returns how a run's samples were prepared.

    Args:
        folder: of the run.
        written: when the file was; a resumed run has another one.
    """
    return read_preparation(Path(folder))


@st.fragment
def _ask_and_answer(run_id: str, folder: Path, how: Preparation) -> None:
    """Draws both sides; what is done in them runs this part of the page alone."""
    ways = _ways(folder, how)
    left, right = st.columns([1, 1] if how.facts.kind in _WIDE else [5, 7], gap="small")
    with left, st.container(border=True, height="stretch"):
        names = list(ways)
        # What was chosen for another run may not be offered for this one; the first way says which there are.
        key = f"{WAY}.{names[0]}"
        chosen = st.segmented_control(
            _("What you give"),
            names,
            format_func=lambda name: ways[name][0],
            default=names[0],
            required=True,
            key=key,
            label_visibility="collapsed",
        )
        file = give_file(how) if chosen == FILE else None
        given = ways[chosen][1](how) if chosen != FILE else None
    with right, st.container(border=True, height="stretch"):
        if file is not None:
            answer_file(run_id, file)
        elif chosen == FILE:
            st.caption(_("The answers appear here as soon as the file is uploaded."))
        elif (answer := _answer(run_id, given)) is not None:
            show_answer(answer, how)


def _answer(run_id: str, given: Given | None) -> Answer | None:
    """Returns the answer; loads the model before anything is given, so that it comes immediately then."""
    here = context()
    try:
        if st.session_state.get("try_loaded") != (run_id, here.predictor.pid):
            with st.spinner(_("Loading the model …")):
                here.predictor.ask(here.store, run_id)
            st.session_state["try_loaded"] = (run_id, here.predictor.pid)
        if given is None:
            st.caption(_("The answer appears here as soon as something is given."))
            return None
        return here.predictor.ask(here.store, run_id, given)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return None


def _ways(folder: Path, how: Preparation) -> dict[str, Way]:
    """Returns the ways of giving something of this kind, the most natural first."""
    sample: Way = (_("Sample"), partial(sample_of_dataset, folder))
    file: Way = (_("Files"), lambda how: None)
    match how.facts.kind:
        case DataKind.IMAGE:
            return {**ways_of_pictures(how), "sample": sample, FILE: file}
        case DataKind.AUDIO:
            return {**ways_of_sounds(), "sample": sample, FILE: file}
        case DataKind.TEXT:
            return {"type": (_("Type a text"), give_text), "sample": sample, FILE: file}
        case DataKind.TABLE:
            return {"row": (_("A row"), partial(give_row, folder)), FILE: file}
        case DataKind.SERIES:
            return {"series": (_("Series"), give_series), FILE: file}
        case DataKind.RATINGS:
            return {"pair": (_("User and item"), give_pair), FILE: file}
        case _:
            return {"sample": sample, FILE: file}
