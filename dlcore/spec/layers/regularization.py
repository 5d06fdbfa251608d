"""Layers that make training harder, so that what is learned holds for new data."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, REGULARIZATION, Layer, Shape, element_count, require_grid

MaskSize = Annotated[int, Field(ge=f.OPEN, le=1_000_000_000)]


class _SharedMask(Layer):
    """What draws at random, for each value or for all values along an axis together."""

    shown: ClassVar[tuple[str, ...]] = ("rate",)
    group: ClassVar[str] = REGULARIZATION
    passes_masks: ClassVar[bool] = True

    noise_shape: tuple[MaskSize, ...] = arg(
        (),
        N_("For each axis: -1 draws for each place, 1 draws once for the whole axis; empty: for each value."),
        max_length=6,
        advanced=True,
        label=N_("Shape of the random mask"),
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor, whose shape has the batch axis as well."""
        given = super().arguments()
        sizes = given.pop("noise_shape")
        if not sizes:
            return given
        return {**given, "noise_shape": (None, *(None if size == f.OPEN else size for size in sizes))}

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        (shape,) = inputs
        fits = len(self.noise_shape) == len(shape) and all(
            size in (f.OPEN, 1, axis) for size, axis in zip(self.noise_shape, shape, strict=True)
        )
        if self.noise_shape and not fits:
            raise SpecError(
                N_("the mask {mask} does not fit the shape {shape}."),
                hint=N_("Enter -1 or 1 for each axis."),
                where="noise_shape",
                mask=str(self.noise_shape),
                shape=str(shape),
            )
        return shape


@LAYERS.register
class Dropout(_SharedMask):
    """Sets random values to zero while training (Srivastava et al., 2014)."""

    title: ClassVar[str] = N_("Random zeros")
    common: ClassVar[Mapping[int, int]] = {1: 2, 2: 7, 3: 4}
    summary: ClassVar[str] = N_("Sets random values to zero while training: less overfitting.")

    rate: float = arg(0.5, N_("The share of values set to zero, from 0 to 1."), ge=0, lt=1)


@LAYERS.register
class AlphaDropout(_SharedMask):
    """Sets random values to the lower limit of SELU while training (Klambauer et al., 2017)."""

    title: ClassVar[str] = N_("Dropout for selu")
    summary: ClassVar[str] = N_("Dropout that keeps mean and variance, for networks with selu.")

    rate: float = arg(0.1, N_("The share of values replaced, from 0 to 1."), ge=0, lt=1)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """A product and a sum for each value."""
        return 2 * element_count(inputs[0])


@LAYERS.register
class GaussianDropout(Layer):
    """Multiplies each value by a random number around 1 while training (Srivastava et al., 2014)."""

    title: ClassVar[str] = N_("Random factors")
    summary: ClassVar[str] = N_("Multiplies each value by a random number around 1 while training.")
    group: ClassVar[str] = REGULARIZATION
    shown: ClassVar[tuple[str, ...]] = ("rate",)
    passes_masks: ClassVar[bool] = True

    rate: float = arg(0.2, N_("How strongly the factors vary, as a dropout of that rate does."), ge=0, lt=1)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return element_count(inputs[0])


class _SpatialDropout(Layer):
    """Sets whole random channels to zero while training (Tompson et al., 2015)."""

    shown: ClassVar[tuple[str, ...]] = ("rate",)
    group: ClassVar[str] = REGULARIZATION
    # Keras' constructor does not take it: there is nothing to freeze.
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"trainable"}
    rank: ClassVar[int]

    rate: float = arg(0.5, N_("The share of channels set to zero, from 0 to 1."), ge=0, lt=1)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        return require_grid(inputs[0], self.rank)


@LAYERS.register
class SpatialDropout2D(_SpatialDropout):
    """Sets whole random channels of an image to zero while training."""

    title: ClassVar[str] = N_("Random zeros in whole channels")
    summary: ClassVar[str] = N_("Sets whole random channels to zero while training.")
    rank: ClassVar[int] = 2


@LAYERS.register
class SpatialDropout1D(_SpatialDropout):
    """Sets whole random features of a sequence to zero while training."""

    title: ClassVar[str] = N_("Random zeros in whole features")
    summary: ClassVar[str] = N_("Sets whole random features of a sequence to zero while training.")
    rank: ClassVar[int] = 1
    passes_masks: ClassVar[bool] = True


@LAYERS.register
class SpatialDropout3D(_SpatialDropout):
    """Sets whole random channels of a volume to zero while training."""

    title: ClassVar[str] = N_("Random zeros in whole channels of a volume")
    summary: ClassVar[str] = N_("Sets whole random channels of a volume to zero while training.")
    rank: ClassVar[int] = 3


@LAYERS.register
class ActivityRegularization(Layer):
    """Adds a penalty on its input to the loss, and passes it on unchanged."""

    title: ClassVar[str] = N_("Penalty on large outputs")
    summary: ClassVar[str] = N_("Adds a penalty on large values of what passes through it to the loss.")
    group: ClassVar[str] = REGULARIZATION
    passes_masks: ClassVar[bool] = True

    l1: float = arg(0.0, N_("The factor of the sum of absolute values."), ge=0, le=1000)
    l2: float = arg(0.0, N_("The factor of the sum of squares."), ge=0, le=1000)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each value and penalty."""
        return 2 * element_count(inputs[0]) * ((self.l1 > 0) + (self.l2 > 0))


@LAYERS.register
class GaussianNoise(Layer):
    """Adds random numbers to each value while training."""

    title: ClassVar[str] = N_("Random noise")
    summary: ClassVar[str] = N_("Adds random numbers to each value while training.")
    group: ClassVar[str] = REGULARIZATION
    shown: ClassVar[tuple[str, ...]] = ("stddev",)
    passes_masks: ClassVar[bool] = True

    stddev: float = arg(
        0.1, N_("The standard deviation of the noise."), ge=0, le=1000, label=N_("Standard deviation")
    )

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return element_count(inputs[0])
