"""Layers that join branches of a graph."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, MERGING, Layer, Shape, T, axis_index, element_count

Axis = Annotated[int, Field(ge=-4, le=4)]
Axes = Annotated[tuple[Axis, Axis], BeforeValidator(f.pair)]


class _Merge(Layer):
    """What joins two or more inputs, called with the list of them."""

    group: ClassVar[str] = MERGING
    fewest: ClassVar[int] = 2
    most: ClassVar[int | None] = None

    def called_with(self, sources: Sequence[T]) -> list[T | list[T]]:
        """One list of all inputs."""
        return [list(sources)]


class _ElementwiseMerge(_Merge):
    """What works value by value on inputs of one shape; an axis of 1 is repeated."""

    passes_masks: ClassVar[bool] = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the larger size of each axis."""
        if len({len(shape) for shape in inputs}) == 1:
            sizes = [set(axis) - {1} or {1} for axis in zip(*inputs, strict=True)]
            if all(len(size) == 1 for size in sizes):
                return tuple(size.pop() for size in sizes)
        raise _misfit(
            inputs,
            N_("Give each branch the same size and channels, or a size of 1: a 1×1 Conv2D changes them."),
        )

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value of each further input."""
        return element_count(self.output_shape(inputs)) * (len(inputs) - 1)


def _misfit(inputs: Sequence[Shape], hint: str) -> SpecError:
    return SpecError(
        N_("the inputs have different shapes: {shapes}."),
        hint=hint,
        where="inputs",
        shapes=", ".join(str(shape) for shape in inputs),
    )


@LAYERS.register
class Add(_ElementwiseMerge):
    """Adds its inputs value by value: the joint of a residual connection."""

    title: ClassVar[str] = N_("Sum of inputs")
    summary: ClassVar[str] = N_("Adds its inputs value by value: the joint of a residual connection.")


@LAYERS.register
class Subtract(_ElementwiseMerge):
    """The first input minus the second."""

    title: ClassVar[str] = N_("Difference of two inputs")
    summary: ClassVar[str] = N_("The first input minus the second, value by value.")
    most: ClassVar[int | None] = 2


@LAYERS.register
class Multiply(_ElementwiseMerge):
    """Multiplies its inputs value by value: the joint of a gate."""

    title: ClassVar[str] = N_("Product of inputs")
    summary: ClassVar[str] = N_("Multiplies its inputs value by value: the joint of a gate.")


@LAYERS.register
class Average(_ElementwiseMerge):
    """The mean of its inputs, value by value."""

    title: ClassVar[str] = N_("Mean of inputs")
    summary: ClassVar[str] = N_("The mean of its inputs, value by value.")

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value of each input."""
        return element_count(self.output_shape(inputs)) * len(inputs)


@LAYERS.register
class Maximum(_ElementwiseMerge):
    """The maximum of its inputs, value by value."""

    title: ClassVar[str] = N_("Maximum of inputs")
    summary: ClassVar[str] = N_("The maximum of its inputs, value by value.")


@LAYERS.register
class Minimum(_ElementwiseMerge):
    """The minimum of its inputs, value by value."""

    title: ClassVar[str] = N_("Minimum of inputs")
    summary: ClassVar[str] = N_("The minimum of its inputs, value by value.")


@LAYERS.register
class Concatenate(_Merge):
    """Concatenates its inputs along one axis."""

    title: ClassVar[str] = N_("Inputs side by side")
    summary: ClassVar[str] = N_("Concatenates its inputs: the joint of an Inception block.")

    axis: int = arg(-1, N_("Which axis grows; -1: the channels."), ge=-4, le=4, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the shared shape, the joined axis summed up."""
        index = axis_index(self.axis, inputs[0], field="axis")
        rests = {(len(shape), shape[:index], shape[index + 1 :]) for shape in inputs}
        if len(rests) > 1:
            raise _misfit(inputs, N_("All sizes but the joined one must be equal."))
        joined = sum(shape[index] for shape in inputs)
        return (*inputs[0][:index], joined, *inputs[0][index + 1 :])


@LAYERS.register
class Dot(_Merge):
    """The products of two inputs summed along one axis of each: how alike two vectors are."""

    title: ClassVar[str] = N_("Dot product of two inputs")
    summary: ClassVar[str] = N_("Multiplies two inputs and sums along one axis: how alike they are.")
    most: ClassVar[int | None] = 2
    shown: ClassVar[tuple[str, ...]] = ("axes",)

    axes: Axes = arg((-1, -1), N_("The axis of each input that is summed up; -1: the channels."))
    normalize: bool = arg(False, N_("Whether each vector is brought to a length of 1 before."))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns what is left of the first input, then of the second; one number if nothing is."""
        first, second = inputs
        at = [axis_index(axis, one, field="axes") for axis, one in zip(self.axes, inputs, strict=True)]
        if first[at[0]] != second[at[1]]:
            raise _misfit(inputs, N_("The axes summed up must have the same size."))
        rests = (shape[:index] + shape[index + 1 :] for shape, index in zip(inputs, at, strict=True))
        return sum(rests, ()) or (1,)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each product; a length of each vector costs as much again."""
        shared = inputs[0][axis_index(self.axes[0], inputs[0], field="axes")]
        lengths = 3 * sum(element_count(shape) for shape in inputs) if self.normalize else 0
        return 2 * shared * element_count(self.output_shape(inputs)) + lengths
