"""The choice between yes and no at a threshold: both curves, what comes of it, and what its errors cost."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.analysis.decisions import cost_curve, ideal_threshold
from dlcore.datasets.parts import Array
from dlcore.plots.costs import costs_figure, costs_info
from dlcore.plots.predictions import choice_info, precision_figure, roc_figure, threshold_info
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name


def choose_threshold(true: Array, chance: Array, name: str, *, key: str) -> None:
    """Shows how a choice depends on its threshold; nothing where there are samples of one kind alone.

    Args:
        true: (samples,) whether each is a yes.
        chance: (samples,) of yes.
        name: what yes is called.
        key: of the widgets.
    """
    if true.all() or not true.any():
        st.info(
            _("There are samples of one kind alone, so nothing can be chosen between."),
            icon=":material/info:",
        )
        return
    info = threshold_info(true, chance)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            f"**{_('ROC curve')}**",
            help=_(
                "Each point is one threshold for yes: which share of no is taken for yes there, and which share of yes is found."
            ),
        )
        st.caption(_("Area under it: {area}").format(area=f"{info.area:.3f}"))
        st.plotly_chart(roc_figure(info, translate=_), key=f"{key}.roc")
    with right:
        st.markdown(f"**{_('Precision and recall')}**")
        st.caption(_("For {name}").format(name=f"**{escape_name(name)}**"))
        st.plotly_chart(precision_figure(info, translate=_), key=f"{key}.precision_recall")
    threshold = st.slider(
        _("Threshold"), 0.0, 1.0, 0.5, 0.01, key=key,
        help=_("The probability from which a sample counts as {name}.").format(name=escape_name(name)),
    )  # fmt: skip
    chosen = choice_info(true, chance, float(threshold))
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        for metric, value in vars(chosen).items():
            st.metric(show.labels()[metric], show.metric(metric, value), border=True)
    with st.expander(_("If errors have a price"), key=f"{key}.costs", on_change="rerun") as costs:
        if costs.open:
            _show_costs(true, chance, float(threshold), name, key=key)


def _show_costs(true: Array, chance: Array, threshold: float, name: str, *, key: str) -> None:
    """Shows what the errors cost at each threshold, and where they cost least."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        false_alarm = st.number_input(
            _("A false alarm costs"), min_value=0.0, value=1.0, key=f"{key}.false_alarm", width=200,
            help=_("A sample that is not {name}, and is taken for it.").format(name=escape_name(name)),
        )  # fmt: skip
        miss = st.number_input(
            _("A miss costs"), min_value=0.0, value=1.0, key=f"{key}.miss", width=200,
            help=_("A sample that is {name}, and is not taken for it.").format(name=escape_name(name)),
        )  # fmt: skip
    if not false_alarm and not miss:
        st.info(_("Give at least one of the errors a price."), icon=":material/info:")
        return
    found = cost_curve(true, np.asarray(chance, np.float64), false_alarm=false_alarm, miss=miss)
    st.plotly_chart(
        costs_figure(costs_info(found.thresholds, found.costs, threshold), translate=_), key=f"{key}.cost"
    )
    st.markdown(
        _("The errors cost least from {best} on: {least} a sample. If the probabilities were exact, it would be {ideal}.").format(
            best=f"**{found.best:.3g}**", least=f"**{found.least:.4g}**", ideal=f"{ideal_threshold(false_alarm, miss):.3g}"
        )
    )  # fmt: skip
