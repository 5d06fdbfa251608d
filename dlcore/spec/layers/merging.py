"""Layers that join branches of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, MERGING, Layer, Shape, elements


class _Merge(Layer):
    """What joins two or more inputs."""

    group: ClassVar[str] = MERGING
    merges: ClassVar[bool] = True

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Nothing is computed, only copied."""
        return 0


@LAYERS.register
class Add(_Merge):
    """Adds its inputs value by value: the joint of a residual connection."""

    summary: ClassVar[str] = N_("Adds its inputs value by value: the joint of a residual connection.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The shape that all inputs share."""
        if any(shape != inputs[0] for shape in inputs):
            raise SpecError(
                N_("the inputs have different shapes: {shapes}."),
                hint=N_("Give each branch the same size and channels, for example with a 1×1 Conv2D."),
                where="inputs",
                shapes=", ".join(str(shape) for shape in inputs),
            )
        return inputs[0]

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value of each further input."""
        return elements(inputs[0]) * (len(inputs) - 1)


@LAYERS.register
class Concatenate(_Merge):
    """Puts its inputs one behind the other along one axis."""

    summary: ClassVar[str] = N_("Puts its inputs one behind the other: the joint of an Inception block.")

    axis: int = arg(-1, N_("Which axis grows; -1: the channels."), ge=-4, le=4, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The shared shape, the joined axis summed up."""
        rank = len(inputs[0])
        # Keras counts the batch as axis 0; our shapes leave it out.
        index = self.axis + rank if self.axis < 0 else self.axis - 1
        if not 0 <= index < rank:
            raise SpecError(
                N_("axis {axis} does not exist in shape {shape}."),
                hint=N_("Use -1 for the channels."),
                where="axis",
                axis=self.axis,
                shape=str(inputs[0]),
            )
        rests = {(len(shape), shape[:index], shape[index + 1 :]) for shape in inputs}
        if len(rests) > 1:
            raise SpecError(
                N_("the inputs have different shapes: {shapes}."),
                hint=N_("All sizes but the joined one must be equal."),
                where="inputs",
                shapes=", ".join(str(shape) for shape in inputs),
            )
        joined = sum(shape[index] for shape in inputs)
        return (*inputs[0][:index], joined, *inputs[0][index + 1 :])
