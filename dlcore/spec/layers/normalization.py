"""Layers that bring activations to a common scale."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import problem
from dlcore.spec.calls import Call
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, NORMALIZATION, Layer, ParameterCount, Shape, element_count
from dlcore.spec.layers.einsum import EinsumDense


class _Normalization(Layer):
    """What these normalisations share: they act on the last axis and may learn scale and shift."""

    group: ClassVar[str] = NORMALIZATION

    epsilon: float = arg(
        0.001,
        N_("Added to the variance so that nothing is divided by zero."),
        gt=0,
        le=1,
        search=f.Scale.MAGNITUDES,
    )
    center: bool = arg(True, N_("Whether a shift is learned for each channel."), advanced=True)
    scale: bool = arg(True, N_("Whether a factor is learned for each channel."), advanced=True)

    def _learned(self, shape: Shape) -> int:
        return shape[-1] * (int(self.center) + int(self.scale))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Subtract, divide, scale and shift each value."""
        return element_count(inputs[0]) * (2 + int(self.center) + int(self.scale))


@LAYERS.register
class BatchNormalization(_Normalization):
    """Normalises each channel over the batch (Ioffe and Szegedy, 2015)."""

    title: ClassVar[str] = N_("Normalization over the batch")
    common: ClassVar[Mapping[int, int]] = {1: 3, 3: 3}
    summary: ClassVar[str] = N_("Normalizes each channel over the batch: faster, steadier training.")
    passes_masks: ClassVar[bool] = True

    momentum: float = arg(0.99, N_("The momentum of the running mean and variance."), ge=0, lt=1)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift are learned; the running mean and variance are kept."""
        return ParameterCount(self._learned(inputs[0]), 2 * inputs[0][-1])


@LAYERS.register
class LayerNormalization(_Normalization):
    """Normalises each position over its channels (Ba, Kiros and Hinton, 2016)."""

    title: ClassVar[str] = N_("Normalization over the channels")
    summary: ClassVar[str] = N_("Normalizes each position over its channels; independent of the batch.")
    passes_masks: ClassVar[bool] = True

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift."""
        return ParameterCount(self._learned(inputs[0]))


@LAYERS.register
class GroupNormalization(_Normalization):
    """Normalises groups of channels within each sample (Wu and He, 2018)."""

    title: ClassVar[str] = N_("Normalization over groups of channels")
    summary: ClassVar[str] = N_("Normalizes groups of channels of each sample; good for small batches.")

    groups: f.PositiveInt = arg(32, N_("How many groups the channels are split into."), first=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        if inputs[0][-1] % self.groups:
            raise SpecError(
                N_("the number of channels, {value}, is not a multiple of the number of groups, {groups}."),
                hint=N_("Choose groups that divide {value}."),
                where="groups",
                value=inputs[0][-1],
                groups=self.groups,
            )
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift."""
        return ParameterCount(self._learned(inputs[0]))


@LAYERS.register
class RMSNormalization(Layer):
    """Divides each position by the root of its mean square over the channels (Zhang and Sennrich, 2019)."""

    title: ClassVar[str] = N_("Normalization by the mean square")
    summary: ClassVar[str] = N_("Like LayerNormalization without mean and shift: cheaper.")
    group: ClassVar[str] = NORMALIZATION

    epsilon: float = arg(
        1e-6,
        N_("Added to the mean square so that nothing is divided by zero."),
        gt=0,
        le=1,
        search=f.Scale.MAGNITUDES,
    )

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One factor for each channel."""
        return ParameterCount(inputs[0][-1])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Square, sum, divide and scale each value."""
        return 4 * element_count(inputs[0])


@LAYERS.register
class UnitNormalization(Layer):
    """Divides each position by its length over the channels."""

    title: ClassVar[str] = N_("Scaling to a length of 1")
    summary: ClassVar[str] = N_("Scales the channels of each position to a length of 1.")
    group: ClassVar[str] = NORMALIZATION
    passes_masks: ClassVar[bool] = True

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Square, sum and divide each value."""
        return 3 * element_count(inputs[0])


def _require_channels(expected: int, got: int, where: str) -> None:
    if got != expected:
        raise SpecError(
            N_("expected {expected}, as many as its input has channels, got {got}."),
            hint=N_("Change it to {expected}."),
            where=where,
            expected=expected,
            got=got,
        )


Variance = Annotated[float, Field(ge=0)]


@LAYERS.register
class Normalization(Layer):
    """`(x − mean) / √variance`, with numbers that training leaves alone."""

    title: ClassVar[str] = N_("Normalization by fixed numbers")
    summary: ClassVar[str] = N_(
        "Brings each channel to mean 0 and deviation 1, by numbers you give, or those of the training part."
    )
    group: ClassVar[str] = NORMALIZATION
    passes_masks: ClassVar[bool] = True

    mean: tuple[float, ...] = arg(
        (),
        N_(
            "The mean of all channels, or of each; empty: from imported weights, else measured before training."
        ),
    )
    variance: tuple[Variance, ...] = arg(
        (),
        N_(
            "The variance of all channels, or of each; empty: from imported weights, else measured before "
            "training."
        ),
    )
    invert: bool = arg(False, N_("Whether it leads back to the original values instead."), advanced=True)

    @field_validator("variance")
    @classmethod
    def _check_pair(cls, variance: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        mean = info.data.get("mean")
        if mean is not None and len(mean) != len(variance):
            raise problem(
                SpecError(
                    N_("expected as many numbers as in mean, {expected}, got {got}."),
                    hint=N_("Enter both for the same channels, or leave both empty."),
                    expected=len(mean),
                    got=len(variance),
                )
            )
        return variance

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor; what is empty is learned there by `adapt`."""
        given = super().arguments()
        return given if self.mean else {n: v for n, v in given.items() if n not in ("mean", "variance")}

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        if len(self.mean) > 1:
            _require_channels(inputs[0][-1], len(self.mean), "mean")
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns none if the numbers are given, else mean and variance of each channel, and Keras' counter."""
        return ParameterCount() if self.mean else ParameterCount(0, 2 * inputs[0][-1] + 1)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Subtract and divide each value."""
        return 2 * element_count(inputs[0])


@LAYERS.register
class LayerScale(Layer):
    """One learned factor for each channel, near 0 at first (Touvron et al., 2021)."""

    keras_name: ClassVar[str] = EinsumDense.__name__
    title: ClassVar[str] = N_("Learned factor for each channel")
    summary: ClassVar[str] = N_(
        "Multiplies each channel by a learned factor: steadier deep residual networks."
    )
    group: ClassVar[str] = NORMALIZATION
    shown: ClassVar[tuple[str, ...]] = ("projection_dim", "equation", "output_shape")
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"init_values", "projection_dim"}

    projection_dim: f.PositiveInt = arg(
        32, N_("The number of channels of its input."), first=True, search=f.Scale.FIXED, label=N_("Channels")
    )
    init_values: float = arg(
        1e-6, N_("The factor at the start."), ge=0, le=1, search=f.Scale.MAGNITUDES, label=N_("First factor")
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of the EinsumDense that does the same."""
        return {
            **super().arguments(),
            "equation": "...x,x->...x",
            "output_shape": self.projection_dim,
            "kernel_initializer": Call("initializers.Constant", {"value": self.init_values}),
        }

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        _require_channels(inputs[0][-1], self.projection_dim, "projection_dim")
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One for each channel."""
        return ParameterCount(inputs[0][-1])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return element_count(inputs[0])
