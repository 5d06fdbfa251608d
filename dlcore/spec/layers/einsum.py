"""Dense layers over any axes, said by Einstein's summation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import CORE, LAYERS, Layer, ParameterCount, Shape, element_count
from dlcore.spec.regularizers import OptionalRegularizer

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+),([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)")
"""Keras' form: the input, the weights, the output; dots stand for the axes before those that are named."""


@dataclass(frozen=True)
class _Summation:
    """An equation and the sizes of its letters; the batch is left out.

    Attributes:
        before: the sizes of the axes that the dots stand for.
        taken, weights, given: the letters of input, weights and output.
        sizes: by letter.
    """

    before: Shape
    taken: str
    weights: str
    given: str
    sizes: Mapping[str, int]

    def count(self, letters: str) -> int:
        """Returns how many combinations there are of the axes of some letters."""
        return prod(self.sizes[letter] for letter in set(letters))


@LAYERS.register
class EinsumDense(Layer):
    """Products of inputs and weights, summed up along the axes that the output leaves out."""

    title: ClassVar[str] = N_("Dense over any axes")
    summary: ClassVar[str] = N_("A dense layer over the axes that an equation names.")
    group: ClassVar[str] = CORE
    shown: ClassVar[tuple[str, ...]] = ("equation", "output_shape")
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"sizes", "bias_axes"}

    equation: f.Line = arg(
        "...a,ab->...b",
        N_("A letter for each axis of input, weights and output; the batch is the first, or in the dots."),
        first=True,
        max_length=100,
    )
    sizes: tuple[f.PositiveInt, ...] = arg(
        (32,),
        N_("The sizes of the output's axes, without the batch and what the dots stand for."),
        first=True,
        min_length=1,
        max_length=6,
        label=N_("Output sizes"),
    )
    bias_axes: f.Line = arg(
        "",
        N_("The letters of the output's axes along which a constant is learned; empty: none."),
        max_length=20,
    )
    activation: f.Activation = arg("linear", f.ACTIVATION_HELP, tried=f.TRIED_ACTIVATIONS)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor."""
        bias = {"bias_axes": self.bias_axes} if self.bias_axes else {}
        return {**super().arguments(), "output_shape": self.sizes, **bias}

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the axes of the dots as they are, then the sizes."""
        return (*self._read(inputs[0]).before, *self.sizes)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns the weights, one for each combination of their axes, and the biases."""
        read = self._read(inputs[0])
        biases = read.count(self.bias_axes) if self.bias_axes else 0
        return ParameterCount(read.count(read.weights) + biases)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each combination of all axes, and one for each output with a bias."""
        read = self._read(inputs[0])
        outputs = element_count(self.output_shape(inputs)) if self.bias_axes else 0
        return 2 * prod(read.before) * read.count(read.taken + read.weights) + outputs

    def _read(self, shape: Shape) -> _Summation:
        """Returns the equation for an input.

        Raises:
            SpecError: it is not of Keras' form, or does not fit the input and the sizes.
        """
        found = _EQUATION.fullmatch(self.equation)
        if found is None or bool(found[1]) is not bool(found[4]):
            raise _unfit(N_("expected an equation of Keras' form: the axes of input, weights and output."))
        dots, taken, weights, _, given = found.groups()
        if not dots:
            if taken[0] != given[0] or taken[0] in weights:
                raise _unfit(N_("the first letter of input and output must be that of the batch."))
            taken, given = taken[1:], given[1:]
        before = shape[: len(shape) - len(taken)] if dots else ()
        if len(taken) > len(shape) or len(before) + len(taken) != len(shape):
            raise _unfit(N_("the equation does not name the axes of the input, {shape}."), shape=str(shape))
        if before != before[::-1]:
            # Keras 3.15 takes such axes in reverse when it infers the shape.
            raise _unfit(N_("Keras mistakes the order of several axes behind dots."))
        if len(given) != len(self.sizes):
            raise _unfit(
                N_("the equation does not name the axes of the output, {shape}."), shape=str(self.sizes)
            )
        sizes = dict(zip(taken, shape[len(before) :], strict=True))
        wrong = {
            letter for letter, size in zip(given, self.sizes, strict=True) if sizes.get(letter, size) != size
        }
        wrong |= {*weights} - {*taken, *given} | {*given} - {*taken, *weights} | {*self.bias_axes} - {*given}
        if wrong:
            raise _unfit(
                N_("these letters of the equation do not fit: {letters}."), letters=", ".join(sorted(wrong))
            )
        sizes |= dict(zip(given, self.sizes, strict=True))
        return _Summation(before, taken, weights, given, sizes)


def _unfit(template: str, **params: str) -> SpecError:
    return SpecError(
        template, hint=N_("Give each axis a letter, and each size its axis."), where="equation", **params
    )
