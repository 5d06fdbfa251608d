"""The sums of dense layers, convolutions and poolings: every product, for an output that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.analysis.learning.layers import activate, as_kernel, as_picture, sliding, weighted_sum
from dlcore.analysis.learning.trace import LayerTrace
from dlcore.analysis.learning.windows import Sliding
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.plots.learn.grids import Cell
from dlcore.ui.learn.stages import as_cells, show_numbers, weight_axes
from dlcore.ui.shared.i18n import _

Values = npt.NDArray[np.float64]

_TERMS = 4
"""Of a long sum are written."""
_BARS = 80
"""Products that are drawn."""
_TEXTS = 4_096
"""Cells for which a working is written."""


def dense(layer: LayerTrace, x: Values, weights: Sequence[Values], *, key: str) -> None:
    """Shows z = Σ w·x + b and y = f(z) of a unit."""
    kernel, bias = weights[0], weights[1] if len(weights) > 1 else None
    z = weighted_sum(layer, x, weights)
    name = str(layer.config.get("activation", "linear"))
    y = activate(name, z)
    unit = _choose(_("Number of the unit"), len(z), key=f"learn_unit_{key}", start=int(np.abs(z).argmax()))
    products = x * kernel[:, unit]
    _say_sum(x, kernel[:, unit], bias, unit, float(z[unit]), name, float(y[unit]))
    order = np.sort(np.argsort(-np.abs(products))[:_BARS])
    working = [
        f"x[{at}]·w[{at},{unit}] = {x[at]:.6f}·{kernel[at, unit]:.6f} = {products[at]:.6f}" for at in order
    ]
    st.markdown(f"**{_('The products w·x')}**")
    if len(order) < len(products):
        st.caption(_("The {count} largest of {all}.").format(count=len(order), all=f"{len(products):,}"))
    figure = bars_figure(
        bars_info([str(at) for at in order], products[order], working), y_title="w·x", height=260
    )
    st.plotly_chart(figure, key=f"products_{key}")
    rows = [
        [
            f"y[{at}] = {name}({before:.6f}) = {after:.6f}"
            for at, (before, after) in enumerate(zip(z, y, strict=True))
        ]
    ]
    left, right = st.columns(2, gap="large")
    with left:
        show_numbers(_("Comes in: x"), x, key=f"x_{key}")
    with right:
        show_numbers(_("Comes out: y"), y, marks=[(0, unit)], working=rows, key=f"y_{key}")
    show_numbers(_("The weights W"), kernel, key=f"w_{key}", axes=weight_axes())


def convolution(layer: LayerTrace, x: Values, weights: Sequence[Values], *, key: str) -> None:
    """Shows the window at a place, its products with a filter, and their sum."""
    picture, kernel, how = as_picture(x), as_kernel(weights[0]), sliding(layer)
    bias = weights[1] if len(weights) > 1 else None
    z = as_picture(weighted_sum(layer, x, weights))
    name = str(layer.config.get("activation", "linear"))
    y = activate(name, z)
    _say_window(how)
    columns = st.columns(4)
    with columns[0]:
        chosen = _choose(_("Number of the filter"), z.shape[2], key=f"learn_filter_{key}")
    most = np.unravel_index(int(z[:, :, chosen].argmax()), z.shape[:2])
    with columns[1]:
        row = _choose(_("Row"), z.shape[0], key=f"learn_row_{key}", start=int(most[0]))
    with columns[2]:
        column = _choose(_("Column"), z.shape[1], key=f"learn_column_{key}", start=int(most[1]))
    with columns[3]:
        channel = _choose(_("Channel"), picture.shape[2], key=f"learn_in_{key}")
    window = how.windows(picture)[row, column]
    products = window * kernel[..., chosen]
    _say_sum(
        window.reshape(-1), kernel[..., chosen].reshape(-1), bias, chosen,
        float(z[row, column, chosen]), name, float(y[row, column, chosen]),
    )  # fmt: skip
    _pictures(picture, how, (row, column), (channel, chosen), y, _conv_working(z, y, chosen, name), key)
    left, middle, right = st.columns(3, gap="large")
    with left:
        show_numbers(_("What the window sees: x"), window[..., [channel]], key=f"window_{key}", height=240)
    with middle:
        show_numbers(_("The filter: w"), kernel[..., [channel], chosen], key=f"kernel_{key}", height=240)
    with right:
        show_numbers(_("The products w·x"), products[..., [channel]], key=f"products_{key}", height=240)
    if picture.shape[2] > 1:
        sums = products.sum(axis=(0, 1))
        working = [f"Σ w·x = {value:.6f}" for value in sums]
        st.markdown(f"**{_('The sum of each channel')}**")
        info = bars_info([str(at) for at in range(len(sums))], sums, working)
        st.plotly_chart(bars_figure(info, y_title="Σ w·x", height=240), key=f"channels_{key}")


def pooling(layer: LayerTrace, x: Values, output: Values, *, key: str) -> None:
    """Shows the window at a place and what is taken of it."""
    picture, how, y = as_picture(x), sliding(layer), as_picture(output)
    is_max = layer.kind.startswith("Max")
    _say_window(how)
    columns = st.columns(3)
    with columns[0]:
        channel = _choose(_("Channel"), y.shape[2], key=f"learn_channel_{key}")
    with columns[1]:
        row = _choose(_("Row"), y.shape[0], key=f"learn_row_{key}")
    with columns[2]:
        column = _choose(_("Column"), y.shape[1], key=f"learn_column_{key}")
    window = how.windows(picture, -np.inf)[row, column, ..., channel]
    known = window[np.isfinite(window)]
    written = ",\\ ".join(f"{value:.4f}" for value in known[:9]) + (r",\ \dots" if known.size > 9 else "")
    function = r"\max" if is_max else r"\operatorname{mean}"
    st.latex(rf"y_{{{row},{column}}} = {function}({written}) = {y[row, column, channel]:.6f}")
    _pictures(picture, how, (row, column), (channel, channel), y, (), key)


def _pictures(
    picture: Values,
    how: Sliding,
    place: Cell,
    channels: Cell,
    y: Values,
    working: Sequence[Sequence[str]],
    key: str,
) -> None:
    """Shows what comes in with the window marked, beside what comes out with the place marked."""
    left, right = st.columns(2, gap="large")
    with left:
        show_numbers(
            _("Comes in: x"),
            picture,
            channel=channels[0],
            marks=_seen_by(how, picture.shape, place),
            key=f"x_{key}",
        )
    with right:
        show_numbers(
            _("Comes out: y"), y, channel=channels[1], marks=[place], working=working, key=f"y_{key}"
        )


def _seen_by(how: Sliding, shape: tuple[int, ...], place: Cell) -> list[Cell]:
    """Returns the pixels that the window sees at a place; those of the margin are none."""
    (above, _below), (left, _right) = how.margins(shape)
    cells = [
        (
            place[0] * how.strides[0] - above + row * how.dilation[0],
            place[1] * how.strides[1] - left + column * how.dilation[1],
        )
        for row in range(how.size[0])
        for column in range(how.size[1])
    ]
    return [cell for cell in cells if 0 <= cell[0] < shape[0] and 0 <= cell[1] < shape[1]]


def _conv_working(z: Values, y: Values, chosen: int, name: str) -> list[list[str]]:
    before, after = as_cells(z, chosen), as_cells(y, chosen)
    if before.size > _TEXTS:
        return []
    return [
        [
            f"[{row}, {column}]: z = Σ w·x + b = {z_value:.6f}<br>y = {name}(z) = {y_value:.6f}"
            for column, (z_value, y_value) in enumerate(zip(z_row, y_row, strict=True))
        ]
        for row, (z_row, y_row) in enumerate(zip(before, after, strict=True))
    ]


def _say_window(how: Sliding) -> None:
    """Says how the window slides, in a line."""
    st.caption(
        _("Window {size} · stride {strides} · dilation {dilation} · padding {padding}").format(
            size=f"{how.size[0]} × {how.size[1]}",
            strides=f"{how.strides[0]} × {how.strides[1]}",
            dilation=f"{how.dilation[0]} × {how.dilation[1]}",
            padding=how.padding,
        )
    )


def _say_sum(
    x: Values, weights: Values, bias: Values | None, unit: int, z: float, name: str, y: float
) -> None:
    """Writes a sum with its largest terms first, and what the function makes of it."""
    order = np.argsort(-np.abs(x * weights))
    terms = [rf"({weights[at]:.4f})({x[at]:.4f})" for at in order[:_TERMS]]
    more = r" + \dots" if len(order) > _TERMS else ""
    constant = 0.0 if bias is None else float(bias[unit])
    # In lines of two terms: a phone has no room for more.
    lines = [r"z &= \sum w\,x + b"]
    for start in range(0, len(terms), 2):
        lines.append(("&= " if not start else "&\\quad + ") + " + ".join(terms[start : start + 2]))
    lines += [rf"&\quad {more} + ({constant:.4f})", rf"&= {z:.6f}"]
    st.latex(r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}")
    function = name.replace("_", r"\_")
    st.latex(rf"y = \mathrm{{{function}}}(z) = {y:.6f}")


def _choose(label: str, count: int, *, key: str, start: int = 0) -> int:
    """Draws the choice of one of several; returns its place."""
    if count < 2:
        st.number_input(label, 0, 0, 0, key=key, disabled=True)
        return 0
    if st.session_state.get(key, 0) >= count:
        del st.session_state[key]
    return int(st.number_input(label, 0, count - 1, start, key=key))
