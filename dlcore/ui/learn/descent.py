"""Gradient descent on losses of two weights: several optimizers at once, from one start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.learning.descent import METHODS, Descent, Method, descend
from dlcore.analysis.learning.surfaces import SURFACES, Surface
from dlcore.plots.learn.descents import DescentsInfo, descents_info, losses_figure, surface_figure
from dlcore.ui.shared.address import begin, choose_several, tell
from dlcore.ui.shared.i18n import _

_USUAL, _FIRST = ("SGD", "Momentum", "Adam"), "ravine"
_RATES = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.07, 0.09, 0.1, 0.12, 0.15),
    *(0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0),
)


def descent() -> None:
    """Draws the topic."""
    st.latex(r"w \leftarrow w - \eta\,\nabla L(w)")
    left, right = st.columns([2, 3])
    with left:
        surface = _choose_surface()
    with right:
        names = choose_several(_("Optimizers"), "optimizers", list(METHODS), usual=_USUAL)
    st.caption(_(surface.summary))
    methods = [METHODS[name] for name in names]
    picture, controls = st.columns([3, 2], gap="large")
    with controls:
        st.latex(surface.formula)
        rates = _choose_rates(surface, methods)
        momentum = _choose_momentum(methods)
        steps = int(st.slider(_("Steps"), 0, 200, 40, key="learn_steps"))
        start = _choose_start(surface)
    paths = {
        one.name: descend(surface, one, start, rate=rates[one.name], momentum=momentum, steps=steps)
        for one in methods
    }
    info = descents_info(surface, paths)
    with picture:
        st.plotly_chart(surface_figure(info, translate=_), key="descents")
        st.caption(
            _("Point at a step: where it stands, how steep it is there, and where the next one leads.")
        )
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(_("The loss, step by step"), anchor=False)
        st.plotly_chart(losses_figure(info, translate=_), key="losses")
    with right:
        st.subheader(_("Where they are now"), anchor=False)
        _ends(info)
    for one in methods:
        with st.container(border=True):
            st.markdown(f"**{one.name}** · {_(one.summary)}")
            st.latex(one.formula)


def _choose_surface() -> Surface:
    begin("surface", SURFACES)
    st.session_state.setdefault("surface", _FIRST)
    name = st.selectbox(
        _("Loss"), list(SURFACES), format_func=lambda name: _(SURFACES[name].title), key="surface"
    )
    tell("surface", name, first=_FIRST)
    return SURFACES[name]


def _choose_rates(surface: Surface, methods: Sequence[Method]) -> Mapping[str, float]:
    """Returns the rate of each method; each surface keeps its own."""
    return {
        one.name: float(
            st.select_slider(
                _("Learning rate η of {name}").format(name=one.name),
                _RATES,
                value=_usual_rate(surface, one),
                key=f"learn_rate_{surface.name}_{one.name}",
            )
        )
        for one in methods
    }


def _usual_rate(surface: Surface, method: Method) -> float:
    """Returns a rate that shows what a method is good for; momentum adds up to ten steps to one, so its are shorter."""
    if method.adapts:
        return surface.adaptive_rate
    wanted = surface.rate / 5 if method.has_momentum else surface.rate
    return min(_RATES, key=lambda rate: abs(rate - wanted))


def _choose_momentum(methods: Sequence[Method]) -> float:
    if not any(one.has_momentum for one in methods):
        return 0.0
    return float(st.slider(_("Momentum μ"), 0.0, 0.99, 0.9, 0.01, key="learn_momentum"))


def _choose_start(surface: Surface) -> tuple[float, float]:
    with st.expander(_("Starting point")):
        x, y = (
            st.slider(name, float(least), float(most), usual, 0.01, key=f"learn_{name}_{surface.name}")
            for name, (least, most), usual in zip("xy", (surface.x, surface.y), surface.start, strict=True)
        )
    return float(x), float(y)


def _ends(info: DescentsInfo) -> None:
    """Shows how far each has come."""
    table = pd.DataFrame(
        {
            "name": list(info.paths),
            "loss": [path.losses[-1] for path in info.paths.values()],
            "distance": [_distance(path, info) for path in info.paths.values()],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="ends",
        column_config={
            "name": st.column_config.TextColumn(_("Optimizer"), pinned=True),
            "loss": st.column_config.NumberColumn(_("Loss"), format="%.3g"),
            "distance": st.column_config.NumberColumn(
                _("Distance"), format="%.3g", help=_("To the nearest minimum.")
            ),
        },
    )
    gone = [name for name, path in info.paths.items() if path.left]
    if gone:
        st.warning(
            _("Gone for good: {names}. Each step leads further away; try a lower rate.").format(
                names=", ".join(gone)
            ),
            icon=":material/call_missed_outgoing:",
        )


def _distance(path: Descent, info: DescentsInfo) -> float:
    return min(float(np.linalg.norm(path.points[-1] - np.array(place))) for place in info.minima)
