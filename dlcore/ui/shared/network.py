"""A network as a table of its layers, and as a diagram."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.spec import GraphReport
from dlcore.spec.model import ModelSpec
from dlcore.text import shape_text
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _

WIDEST = 400
"""Of a line in the diagram, in pixels: from 200 on Mermaid would break it within a shape."""


def model_table(report: GraphReport) -> None:
    """Shows each layer's output shape, parameters and work."""
    table = pd.DataFrame(
        {
            "name": [row.name for row in report.rows],
            "kind": [row.kind for row in report.rows],
            "inputs": [", ".join(row.sources) for row in report.rows],
            "shape": [shape_text(row.output_shape) for row in report.rows],
            "parameters": [row.parameters.total for row in report.rows],
            "fixed": [row.parameters.fixed for row in report.rows],
            "flops": [row.flops for row in report.rows],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        key="model_table",
        column_config={
            "name": st.column_config.TextColumn(_("Name"), pinned=True),
            "kind": _("Layer"),
            "inputs": _("Takes"),
            "shape": _("Output shape"),
            "parameters": number(_("Parameters"), format="localized"),
            "fixed": number(_("Not trained"), format="localized"),
            "flops": number(_("FLOP per sample"), format="localized"),
        },
    )
    st.caption(
        _("{trainable} trained + {fixed} kept = {total} parameters").format(
            trainable=f"{report.parameters.trainable:,}",
            fixed=f"{report.parameters.fixed:,}",
            total=f"{report.parameters.total:,}",
        )
    )


def model_diagram(model: ModelSpec, report: GraphReport) -> None:
    """Shows the graph, top down; a layer that does not fit is marked."""
    ids = {name: f"input{index}" for index, name in enumerate(model.inputs)}
    ids |= {layer.name: f"n{index}" for index, layer in enumerate(model.layers)}
    lines = [f'%%{{init: {{"flowchart": {{"wrappingWidth": {WIDEST}}}}}}}%%', "flowchart TD"]
    for name in model.inputs:
        title = _("Input") if len(model.inputs) == 1 else name
        given = report.inputs.get(name)
        lines.append(f'{ids[name]}(["{title} {shape_text(given.shape) if given else "?"}"])')
    shapes = {row.name: shape_text(row.output_shape) for row in report.rows}
    for index, layer in enumerate(model.layers):
        text = f"{layer.kind} {show.argument(layer.brief)}".strip() + f"<br/>{shapes.get(layer.name, '?')}"
        lines.append(f'{ids[layer.name]}["{text}"]')
        lines += [f"{ids[source]} --> {ids[layer.name]}" for source in model.sources(index)]
    st.mermaid_chart("\n".join(lines), width="content", alt=_("Model graph"))
