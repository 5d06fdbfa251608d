"""Layers that hold another layer and use it in their own way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar, Literal, TypeVar

from pydantic import field_validator

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import problem
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    LAYERS,
    NORMALIZATION,
    RECURRENT,
    AnyStepLayer,
    Layer,
    ParameterCount,
    Shape,
    StepLayer,
    element_count,
)
from dlcore.spec.layers.convolution import Conv1D, Conv2D, Conv3D
from dlcore.spec.layers.core import Dense
from dlcore.spec.layers.recurrent import LSTM, AnyRecurrent, Recurrent

L = TypeVar("L", bound=Layer)


class _Wrapper(Layer):
    """What holds one other layer."""

    group: ClassVar[str] = RECURRENT
    shown: ClassVar[tuple[str, ...]] = ("layer",)

    layer: StepLayer

    @field_validator("layer")
    @classmethod
    def _check_inner(cls, layer: L) -> L:
        for name in sorted(layer.placing):
            if getattr(layer, name) != type(layer).model_fields[name].default:
                raise problem(
                    SpecError(
                        N_("a layer inside another one has no {field} of its own."),
                        hint=N_("Set it at the outer layer."),
                        where=name,
                        field=name,
                    )
                )
        return layer


@contextmanager
def _inside() -> Iterator[None]:
    """Puts `layer` before the path of an error."""
    try:
        yield
    except SpecError as error:
        raise error.under("layer") from None


@LAYERS.register
class Bidirectional(_Wrapper):
    """A recurrent layer twice, once forward and once backward (Schuster and Paliwal, 1997)."""

    title: ClassVar[str] = N_("Forward and backward")
    common: ClassVar[Mapping[int, int]] = {2: 6}
    summary: ClassVar[str] = N_("Reads a sequence forward and backward with two copies of a layer.")

    layer: AnyRecurrent = arg(LSTM(), N_("The layer that reads each way."))
    merge_mode: Literal["concat", "sum", "ave", "mul"] = arg(
        "concat", N_("How the two outputs are combined.")
    )

    @field_validator("layer")
    @classmethod
    def _check_direction(cls, layer: Recurrent) -> Recurrent:
        if layer.go_backwards:
            raise problem(
                SpecError(
                    N_("a bidirectional layer cannot go backwards."),
                    hint=N_("Turn it off."),
                    where="go_backwards",
                )
            )
        return layer

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns that of the layer that reads each way."""
        return self.layer.mask(masks, source)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns what one copy gives, twice as many features if they are put one after another."""
        with _inside():
            *steps, units = self.layer.output_shape(inputs)
        return (*steps, units * (2 if self.merge_mode == "concat" else 1))

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Those of both copies."""
        return ParameterCount(2 * self.layer.parameters(inputs).trainable)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns the work of both copies, and of their sum."""
        joint = 0 if self.merge_mode == "concat" else element_count(self.output_shape(inputs))
        return 2 * self.layer.flops(inputs) + joint

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Those of both copies."""
        return 2 * self.layer.parts(inputs)

    def operations(self, inputs: Sequence[Shape]) -> int:
        """Those of both copies."""
        return 2 * self.layer.operations(inputs)


@LAYERS.register
class TimeDistributed(_Wrapper):
    """The same layer applied to each step of a sequence."""

    title: ClassVar[str] = N_("The same layer at each step")
    summary: ClassVar[str] = N_("Applies the same layer to each step of a sequence.")
    passes_masks: ClassVar[bool] = True

    layer: AnyStepLayer = arg(Dense(units=32), N_("The layer applied to each step."))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(steps, …): what the layer gives for one step."""
        if len(inputs[0]) < 2:
            raise SpecError(
                N_("expected a sequence (steps, …), got shape {shape}."),
                hint=N_("Put it before the layer that removes the steps."),
                shape=str(inputs[0]),
            )
        with _inside():
            return (inputs[0][0], *self.layer.output_shape([inputs[0][1:]]))

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Those of the layer, which all steps share."""
        return self.layer.parameters([inputs[0][1:]])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns the layer's work at each step."""
        return inputs[0][0] * self.layer.flops([inputs[0][1:]])

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Those of the layer at each step: Keras unrolls them."""
        return inputs[0][0] * self.layer.parts([inputs[0][1:]])

    def operations(self, inputs: Sequence[Shape]) -> int:
        """Those of the layer at each step."""
        return inputs[0][0] * self.layer.operations([inputs[0][1:]])


@LAYERS.register
class SpectralNormalization(_Wrapper):
    """A layer whose weights are divided by their largest singular value (Miyato et al., 2018)."""

    title: ClassVar[str] = N_("Weights of a bounded strength")
    summary: ClassVar[str] = N_("Keeps the weights of a layer from growing: for discriminators.")
    group: ClassVar[str] = NORMALIZATION

    layer: AnyStepLayer = arg(Dense(units=32), N_("A Dense or a convolution, whose weights are bounded."))
    power_iterations: f.PositiveInt = arg(
        1, N_("How often the estimate of the singular value is improved in each step."), search=f.Scale.FIXED
    )

    @field_validator("layer")
    @classmethod
    def _check_weights(cls, layer: StepLayer) -> StepLayer:
        if not isinstance(layer, (Dense, Conv1D, Conv2D, Conv3D)):
            raise problem(
                SpecError(
                    N_("expected a Dense or a plain convolution, got {kind}."),
                    hint=N_("Choose another layer."),
                    kind=layer.kind,
                )
            )
        return layer

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns what the layer gives."""
        with _inside():
            return self.layer.output_shape(inputs)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Those of the layer, and an estimate for each of its outputs."""
        return ParameterCount(self.layer.parameters(inputs).trainable, self.output_shape(inputs)[-1])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns the layer's work; bounding the weights happens in training alone."""
        return self.layer.flops(inputs)
