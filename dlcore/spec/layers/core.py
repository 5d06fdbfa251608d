"""Dense, Embedding, Flatten and Masking."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    CORE,
    LAYERS,
    Layer,
    ParameterCount,
    Shape,
    StepLayer,
    element_count,
    require_grid,
)
from dlcore.spec.regularizers import OptionalRegularizer


@LAYERS.register
class Flatten(StepLayer):
    """Flattens all values into one vector."""

    title: ClassVar[str] = N_("All values in one vector")
    common: ClassVar[Mapping[int, int]] = {2: 8, 3: 6}
    summary: ClassVar[str] = N_("Flattens all values into one vector, for Dense layers.")
    group: ClassVar[str] = CORE

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(number of values,)."""
        return (element_count(inputs[0]),)


@LAYERS.register
class Dense(StepLayer):
    """Every output is a weighted sum of every input: `activation(x · W + b)`."""

    shown: ClassVar[tuple[str, ...]] = ("units", "activation")
    title: ClassVar[str] = N_("Fully connected layer")
    common: ClassVar[Mapping[int, int]] = {1: 1}
    summary: ClassVar[str] = N_("Every output is a weighted sum of every input.")
    group: ClassVar[str] = CORE
    passes_masks: ClassVar[bool] = True

    units: f.PositiveInt | None = arg(
        None,
        N_("How many outputs; empty: as many as the dataset has classes (the output layer)."),
        search=f.Scale.POWERS,
        derived=True,
    )
    activation: f.Activation = arg("linear", f.ACTIVATION_HELP, tried=f.TRIED_ACTIVATIONS)
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape with `units` as its last axis."""
        return (*inputs[0][:-1], self._units)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One weight for each input and unit, and a bias each."""
        return ParameterCount((inputs[0][-1] + self.use_bias) * self._units)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight."""
        return (2 * inputs[0][-1] + self.use_bias) * element_count(self.output_shape(inputs))

    @property
    def _units(self) -> int:
        if self.units is None:
            raise SpecError(
                N_("the number of outputs is not known without a dataset."),
                hint=N_("Pick a dataset, or set units."),
                where="units",
            )
        return self.units


@LAYERS.register
class Embedding(Layer):
    """A table with one learned vector for each word, category, user or item."""

    title: ClassVar[str] = N_("Vectors for words or categories")
    common: ClassVar[Mapping[int, int]] = {0: 1}
    summary: ClassVar[str] = N_("Maps each word, category, user or item to a learned vector.")
    group: ClassVar[str] = CORE
    shown: ClassVar[tuple[str, ...]] = ("input_dim", "output_dim")
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"vectors"}

    input_dim: f.PositiveInt | None = arg(
        None,
        N_("The size of its vocabulary; empty: that of its input."),
        first=True,
        derived=True,
        label=N_("Vocabulary"),
    )
    output_dim: f.PositiveInt = arg(
        32, N_("The length of each vector."), first=True, search=f.Scale.POWERS, label=N_("Vector length")
    )
    mask_zero: bool = arg(False, N_("Whether 0 means padding that later layers skip."))
    vectors: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,64}$")] = arg(
        "",
        N_("Stored word vectors that the words of a text start with; empty: random numbers."),
        label=N_("Word vectors"),
    )
    embeddings_initializer: f.Initializer = arg(
        "random_uniform", N_("How the vectors are initialized."), advanced=True
    )
    embeddings_regularizer: OptionalRegularizer = arg(
        None, N_("A penalty on large vectors, added to the loss."), advanced=True
    )

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns its own input, if 0 stands for padding."""
        return source if self.mask_zero else None

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape, with a vector in place of each number."""
        return (*inputs[0], self.output_dim)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """One vector for each number."""
        return ParameterCount(self._input_dim * self.output_dim)

    @property
    def _input_dim(self) -> int:
        if self.input_dim is None:
            raise SpecError(
                N_("the number of words or categories is not known without a dataset."),
                hint=N_("Let it take an input of whole numbers, or set input_dim."),
                where="input_dim",
            )
        return self.input_dim


@LAYERS.register
class Masking(Layer):
    """Hides the steps of which all features have one value, which later layers then skip."""

    title: ClassVar[str] = N_("Hidden steps")
    summary: ClassVar[str] = N_("Hides padded steps of a sequence of vectors from later layers.")
    group: ClassVar[str] = CORE

    mask_value: float = arg(0.0, N_("Steps whose features all have this value are hidden."))

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns its own input, and what is hidden in it."""
        return masked_name(source, self.mask_value)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        return require_grid(inputs[0], 1)


def masked_name(source: str, value: float) -> str:
    """Returns what a mask is known by that hides a value: the tensor, and the value if it is not 0."""
    return source if value == 0 else f"{source}\0{value:g}"
