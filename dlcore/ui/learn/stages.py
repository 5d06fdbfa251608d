"""Step by step through a network: which layer is looked at, and what a part of its numbers looks like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.analysis.learning.trace import LayerTrace, Trace
from dlcore.plots.learn.grids import Cell, grid_figure, grid_info
from dlcore.ui.shared.address import asked_number
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name

Values = npt.NDArray[np.float64]

STAGE = "learn_stage"
_MOST_SIDE = 160
"""Rows or columns that are drawn."""


def choose_stage(trace: Trace, *, backwards: bool = False) -> int:
    """Draws the way through the layers and the loss; returns the place that is looked at, the loss after all layers.

    Args:
        trace: of the sample.
        backwards: whether one begins at the loss.
    """
    names = [f"{place + 1} · {layer.name} ({layer.kind})" for place, layer in enumerate(trace.layers)]
    names.append(_("{place} · Loss ({name})").format(place=len(names) + 1, name=trace.loss_name))
    order = list(range(len(names)))
    if backwards:
        order.reverse()
    key = f"{STAGE}_{'back' if backwards else 'forward'}"
    asked_for = asked_number("layer")
    if key not in st.session_state and asked_for is not None and asked_for <= len(names):
        st.session_state[key] = max(0, asked_for - 1)
    if st.session_state.get(key) not in order:
        st.session_state[key] = order[0]

    def go(steps: int) -> None:
        at = order.index(st.session_state[key]) + steps
        st.session_state[key] = order[min(max(at, 0), len(order) - 1)]

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            _("Back"), icon=":material/arrow_back:", key=f"{key}_before", on_click=go, args=(-1,),
            disabled=st.session_state[key] == order[0],
        )  # fmt: skip
        place = st.selectbox(
            _("Step of the computation"),
            order,
            format_func=names.__getitem__,
            key=key,
            label_visibility="collapsed",
        )
        st.button(
            _("Next step"), icon=":material/arrow_forward:", key=f"{key}_after", on_click=go, args=(1,), type="primary",
            disabled=st.session_state[key] == order[-1],
        )  # fmt: skip
    st.query_params["layer"] = str(place + 1)
    return int(place)


def shape_text(shape: Sequence[int]) -> str:
    """Returns a shape as people write it.

    Example:
        >>> shape_text((8, 8, 1))
        '8 × 8 × 1'
    """
    return " × ".join(map(str, shape)) or "1"


def as_cells(values: Values, channel: int = 0) -> Values:
    """Returns numbers as rows and columns: of a picture one channel; a series with its steps from left to right.

    Example:
        >>> as_cells(np.zeros((7, 9, 3))).shape, as_cells(np.zeros((12, 4))).shape, as_cells(np.zeros(5)).shape
        ((7, 9), (4, 12), (1, 5))
    """
    if values.ndim >= 3:
        flat = values.reshape(*values.shape[:2], -1)
        return flat[:_MOST_SIDE, :_MOST_SIDE, channel]
    if values.ndim == 2:
        return values.T[:_MOST_SIDE, :_MOST_SIDE]
    return values.reshape(1, -1)[:, : _MOST_SIDE * 4]


def show_numbers(
    title: str,
    values: Values | None,
    *,
    key: str,
    channel: int = 0,
    marks: Sequence[Cell] = (),
    working: Sequence[Sequence[str]] = (),
    axes: tuple[str, str] = ("", ""),
    height: int = 340,
    help: str | None = None,
) -> None:
    """Draws numbers as cells under a title; says so where they were too many to be kept.

    Args:
        title: what they are.
        values: of any shape.
        key: of the figure.
        channel: of a picture.
        marks: cells that are marked.
        working: for each cell that is drawn how it came to be.
        axes: what columns and rows are, as they are drawn.
        height: of the figure, in pixels.
        help: more of what they are.
    """
    shape = "" if values is None else f" :gray[{shape_text(values.shape)}]"
    st.markdown(f"**{title}**{shape}", help=help)
    if values is None:
        st.caption(_("Too many numbers to be kept here."))
        return
    info = grid_info(
        as_cells(values, channel), marks=marks, working=working, x_title=axes[0], y_title=axes[1]
    )
    st.plotly_chart(grid_figure(info, height=height), key=key)


def weight_axes() -> tuple[str, str]:
    """Returns what columns and rows of weights are, as they are drawn: of W, (inputs, units), each unit is a row."""
    return _("Input"), _("Unit of the layer")


def choose_channel(label: str, values: Values | None, *, key: str) -> int:
    """Draws the choice of a channel of a picture, where it has several; returns its place."""
    if values is None or values.ndim < 3 or values.shape[-1] < 2:
        return 0
    return int(st.number_input(label, 0, values.shape[-1] - 1, 0, key=key, width=160))


def layer_title(layer: LayerTrace) -> str:
    """Returns the heading of a layer, as Markdown."""
    return f"{layer.kind} · {escape_name(layer.name)}"
