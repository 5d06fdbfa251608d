"""The way back: how the loss depends on each output, weight and input of one's own network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.analysis.learning.layers import Back, working_of
from dlcore.analysis.learning.losses import chances_of, is_one_class, work_out_loss
from dlcore.analysis.learning.trace import LayerTrace
from dlcore.plots.layout import figure_names
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.ui.learn.forward import inputs_of, loss
from dlcore.ui.learn.own_run import OwnTrace, own_trace
from dlcore.ui.learn.stages import (
    as_cells,
    choose_channel,
    choose_stage,
    layer_title,
    show_numbers,
    weight_axes,
)
from dlcore.ui.shared.i18n import _

Values = npt.NDArray[np.float64]

_TEXTS = 4_096
"""Cells for which a working is written."""
_MOST_ANSWERS = 60
"""Whose slopes are drawn."""
_WEIGHTED = frozenset({"Dense", "Conv1D", "Conv2D"})


def backward() -> None:
    """Draws the topic."""
    found = own_trace()
    if found is None:
        return
    place = choose_stage(found.trace, backwards=True)
    if place == len(found.trace.layers):
        loss(found)
        _beginning(found)
        return
    _layer(found, place)


def _beginning(found: OwnTrace) -> None:
    """Shows how the loss depends on each answer, where that is written out."""
    trace, working = found.trace, work_out_loss(found.trace)
    if working is None:
        return
    st.markdown(f"**{_('Here the way back begins')}**")
    st.latex(working.slope)
    if is_one_class(trace):
        st.caption(_("What the network said, minus what is right: 1 for the right class, 0 for the others."))
    elif chances_of(trace, np.array(trace.answer)) is not None:
        st.caption(_("What the network said, minus what is right: 1 for yes, 0 for no."))
    else:
        st.caption(
            _(
                "Positive where the answer is too high, negative where it is too low: a step goes the other way."
            )
        )
    if len(working.slopes) == 1:  # it stands in the formula
        return
    names = figure_names(found.about.classes) if is_one_class(trace) else []
    slopes = working.slopes[:_MOST_ANSWERS]
    if len(names) != len(slopes):
        names = [str(place) for place in range(len(slopes))]
    sign = "∂L/∂z" if "partial z" in working.slope else "∂L/∂ŷ"
    said = [f"{sign} = {slope:.6f}" for slope in slopes]
    st.plotly_chart(bars_figure(bars_info(names, slopes, said), y_title=sign, height=260), key="loss_slopes")


def _layer(found: OwnTrace, place: int) -> None:
    layer, numbers = found.trace.layers[place], found.numbers
    st.subheader(layer_title(layer), anchor=False)
    slope, output = numbers.slope(place), numbers.output(place)
    by_hand = _by_hand(found, place)
    _formulas(layer, has_activation=by_hand is not None)
    channel = choose_channel(_("Channel"), output, key=f"learn_back_channel_{place}")
    left, right = st.columns(2, gap="large")
    with right:
        show_numbers(
            r"$\partial L / \partial y$", slope, channel=channel, key=f"dy_{place}",
            help=_("How much the loss grows if this output grows by 1."),
        )  # fmt: skip
    with left:
        if by_hand is not None and layer.kind in _WEIGHTED:
            show_numbers(
                r"$\partial L / \partial z = \partial L / \partial y \cdot f'(z)$", by_hand.before, channel=channel,
                key=f"dz_{place}", help=_("Where the slope of the function is 0, nothing passes."),
            )  # fmt: skip
        elif by_hand is not None and by_hand.inputs:
            show_numbers(r"$\partial L / \partial x$", by_hand.inputs[0], channel=0, key=f"dx_{place}")
    _weights(found, place, by_hand)
    if by_hand is not None and layer.kind in _WEIGHTED and by_hand.inputs:
        of_input = by_hand.inputs[0]
        channel = choose_channel(_("Channel of x"), of_input, key=f"learn_back_in_{place}")
        show_numbers(
            r"$\partial L / \partial x$", of_input, channel=channel, key=f"dx_{place}",
            help=_("What this layer passes back to the one before."),
        )  # fmt: skip


def _by_hand(found: OwnTrace, place: int) -> Back | None:
    """Returns what the layer passes back, written out; None where that cannot be."""
    layer, numbers = found.trace.layers[place], found.numbers
    working, given = working_of(layer), inputs_of(found, place)
    weights, slope = numbers.weights(place, len(layer.parameters)), numbers.slope(place)
    if working is None or working.back is None or given is None or weights is None or slope is None:
        return None
    if slope.shape != layer.output or any(
        weight.shape != shape for weight, shape in zip(weights, layer.parameters.values(), strict=True)
    ):
        return None
    return working.back(layer, given, weights, slope)


def _formulas(layer: LayerTrace, *, has_activation: bool) -> None:
    if layer.kind == "Dense":
        st.latex(
            r"\Delta W = \frac{\partial L}{\partial W} = x^{\top} \frac{\partial L}{\partial z} \qquad "
            r"\Delta b = \frac{\partial L}{\partial b} = \frac{\partial L}{\partial z} \qquad "
            r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial z} W^{\top}"
        )
    elif layer.kind in _WEIGHTED:
        st.latex(
            r"\Delta W = \sum_{\text{places}} x_{\text{window}} \frac{\partial L}{\partial z} \qquad "
            r"\Delta b = \sum_{\text{places}} \frac{\partial L}{\partial z}"
        )
    elif not has_activation and layer.sources:
        st.caption(_("The way back through this layer is not written out here: its gradients are."))


def _weights(found: OwnTrace, place: int, by_hand: Back | None) -> None:
    """Shows the gradient of each weight beside the weight."""
    layer, numbers = found.trace.layers[place], found.numbers
    count = len(layer.parameters)
    weights, slopes = numbers.weights(place, count), numbers.weight_slopes(place, count)
    if by_hand is not None and by_hand.weights:
        slopes = list(by_hand.weights)
    given = inputs_of(found, place)
    for number, title in enumerate(layer.parameters):
        name = title.partition(" ")[2]
        slope, weight = slopes[number], None if weights is None else weights[number]
        if slope is None:
            continue
        channel = _choose_filter(slope, key=f"learn_filter_{place}_{number}")
        working = (
            _dense_working(given[0], by_hand.before, number)
            if (given and by_hand is not None and layer.kind == "Dense" and given[0].ndim == 1)
            else []
        )
        axes = weight_axes() if slope.ndim == 2 and layer.kind == "Dense" else ("", "")
        left, right = st.columns(2, gap="large")
        with left:
            show_numbers(
                rf"$\Delta$ {name}", _kernel(slope, channel), working=working, key=f"dw_{place}_{number}", axes=axes,
                help=_("How much the loss grows if this weight grows by 1."),
            )  # fmt: skip
        with right:
            show_numbers(
                name,
                None if weight is None else _kernel(weight, channel),
                key=f"weight_{place}_{number}",
                axes=axes,
            )


def _choose_filter(slope: Values, *, key: str) -> int:
    """Draws the choice of a filter, for the kernel of a convolution."""
    if slope.ndim < 3:
        return 0
    return int(st.number_input(_("Number of the filter"), 0, slope.shape[-1] - 1, 0, key=key, width=160))


def _kernel(values: Values, chosen: int) -> Values:
    """Returns weights as they are drawn: of a convolution one filter, its channels side by side."""
    if values.ndim == 4:
        one = values[..., chosen]
        return np.concatenate([one[..., channel] for channel in range(min(one.shape[2], 8))], axis=1).T
    return values[..., chosen] if values.ndim == 3 else values


def _dense_working(x: Values, before: Values, number: int) -> Sequence[Sequence[str]]:
    """Returns how each ΔW of a dense layer came to be, for the cells that are drawn."""
    if number:
        return [[f"Δb[{unit}] = ∂L/∂z[{unit}] = {value:.6f}" for unit, value in enumerate(before)]]
    cells = as_cells(np.outer(x, before))
    if cells.size > _TEXTS:
        return []
    return [
        [
            f"ΔW[{row},{unit}] = x[{row}] · ∂L/∂z[{unit}] = {x[row]:.5f} · {before[unit]:.5f} = {cells[unit, row]:.6f}"
            for row in range(cells.shape[1])
        ]
        for unit in range(cells.shape[0])
    ]
