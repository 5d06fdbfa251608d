"""The tab Try it: something is given on the left, and the model answers on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import DlcoreError
from dlcore.queue.wire import Given
from dlcore.records import Run
from dlcore.spec.data import DataKind
from dlcore.ui.runs.trying.files import answer_file, give_file
from dlcore.ui.runs.trying.in_browser import (
    BROWSER,
    answer_in_browser,
    browser_export,
    channel_of,
    choose_place,
)
from dlcore.ui.runs.trying.media import ways_of_pictures, ways_of_sounds
from dlcore.ui.runs.trying.others import choose_others
from dlcore.ui.runs.trying.rows import give_pair, give_row, give_series, give_text
from dlcore.ui.runs.trying.samples import sample_of_dataset
from dlcore.ui.runs.trying.side_by_side import show_answers
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.trained import can_be_tried, preparation_of
from dlcore.web.context import context

FILE = "file"
WAY = "try_way"

Way = tuple[str, Callable[[Preparation], Given | None]]
"""What a way of giving something is called, and what draws it and returns what is given."""


def try_it(run: Run) -> None:
    """Lets a person give the run's model something, and shows what it answers."""
    if not can_be_tried(run):
        st.info(_("The model can be tried once an epoch has finished."), icon=":material/info:")
        return
    try:
        how = preparation_of(run)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    _ask_and_answer(run, how)


@st.fragment
def _ask_and_answer(run: Run, how: Preparation) -> None:
    """Draws both sides; what is done in them runs this part of the page alone."""
    place = choose_place()
    # Always there, so that what is below it stays on the page, and with it what was drawn, while a model is made ready.
    notice = st.container()
    left, right = (side.container(border=True, height="stretch") for side in st.columns(2, gap="small"))
    with notice:
        job = browser_export(run, how) if place == BROWSER else None
    ways = _ways(context().store.artifacts.folder(run.id), how, channel_of(run) if job else "")
    with left:
        chosen = _choose_way(ways)
    if chosen == FILE:
        _answer_file(run, how, left, right, beside_browser=job is not None)
        return
    with right:
        runs = [run, *choose_others(run)]
    with left:
        given = ways[chosen][1](how)
    with right:
        if job is None:
            show_answers(runs, given)
        else:
            answer_in_browser(runs, how, job)


def _answer_file(
    run: Run, how: Preparation, left: DeltaGenerator, right: DeltaGenerator, *, beside_browser: bool
) -> None:
    with left:
        file = give_file(how)
        if beside_browser:
            st.caption(_("Files with many samples go to the server, which answers them."))
    with right:
        if file is not None:
            answer_file(run.id, file)
        else:
            st.caption(_("The answers appear here as soon as the file is uploaded."))


def _choose_way(ways: Mapping[str, Way]) -> str:
    names = list(ways)
    return st.segmented_control(
        _("What you give"),
        names,
        format_func=lambda name: ways[name][0],
        default=names[0],
        required=True,
        # What was chosen for another run may not be offered for this one; the first way says which there are.
        key=f"{WAY}.{names[0]}",
        label_visibility="collapsed",
    )


def _ways(folder: Path, how: Preparation, channel: str) -> dict[str, Way]:
    """Returns the ways of giving something of this kind, the most natural first.

    Args:
        folder: of the run.
        how: its samples were prepared.
        channel: where pictures go within the browser; empty: to the server.
    """
    sample: Way = (_("Sample"), partial(sample_of_dataset, folder, channel))
    file: Way = (_("Files"), lambda how: None)
    match how.facts.kind:
        case DataKind.IMAGE:
            return {**ways_of_pictures(how, channel), "sample": sample, FILE: file}
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
