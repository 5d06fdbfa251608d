"""Which kinds of samples the model does badly on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.slices import LEAST_SAMPLES, Slice, find_slices
from dlcore.datasets.dates import date_text
from dlcore.datasets.parts import Array
from dlcore.datasets.samples import GROUP, Samples
from dlcore.datasets.summary import thumbnails
from dlcore.spec.data import ColumnRole, ColumnType, DataKind
from dlcore.text import number_text
from dlcore.ui.lab.sample import places_of
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.i18n import _

MOST_PICTURES = 2_000
"""Whose brightness is measured; of more, evenly spread ones."""
SIDE = 32
LONG = 14


def slices_view(source: LabSource) -> None:
    """Shows the score of samples that have something in common, those that are surely worse first."""
    samples = source.dataset()
    if samples is None:
        st.info(_("The dataset of this run is no longer here."), icon=":material/info:")
        return
    higher = source.samples.correct is not None
    scores = source.samples.correct if source.samples.correct is not None else np.sqrt(source.samples.loss)
    known, chosen = _known_of(source, samples)
    found = find_slices(known, np.asarray(scores)[chosen], higher=higher)
    if not found:
        words = _(
            "Nothing is known of these samples by which at least {n} of them could be told from the others."
        )
        st.info(words.format(n=LEAST_SAMPLES), icon=":material/info:")
        return
    what = (
        _("the share of right answers")
        if higher
        else _("the error, in standard deviations of the true values")
    )
    st.caption(
        _(
            "Each slice with {what}, beside that of all other samples; what is surely worse comes first."
        ).format(what=what)
    )
    if len(chosen) < len(source.samples):
        st.caption(_("Samples that were looked at, evenly spread: {n}").format(n=f"{len(chosen):,}"))
    times = {column.name for column in samples.facts.columns if column.type is ColumnType.TIME}
    _table(found, source, times, higher=higher)


def _known_of(source: LabSource, samples: Samples) -> tuple[Mapping[str, Array], Array]:
    """Returns what is known of the samples of a part, by name, and which of them it is known of."""
    kind, everything = samples.facts.kind, np.arange(len(source.samples))
    if kind is DataKind.IMAGE:
        everything = np.unique(
            np.linspace(0, len(everything) - 1, min(len(everything), MOST_PICTURES)).astype(np.int64)
        )
    places = places_of(samples, source.samples.rows[everything])
    known: dict[str, Array] = {}
    if source.classes and source.samples.true.ndim == 1:
        known[_("True class")] = np.array(source.titles)[source.samples.true[everything]]
    if kind is DataKind.IMAGE:
        known[_("Brightness")] = _brightness(samples, places)
    elif kind is DataKind.TEXT:
        texts = samples.texts.iloc[places]
        known[_("Words")] = texts.str.split().str.len().to_numpy()
        known[_("Characters")] = texts.str.len().to_numpy()
    elif kind is DataKind.AUDIO:
        known[_("Seconds")] = samples.frame["seconds"].to_numpy()[places]
    elif kind is DataKind.RATINGS:
        for column, title in (("user", _("Ratings of the user")), ("item", _("Ratings of the item"))):
            counts = samples.frame[column].map(samples.frame[column].value_counts())
            known[title] = counts.to_numpy()[places]
    known |= _columns(samples, places)
    return known, everything


def _columns(samples: Samples, places: Array) -> dict[str, Array]:
    """Returns the columns of a table, or of a series, and the groups of other samples."""
    facts = samples.facts
    if not facts.columns:
        groups = samples.frame.get(GROUP)
        return {} if groups is None else {_("Group"): groups.astype(str).to_numpy()[places]}
    return {
        column.name: samples.column(column.name).to_numpy()[places]
        for column in facts.columns
        if column.role not in (ColumnRole.TARGET, ColumnRole.IGNORED) and column.type is not ColumnType.TEXT
    }


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={Samples: lambda one: one.content})
def _brightness(samples: Samples, places: Array) -> Array:
    """(samples,) the mean value of each picture, from 0 to 1."""
    pictures = thumbnails(samples, places.tolist(), side=SIDE)
    found: Array = pictures.reshape(len(pictures), -1).mean(axis=1) / 255
    return found


def _table(found: list[Slice], source: LabSource, times: Collection[str], *, higher: bool) -> None:
    number = st.column_config.NumberColumn
    written, factor = ("%.1f%%", 100) if higher else ("%.3g", 1)
    table = pd.DataFrame(
        {
            "column": [one.column for one in found],
            "value": [_value(one, is_time=one.column in times) for one in found],
            "score": [factor * one.score for one in found],
            "range": [_interval(one, higher=higher) for one in found],
            "rest": [factor * one.rest for one in found],
            "samples": [one.samples for one in found],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key=f"lab_slices.{source.part}",
        height="content" if len(table) <= LONG else 520,
        column_config={
            "column": st.column_config.TextColumn(_("Property"), pinned=True),
            "value": _("Value"),
            "score": number(_("Right") if higher else _("Error"), format=written),
            "range": st.column_config.TextColumn(
                _("95% interval"), help=_("Holds the true value in 95 of 100 cases.")
            ),
            "rest": number(_("All others"), format=written),
            "samples": number(_("Samples")),
        },
    )


def _value(one: Slice, *, is_time: bool) -> str:
    if one.value is not None:
        return (date_text(float(one.value)) if is_time else one.value) if one.value else _("missing")
    low, high = (date_text(end) if is_time else number_text(end, 3) for end in (one.low, one.high))
    return _("{low} to {high}").format(low=low, high=high)


def _interval(one: Slice, *, higher: bool) -> str:
    if not math.isfinite(one.interval.high):
        return "–"
    low, high = one.interval.low, one.interval.high
    return f"{low:.0%} – {high:.0%}" if higher else f"{low:.3g} – {high:.3g}"
