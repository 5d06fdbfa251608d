"""A model: layers in topological order, each with the names of its inputs."""

from __future__ import annotations

import re

from pydantic import field_validator

from dlcore.errors import N_, SpecError, shown
from dlcore.spec.base import SpecModel, problem
from dlcore.spec.fields import arg
from dlcore.spec.layers import AnyLayer, Dense, Layer

INPUT = "input"
"""The name under which layers take the model's own input."""

MAX_LAYERS = 500


class ModelSpec(SpecModel):
    """A graph of layers; a plain stack is a list without any `inputs`.

    Example:
        >>> ModelSpec(layers=("Flatten", {"kind": "Dense", "units": 10})).layers[1].name
        'dense'
    """

    layers: tuple[AnyLayer, ...] = arg(
        (), N_("The layers, each after those it takes from."), max_length=MAX_LAYERS
    )

    @field_validator("layers")
    @classmethod
    def _name_and_link(cls, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        named = _named(layers)
        known = {INPUT}
        for index, layer in enumerate(named):
            for position, source in enumerate(layer.inputs):
                if source not in known:
                    raise problem(_unknown_source(f"[{index}].inputs[{position}]", source, named))
            known.add(layer.name)
        return named

    def sources(self, index: int) -> tuple[str, ...]:
        """The names of what layer `index` takes."""
        if self.layers[index].inputs:
            return self.layers[index].inputs
        return (self.layers[index - 1].name if index else INPUT,)

    @property
    def is_stack(self) -> bool:
        """Whether each layer takes exactly what the one before it gives."""
        before = (INPUT, *(layer.name for layer in self.layers))
        return all(self.sources(index) == (before[index],) for index in range(len(self.layers)))

    def resolved(self, outputs: int | None) -> ModelSpec:
        """The same with every open `Dense.units` set to `outputs`, the dataset's number of classes."""
        if outputs is None:
            return self
        layers = tuple(
            layer.model_copy(update={"units": outputs})
            if isinstance(layer, Dense) and layer.units is None
            else layer
            for layer in self.layers
        )
        return self.model_copy(update={"layers": layers})


def snake_case(name: str) -> str:
    """Keras' way from a class name to a layer name.

    Example:
        >>> snake_case("MaxPooling2D")
        'max_pooling2d'
    """
    partly = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", partly).lower()


def _named(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    taken = {layer.name for layer in layers} | {INPUT}
    seen: set[str] = set()
    named = []
    for index, layer in enumerate(layers):
        name = layer.name
        if name in seen or name == INPUT:
            raise problem(
                SpecError(
                    N_("the name '{name}' is taken."),
                    hint=N_("Choose another name."),
                    where=f"[{index}].name",
                    name=name,
                )
            )
        if not name:
            stem, number = snake_case(layer.kind), 0
            while (name := f"{stem}_{number}" if number else stem) in taken:
                number += 1
            taken.add(name)
            layer = layer.model_copy(update={"name": name})
        seen.add(name)
        named.append(layer)
    return tuple(named)


def _unknown_source(where: str, source: str, layers: tuple[Layer, ...]) -> SpecError:
    if any(layer.name == source for layer in layers):
        return SpecError(
            N_("'{source}' comes later, or is this layer itself."),
            hint=N_("Move it before this layer, or take another input."),
            where=where,
            source=source,
        )
    return SpecError(
        N_("there is no layer '{source}'."),
        hint=N_("Take one of: {known}."),
        where=where,
        source=shown(source)[1:-1],
        known=", ".join([INPUT, *(layer.name for layer in layers)][:20]),
    )
