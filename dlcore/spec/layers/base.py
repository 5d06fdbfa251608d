"""What a layer is: its arguments, and what they do to shapes, parameters and work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import arg

Shape = tuple[int, ...]
"""Sizes without the batch axis: an image is (height, width, channels)."""


@dataclass(frozen=True)
class ParameterCount:
    """Numbers a layer holds: learned by gradient descent, and kept in another way."""

    trainable: int = 0
    fixed: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.trainable + self.fixed


class Layer(Kind):
    """One step of a model; with no `inputs` it takes what the layer before it gives."""

    namespace: ClassVar[str] = "layers"
    not_arguments: ClassVar[frozenset[str]] = frozenset({"inputs"})
    merges: ClassVar[bool] = False
    """Whether it takes two or more inputs."""
    group: ClassVar[str]
    """The heading it stands under in pick-lists."""

    name: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$")] = arg(
        "", N_("Unique name; empty: chosen for you."), advanced=True, max_length=64
    )
    inputs: tuple[str, ...] = arg(
        (), N_("Names of the layers it takes; empty: the one before it."), advanced=True
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The shape of what it gives, without the batch axis.

        Raises:
            SpecError: the inputs do not fit; `where` is the field to mend.
        """
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """How many numbers it holds for inputs of these shapes."""
        return ParameterCount()

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Floating-point operations of one sample's forward pass; a multiply-add counts as two."""
        return 0


LAYERS = Registry(N_("layer"), Layer)

AnyLayer = Annotated[SerializeAsAny[Layer], BeforeValidator(LAYERS.parse)]

CONVOLUTION, POOLING, NORMALIZATION = N_("Convolution"), N_("Pooling"), N_("Normalization")
ACTIVATION, REGULARIZATION, CORE, MERGING = N_("Activation"), N_("Regularization"), N_("Core"), N_("Merging")


def require_image(shape: Shape) -> tuple[int, int, int]:
    """The three sizes of an image.

    Raises:
        SpecError: the shape has other than three axes.
    """
    if len(shape) != 3:
        raise SpecError(
            N_("expected an image (height, width, channels), got shape {shape}."),
            hint=N_("Move it before the layer that flattens."),
            shape=str(shape),
        )
    return shape


def windows(size: int, window: int, stride: int, padding: str, *, field: str) -> int:
    """How many places a window has along one axis.

    Raises:
        SpecError: the window is larger than the axis; `where` is `field`.
    """
    if padding == "same":
        return -(-size // stride)
    if window > size:
        raise SpecError(
            N_("the window of {window} is larger than its input of {size}."),
            hint=N_("Lower {field}, set padding to 'same', or remove a pooling layer before it."),
            where=field,
            window=window,
            size=size,
            field=field,
        )
    return (size - window) // stride + 1


def elements(shape: Shape) -> int:
    """How many numbers a tensor of that shape has."""
    return prod(shape)
