"""The samples behind a draft, opened once for all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.datasets.samples import Samples
from dlcore.queue.library import Library
from dlcore.records import Run
from dlcore.spec.data import DataKind
from dlcore.spec.experiment import DatasetSpec
from dlcore.text import short_texts
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context

MOST_SERIES = 1_000
"""Of more series only the first can be chosen."""


def samples_of(name: str, version: str) -> Samples:
    """Returns the samples of a dataset by name and version; they are only read.

    What somebody's files hold is decoded by another process.

    Raises:
        SpecError: the actor may read no such dataset.
        DatasetError: it is not there, or damaged.
    """
    library = context().library
    library.check_dataset(name)
    return _opened(name, version, library)


def samples_of_run(run: Run) -> Samples:
    """Returns the samples of a run's dataset, to whoever may look at the run: a page shows those among its results alone.

    Raises:
        NotFoundError: there is no such run.
        SpecError: the owner of the run may read no such dataset.
        DatasetError: it is not there, or damaged.
    """
    library, dataset = context().library.shown_with(run.id), DatasetSpec.model_validate(run.spec["dataset"])
    library.check_dataset(dataset.name)
    return _opened(dataset.name, dataset.version, library)


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(name: str, version: str, _library: Library) -> Samples:
    spec = DatasetSpec(name=name, version=version)
    samples = _library.samples(spec)
    if samples.whole is not None or samples.facts.kind not in (DataKind.IMAGE, DataKind.AUDIO):
        return samples
    return replace(samples, read=lambda row: context().reader.read(name, version, row))


def draft_samples(draft: WorkingDraft) -> Samples:
    """Returns the samples of the draft's dataset."""
    return samples_of(draft.facts.name, draft.facts.version)


def choose_class(classes: Sequence[str], *, key: str) -> int | None:
    """Draws the choice of a class; returns its place, None for all."""
    titles = short_texts(classes)
    chosen: int | None = st.selectbox(
        _("Class"),
        [None, *range(len(classes))],
        format_func=lambda place: _("all") if place is None else titles[classes[place]],
        key=key,
        width=260,
    )
    return chosen


def choose_series(groups: Array, *, key: str) -> npt.NDArray[np.bool_]:
    """Draws the choice of one of several series; returns which of the rows are of it.

    Args:
        groups: (rows,) the name of each row's series.
        key: of the widget.
    """
    names = np.unique(groups)[:MOST_SERIES].tolist()
    titles = short_texts(names)
    chosen = st.selectbox(_("Series"), names, format_func=titles.__getitem__, key=key, width=260)
    found: npt.NDArray[np.bool_] = groups == chosen
    return found


def draw_number(key: str) -> int:
    """Returns which of the many random draws a user looks at."""
    return int(
        st.number_input(
            _("Draw"),
            min_value=0,
            value=0,
            step=1,
            key=key,
            width=140,
            help=_("Another number gives other samples."),
        )
    )
