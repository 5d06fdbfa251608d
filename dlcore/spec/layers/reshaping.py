"""Layers that arrange the same values in another shape or on another scale."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, RESHAPING, Layer, Shape, element_count

Size = Annotated[int, Field(ge=f.OPEN, le=1_000_000_000)]


@LAYERS.register
class Reshape(Layer):
    """The same values in another shape."""

    title: ClassVar[str] = N_("Another shape")
    summary: ClassVar[str] = N_("Arranges the same values in another shape.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("target_shape",)

    target_shape: tuple[Size, ...] = arg(
        (f.OPEN,), N_("The new sizes; one of them may be -1: whatever is left."), min_length=1, max_length=6
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """`target_shape`, the open size worked out."""
        values, known = (
            element_count(inputs[0]),
            element_count(tuple(n for n in self.target_shape if n != f.OPEN)),
        )
        opens = self.target_shape.count(f.OPEN)
        if known and opens == 1 and values % known == 0:
            return tuple(values // known if n == f.OPEN else n for n in self.target_shape)
        if not opens and known == values:
            return self.target_shape
        raise SpecError(
            N_("an input of size {values} does not fill the shape {shape}."),
            hint=N_("Let the sizes multiply to {values}; one of them may be -1."),
            where="target_shape",
            values=values,
            shape=str(self.target_shape),
        )


@LAYERS.register
class Permute(Layer):
    """The axes in another order."""

    title: ClassVar[str] = N_("Reordered axes")
    summary: ClassVar[str] = N_("Reorders the axes.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("dims",)

    dims: tuple[f.PositiveInt, ...] = arg(
        (2, 1),
        N_("The axes in their new order, counted from 1."),
        min_length=1,
        max_length=6,
        label=N_("Order of the axes"),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the sizes in the new order."""
        (shape,) = inputs
        if sorted(self.dims) != list(range(1, len(shape) + 1)):
            raise SpecError(
                N_("expected each of the numbers from 1 to {axes} once, got {dims}."),
                hint=N_("Name each axis of the input once."),
                where="dims",
                axes=len(shape),
                dims=", ".join(map(str, self.dims)),
            )
        return tuple(shape[dim - 1] for dim in self.dims)


@LAYERS.register
class RepeatVector(Layer):
    """A vector repeated, so that it becomes a sequence."""

    title: ClassVar[str] = N_("A vector as a sequence")
    summary: ClassVar[str] = N_("Repeats a vector, so that it becomes a sequence.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("n",)

    n: f.PositiveInt = arg(2, N_("The number of steps of the sequence."), label=N_("Times"))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(n, features)."""
        if len(inputs[0]) != 1:
            raise SpecError(
                N_("expected a vector (features,), got shape {shape}."),
                hint=N_("Put Flatten or a global pooling before it."),
                shape=str(inputs[0]),
            )
        return (self.n, *inputs[0])


@LAYERS.register
class Rescaling(Layer):
    """`x · scale + offset`."""

    title: ClassVar[str] = N_("Multiplied values")
    summary: ClassVar[str] = N_("Multiplies each value: 1/255 brings pixels to 0 … 1.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("scale",)
    passes_masks: ClassVar[bool] = True

    scale: float = arg(1 / 255, N_("What each value is multiplied by."))
    offset: float = arg(0.0, N_("What is added afterwards."))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns a product and a sum for each value."""
        return 2 * element_count(inputs[0])
