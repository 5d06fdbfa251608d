"""A recurrent layer over time: what its gates say at each step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.analysis.learning.recurrence import FORMULAS, recur
from dlcore.analysis.learning.trace import LayerTrace
from dlcore.errors import N_
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.ui.learn.stages import show_numbers
from dlcore.ui.shared.i18n import _

Values = npt.NDArray[np.float64]

_MEANINGS = {
    "z": N_("update gate"), "r": N_("reset gate"), "i": N_("input gate"), "f": N_("forget gate"),
    "o": N_("output gate"), "g": N_("candidate"), "c": N_("memory"), "h": N_("state"),
}  # fmt: skip
"""What the signs stand for."""


def over_time(
    layer: LayerTrace,
    x: Values,
    weights: Sequence[Values],
    seen: npt.NDArray[np.bool_] | None,
    *,
    key: str,
) -> None:
    """Shows the gates of a unit over all steps, and their numbers at one of them."""
    found = recur(layer.kind, layer.config, x, weights, seen)
    lines = r" \\ ".join(formula.replace("=", "&=", 1) for formula in FORMULAS[layer.kind])
    st.latex(rf"\begin{{aligned}}{lines}\end{{aligned}}")
    steps, units = found.states.shape
    left, right = st.columns(2)
    with left:
        unit = int(st.number_input(_("Number of the unit"), 0, units - 1, 0, key=f"learn_unit_{key}"))
    with right:
        step = int(
            st.slider(_("Step in time"), 0, max(1, steps - 1), min(steps - 1, 1), key=f"learn_step_{key}")
        )
    step = min(step, steps - 1)
    curves = {f"{sign} · {_meaning(sign, layer.kind)}": gate[:, unit] for sign, gate in found.gates.items()}
    st.markdown(f"**{_('Gates and state of unit {unit}').format(unit=unit)}**")
    st.plotly_chart(
        lines_figure(lines_info(np.arange(steps), curves), x_title=_("Step in time")), key=f"gates_{key}"
    )
    said = [rf"{sign}_{{{step}}} &= {gate[step, unit]:.6f}" for sign, gate in found.gates.items()]
    st.latex(r"\begin{aligned}" + r" \\ ".join(said) + r"\end{aligned}")
    if not found.seen[step]:
        st.caption(_("This step is padding: the state stays as it was."))
    left, right = st.columns(2, gap="large")
    with left:
        show_numbers(_("Comes in: x over time"), x, key=f"x_{key}", axes=(_("Step in time"), _("Feature")))
    with right:
        show_numbers(
            _("The state h over time"),
            found.states,
            marks=[(unit, step)],
            key=f"h_{key}",
            axes=(_("Step in time"), _("Unit of the layer")),
        )


def _meaning(sign: str, kind: str) -> str:
    """Returns what a sign stands for; a plain recurrence has no gates."""
    return _("before the function") if kind == "SimpleRNN" and sign == "z" else _(_MEANINGS[sign])
