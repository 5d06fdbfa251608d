"""Where numbers are predicted: how far off, target by target, and which samples are furthest."""

from __future__ import annotations

import streamlit as st

from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.predictions import pairs_figure, pairs_info
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.choices import choose_name
from dlcore.ui.shared.i18n import _


def numbers_view(source: LabSource) -> None:
    """Shows predicted against true numbers, how the errors are spread, and how they depend on the true number."""
    index = choose_name(_("Target"), source.targets, key="lab_target")
    true, predicted = source.samples.true[:, index], source.samples.predicted[:, index]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{_('Predicted and true')}**")
        st.caption(_("Each point is a sample; on the line the answer is right."))
        st.plotly_chart(pairs_figure(pairs_info(true, predicted), translate=_), key="lab_numbers_pairs")
    with right:
        st.markdown(f"**{_('Errors')}**")
        st.caption(_("Predicted minus true; right answers are at 0."))
        info = histogram_info(predicted - true)
        st.plotly_chart(
            histogram_figure(info, title=_("Error"), mark=0.0, translate=_), key="lab_numbers_errors"
        )
