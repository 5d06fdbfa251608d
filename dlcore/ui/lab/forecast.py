"""A forecast beside the series that it continues, and what came then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dlcore.datasets.dates import date_text
from dlcore.datasets.parts import Array
from dlcore.datasets.samples import Samples
from dlcore.plots.forecast import forecast_figure, forecast_info
from dlcore.spec.data import ColumnRole, ColumnType
from dlcore.spec.preprocessing import Windows
from dlcore.ui.lab.sample import places_of, series_around
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name

BEFORE, AFTER = 60, 12
"""Rows before a forecast, and after its last one, that are drawn with it."""
MOST_TARGETS = 3


def show_forecast(source: LabSource, samples: Samples, place: int) -> None:
    """Draws what was forecast of each target as the continuation of its series.

    Args:
        source: the part.
        samples: of the dataset.
        place: of the forecast in the part; its row is the first that is forecast.
    """
    (window,) = (step for step in source.preprocessing if isinstance(step, Windows))
    own, here = series_around(samples, int(places_of(samples, source.samples.rows[place : place + 1])[0]))
    last = here - window.ahead[0]
    targets = samples.facts.columns_of(ColumnRole.TARGET)
    # All targets of one row ahead stand together.
    said = source.samples.predicted[place].reshape(len(window.ahead), len(targets))
    for number, column in enumerate(targets[:MOST_TARGETS]):
        values = samples.column(column.name).to_numpy(np.float64)[own]
        info = forecast_info(
            column.name,
            _known(values[max(0, last + 1 - BEFORE) : last + 1]),
            list(zip(window.ahead, said[:, number].tolist(), strict=True)),
            _known(values[last + 1 : last + 1 + max(window.ahead) + AFTER]),
        )
        st.plotly_chart(forecast_figure(info, translate=_), key=f"lab_forecast.{number}")
    _tell_where(samples, int(own[here]))


def _known(values: Array) -> Sequence[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _tell_where(samples: Samples, place: int) -> None:
    """Says of which series and time the first forecast is."""
    told = []
    if samples.facts.columns_of(ColumnRole.GROUP):
        told.append(escape_name(str(samples.groups()[place])))
    for column in samples.facts.columns_of(ColumnRole.TIME):
        if column.type is ColumnType.TIME:
            time = date_text(float(samples.column(column.name).iloc[place]))
            told.append(_("the first forecast is of {time}").format(time=time))
    if told:
        st.caption(" · ".join(told))
