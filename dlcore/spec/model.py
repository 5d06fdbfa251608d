"""A model: layers in topological order, each with the names of its inputs."""

import re
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from dlcore.errors import N_, SpecError, quote_value
from dlcore.spec.base import SpecModel, problem
from dlcore.spec.fields import arg
from dlcore.spec.layers import AnyLayer, Application, Composite, Cropping1D, Dense, Layer, Output, Shared
from dlcore.spec.signature import INPUT, Signature

__all__ = ["INPUT", "MAX_LAYERS", "ModelSpec", "snake_case"]

MAX_LAYERS = 1200
"""Keras' own largest network, NASNetLarge, has 1,041."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]


class ModelSpec(SpecModel):
    """A graph of layers; a plain stack is a list without any `inputs`.

    Example:
        >>> ModelSpec(layers=("Flatten", {"kind": "Dense", "units": 10})).layers[1].name
        'dense'
    """

    inputs: tuple[Identifier, ...] = arg(
        (INPUT,), N_("The names of what it takes from the data."), min_length=1, max_length=100, advanced=True
    )
    layers: tuple[AnyLayer, ...] = arg((), N_("The layers, each after its inputs."), max_length=MAX_LAYERS)

    @field_validator("inputs")
    @classmethod
    def _differ(cls, inputs: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(inputs)) < len(inputs):
            raise problem(SpecError(N_("two inputs have the same name."), hint=N_("Remove one.")))
        return inputs

    @field_validator("layers")
    @classmethod
    def _name_and_link(cls, layers: tuple[Layer, ...], info: ValidationInfo) -> tuple[Layer, ...]:
        inputs: tuple[str, ...] = info.data.get("inputs", (INPUT,))
        named = _named(layers, inputs)
        known = set(inputs)
        for index, layer in enumerate(named):
            for position, source in enumerate(layer.inputs):
                if source not in known:
                    raise problem(_unknown_source(f"[{index}].inputs[{position}]", source, named, inputs))
            known.add(layer.name)
        return named

    def sources(self, index: int) -> tuple[str, ...]:
        """Returns the names of what layer `index` takes."""
        if self.layers[index].inputs:
            return self.layers[index].inputs
        return (self.layers[index - 1].name if index else self.inputs[0],)

    @property
    def own_layers(self) -> tuple[Layer, ...]:
        """The layers that have weights of their own, or none."""
        return tuple(layer for layer in self.layers if not isinstance(layer, Shared))

    @property
    def further(self) -> tuple[tuple[int, Output], ...]:
        """The outputs besides that of the last layer, each with its place."""
        return tuple((index, one) for index, one in enumerate(self.layers) if isinstance(one, Output))

    @property
    def outputs(self) -> tuple[int, ...]:
        """The places of all outputs: the last layer, then the further ones."""
        return (len(self.layers) - 1, *(index for index, _layer in self.further))

    @property
    def answering(self) -> frozenset[str]:
        """The layers that give an answer: the last one, the further outputs, and what these take."""
        found = {self.layers[-1].name} if self.layers else set[str]()
        for index, layer in self.further:
            found |= {layer.name, *self.sources(index)}
        return frozenset(found)

    def called(self, index: int) -> Layer:
        """Returns what is called at a place: the layer itself, or the earlier one that it shares.

        Raises:
            SpecError: there is no such earlier layer; `where` is the field to fix.
        """
        layer = self.layers[index]
        if not isinstance(layer, Shared):
            return layer
        known = [one for one in self.layers[:index] if not isinstance(one, (Shared, Application, Composite))]
        for one in known:
            if one.name == layer.of:
                return one
        raise SpecError(
            N_("there is no earlier layer '{name}' that can be called again."),
            hint=N_("Choose one of: {known}."),
            where="of",
            name=layer.of,
            known=", ".join(one.name for one in known[:20]) or "–",
        )

    @property
    def is_stack(self) -> bool:
        """Whether each layer takes exactly what the one before it gives."""
        before = (self.inputs[0], *(layer.name for layer in self.layers))
        return len(self.inputs) == 1 and all(
            self.sources(index) == (before[index],) for index in range(len(self.layers))
        )

    def resolved(self, signature: Signature) -> "ModelSpec":
        """Returns the same with what was left open filled in.

        Every open `Dense.units` becomes the number of outputs, every open `Embedding.input_dim` the
        vocabulary of the input it takes, and every open `Cropping1D.cropping` what leaves so many steps of it.
        """
        layers = []
        for index, layer in enumerate(self.layers):
            update: dict[str, Any] = {}
            if isinstance(layer, Dense) and layer.units is None and signature.outputs is not None:
                update["units"] = signature.outputs
            if "input_dim" in type(layer).model_fields and getattr(layer, "input_dim", 0) is None:
                source = signature.inputs.get(self.sources(index)[0])
                if source is not None and source.vocabulary is not None:
                    update["input_dim"] = source.vocabulary
            if isinstance(layer, Cropping1D) and layer.is_open:
                source = signature.inputs.get(self.sources(index)[0])
                if source is not None:
                    update["cropping"] = layer.cut_for(source.shape[0])
            layers.append(layer.model_copy(update=update) if update else layer)
        return self.model_copy(update={"layers": tuple(layers)})


def snake_case(name: str) -> str:
    """Returns Keras' way from a class name to a layer name.

    Example:
        >>> snake_case("MaxPooling2D"), snake_case("ConvLSTM2D")
        ('max_pooling2d', 'conv_lstm2d')
    """
    partly = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", partly).lower()


def _named(layers: tuple[Layer, ...], inputs: tuple[str, ...]) -> tuple[Layer, ...]:
    taken = {layer.name for layer in layers} | set(inputs)
    seen: set[str] = set()
    named = []
    for index, layer in enumerate(layers):
        name = layer.name
        if name in seen or name in inputs:
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


def _unknown_source(where: str, source: str, layers: tuple[Layer, ...], inputs: tuple[str, ...]) -> SpecError:
    if any(layer.name == source for layer in layers):
        return SpecError(
            N_("'{source}' comes later, or is this layer itself."),
            hint=N_("Move it before this layer, or take another input."),
            where=where,
            source=source,
        )
    return SpecError(
        N_("there is no layer '{source}'."),
        hint=N_("Choose one of: {known}."),
        where=where,
        source=quote_value(source)[1:-1],
        known=", ".join([*inputs, *(layer.name for layer in layers)][:20]),
    )
