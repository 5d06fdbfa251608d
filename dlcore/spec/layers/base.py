"""What a layer is: its arguments, and what they do to shapes, parameters and work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import arg

T = TypeVar("T")

Shape = tuple[int, ...]
"""Sizes without the batch axis: an image is (height, width, channels), a sequence (steps, features)."""


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
    placing: ClassVar[frozenset[str]] = frozenset({"name", "inputs", "trainable"})
    fewest: ClassVar[int] = 1
    """How many inputs it takes at least."""
    most: ClassVar[int | None] = 1
    """How many inputs it takes at most; `None`: any number."""
    passes_masks: ClassVar[bool] = False
    """Whether Keras hides in its result the steps that are hidden in all of its inputs."""
    trains_by_default: ClassVar[bool] = False
    """Whether Keras' call has `training=True` as its default, and so writes it down."""
    compiles: ClassVar[bool] = True
    """Whether XLA knows all that it does while training."""
    call_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that Keras takes when the layer is called, not when it is made."""
    group: ClassVar[str]
    """The heading it stands under in pick-lists."""
    common: ClassVar[Mapping[int, int]] = {}
    """Its place among what is mostly added, by the number of axes of what it then takes; 0: ids, such as words."""

    name: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$")] = arg(
        "", N_("Unique name; empty: chosen for you."), advanced=True, max_length=64
    )
    inputs: tuple[str, ...] = arg(
        (), N_("The layers whose output it takes; empty: the one before it."), advanced=True, ordered=True
    )
    trainable: bool = arg(True, N_("Whether training changes its weights."), advanced=True)

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor; without a name Keras chooses one."""
        left_out = {*self.call_fields, *(() if self.name else ("name",))}
        return {name: value for name, value in super().arguments().items() if name not in left_out}

    @property
    def brief(self) -> Any:
        """The argument that is beside its kind in a list; None where none says anything."""
        values = (getattr(self, name) for name in self.shown if name in type(self).model_fields)
        return next((value for value in values if value not in (None, "linear")), None)

    def called_with(self, sources: Sequence[T]) -> list[T | list[T]]:
        """Returns the positional arguments it is called with, made of its inputs in their order."""
        return list(sources)

    def call_options(self) -> dict[str, Any]:
        """Returns the named arguments it is called with, without those that have Keras' default."""
        options = {name: getattr(self, name) for name in self.call_fields}
        return {name: one for name, one in options.items() if one != type(self).model_fields[name].default}

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns the tensor of ids whose zeros Keras hides in its result; None where it hides nothing.

        Args:
            masks: the same for each of its inputs.
            source: the name of the first of them.
        """
        return masks[0] if self.passes_masks and len(set(masks)) == 1 else None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the shape of what it gives, without the batch axis.

        Raises:
            SpecError: the inputs do not fit; `where` is the field to fix.
        """
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns how many numbers it holds for inputs of these shapes, if it is trainable."""
        return ParameterCount()

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Floating-point operations of one sample's forward pass; a multiply-add counts as two."""
        return 0

    def activations(self, inputs: Sequence[Shape], output: Shape) -> int:
        """Returns numbers that one sample's forward pass leaves for the backward pass."""
        return element_count(output)

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Returns how many plain layers it is compiled as: what building and compiling it takes."""
        return 1

    def operations(self, inputs: Sequence[Shape]) -> int:
        """Returns how many plain layers are called one after another in one forward pass."""
        return self.parts(inputs)

    def check_count(self, count: int) -> None:
        """Checks how many inputs it is given.

        Raises:
            SpecError: too few or too many.
        """
        if self.fewest <= count and (self.most is None or count <= self.most):
            return
        where = "inputs"
        if self.most is None:
            raise SpecError(
                N_("this layer needs two or more inputs, got {count}."),
                hint=N_("Name the layers to join in inputs."),
                where=where,
                count=count,
            )
        if self.most == 1:
            raise SpecError(
                N_("this layer takes one input, got {count}."),
                hint=N_("Join them first, with Add or Concatenate."),
                where=where,
                count=count,
            )
        raise SpecError(
            N_("wrong number of inputs: this layer takes {expected}, got {count}."),
            hint=N_("Name them in inputs."),
            where=where,
            expected=self.most if self.most == self.fewest else f"{self.fewest}–{self.most}",
            count=count,
        )

    def check_sources(self, sources: "Sequence[Layer | None]") -> None:
        """Checks which layers it takes from, where their shapes do not tell; an input of the model is None.

        Raises:
            SpecError: it cannot take from one of them; `where` is the field to fix.
        """

    def held(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns how many numbers it holds; those of a frozen layer all count as fixed."""
        count = self.parameters(inputs)
        return count if self.trainable else ParameterCount(0, count.total)


LAYERS = Registry(N_("layer"), Layer)

AnyLayer = Annotated[SerializeAsAny[Layer], BeforeValidator(LAYERS.parse)]


class StepLayer(Layer):
    """A layer that can also be applied to each step of a sequence."""


STEP_LAYERS = Registry(N_("layer for each step"), StepLayer)

AnyStepLayer = Annotated[SerializeAsAny[StepLayer], BeforeValidator(STEP_LAYERS.parse)]

CONVOLUTION, POOLING, NORMALIZATION = N_("Convolution"), N_("Pooling"), N_("Normalization")
ACTIVATION, REGULARIZATION, CORE, MERGING = N_("Activation"), N_("Regularization"), N_("Core"), N_("Merging")
RECURRENT, ATTENTION, RESHAPING, BACKBONE = N_("Recurrent"), N_("Attention"), N_("Reshaping"), N_("Backbone")


def require_grid(shape: Shape, rank: int) -> Shape:
    """Returns the shape itself, if it is a volume (`rank` 3), an image (2) or a sequence (1) of channels.

    Raises:
        SpecError: it has another number of axes.
    """
    if len(shape) == rank + 1:
        return shape
    if rank == 1:
        raise SpecError(
            N_("expected a sequence (steps, features), got shape {shape}."),
            hint=N_("Put an Embedding or a Reshape before it, or let the layer before it return sequences."),
            shape=str(shape),
        )
    if rank == 3:
        raise SpecError(
            N_("expected a volume or a video (depth, height, width, channels), got shape {shape}."),
            hint=N_("Move it before the layer that flattens, or put a Reshape before it."),
            shape=str(shape),
        )
    raise SpecError(
        N_("expected an image (height, width, channels), got shape {shape}."),
        hint=N_("Move it before the layer that flattens."),
        shape=str(shape),
    )


def axis_index(axis: int, shape: Shape, *, field: str) -> int:
    """Returns where Keras' axis, which counts the batch as 0, is in a shape of ours.

    Raises:
        SpecError: there is no such axis; `where` is `field`.
    """
    index = axis + len(shape) if axis < 0 else axis - 1
    if 0 <= index < len(shape):
        return index
    raise SpecError(
        N_("axis {axis} does not exist in shape {shape}."),
        hint=N_("Use -1 for the channels."),
        where=field,
        axis=axis,
        shape=str(shape),
    )


def per_axis(sizes: int | tuple[int, ...]) -> tuple[int, ...]:
    """One size for each axis, of an argument that is a plain number in one dimension."""
    return sizes if isinstance(sizes, tuple) else (sizes,)


def windows(size: int, window: int, stride: int, padding: str, *, field: str) -> int:
    """Returns how many places a window has along one axis.

    Raises:
        SpecError: the window is larger than the axis; `where` is `field`.
    """
    if padding != "valid":
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


def element_count(shape: Shape) -> int:
    """Returns how many numbers a tensor of that shape has."""
    return prod(shape)
