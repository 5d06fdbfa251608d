"""A forecast, drawn as the continuation of the rows that were given."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from dlcore.datasets.prepare.saved import Preparation
from dlcore.plots.forecast import forecast_figure, forecast_info
from dlcore.queue.wire import Row
from dlcore.records.predictions import Prediction
from dlcore.ui.shared.i18n import _

MOST_TARGETS = 4
_AHEAD = re.compile(r"^(?P<target>.*) \+(?P<rows>\d+)$")


def show_forecast(one: Prediction, how: Preparation, given: Sequence[Row], *, key: str) -> None:
    """Draws each target's forecast after the rows that were given.

    Args:
        one: the answer; `load +7` is seven rows ahead.
        how: the run's samples were prepared.
        given: the last rows of one series.
        key: of the run; several answers may be on the page.
    """
    for target in how.facts.targets[:MOST_TARGETS]:
        before = [value if isinstance(value := row.get(target), float | int) else None for row in given]
        ahead = [(_steps(name, target), value) for name, value in one.values.items()]
        info = forecast_info(target, before, [(steps, value) for steps, value in ahead if steps])
        st.plotly_chart(
            forecast_figure(info, translate=_),
            key=f"try_forecast.{key}.{target}",
            config={"displayModeBar": False},
        )


def _steps(name: str, target: str) -> int:
    """Returns how many rows ahead an answer is for a target; 0 where it is for another one."""
    if name == target:
        return 1
    found = _AHEAD.match(name)
    return int(found["rows"]) if found and found["target"] == target else 0
