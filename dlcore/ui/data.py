"""The parts of the Data page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.datasets import CATALOGUE, available, facts, open_arrays, split
from dlcore.datasets.fetch import FetchState, FetchStatus, fetch_status, start_fetch
from dlcore.datasets.summary import ImageStatistics, sample_grid, statistics
from dlcore.errors import DlcoreError
from dlcore.plots.balance import balance_figure, balance_info
from dlcore.plots.images import tile
from dlcore.plots.pixels import pixels_figure, pixels_info
from dlcore.spec.templates import moved_to
from dlcore.ui import format as show
from dlcore.ui.context import context
from dlcore.ui.drafts import Working, forget_widgets
from dlcore.ui.forms import Form
from dlcore.ui.i18n import _, say

SHOWN_CLASSES = 10
SHORT = 3
"""Letters of a class name that fit beside its images on a phone."""


def choose(draft: Working) -> None:
    """The dataset of the draft."""
    names = list(CATALOGUE.names())
    current = draft.facts.name
    chosen = st.segmented_control(
        _("Dataset"),
        names,
        default=current,
        format_func=lambda name: _(facts(name, context().settings).title),
        key=f"{draft.key}.dataset",
        required=True,
    )
    if chosen and chosen != current:
        forget_widgets()
        draft.save(moved_to(draft.spec, facts(chosen, context().settings)))


def facts_card(draft: Working) -> bool:
    """What is known of the dataset; gives whether its files are here."""
    here, known = context(), draft.facts
    ready = available(known.name, here.settings)
    with st.container(border=True, height="stretch"):
        badge = f":green-badge[{_('ready')}]" if ready else f":orange-badge[{_('not downloaded')}]"
        st.markdown(f"**{_(known.title)}** {badge}")
        st.caption(_(known.description))
        st.table(
            {
                _("Images"): show.shape(known.input_shape or ()),
                _("Classes"): str(len(known.classes)),
                _("Training and test"): f"{known.train_size:,} + {known.test_size:,}",
                _("Download"): show.size(known.download_bytes) if known.download_bytes else _("none needed"),
                _("Licence"): _(known.licence),
                _("Source"): known.citation,
            },
            border="horizontal",
        )
        if not ready:
            _download(known.name)
    return ready


def _download(name: str) -> None:
    here = context()
    status = fetch_status(name, here.settings)
    if status.state is FetchState.RUNNING:
        st.fragment(_download_progress, run_every=1.0)(name)
        return
    if status.state is FetchState.FAILED and status.reason is not None:
        st.error(say(status.reason), icon=":material/cloud_off:")
    if st.button(_("Download now"), type="primary", icon=":material/download:", key="download"):
        try:
            start_fetch(name, here.settings)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
        else:
            st.rerun()


def _download_progress(name: str) -> None:
    status = fetch_status(name, context().settings)
    if status.state is not FetchState.RUNNING:
        st.rerun(scope="app")
    st.progress(_share(status), text=_("{done} of {total}").format(
        done=show.size(status.done), total=show.size(status.total)
    ))  # fmt: skip


def _share(status: FetchStatus) -> float:
    return min(1.0, status.done / status.total) if status.total else 0.0


def split_form(draft: Working) -> None:
    """How the training data is divided and what is done to the pixels first."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{_('Division and preprocessing')}**")
        dataset = Form(f"{draft.key}.split").edit(
            draft.spec.dataset, only=("validation_fraction", "train_samples")
        )
        spec = Form(f"{draft.key}.prepare").edit(draft.spec, only=("preprocessing",))
        division = dataset.division(draft.facts)
        st.caption(
            _("{train} to train on, {validation} to watch, {test} for the final test").format(
                train=f"{division.train:,}",
                validation=f"{division.validation:,}",
                test=f"{division.test:,}",
            )
        )
    changed = spec.model_copy(update={"dataset": dataset})
    if changed != draft.spec:
        draft.save(changed)


@st.cache_data(max_entries=16, show_spinner=False)
def _sheet(name: str, wanted: int, seed: int, classes: tuple[int, ...]) -> dict[int, np.ndarray]:
    data = open_arrays(name, context().settings)
    grid = sample_grid(data, wanted, seed=seed)
    return {label: tile(grid[label], columns=wanted, scale=4) for label in classes}


def samples(draft: Working) -> None:
    """A row of images for each class."""
    known = draft.facts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            _("Draw"),
            min_value=0,
            value=0,
            step=1,
            key="draw",
            width=140,
            help=_("Another number, other samples."),
        )
        page = 0
        pages = -(-len(known.classes) // SHOWN_CLASSES)
        if pages > 1:
            page = st.pagination(pages, key="class_page") - 1
    labels = tuple(range(len(known.classes)))[page * SHOWN_CLASSES : (page + 1) * SHOWN_CLASSES]
    try:
        sheets = _sheet(known.name, 12, int(seed), labels)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    for label in labels:
        name, image = st.columns([1, 9], vertical_alignment="center", wrap=len(known.classes[label]) > SHORT)
        name.markdown(f"**{known.classes[label]}**")
        image.image(sheets[label], width="stretch")


@st.cache_data(max_entries=16, show_spinner=False)
def _statistics(name: str) -> ImageStatistics:
    return statistics(open_arrays(name, context().settings))


@st.cache_data(max_entries=16, show_spinner=False)
def _division(name: str, fraction: float, seed: int) -> tuple[int, ...]:
    data = open_arrays(name, context().settings)
    part = split(data.y_train, fraction, seed=seed)
    return tuple(np.bincount(data.y_train[part.validation], minlength=len(data.facts.classes)).tolist())


def balance(draft: Working) -> None:
    """How many images each class has, part by part."""
    known, spec = draft.facts, draft.spec
    found = _statistics(known.name)
    held = _division(known.name, spec.dataset.validation_fraction, spec.seed)
    train = tuple(total - part for total, part in zip(found.train_counts, held, strict=True))
    info = balance_info(known.classes, train=train, validation=held, test=found.test_counts)
    st.plotly_chart(balance_figure(info, translate=_), key="balance")


def pixels(draft: Working) -> None:
    """The distribution of pixel values, and their mean and deviation."""
    found = _statistics(draft.facts.name)
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        st.metric(_("Mean"), _joined(found.mean), border=True, help=_("For each channel, from 0 to 255."))
        st.metric(_("Standard deviation"), _joined(found.std), border=True)
        st.metric(_("Black pixels"), f"{found.zero_share:.0%}", border=True)
        st.metric(_("In memory"), show.size(found.bytes), border=True)
    st.plotly_chart(pixels_figure(pixels_info(found.histogram), translate=_), key="pixels")
    st.caption(_("From {n} training images.").format(n=f"{found.images:,}"))


def _joined(values: tuple[float, ...]) -> str:
    return " · ".join(f"{value:.0f}" for value in values)
