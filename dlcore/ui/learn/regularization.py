"""What L1, L2 and dropout do: to a small network on points, to a single weight, and to the units of a layer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.analysis.learning.descent import METHODS
from dlcore.analysis.learning.perceptron import Lesson, Penalty, Recipe, learn, moons
from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.plots.learn.regions import regions_figure
from dlcore.plots.learn.trials import trials_figure
from dlcore.ui.shared import format as show
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.i18n import _

_L1 = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01)
_L2 = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
_POINTS, _OTHERS, _NOISE = 60, 400, 0.3
_HIDDEN, _EPOCHS, _RATE = (24, 24), 250, 0.02


def regularization() -> None:
    """Draws the topic."""
    views = {"points": _("On points"), "weight": _("On one weight"), "dropout": "Dropout"}
    for name, place in tabs(views, key="view").items():
        with place:
            {"points": _points, "weight": _weight, "dropout": _dropout}[name]()


@st.cache_data(max_entries=64, show_spinner=False)
def _learned(l1: float, l2: float, dropout: float) -> Lesson:
    """Returns a network that has learned the points; a fifth of a second."""
    recipe = Recipe(METHODS["Adam"], _RATE, _EPOCHS, penalty=Penalty(l1, l2, dropout))
    return learn(*moons(_POINTS, _NOISE, 1), moons(_OTHERS, _NOISE, 2), _HIDDEN, recipe)


def _points() -> None:
    st.markdown(
        _(
            "Two networks that are alike learn the same points. The one on the left learns them by heart, noise and all; the "
            "penalties keep the one on the right simple."
        )
    )
    st.latex(r"L = L_{\text{data}} + \lambda_1 \sum |w| + \lambda_2 \sum w^2")
    columns = st.columns(3)
    with columns[0]:
        l1 = float(st.select_slider("L1 · λ₁", _L1, 0.0, key="learn_l1"))
    with columns[1]:
        l2 = float(st.select_slider("L2 · λ₂", _L2, 0.01, key="learn_l2"))
    with columns[2]:
        dropout = float(st.slider("Dropout", 0.0, 0.8, 0.0, 0.1, key="learn_dropout"))
    points = moons(_POINTS, _NOISE, 1)
    sides = st.columns(2, gap="large")
    lessons = (_learned(0.0, 0.0, 0.0), _learned(l1, l2, dropout))
    for side, title, found, key in zip(
        sides, (_("Without"), _("With your choice")), lessons, ("without", "with"), strict=True
    ):
        with side:
            st.subheader(title, anchor=False)
            st.plotly_chart(regions_figure(found.layers, *points), key=f"regions_{key}")
            with st.grid(2, min_column_width=show.CARD, gap="small"):
                st.metric(_("Loss on these points"), f"{found.losses[-1]:.3f}", border=True)
                st.metric(_("Accuracy on new points"), f"{found.accuracies[-1]:.1%}", border=True)
            weights = np.concatenate([weight.ravel() for weight, _bias in found.layers])
            st.markdown(f"**{_('Its weights')}**")
            figure = histogram_figure(histogram_info(weights), title=_("Weight"), translate=_)
            st.plotly_chart(figure, key=f"weights_{key}")


def _weight() -> None:
    st.markdown(
        _(
            "What a penalty alone does to a weight, step by step. L2 takes away a share of it: it shrinks, and never gets to "
            "0. L1 takes away always the same: small weights become 0, and the network uses fewer inputs."
        )
    )
    st.latex(
        r"\text{L2: } w \leftarrow w - 2 \eta \lambda w \qquad \text{L1: } w \leftarrow w - \eta \lambda \, \mathrm{sign}(w)"
    )
    left, right = st.columns(2)
    with left:
        start = float(st.slider("w", 0.1, 2.0, 1.0, 0.1, key="learn_weight"))
    with right:
        push = float(st.slider("η λ", 0.005, 0.1, 0.02, 0.005, format="%.3f", key="learn_push"))
    steps = np.arange(100)
    curves = {
        "L2": (start * (1 - 2 * push) ** steps).tolist(),
        "L1": np.maximum(start - push * steps, 0).tolist(),
    }
    st.plotly_chart(trials_figure(curves, y_title="w", is_log=False, translate=_), key="shrinking")


def _dropout() -> None:
    st.markdown(
        _(
            "In each step of the training some units are left out, others each time, so that none can rely on another. What is "
            "left is made larger, so that the mean stays the same. When the network answers, all units are there."
        )
    )
    st.latex(
        r"\tilde{y}_i = \frac{m_i}{1 - p}\, y_i, \qquad m_i = 0 \text{ with probability } p, \text{ else } 1"
    )
    left, right = st.columns(2)
    with left:
        rate = float(st.slider("p", 0.0, 0.9, 0.5, 0.1, key="learn_mask_rate"))
    with right:
        turn = int(st.number_input(_("Step of the training"), 1, 1000, 1, key="learn_mask_step"))
    values = np.random.default_rng(0).uniform(0.2, 1.0, 12)
    masks = np.random.default_rng(1).random((1000, 12)) >= rate
    now = values * masks[turn - 1] / (1 - rate)
    mean = (values * masks[:turn] / (1 - rate)).mean(axis=0)
    names = [str(place) for place in range(12)]
    for title, shown, key in (
        (_("What the units give"), values, "units"),
        (_("In this step"), now, "masked"),
        (_("The mean of all steps so far"), mean, "means"),
    ):
        st.markdown(f"**{title}**")
        working = [f"y = {value:.4f}, ỹ = {one:.4f}" for value, one in zip(values, shown, strict=True)]
        st.plotly_chart(bars_figure(bars_info(names, shown, working), y_title="y", height=200), key=key)
