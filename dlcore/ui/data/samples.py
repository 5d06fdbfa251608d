"""What a dataset looks like: one set of views for each kind of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.clean.divisions import divide
from dlcore.datasets.dates import to_dates
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import ImageStatistics, non_test_samples, random_samples, statistics, thumbnails
from dlcore.errors import DlcoreError
from dlcore.plots.balance import balance_figure, balance_info
from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.images import tile
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.plots.pixels import pixels_figure, pixels_info
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task
from dlcore.spec.experiment import DatasetSpec
from dlcore.text import NAME
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.images import png_of
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_class, choose_series, draft_samples, draw_number, samples_of
from dlcore.ui.shared.sounds import recordings
from dlcore.web.context import context

View = Callable[[WorkingDraft], None]

SHOWN_CLASSES = 10
SHORT, NARROW, WIDE = 3, 32, 110
"""Letters of a short class name; the pixels that short and long ones have beside their images."""
WHOLE = 500
"""Letters of a class name in its tooltip."""
SHOWN_ROWS = 200
SHOWN_SERIES = 6
SIDE, SHEET_SIDE = 64, 112
"""Pixels that an image is at most wide, and that small ones are made in a row: wider rows, Streamlit makes anew."""


def views(draft: WorkingDraft) -> dict[str, tuple[str, View]]:
    """Returns the views that fit the draft's dataset: by their name in the address,
    their title and what draws them.
    """
    kind, task = draft.facts.kind, draft.facts.task
    found: dict[str, tuple[str, View]] = {"samples": (_("Samples"), _SAMPLES[kind])}
    if task.single_label:
        found["balance"] = (_("Class balance"), balance)
    elif kind not in (DataKind.SERIES, DataKind.RATINGS) and task is not Task.RECONSTRUCTION:
        found["targets"] = (_("Targets"), targets)
    if kind is DataKind.IMAGE:
        found["pixels"] = (_("Pixels"), pixels)
    if kind in (DataKind.TABLE, DataKind.SERIES):
        found["columns"] = (_("Columns"), columns)
    if kind is DataKind.TEXT:
        found["lengths"] = (_("Lengths"), lengths)
    return found


def show_view(view: View, draft: WorkingDraft) -> None:
    """Shows a view; what cannot be read is said in its place."""
    try:
        view(draft)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")


@st.cache_data(max_entries=16, show_spinner=False)
def _sheet(name: str, version: str, wanted: int, seed: int, classes: tuple[int, ...]) -> dict[int, bytes]:
    samples = samples_of(name, version)
    rows = {label: random_samples(samples, wanted, label=label, seed=seed) for label in classes}
    images = {label: thumbnails(samples, chosen, side=SIDE) for label, chosen in rows.items()}
    widest = max((image.shape[2] for image in images.values()), default=1)
    scale = max(1, SHEET_SIDE // widest)
    return {label: png_of(tile(one, columns=wanted, scale=scale)) for label, one in images.items()}


def images(draft: WorkingDraft) -> None:
    """Shows a row of images for each class."""
    known = draft.facts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed, page = draw_number("draw"), 0
        pages = -(-len(known.classes) // SHOWN_CLASSES)
        if pages > 1:
            page = st.pagination(pages, key="class_page") - 1
    labels = tuple(range(len(known.classes)))[page * SHOWN_CLASSES : (page + 1) * SHOWN_CLASSES]
    longest = max(len(known.classes[label]) for label in labels)
    sheets = _sheet(known.name, known.version, 12, seed, labels)
    for label in labels:
        title = known.classes[label]
        # Where it is cut, the tooltip has it all.
        whole = escape_name(title, WHOLE) if len(title) > NAME else None
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            width = NARROW if longest <= SHORT else WIDE
            st.markdown(f"**{escape_name(title)}**", help=whole, width=width)
            st.image(sheets[label], width="stretch")


def arrays(draft: WorkingDraft) -> None:
    """Arrays that are pictures as pictures, others as lines."""
    samples = draft_samples(draft)
    shape = draft.facts.input_shape or ()
    if draft.facts.has_whole_series:
        _whole_series(draft.facts, samples)
        return
    chosen = random_samples(samples, 24, seed=draw_number("draw"))
    volumes = len(shape) == 4 and shape[-1] in (1, 3)
    if volumes or (len(shape) == 3 and shape[-1] in (1, 3)) or len(shape) == 2:
        values = np.stack([samples.read(int(samples.rows[i])) for i in chosen]).astype(np.float64)
        if volumes:
            values, shape = values[:, shape[0] // 2], shape[1:]
            st.caption(_("The middle image of each sample."))
        low, high = values.min(), values.max()
        grey = np.rint((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)
        st.image(tile(grey if len(shape) == 3 else grey[..., None], columns=12, scale=2), width="stretch")
        return
    lines = {f"{i}": np.ravel(samples.read(int(samples.rows[i]))) for i in chosen[:6]}
    length = len(next(iter(lines.values())))
    st.plotly_chart(lines_figure(lines_info(np.arange(length), lines), x_title=_("Position")), key="arrays")


def _whole_series(known: DatasetFacts, samples: Samples) -> None:
    """Shows some series of a class, or of all, in one of their features."""
    assert known.input_shape is not None, "arrays have a shape"
    length, features = known.input_shape
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed, feature, label = draw_number("draw"), 0, None
        if features > 1:
            feature = st.number_input(_("Feature"), 1, features, 1, key="feature", width=140) - 1
        if known.task.single_label:
            label = choose_class(known.classes, key="series_class")
    chosen = random_samples(samples, SHOWN_SERIES, label=label, seed=seed)
    lines = {_called(known, samples, i): samples.read(int(samples.rows[i]))[:, feature] for i in chosen}
    st.plotly_chart(lines_figure(lines_info(np.arange(length), lines), x_title=_("Position")), key="arrays")


def _called(known: DatasetFacts, samples: Samples, index: int) -> str:
    """Returns the number of a sample, and its class if it has one."""
    number = f"{samples.rows[index]:,}"
    if samples.targets is None or not known.task.single_label or samples.targets[index] < 0:
        return number
    return f"{number} · {known.classes[samples.targets[index]]}"


def texts(draft: WorkingDraft) -> None:
    """Texts with what they are."""
    samples, known = draft_samples(draft), draft.facts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = draw_number("draw")
        label = None
        if known.task.single_label:
            label = choose_class(known.classes, key="text_class")
    chosen = random_samples(samples, SHOWN_ROWS, label=label, seed=seed)
    table = pd.DataFrame({"text": samples.texts.iloc[chosen].to_numpy()})
    if samples.targets is not None and known.task.single_label:
        table.insert(0, "class", [known.classes[i] for i in samples.targets[chosen]])
    st.dataframe(
        table,
        hide_index=True,
        key="texts",
        row_height=44,
        column_config={
            "class": st.column_config.TextColumn(_("Class"), width="small"),
            "text": st.column_config.TextColumn(_("Text"), width="large"),
        },
    )


def lengths(draft: WorkingDraft) -> None:
    """Shows how long the texts are, in words."""
    samples = draft_samples(draft)
    words = samples.texts.iloc[non_test_samples(samples)].str.split().str.len()
    st.plotly_chart(histogram_figure(histogram_info(words), title=_("Words"), translate=_), key="lengths")
    ninety = int(np.ceil(np.quantile(words, 0.95)))
    said = _n("95 % of the texts have at most {n} word.", "95 % of the texts have at most {n} words.", ninety)
    st.caption(said.format(n=f"{ninety:,}"))


def rows(draft: WorkingDraft) -> None:
    """Shows the first rows of a table, as the file has them."""
    _first_rows(draft_samples(draft))


def _first_rows(samples: Samples) -> None:
    head = samples.frame.head(SHOWN_ROWS)
    table = pd.DataFrame({column.name: _readable(head, samples, column) for column in samples.facts.columns})
    st.dataframe(table, hide_index=True, key="rows")
    words = _n("The first {n} of {total} row.", "The first {n} of {total} rows.", len(samples))
    st.caption(words.format(n=f"{len(table):,}", total=f"{len(samples):,}"))


def _readable(frame: pd.DataFrame, samples: Samples, column: Column) -> pd.Series:
    values = frame[f"c{[c.name for c in samples.facts.columns].index(column.name)}"]
    return pd.Series(to_dates(values), values.index) if column.type is ColumnType.TIME else values


def series(draft: WorkingDraft) -> None:
    """Shows the columns of a series over time, of several the chosen one's, then the rows."""
    samples, known = draft_samples(draft), draft.facts
    if known.columns_of(ColumnRole.GROUP):
        samples = samples.take(choose_series(samples.groups(), key="series_of"))
    watched = known.columns_of(ColumnRole.TARGET, ColumnRole.FEATURE)
    lines = {
        column.name: samples.column(column.name).to_numpy()
        for column in watched
        if column.type is ColumnType.NUMBER
    }
    times = known.columns_of(ColumnRole.TIME)
    axis = np.asarray(samples.times())
    order = np.argsort(axis, kind="stable")
    x = axis[order]
    if times and times[0].type is ColumnType.TIME:
        x = to_dates(x)
    ordered = {name: values[order] for name, values in lines.items()}
    title = times[0].name if times else _("Row")
    st.plotly_chart(lines_figure(lines_info(x, ordered), x_title=title), key="series")
    _first_rows(samples)


def ratings(draft: WorkingDraft) -> None:
    """Shows how ratings are spread, and over how many users and items."""
    samples = draft_samples(draft)
    frame = samples.frame
    users, items = frame["user"].nunique(), frame["item"].nunique()
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        st.metric(_("Ratings"), f"{len(frame):,}", border=True)
        st.metric(_("Users"), f"{users:,}", border=True)
        st.metric(_("Items"), f"{items:,}", border=True)
        st.metric(
            _("Filled"),
            f"{len(frame) / max(1, users * items):.2%}",
            border=True,
            help=_("The share of all pairs of user and item that have a rating."),
        )
    left, right = st.columns(2, gap="medium")
    with left:
        drawn = histogram_figure(histogram_info(frame["rating"]), title=_("Rating"), translate=_)
        st.plotly_chart(drawn, key="ratings")
    with right:
        each = histogram_info(frame.groupby("user").size())
        st.plotly_chart(
            histogram_figure(each, title=_("Ratings of a user"), samples=_("Users")), key="user_ratings"
        )
    st.dataframe(frame[["user", "item", "rating"]].head(SHOWN_ROWS), hide_index=True, key="rating_rows")


@st.cache_data(max_entries=16, show_spinner=False)
def _statistics(name: str, version: str) -> ImageStatistics:
    return statistics(samples_of(name, version), context().settings)


def pixels(draft: WorkingDraft) -> None:
    """Shows the distribution of pixel values, and their mean and deviation."""
    found = _statistics(draft.facts.name, draft.facts.version)
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        st.metric(_("Mean"), _joined(found.mean), border=True, help=_("For each channel, from 0 to 255."))
        st.metric(_("Standard deviation"), _joined(found.std), border=True)
        st.metric(_("Black pixels"), f"{found.zero_share:.0%}", border=True)
    st.plotly_chart(pixels_figure(pixels_info(found.histogram), translate=_), key="pixels")
    words = _n("From {n} training image.", "From {n} training images.", found.images)
    st.caption(words.format(n=f"{found.images:,}"))


def _joined(values: Sequence[float]) -> str:
    return " · ".join(f"{value:.0f}" for value in values)


@st.cache_data(max_entries=16, show_spinner=False)
def _counts(name: str, version: str, division: str, seed: int) -> tuple[tuple[int, ...], ...]:
    samples, spec = samples_of(name, version), DatasetSpec.model_validate_json(division)
    parts = divide(samples, spec, seed=seed)
    assert samples.targets is not None, "only data with classes is counted"
    return tuple(
        tuple(np.bincount(samples.targets[part], minlength=len(samples.facts.classes)).tolist())
        for part in (parts.train, parts.validation, parts.test)
    )


def balance(draft: WorkingDraft) -> None:
    """Shows how many samples each class has, part by part, before any cleaning."""
    known, dataset = draft.facts, draft.spec.dataset.updated(cleaning=())
    train, validation, test = _counts(known.name, known.version, dataset.model_dump_json(), draft.spec.seed)
    info = balance_info(known.classes, train=train, validation=validation, test=test)
    st.plotly_chart(balance_figure(info, translate=_), key="balance")


def targets(draft: WorkingDraft) -> None:
    """Shows how the numbers that are asked for are spread, or how often each label is set."""
    samples = draft_samples(draft)
    assert samples.targets is not None, "what is asked for stands beside the samples"
    values = samples.targets.reshape(len(samples), -1)
    if draft.facts.task.classifies:
        counts = tuple(int(n) for n in np.nansum(values, axis=0))
        st.plotly_chart(
            balance_figure(balance_info(draft.facts.classes, train=counts), translate=_), key="labels"
        )
        return
    for index, name in enumerate(draft.facts.targets):
        drawn = histogram_figure(histogram_info(values[:, index]), title=name, translate=_)
        st.plotly_chart(drawn, key=f"target_{index}")


def columns(draft: WorkingDraft) -> None:
    """Shows what is in each column, and how its numbers are spread."""
    samples = draft_samples(draft)
    table = pd.DataFrame([_about(samples, column) for column in draft.facts.columns])
    number = partial(st.column_config.NumberColumn, format="%.4g", width="small")
    st.dataframe(
        table,
        hide_index=True,
        key="columns",
        column_config={
            "name": st.column_config.TextColumn(_("Column"), pinned=True),
            "type": _("Type"),
            "role": _("Role"),
            "missing": st.column_config.NumberColumn(_("Missing"), width="small"),
            "unique": st.column_config.NumberColumn(_("Different"), width="small"),
            "low": number(_("Lowest")),
            "mean": number(_("Mean")),
            "high": number(_("Highest")),
            "spread": st.column_config.BarChartColumn(_("Spread")),
        },
    )


def _about(samples: Samples, column: Column) -> dict[str, object]:
    row: dict[str, object] = {
        "name": column.name,
        "type": _(column.type.value),
        "role": _(column.role.value),
        "missing": column.missing,
        "unique": column.unique,
    }
    if column.type is ColumnType.NUMBER:
        values = samples.column(column.name)
        row |= {"low": values.min(), "mean": values.mean(), "high": values.max()}
        row["spread"] = list(histogram_info(values, bars=20).counts)
    return row


_SAMPLES: dict[DataKind, View] = {
    DataKind.IMAGE: images,
    DataKind.ARRAY: arrays,
    DataKind.TEXT: texts,
    DataKind.AUDIO: recordings,
    DataKind.TABLE: rows,
    DataKind.SERIES: series,
    DataKind.RATINGS: ratings,
}
