"""What new layers and blocks are taken from: all of them, those first that fit the place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import streamlit as st

from dlcore.design.edits import insert_block, insert_layer, layer_before
from dlcore.errors import N_, SpecError
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.blocks import BLOCKS, Block
from dlcore.spec.layers import BACKBONES, LAYERS, Application, Layer, Shape
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.rows import palette
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, _n

_PLAIN = [cls for cls in LAYERS if not issubclass(cls, Application)]
NEW: Mapping[str, type[Layer] | type[Block]] = {cls.__name__: cls for cls in (*_PLAIN, *BLOCKS, *BACKBONES)}
"""What can be put into a model; the many backbones come last."""

BLOCK_GROUP = N_("Block")

IDS = 0
"""Stands for ids among the numbers of axes."""


class Change(Protocol):
    """Saves what an edit gives, and chooses one of its layers."""

    def __call__(self, draft: WorkingDraft, edit: Callable[[], ExperimentSpec], select: int) -> None:
        """`select` counts from the end if it is negative."""


def new_layer(draft: WorkingDraft, report: GraphReport, index: int, change: Change) -> None:
    """Draws the palette: what is chosen there is put at `index`; a block once its options are set."""
    options, place = _ordered(draft, report, index), f"{draft.id}.new_layer"
    chosen = palette(
        _("Add a layer or a block"), options, f"{place}.add", draft.spec.model.layers, title=_called
    )
    st.caption(
        _("Inserted after the selected layer; type to search.") if chosen is None else _(NEW[chosen].summary)
    )
    behind = index - len(draft.spec.model.layers) - 1
    if chosen is None:
        return
    if chosen in LAYERS.names():
        change(draft, lambda: insert_layer(draft.spec, index, chosen), behind)
        return
    block = Form(f"{place}.{chosen}").edit(BLOCKS.get(chosen)(), flat=True)
    if st.button(_("Add block"), key="add_block", icon=":material/add:", type="primary"):
        change(draft, lambda: _with_block(draft.spec, report, index, block), behind)


def _ordered(draft: WorkingDraft, report: GraphReport, index: int) -> list[str]:
    """Returns their names: those that are mostly put there, then the others by their groups."""
    source = layer_before(draft.spec, index)
    given = report.inputs.get(source)
    axes = len(given.shape if given else _shapes(report).get(source, ()))
    places = (IDS, axes) if given and given.vocabulary else (axes,)
    groups = list(dict.fromkeys(map(_group, NEW)))

    def order(name: str) -> tuple[list[float], int]:
        common = NEW[name].common
        return [common.get(place, math.inf) for place in places], groups.index(_group(name))

    return sorted(NEW, key=order)


def _called(name: str) -> str:
    """Returns what stands in the list, found by each of its words."""
    new = NEW[name]
    title = _(new.title or _group(name))
    if issubclass(new, Application):
        total = new.facts.parameters.total
        count = _n("{n} parameter", "{n} parameters", total).format(n=show.count(total))
        return f"{name} · {title} · {count}"
    return f"{name} · {title}"


def _group(name: str) -> str:
    new = NEW[name]
    return new.group if issubclass(new, Layer) else BLOCK_GROUP


def _shapes(report: GraphReport) -> dict[str, Shape]:
    """Returns what inputs and layers give, by name, as far as it is known."""
    inputs = {name: one.shape for name, one in report.inputs.items()}
    return inputs | {row.name: row.output_shape for row in report.rows}


def _with_block(spec: ExperimentSpec, report: GraphReport, index: int, block: Block) -> ExperimentSpec:
    source, shapes = layer_before(spec, index), _shapes(report)
    if source not in shapes:
        raise SpecError(
            N_("the output of '{source}' is not known yet."),
            hint=N_("Fix the layers before it first."),
            source=source,
        )
    return insert_block(spec, index, block, shapes[source])
