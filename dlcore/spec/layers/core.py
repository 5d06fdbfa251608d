"""Dense, Flatten, activations and dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    ACTIVATION,
    CORE,
    LAYERS,
    REGULARIZATION,
    Layer,
    ParameterCount,
    Shape,
    elements,
    require_image,
)
from dlcore.spec.regularizers import OptionalRegularizer


@LAYERS.register
class Flatten(Layer):
    """Lays all values in one row."""

    summary: ClassVar[str] = N_("Lays all values in one row, for Dense layers.")
    group: ClassVar[str] = CORE

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(number of values,)."""
        return (elements(inputs[0]),)


@LAYERS.register
class Dense(Layer):
    """Every output is a weighted sum of every input: `activation(x · W + b)`."""

    summary: ClassVar[str] = N_("Every output is a weighted sum of every input.")
    group: ClassVar[str] = CORE

    units: f.PositiveInt | None = arg(
        None, N_("How many outputs; empty: as many as the dataset has classes (the output layer).")
    )
    activation: f.Activation = arg("linear", f.ACTIVATION_HELP)
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The input's shape with `units` as its last axis."""
        return (*inputs[0][:-1], self._units)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One weight for each input and unit, and a bias each."""
        return ParameterCount((inputs[0][-1] + self.use_bias) * self._units)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight."""
        return (2 * inputs[0][-1] + self.use_bias) * elements(self.output_shape(inputs))

    @property
    def _units(self) -> int:
        if self.units is None:
            raise SpecError(
                N_("the number of outputs is not known without a dataset."),
                hint=N_("Pick a dataset, or set units."),
                where="units",
            )
        return self.units


@LAYERS.register
class Activation(Layer):
    """Applies a function to each value."""

    summary: ClassVar[str] = N_("Applies a function to each value, such as relu.")
    group: ClassVar[str] = ACTIVATION

    activation: f.Activation = arg("relu", f.ACTIVATION_HELP)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return elements(inputs[0])


@LAYERS.register
class LeakyReLU(Layer):
    """`x` where positive, `negative_slope · x` elsewhere."""

    summary: ClassVar[str] = N_("Like relu, but lets a little of the negative values through.")
    group: ClassVar[str] = ACTIVATION

    negative_slope: float = arg(0.3, N_("The slope for negative values."), ge=0, le=10)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return elements(inputs[0])


@LAYERS.register
class Dropout(Layer):
    """Sets random values to zero while training (Srivastava et al., 2014)."""

    summary: ClassVar[str] = N_("Sets random values to zero while training: less overfitting.")
    group: ClassVar[str] = REGULARIZATION

    rate: float = arg(0.5, N_("The share of values set to zero, from 0 to 1."), ge=0, lt=1)


@LAYERS.register
class SpatialDropout2D(Layer):
    """Sets whole random channels to zero while training (Tompson et al., 2015)."""

    summary: ClassVar[str] = N_("Sets whole random channels to zero while training.")
    group: ClassVar[str] = REGULARIZATION

    rate: float = arg(0.5, N_("The share of channels set to zero, from 0 to 1."), ge=0, lt=1)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The input's shape."""
        return require_image(inputs[0])
