"""Layers that read a sequence of images, volumes or rows step by step, their gates being convolutions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, RECURRENT, ParameterCount, Shape, element_count
from dlcore.spec.layers.convolution import Convolution, Convolution1D, Convolution2D, Convolution3D
from dlcore.spec.layers.recurrent import LOOP_PARTS
from dlcore.spec.regularizers import OptionalRegularizer

GATES = 4


def _activation() -> Any:
    """Returns the field that replaces that of a convolution, which leaves values as they are."""
    return arg("tanh", N_("The function applied to the new memory."), tried=f.TRIED_ACTIVATIONS)


class _ConvLSTM(Convolution):
    """An LSTM whose products are convolutions, so that its memory is a picture (Shi et al., 2015)."""

    group: ClassVar[str] = RECURRENT
    passes_masks: ClassVar[bool] = True
    shown: ClassVar[tuple[str, ...]] = ("filters", "kernel_size")
    axes: ClassVar[str]
    """What its input has, for messages."""

    filters: f.PositiveInt = arg(
        16, N_("The channels of its memory, and of its output."), first=True, search=f.Scale.POWERS
    )
    return_sequences: bool = arg(
        False, N_("Whether to return the output of every step, not only of the last."), first=True
    )
    recurrent_activation: f.Activation = arg(
        "sigmoid", N_("The function applied to the gates."), advanced=True, tried=("sigmoid", "hard_sigmoid")
    )
    dropout: float = arg(0.0, N_("The share of its inputs set to zero while training."), ge=0, lt=1)
    recurrent_dropout: float = arg(
        0.0, N_("The share of its memory set to zero while training."), ge=0, lt=1, advanced=True
    )
    go_backwards: bool = arg(False, N_("Whether it reads from the last step to the first."), advanced=True)
    unit_forget_bias: bool = arg(True, N_("Whether the forget gate starts with a bias of 1."), advanced=True)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    recurrent_initializer: f.Initializer = arg(
        "orthogonal", N_("How the recurrent weights are initialized."), advanced=True
    )
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    recurrent_regularizer: OptionalRegularizer = arg(
        None, N_("A penalty on large weights on the memory, added to the loss."), advanced=True
    )
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns that of its input, if it returns a result for each step."""
        return super().mask(masks, source) if self.return_sequences else None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the places of one step and `filters` channels; with all steps if it returns sequences."""
        (shape,) = inputs
        if len(shape) != self.rank + 2:
            raise SpecError(
                N_("expected {axes}, got shape {shape}."),
                hint=N_("Put a Reshape before it, or let the layer before it return sequences."),
                axes=f"({self.axes})",
                shape=str(shape),
            )
        steps = shape[:1] if self.return_sequences else ()
        return (*steps, *self.places(shape[1:]), self.filters)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """For each gate a convolution of the step and one of the memory, and the biases."""
        weights = self.window * (inputs[0][-1] + self.filters) * self.filters
        return ParameterCount(GATES * (weights + self.use_bias * self.filters))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight and one for each bias at each place of each step."""
        per_value = 2 * self.window * (inputs[0][-1] + self.filters) + self.use_bias
        return GATES * self._states(inputs[0]) * per_value

    def activations(self, inputs: Sequence[Shape], output: Shape) -> int:
        """Returns what is kept of each step: its gates, and both states."""
        return (GATES + 2) * self._states(inputs[0])

    def _states(self, shape: Shape) -> int:
        """Returns how many values its output has at all steps together."""
        return shape[0] * self.filters * element_count(self.places(shape[1:]))

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Returns how long the loop over the steps, and its gradient, take to compile."""
        return LOOP_PARTS

    def operations(self, inputs: Sequence[Shape]) -> int:
        """One for each step, for none can begin before the one before it has ended."""
        return inputs[0][0]


@LAYERS.register
class ConvLSTM1D(Convolution1D, _ConvLSTM):
    """An LSTM over a sequence of rows, such as (time, places, features)."""

    title: ClassVar[str] = N_("LSTM over a sequence of rows")
    summary: ClassVar[str] = N_("Reads rows of places step by step; its gates are convolutions.")
    axes: ClassVar[str] = "steps, places, features"

    activation: f.Activation = _activation()
    padding: f.Padding = arg("valid", N_("'same' keeps the size, 'valid' uses only full windows."))


@LAYERS.register
class ConvLSTM2D(Convolution2D, _ConvLSTM):
    """An LSTM over a sequence of images, such as a video or maps of the weather."""

    title: ClassVar[str] = N_("LSTM over a sequence of images")
    common: ClassVar[Mapping[int, int]] = {4: 4}
    summary: ClassVar[str] = N_("Reads images step by step; its gates are convolutions.")
    axes: ClassVar[str] = "steps, height, width, channels"

    activation: f.Activation = _activation()


@LAYERS.register
class ConvLSTM3D(Convolution3D, _ConvLSTM):
    """An LSTM over a sequence of volumes."""

    title: ClassVar[str] = N_("LSTM over a sequence of volumes")
    summary: ClassVar[str] = N_("Reads volumes step by step; its gates are convolutions.")
    axes: ClassVar[str] = "steps, depth, height, width, channels"

    activation: f.Activation = _activation()
