"""Samples of the run's own dataset, where it is still there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.parts import Indices
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import dataset_style, random_samples
from dlcore.errors import DlcoreError
from dlcore.queue.wire import Given, Recording
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.spec.data import ColumnType, DataKind
from dlcore.store.run_files import DamagedArtifactError, read_arrays
from dlcore.ui.components.browser_answer import sample_given
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.images import enlarge, png_of
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import samples_of
from dlcore.ui.shared.sounds import play
from dlcore.web.context import context

_DAY = 86_400
_TINY = 1e-300


def dataset_of(how: Preparation) -> Samples | None:
    """Returns the samples of the run's dataset; None where it is gone."""
    try:
        return samples_of(how.spec.dataset.name, how.spec.dataset.version)
    except DlcoreError:
        return None


def drawing_style(how: Preparation) -> DrawingStyle:
    """Returns how the run's pictures are drawn; as those of MNIST where the dataset is gone."""
    dataset = how.spec.dataset
    return (
        _style(dataset.name, dataset.version) if context().library.may_read(dataset.name) else DrawingStyle()
    )


@dataclass(frozen=True)
class ColumnRange:
    """Between which values a column of numbers or times is.

    Attributes:
        low, high: the least and the greatest; times in seconds since 1970.
        step: numbers: by how much a value is changed at a click.
        whole: numbers: whether all are whole; times: whether all are days.
    """

    low: float
    high: float
    step: float
    whole: bool


def column_ranges(how: Preparation) -> Mapping[str, ColumnRange]:
    """Returns the ranges of the columns of numbers and times in the run's dataset; nothing where it is gone."""
    dataset = how.spec.dataset
    return _ranges(dataset.name, dataset.version) if context().library.may_read(dataset.name) else {}


@st.cache_data(max_entries=8, show_spinner=False)
def _ranges(name: str, version: str) -> Mapping[str, ColumnRange]:
    try:
        samples = samples_of(name, version)
    except DlcoreError:
        return {}
    found = {}
    for column in samples.facts.columns:
        if column.type not in (ColumnType.NUMBER, ColumnType.TIME) or column.name not in samples.places:
            continue
        values = samples.column(column.name).to_numpy(np.float64)
        values = values[np.isfinite(values)]
        if len(values):
            unit = _DAY if column.type is ColumnType.TIME else 1
            low, high = float(values.min()), float(values.max())
            whole = bool((values % unit == 0).all())
            found[column.name] = ColumnRange(low, high, _step(high - low, whole=whole), whole)
    return found


def _step(width: float, *, whole: bool) -> float:
    """Returns a hundredth of a range, as a power of ten; 1 where it has no such width."""
    step = float(10.0 ** math.floor(math.log10(width / 100))) if _TINY < width < math.inf else 1.0
    return max(1.0, step) if whole else step


@st.cache_data(max_entries=32, show_spinner=False)
def _style(name: str, version: str) -> DrawingStyle:
    try:
        samples = samples_of(name, version)
    except DlcoreError:
        return DrawingStyle()
    return dataset_style(samples)


def sample_number(folder: Path, samples: Samples, *, key: str) -> int | None:
    """Draws a button for another sample; returns the place in the dataset of one that the model was not trained on.

    Args:
        folder: of the run, which knows what it was tested on.
        samples: of its dataset.
        key: of the button, and of how often it was pressed.
    """
    count = f"{key}.count"
    seed = st.session_state.setdefault(count, 0)
    st.button(_("Another sample"), icon=":material/shuffle:", key=key, on_click=_draw_another, args=(count,))
    tested = tested_rows(folder)
    tested = tested[tested < len(samples)]
    if not len(tested):
        tested = random_samples(samples, 1, seed=seed)
    return int(np.random.default_rng(seed).choice(tested)) if len(tested) else None


def _draw_another(count: str) -> None:
    st.session_state[count] += 1


def tested_rows(folder: Path) -> Indices:
    """Returns the rows of the dataset that a run was tested on; none where it has not been."""
    try:
        found = read_arrays(folder / PREDICTIONS_FILE)
    except (FileNotFoundError, DamagedArtifactError):
        return np.empty(0, np.int64)
    return found["rows"]


def sample_of_dataset(folder: Path, channel: str, how: Preparation) -> Given | None:
    """Draws the choice of a sample of the test part, and shows it with its right answer.

    Args:
        folder: of the run.
        channel: where a picture goes within the browser, too; empty: nowhere.
        how: the run's samples were prepared.
    """
    samples = dataset_of(how)
    if samples is None:
        st.info(_("The dataset of this run is no longer here."), icon=":material/info:")
        return None
    place = sample_number(folder, samples, key="try_draw")
    if place is None:
        return None
    if samples.targets is not None and samples.facts.task.single_label:
        label = samples.facts.classes[int(samples.targets[place])]
        st.caption(_("Its right answer: {answer}").format(answer=f"**{escape_name(label)}**"))
    given = _shown(samples, place)
    if channel and isinstance(given, np.ndarray):
        sample_given(png_of(given), key="try_sample", channel=channel)
    return given


def _shown(samples: Samples, place: int) -> Given:
    """Shows a sample as it is in the dataset; returns it as it is given to the model."""
    facts = samples.facts
    if facts.kind is DataKind.TEXT:
        text: str = samples.texts.iloc[place]
        st.text(text)
        return text
    values = np.asarray(samples.read(int(samples.rows[place])))
    if facts.kind is DataKind.IMAGE:
        st.image(enlarge(values[..., :1] if values.shape[-1] == 2 else values), width=200)
    elif facts.kind is DataKind.AUDIO:
        rate = int(samples.frame.iloc[place]["rate"])
        play(values[:, 0], rate)
        return Recording(values, rate)
    return values
