"""Activation functions: their curves and slopes, softmax, and what many layers make of a slope."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.analysis.learning.activations import ACTIVATIONS, softmax
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.plots.learn.functions import functions_figure, functions_info
from dlcore.ui.shared.address import choose_several, tabs
from dlcore.ui.shared.i18n import _

_REACH = 6.0
_USUAL = ("sigmoid", "tanh", "relu")
_LOGITS = (2.0, 1.0, 0.0, -1.0)


def activations() -> None:
    """Draws the topic."""
    views = {"curves": _("Curve and slope"), "softmax": "Softmax", "depth": _("Through many layers")}
    for name, place in tabs(views, key="view").items():
        with place:
            {"curves": _curves, "softmax": _softmax, "depth": _depth}[name]()


def _curves() -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = choose_several(_("Functions"), "functions", list(ACTIVATIONS), usual=_USUAL)
    with right:
        at = float(st.slider("x", -_REACH, _REACH, 1.0, 0.1, key="learn_at"))
    functions = [ACTIVATIONS[name] for name in chosen]
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("The function f(x)"), anchor=False)
        info = functions_info({one.name: one.value for one in functions}, reach=_REACH, at=at)
        st.plotly_chart(functions_figure(info, y_title="f(x)", least=-2.2, most=_REACH), key="values")
    with right:
        st.subheader(
            _("Its slope f′(x)"),
            anchor=False,
            help=_("Learning multiplies by it on the way back: where it is 0, nothing is learned."),
        )
        slopes = functions_info({one.name: one.slope for one in functions}, reach=_REACH, at=at)
        st.plotly_chart(functions_figure(slopes, y_title="f′(x)", least=-0.3, most=1.8), key="slopes")
    for one in functions:
        with st.container(border=True):
            st.markdown(f"**{one.name}** · {_(one.summary)}")
            left, right = st.columns(2)
            with left:
                st.latex(rf"f(x) = {one.formula}")
                st.latex(rf"f({at:g}) = {info.marks[one.name]:.4f}")
            with right:
                st.latex(rf"f'(x) = {one.derivative}")
                st.latex(rf"f'({at:g}) = {slopes.marks[one.name]:.4f}")


def _softmax() -> None:
    st.markdown(
        _("Softmax makes shares of any numbers: all are positive, together they are 1, and the largest wins.")
    )
    st.latex(r"p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}")
    left, right = st.columns([2, 3], gap="large")
    with left:
        scores = np.array(
            [
                st.slider(f"$z_{place}$", -5.0, 5.0, usual, 0.1, key=f"learn_z{place}")
                for place, usual in enumerate(_LOGITS, 1)
            ]
        )
        warmth = st.slider(
            _("Temperature T"),
            0.1,
            5.0,
            1.0,
            0.1,
            key="learn_temperature",
            help=_("Low: the largest takes nearly all. High: all become alike."),
        )
    shares = softmax(scores / warmth)
    names = [f"z{place}" for place in range(1, len(scores) + 1)]
    total = float(np.exp(scores / warmth).sum())
    with right:
        hover = [
            f"p{place} = e^({score:g}/{warmth:g}) / {total:.4f} = {share:.4f}"
            for place, (score, share) in enumerate(zip(scores, shares, strict=True), 1)
        ]
        st.plotly_chart(bars_figure(bars_info(names, shares, hover), y_title=_("Proportion")), key="shares")


def _depth() -> None:
    st.markdown(
        _(
            "On the way back through the layers the gradient is multiplied by the slope of each. Slopes below 1 make it "
            "vanish, slopes above 1 make it explode."
        )
    )
    left, right = st.columns(2)
    with left:
        layers = int(st.slider(_("Layers"), 1, 30, 10, key="learn_layers"))
    with right:
        at = float(st.slider(_("x in each layer"), -_REACH, _REACH, 1.0, 0.1, key="learn_deep_at"))
    names = ["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "selu"]
    slopes = [float(ACTIVATIONS[name].slope(np.array([at]))[0]) for name in names]
    left_over = np.array(slopes) ** layers
    hover = [f"{slope:.4f}^{layers} = {rest:.3g}" for slope, rest in zip(slopes, left_over, strict=True)]
    info = bars_info(names, left_over, hover)
    st.latex(rf"\frac{{\partial L}}{{\partial x_1}} \propto f'({at:g})^{{{layers}}}")
    st.plotly_chart(bars_figure(info, y_title=_("What is left of the gradient")), key="left_over")
    st.caption(
        _(
            "At its steepest, sigmoid has a slope of 0.25: ten layers leave a millionth. This is why hidden layers use "
            "relu or its relatives."
        )
    )
