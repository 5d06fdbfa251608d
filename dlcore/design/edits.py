"""Edits of a model's list of layers that keep its links whole."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.errors import N_, SpecError
from dlcore.spec.blocks import Block
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import LAYERS, Layer, Shape, Shared
from dlcore.spec.model import ModelSpec, snake_case
from dlcore.spec.problems import parse


def _with(spec: ExperimentSpec, layers: Sequence[Layer]) -> ExperimentSpec:
    model = parse(ModelSpec, {"inputs": spec.model.inputs, "layers": tuple(layers)}, where="model")
    return spec.model_copy(update={"model": model})


def _free_name(layers: Sequence[Layer], stem: str) -> str:
    taken = {layer.name for layer in layers}
    number = 1
    while (name := f"{stem}_{number}") in taken:
        number += 1
    return name


def _branched(spec: ExperimentSpec, index: int, new: Sequence[Layer]) -> ExperimentSpec:
    """Inserts `new` at `index`; consumers of the layer before go on taking it."""
    before, behind = spec.model.layers[:index], list(spec.model.layers[index:])
    if behind:
        behind[0] = behind[0].model_copy(update={"inputs": spec.model.sources(index)})
    return _with(spec, [*before, *new, *behind])


def _spliced(spec: ExperimentSpec, index: int, new: Sequence[Layer]) -> ExperimentSpec:
    """Inserts `new` at `index`; consumers of the layer before take the last of them."""
    layers = list(spec.model.layers)
    before = layer_before(spec, index)
    named = _with(spec, [*layers[:index], *new, *layers[index:]]).model.layers
    behind = index + len(new)
    last = named[behind - 1].name
    rest = [
        layer.model_copy(update={"inputs": tuple(last if name == before else name for name in layer.inputs)})
        for layer in named[behind:]
    ]
    return _with(spec, [*named[:behind], *rest])


def layer_before(spec: ExperimentSpec, index: int) -> str:
    """Returns the name of what a new layer at `index` takes."""
    return spec.model.layers[index - 1].name if index else spec.model.inputs[0]


def insert_layer(spec: ExperimentSpec, index: int, kind: str) -> ExperimentSpec:
    """Inserts a new layer with its defaults at `index`, between the layer before and its consumers.

    A layer that joins branches takes the two layers before it, so that it stands in a valid graph.
    """
    cls = LAYERS.get(kind)
    values = {}
    if cls.fewest > 1:
        before = [*spec.model.inputs, *(layer.name for layer in spec.model.layers[:index])][-2:]
        values["inputs"] = tuple(before)
    return _spliced(spec, index, [cls(**values)])


def insert_block(spec: ExperimentSpec, index: int, block: Block, shape: Shape) -> ExperimentSpec:
    """Inserts the layers of a block at `index`, between the layer before and its consumers, or beside these.

    Args:
        spec: what is edited.
        index: where the first of them stands.
        block: what to put there.
        shape: the shape of what the layer before gives.

    Raises:
        SpecError: the block does not fit that shape, or the model would be too long.
    """
    stem, names, number = snake_case(block.kind), [layer.name for layer in spec.model.layers], 1
    while any(name == f"{stem}_{number}" or name.startswith(f"{stem}_{number}_") for name in names):
        number += 1
    layers = block.layers(f"{stem}_{number}", layer_before(spec, index), shape)
    return _branched(spec, index, layers) if block.branches else _spliced(spec, index, layers)


def duplicate_layer(spec: ExperimentSpec, index: int) -> ExperimentSpec:
    """Copies layer `index`; the copy comes right after it and takes its output."""
    layers = list(spec.model.layers)
    original = layers[index]
    inputs = original.inputs if original.fewest > 1 else ()
    copy = original.model_copy(update={"name": _free_name(layers, original.name), "inputs": inputs})
    return _with(spec, [*layers[: index + 1], copy, *layers[index + 1 :]])


def remove_layer(spec: ExperimentSpec, index: int) -> ExperimentSpec:
    """Removes layer `index`; layers that named it take its inputs."""
    layers = list(spec.model.layers)
    gone, heir = layers[index].name, spec.model.sources(index)[0]
    rest = [
        layer.model_copy(
            update={"inputs": tuple(dict.fromkeys(heir if name == gone else name for name in layer.inputs))}
        )
        if gone in layer.inputs
        else layer
        for layer in layers[:index] + layers[index + 1 :]
    ]
    return _with(spec, rest)


def move_layer(spec: ExperimentSpec, index: int, to: int) -> ExperimentSpec:
    """Moves layer `index` to place `to`.

    Raises:
        SpecError: it would come before a layer it names, or after one that names it.
    """
    layers = list(spec.model.layers)
    layer = layers.pop(index)
    layers.insert(to, layer)
    known = {*spec.model.inputs}
    for one in layers:
        missing = [name for name in one.inputs if name not in known]
        if missing:
            raise SpecError(
                N_("'{name}' takes the output of '{source}', so it must come after it."),
                hint=N_("Change its inputs first."),
                where="model.layers",
                name=one.name,
                source=missing[0],
            )
        known.add(one.name)
    return _with(spec, layers)


def replace_layer(spec: ExperimentSpec, index: int, layer: Layer) -> ExperimentSpec:
    """Replaces layer `index` by `layer`; links to the old name follow a new one."""
    old = spec.model.layers[index].name
    layers = [_renamed(one, old, layer.name) if layer.name else one for one in spec.model.layers]
    layers[index] = layer
    return _with(spec, layers)


def _renamed(layer: Layer, old: str, new: str) -> Layer:
    """Returns a layer whose links to one layer follow its new name."""
    update: dict[str, object] = {}
    if old in layer.inputs:
        update["inputs"] = tuple(new if name == old else name for name in layer.inputs)
    if isinstance(layer, Shared) and layer.of == old:
        update["of"] = new
    return layer.model_copy(update=update) if update else layer
