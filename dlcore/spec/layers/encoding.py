"""Layers that turn numbers into classes of numbers, and ids into counts, within a model."""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import field_validator

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import problem
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import CORE, LAYERS, Layer, Shape


def _encoded(shape: Shape, mode: str, depth: int) -> Shape:
    """Returns the shape after an encoding: ids as they are, one axis more, or all ids of a sample in one."""
    match mode:
        case "int":
            return shape
        case "one_hot":
            return (*(shape[:-1] if shape[-1] == 1 else shape), depth)
        case _:
            return (*shape[1:], depth)


class _Encoding(Layer):
    """What changes numbers without learning anything."""

    group: ClassVar[str] = CORE
    # Keras' constructors do not take it: there is nothing to freeze.
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"trainable"}


@LAYERS.register
class Discretization(_Encoding):
    """The number of the interval that each value lies in."""

    title: ClassVar[str] = N_("Numbers in intervals")
    summary: ClassVar[str] = N_("Replaces each number by the interval that it is in.")
    shown: ClassVar[tuple[str, ...]] = ("bin_boundaries",)

    bin_boundaries: tuple[float, ...] = arg(
        (0.0,),
        N_("Where one interval ends and the next begins, in rising order."),
        min_length=1,
        max_length=1000,
    )
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = arg(
        "int", N_("The interval as a number, as a 1 at its place, or all intervals of a sample together.")
    )

    @field_validator("bin_boundaries")
    @classmethod
    def _check_order(cls, boundaries: tuple[float, ...]) -> tuple[float, ...]:
        if any(after <= before for before, after in pairwise(boundaries)):
            raise problem(
                SpecError(N_("expected rising numbers."), hint=N_("Sort them, and remove equal ones."))
            )
        return boundaries

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape, or one with a place for each interval."""
        if self.output_mode in ("multi_hot", "count") and len(inputs[0]) != 1:
            raise _no_vector(inputs[0])
        return _encoded(inputs[0], self.output_mode, len(self.bin_boundaries) + 1)


@LAYERS.register
class CategoryEncoding(_Encoding):
    """A place for each id: 1 where the sample has it, or how often."""

    title: ClassVar[str] = N_("Ids as zeros and ones")
    summary: ClassVar[str] = N_("Turns ids into zeros and ones: a place for each id.")
    shown: ClassVar[tuple[str, ...]] = ("num_tokens",)

    num_tokens: f.PositiveInt = arg(
        10, N_("How many ids there are, 0 among them."), label=N_("Number of ids")
    )
    output_mode: Literal["multi_hot", "one_hot", "count"] = arg(
        "multi_hot", N_("All ids of a sample together, each on its own, or how often each occurs.")
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns a place for each id, for all ids of a sample or for each of them."""
        if len(inputs[0]) != 1:
            raise _no_vector(inputs[0])
        return _encoded(inputs[0], self.output_mode, self.num_tokens)


def _no_vector(shape: Shape) -> SpecError:
    return SpecError(
        N_("expected a vector (features,), got shape {shape}."),
        hint=N_("Put Flatten or a global pooling before it."),
        shape=str(shape),
    )
