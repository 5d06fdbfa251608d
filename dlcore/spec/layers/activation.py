"""Layers that apply a function to each value."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    ACTIVATION,
    LAYERS,
    Layer,
    ParameterCount,
    Shape,
    axis_index,
    element_count,
)
from dlcore.spec.regularizers import OptionalRegularizer

SharedAxis = Annotated[int, Field(ge=1, le=6)]


class _Activation(Layer):
    """A function of each value."""

    group: ClassVar[str] = ACTIVATION

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return element_count(inputs[0])


@LAYERS.register
class Activation(_Activation):
    """Applies a function to each value."""

    shown: ClassVar[tuple[str, ...]] = ("activation",)
    title: ClassVar[str] = N_("Activation function")
    common: ClassVar[Mapping[int, int]] = {1: 4}
    summary: ClassVar[str] = N_("Applies a function to each value, such as relu.")
    passes_masks: ClassVar[bool] = True

    activation: f.Activation = arg("relu", f.ACTIVATION_HELP, tried=f.TRIED_ACTIVATIONS)


@LAYERS.register
class ReLU(_Activation):
    """`min(max(x, 0), max_value)`, with a slope below the threshold if wanted."""

    title: ClassVar[str] = N_("Rectified linear unit")
    summary: ClassVar[str] = N_("Passes positive values, optionally up to a limit.")
    passes_masks: ClassVar[bool] = True

    max_value: float | None = arg(None, N_("The largest value it gives; empty: no limit."), ge=0, le=1e6)
    negative_slope: float = arg(0.0, N_("The slope for negative values."), ge=0, le=10)
    threshold: float = arg(0.0, N_("Values below it count as negative."), ge=0, le=1e6, advanced=True)


@LAYERS.register
class LeakyReLU(_Activation):
    """`x` where positive, `negative_slope · x` elsewhere."""

    title: ClassVar[str] = N_("Leaky rectified linear unit")
    summary: ClassVar[str] = N_("Like relu, but passes a fraction of the negative values.")
    passes_masks: ClassVar[bool] = True

    negative_slope: float = arg(0.3, N_("The slope for negative values."), ge=0, le=10)


@LAYERS.register
class PReLU(_Activation):
    """`x` where positive, a learned multiple of it elsewhere (He et al., 2015)."""

    title: ClassVar[str] = N_("Learned rectified linear unit")
    summary: ClassVar[str] = N_("Like relu, but passes a learned fraction of the negative values.")
    passes_masks: ClassVar[bool] = True

    shared_axes: tuple[SharedAxis, ...] = arg(
        (),
        N_("Axes along which the fraction is the same, such as 1 and 2 of an image; empty: none."),
        max_length=6,
        label=N_("Shared along"),
    )
    alpha_initializer: f.Initializer = arg("zeros", N_("How the fractions are initialized."), advanced=True)
    alpha_regularizer: OptionalRegularizer = arg(
        None, N_("A penalty on large fractions, added to the loss."), advanced=True
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor, whose axes are shared if there are any."""
        given = super().arguments()
        return given if self.shared_axes else {name: v for name, v in given.items() if name != "shared_axes"}

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        for axis in self.shared_axes:
            axis_index(axis, inputs[0], field="shared_axes")
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One for each value, or for all values along a shared axis."""
        sizes = (1 if place in self.shared_axes else size for place, size in enumerate(inputs[0], 1))
        return ParameterCount(prod(sizes))


@LAYERS.register
class ELU(_Activation):
    """`x` where positive, `alpha · (exp(x) − 1)` elsewhere (Clevert et al., 2016)."""

    title: ClassVar[str] = N_("Exponential linear unit")
    summary: ClassVar[str] = N_("Like relu, but falls smoothly to a limit for negative values.")
    passes_masks: ClassVar[bool] = True

    alpha: float = arg(1.0, N_("The limit for negative values."), ge=0, le=1000)


@LAYERS.register
class Softmax(_Activation):
    """`exp(x)`, divided by the sum along one axis."""

    title: ClassVar[str] = N_("Shares that sum to 1")
    summary: ClassVar[str] = N_("Turns the values along one axis into shares that sum to 1.")

    axis: int = arg(
        -1, N_("The axis along which the shares sum to 1; -1: the last one."), ge=-4, le=4, advanced=True
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        axis_index(self.axis, inputs[0], field="axis")
        return inputs[0]
