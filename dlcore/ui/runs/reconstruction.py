"""The evaluation of a reconstruction: how the scores are spread, and the samples that came back worst."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.images import tile
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.records import Evaluation
from dlcore.records.artifacts import RECONSTRUCTIONS_FILE
from dlcore.records.verdict import describe_threshold
from dlcore.store.run_files import read_arrays
from dlcore.ui.shared.choices import choose_name
from dlcore.ui.shared.i18n import _, say

WIDE = 320
"""Pixels that a picture is at least wide."""


def reconstruction(found: Evaluation, folder: Path) -> None:
    """Shows the scores of the test part, and a sample of the worst before and after."""
    left = read_arrays(folder / RECONSTRUCTIONS_FILE)
    spread, worst = st.columns(2, gap="large")
    with spread:
        st.subheader(
            _("Anomaly scores"),
            help=_(
                "The mean of a sample's squared errors, each in standard deviations of the training part: samples "
                "that are unlike the others have high ones."
            ),
        )
        mark = found.threshold.value if found.threshold else None
        drawn = histogram_figure(histogram_info(left["scores"]), title=_("Score"), mark=mark, translate=_)
        st.plotly_chart(drawn, key="anomaly_scores")
        if found.threshold is not None:
            st.caption(say(describe_threshold(found.threshold)))
    with worst:
        st.subheader(_("Highest scores"))
        st.dataframe(
            pd.DataFrame(
                {
                    "row": [one.row for one in found.anomalies],
                    "score": [one.score for one in found.anomalies],
                    **_unusual(found),
                }
            ),
            hide_index=True,
            key="anomalies",
            height=300,
            column_config={
                "row": st.column_config.NumberColumn(
                    _("Row"), help=_("In the dataset, counted from 0; of a window, the last row it shows.")
                ),
                "score": st.column_config.NumberColumn(_("Score"), format="%.4g"),
                "unusual": st.column_config.CheckboxColumn(_("Unusual")),
            },
        )
    place = st.selectbox(
        _("Sample"),
        range(len(found.anomalies)),
        format_func=lambda place: _("Row {row}, score {score}").format(
            row=f"{found.anomalies[place].row:,}", score=f"{found.anomalies[place].score:.4g}"
        ),
        key="anomaly",
        width=320,
    )
    _compare(found, left["inputs"][place], left["outputs"][place])


def _unusual(found: Evaluation) -> dict[str, list[bool]]:
    """Returns a column that says which of the worst are above the threshold, where there is one."""
    if found.threshold is None:
        return {}
    return {"unusual": [one.score > found.threshold.value for one in found.anomalies]}


def _compare(found: Evaluation, given: Array, returned: Array) -> None:
    """Shows a sample and what came back of it, as what it is: a row, a series, or a picture."""
    given_name, returned_name = _("Given"), _("Reconstructed")
    if given.ndim == 3 and given.shape[-1] in (1, 3):
        low, high = float(given.min()), float(given.max())
        both = np.clip((np.stack([given, returned]) - low) / max(high - low, 1e-12), 0, 1)
        scale = max(1, WIDE // given.shape[1])
        st.image(tile(np.rint(both * 255).astype(np.uint8), columns=2, scale=scale))
        st.caption(f"{given_name} · {returned_name}")
        return
    if given.ndim == 2:
        names = [error.name for error in found.errors] or [str(i + 1) for i in range(given.shape[1])]
        feature = choose_name(_("Feature"), names, key="anomaly_feature")
        lines = {given_name: given[:, feature], returned_name: returned[:, feature]}
        info = lines_info(np.arange(len(given)), lines)
        figure = lines_figure(info, x_title=_("Position"), y_title=names[feature])
        st.plotly_chart(figure, key="anomaly_lines")
        return
    flat = given.ravel(), returned.ravel()
    names = [error.name for error in found.errors]
    names = names if len(names) == len(flat[0]) else [str(i + 1) for i in range(len(flat[0]))]
    table = pd.DataFrame({"name": names, "given": flat[0], "returned": flat[1]})
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        key="anomaly_values",
        height="content" if len(table) <= 12 else 460,
        column_config={
            "name": st.column_config.TextColumn(_("Column"), pinned=True),
            "given": number(given_name, format="%.4g"),
            "returned": number(returned_name, format="%.4g"),
        },
    )
