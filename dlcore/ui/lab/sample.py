"""A sample as what it is: a picture, a text, a sound, a row, a stretch of a series, a user and an item."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.dates import cell_text, to_dates
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import thumbnails
from dlcore.errors import N_, DatasetError
from dlcore.plots.images import tile
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts
from dlcore.spec.preprocessing import Step
from dlcore.text import short_texts
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.images import enlarge, png_of
from dlcore.ui.shared.sounds import show_recording, spectrograms

THUMBNAIL = 48
"""Pixels of a side of a picture in a table."""
MOST_COLUMNS = 12
"""Of a table's, those that stand in a list of samples."""
CELL = "cell."
"""What the names of a user's columns begin with in a list of samples."""
MOST_LETTERS = 300
LONG_TEXT, LETTERS, TALL = 500, 30, 300
"""Letters of a text from which it is long, about as many to a line, and the pixels that it then has."""
WIDE = 260
AROUND = 60
"""Rows of a series before and after a sample that are drawn with it."""


def places_of(samples: Samples, rows: Indices) -> Indices:
    """Returns where samples stand that are named by their rows in the dataset as it was stored.

    Raises:
        DatasetError: it has no such rows, so it is not what a run was trained on.
    """
    known = samples.rows
    found: Indices = np.searchsorted(known, rows)
    missing = found >= len(known)
    missing[~missing] = known[found[~missing]] != rows[~missing]
    if missing.any():
        raise DatasetError(
            N_("there is no sample {sample}: the dataset has {count}."),
            where=samples.facts.name,
            sample=int(rows[missing][0]),
            count=len(known),
        )
    return found


def describe_samples(samples: Samples, places: Indices) -> pd.DataFrame:
    """Returns what some samples are, a few columns each, as a table of them shows it."""
    describe = _DESCRIBED.get(samples.facts.kind)
    return pd.DataFrame() if describe is None else describe(samples, places)


def show_sample(samples: Samples, place: int, *, key: str, steps: Iterable[Step] = ()) -> None:
    """Shows a sample as large as it deserves.

    Args:
        samples: of the dataset.
        place: of the sample in it.
        key: of what is drawn.
        steps: what is done to it before a model sees it; a sound is also shown as they make it.
    """
    if samples.facts.kind is DataKind.AUDIO:
        _show_sound(samples, place, key, steps)
        return
    _SHOWN[samples.facts.kind](samples, place, key)


def _described_pictures(samples: Samples, places: Indices) -> pd.DataFrame:
    pictures = thumbnails(samples, places.tolist(), side=THUMBNAIL)
    return pd.DataFrame({"picture": [_address(picture) for picture in pictures]})


def _address(picture: Array) -> str:
    """Returns a picture as an address that holds it; a small one enlarged by whole pixels, which a table would blur."""
    large = tile(picture[None], columns=1, scale=max(1, -(-THUMBNAIL // picture.shape[1])))
    return f"data:image/png;base64,{base64.b64encode(png_of(large)).decode()}"


def _described_texts(samples: Samples, places: Indices) -> pd.DataFrame:
    return pd.DataFrame({"text": [text[:MOST_LETTERS] for text in samples.texts.iloc[places]]})


def _described_sounds(samples: Samples, places: Indices) -> pd.DataFrame:
    names = samples.frame["name"].iloc[places]
    return pd.DataFrame({"name": [str(name).rsplit("/", 1)[-1] for name in names]})


def cell_titles(facts: DatasetFacts) -> dict[str, str]:
    """Returns what stands above the columns of a user's table in a list of samples, by their names in that list."""
    titles = short_texts(column.name for column in _listed(facts))
    return {f"{CELL}{name}": title for name, title in titles.items()}


def _listed(facts: DatasetFacts) -> Sequence[Column]:
    columns = [column for column in facts.columns if column.role is not ColumnRole.TARGET]
    return columns[:MOST_COLUMNS] if facts.kind in (DataKind.TABLE, DataKind.SERIES) else ()


def _described_rows(samples: Samples, places: Indices) -> pd.DataFrame:
    """Returns some rows of a table, times as dates; its columns have names of their own, for users' may be any."""
    taken = samples.take(places)
    return pd.DataFrame(
        {
            f"{CELL}{column.name}": to_dates(taken.column(column.name))
            if column.type is ColumnType.TIME
            else taken.column(column.name)
            for column in _listed(samples.facts)
        }
    )


def _described_ratings(samples: Samples, places: Indices) -> pd.DataFrame:
    return samples.frame[["user", "item"]].iloc[places].astype(str).reset_index(drop=True)


def _show_picture(samples: Samples, place: int, key: str) -> None:
    pixels = samples.read(int(samples.rows[place]))
    st.image(enlarge(pixels[..., :1] if pixels.shape[-1] == 2 else pixels), width=WIDE)


def _show_text(samples: Samples, place: int, key: str) -> None:
    text = samples.texts.iloc[place]
    # A long one has its own scroll bar, or what can be done with the sample would be pages below it.
    is_long = len(text) > LONG_TEXT or text.count("\n") > LONG_TEXT // LETTERS
    with st.container(border=True, height=TALL if is_long else "content"):
        if text.strip():
            st.text(text)
        else:
            st.caption(_("(no text)"))


def _show_sound(samples: Samples, place: int, key: str, steps: Iterable[Step]) -> None:
    pictures = spectrograms(samples, samples.facts, steps)
    show_recording(samples, place, pictures, key=f"{key}.spectrogram")
    if pictures is None:
        waveform, rate = samples.read(int(samples.rows[place]))[:, 0], int(samples.frame.iloc[place]["rate"])
        seconds = np.arange(len(waveform)) / rate
        drawn = lines_figure(lines_info(seconds, {_("Waveform"): waveform}), x_title=_("Seconds"))
        st.plotly_chart(drawn.update_layout(height=180), key=f"{key}.waveform")


def _show_row(samples: Samples, place: int, key: str) -> None:
    columns = samples.facts.columns
    values = [cell_text(samples.column(column.name).iloc[place], column.type) for column in columns]
    table = pd.DataFrame({"column": [column.name for column in columns], "value": values})
    st.dataframe(
        table,
        hide_index=True,
        key=f"{key}.row",
        height="content" if len(table) <= 12 else 420,
        column_config={"column": _("Column"), "value": _("Value")},
    )


def series_around(samples: Samples, place: int) -> tuple[Indices, int]:
    """Returns where the rows of a sample's series stand, in the order of time, and which of these it is."""
    series = samples.series
    own = np.flatnonzero(series == series[place])
    own = own[np.argsort(np.asarray(samples.times())[own], kind="stable")]
    return own, int(np.flatnonzero(own == place)[0])


def _show_stretch(samples: Samples, place: int, key: str) -> None:
    """Shows the rows of its series around a sample, with a mark at it."""
    own, here = series_around(samples, place)
    near = own[max(0, here - AROUND) : here + AROUND + 1]
    numbers = [
        one for one in samples.facts.columns_of(ColumnRole.TARGET, ColumnRole.FEATURE) if one.type is ColumnType.NUMBER
    ]  # fmt: skip
    lines = {one.name: samples.column(one.name).to_numpy()[near] for one in numbers[:4]}
    axis = np.arange(len(near)) - min(here, AROUND)
    drawn = lines_figure(lines_info(axis, lines), x_title=_("Rows from this one"))
    drawn.add_vline(x=0, line={"dash": "dash", "width": 2, "color": "#8A90A2"})
    st.plotly_chart(drawn, key=f"{key}.series")


def _show_rating(samples: Samples, place: int, key: str) -> None:
    row = samples.frame.iloc[place]
    with st.container(horizontal=True):
        st.metric(_("User"), str(row["user"]), border=True)
        st.metric(_("Item"), str(row["item"]), border=True)


def _show_array(samples: Samples, place: int, key: str) -> None:
    values = np.asarray(samples.read(int(samples.rows[place])), np.float64)
    if values.ndim == 3 and values.shape[-1] in (1, 3):
        low, high = values.min(), values.max()
        st.image(enlarge(np.rint((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)), width=WIDE)
        return
    lines = {str(i + 1): one for i, one in enumerate(_as_lines(values))}
    length = len(next(iter(lines.values())))
    drawn = lines_figure(lines_info(np.arange(length), lines), x_title=_("Position"))
    st.plotly_chart(drawn, key=f"{key}.array")


def _as_lines(values: Array) -> Sequence[Array]:
    """Returns the features of a series, at most six; anything else as one line."""
    return list(values.T[:6]) if values.ndim == 2 and values.shape[1] <= 64 else [values.ravel()]


_DESCRIBED: dict[DataKind, Callable[[Samples, Indices], pd.DataFrame]] = {
    DataKind.IMAGE: _described_pictures,
    DataKind.TEXT: _described_texts,
    DataKind.AUDIO: _described_sounds,
    DataKind.TABLE: _described_rows,
    DataKind.SERIES: _described_rows,
    DataKind.RATINGS: _described_ratings,
}
_SHOWN: dict[DataKind, Callable[[Samples, int, str], None]] = {
    DataKind.IMAGE: _show_picture,
    DataKind.TEXT: _show_text,
    DataKind.TABLE: _show_row,
    DataKind.SERIES: _show_stretch,
    DataKind.RATINGS: _show_rating,
    DataKind.ARRAY: _show_array,
}
