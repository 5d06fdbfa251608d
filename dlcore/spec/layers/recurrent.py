"""Layers that read a sequence step by step."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, TypeVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import Registry
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    LAYERS,
    RECURRENT,
    Layer,
    ParameterCount,
    Shape,
    StepLayer,
    require_grid,
)
from dlcore.spec.regularizers import OptionalRegularizer

T = TypeVar("T")

LOOP_PARTS = 6
"""How many plain layers compile as fast as a loop over steps (measured: 4 to 11)."""


class Recurrent(StepLayer):
    """A layer whose state after each step depends on that step and on the state before.

    Each of its `gates` is a small dense layer over the step and the state. Further inputs are what its `states` are
    before the first step; they are 0 by default.
    """

    shown: ClassVar[tuple[str, ...]] = ("units", "activation")
    group: ClassVar[str] = RECURRENT
    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1
    """How many states it has, each of as many numbers as it has units."""
    most: ClassVar[int | None] = 2
    passes_masks: ClassVar[bool] = True
    placing: ClassVar[frozenset[str]] = Layer.placing | {"return_state"}

    units: f.PositiveInt = arg(
        64, N_("The number of units of its memory."), first=True, search=f.Scale.POWERS
    )
    return_sequences: bool = arg(
        False, N_("Whether to return the output of every step, not only of the last."), first=True
    )
    return_state: bool = arg(
        False, N_("Whether layers of the kind State can take its memory after the last step."), advanced=True
    )
    activation: f.Activation = arg(
        "tanh", N_("The function applied to the new memory."), tried=f.TRIED_ACTIVATIONS
    )
    dropout: float = arg(0.0, N_("The share of its inputs set to zero while training."), ge=0, lt=1)
    recurrent_dropout: float = arg(
        0.0, N_("The share of its memory set to zero while training."), ge=0, lt=1, advanced=True
    )
    go_backwards: bool = arg(False, N_("Whether it reads from the last step to the first."), advanced=True)
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)
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
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns that of its input, if it returns a result for each step."""
        return super().mask(masks[:1], source) if self.return_sequences else None

    def called_with(self, sources: Sequence[T]) -> list[T | list[T]]:
        """Returns the sequence, and if they are given, the states that it starts with."""
        return [sources[0], [*sources[1:]]] if len(sources) > 1 else [sources[0]]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(units,), or (steps, units) of all steps."""
        steps, _ = require_grid(inputs[0], 1)
        needed = [(self.units,)] * self.states
        if len(inputs) > 1 and [*inputs[1:]] != needed:
            raise SpecError(
                N_("wrong states to start with: expected {expected}, got {got}."),
                hint=N_("Let it take as many vectors, each of as many numbers as it has units."),
                where="inputs",
                expected=", ".join(map(str, needed)),
                got=", ".join(map(str, inputs[1:])),
            )
        return (steps, self.units) if self.return_sequences else (self.units,)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """For each gate a weight for each input and unit, one for each two units, and the biases."""
        weights = self.units * (inputs[0][-1] + self.units)
        return ParameterCount(self.gates * (weights + self._biases * self.units))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight and one for each bias at each step."""
        steps, features = require_grid(inputs[0], 1)
        return steps * self.gates * self.units * (2 * (features + self.units) + self._biases)

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Returns the loop over the steps, and its gradient, take as long as these many."""
        return LOOP_PARTS

    def operations(self, inputs: Sequence[Shape]) -> int:
        """One for each step, for none can begin before the one before it has ended."""
        return require_grid(inputs[0], 1)[0]

    @property
    def _biases(self) -> int:
        """How many biases a unit has in each gate."""
        return int(self.use_bias)


RECURRENTS = Registry(N_("recurrent layer"), Recurrent)

AnyRecurrent = Annotated[SerializeAsAny[Recurrent], BeforeValidator(RECURRENTS.parse)]


@LAYERS.register
class LSTM(Recurrent):
    """Long short-term memory: gates decide what is kept (Hochreiter and Schmidhuber, 1997)."""

    title: ClassVar[str] = N_("Long short-term memory")
    common: ClassVar[Mapping[int, int]] = {2: 5}
    summary: ClassVar[str] = N_("Reads a sequence step by step; gates decide what it remembers.")
    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    most: ClassVar[int | None] = 3

    recurrent_activation: f.Activation = arg(
        "sigmoid", N_("The function applied to the gates."), advanced=True, tried=("sigmoid", "hard_sigmoid")
    )
    unit_forget_bias: bool = arg(True, N_("Whether the forget gate starts with a bias of 1."), advanced=True)


@LAYERS.register
class GRU(Recurrent):
    """Gated recurrent unit: like LSTM with fewer gates (Cho et al., 2014)."""

    title: ClassVar[str] = N_("Gated recurrent unit")
    common: ClassVar[Mapping[int, int]] = {2: 4}
    summary: ClassVar[str] = N_("Like LSTM with fewer weights.")
    gates: ClassVar[int] = 3

    recurrent_activation: f.Activation = arg(
        "sigmoid", N_("The function applied to the gates."), advanced=True, tried=("sigmoid", "hard_sigmoid")
    )
    reset_after: bool = arg(
        True,
        N_("Whether the reset gate is applied after the multiplication, which is fast on GPUs."),
        advanced=True,
    )

    @property
    def _biases(self) -> int:
        # Reset after the product, the state needs a bias of its own in each gate.
        return int(self.use_bias) * (2 if self.reset_after else 1)


@LAYERS.register
class SimpleRNN(Recurrent):
    """The new memory is `activation(step · W + memory · U + b)`."""

    title: ClassVar[str] = N_("Simple recurrent network")
    summary: ClassVar[str] = N_("Reads a sequence step by step, with a short memory.")


@LAYERS.register
class State(Layer):
    """What a recurrent layer remembers after the last step, for another one to start with."""

    title: ClassVar[str] = N_("Memory of a recurrent layer")
    summary: ClassVar[str] = N_("What a recurrent layer remembers at the end, for another one to start with.")
    group: ClassVar[str] = RECURRENT
    keras_name: ClassVar[str] = "Identity"
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"number"}
    shown: ClassVar[tuple[str, ...]] = ("number",)

    number: int = arg(0, N_("Which: 0 is its output, 1 is the cell of an LSTM."), ge=0, le=1)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(units,)"""
        return (inputs[0][-1],)

    def check_sources(self, sources: Sequence[Layer | None]) -> None:
        """Checks that it takes a recurrent layer that returns its states."""
        (source,) = sources
        if isinstance(source, Recurrent) and source.return_state and self.number < source.states:
            return
        raise SpecError(
            N_(
                "it takes the memory of a recurrent layer whose return_state is on, and that has number {number}."
            ),
            hint=N_("Name such a layer in inputs; only an LSTM has number 1."),
            where="inputs",
            number=self.number,
        )

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns none: it has no steps."""
        return None
