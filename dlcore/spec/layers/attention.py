"""Layers in which each step of a sequence looks at others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import ATTENTION, LAYERS, Layer, ParameterCount, Shape, T, require_grid
from dlcore.spec.regularizers import OptionalRegularizer


@LAYERS.register
class MultiHeadAttention(Layer):
    """Each step of the query gathers from the steps of the value whose keys fit it (Vaswani et al., 2017).

    Its inputs are the query, the value, and the key if that is not the value; with one input, a
    sequence looks at itself.
    """

    title: ClassVar[str] = N_("Multi-head attention")
    summary: ClassVar[str] = N_("Each step attends to all steps and takes what matches: query, value, key.")
    group: ClassVar[str] = ATTENTION
    most: ClassVar[int | None] = 3
    shown: ClassVar[tuple[str, ...]] = ("num_heads", "key_dim")
    passes_masks: ClassVar[bool] = True
    call_fields: ClassVar[tuple[str, ...]] = ("use_causal_mask",)

    num_heads: f.PositiveInt = arg(
        4, N_("The number of attention heads."), first=True, search=f.Scale.POWERS, label=N_("Heads")
    )
    key_dim: f.PositiveInt = arg(
        16,
        N_("The size of query and key in each head."),
        first=True,
        search=f.Scale.POWERS,
        label=N_("Key size"),
    )
    value_dim: f.PositiveInt | None = arg(
        None,
        N_("The size of the value in each head; empty: as the key."),
        advanced=True,
        label=N_("Value size"),
    )
    dropout: float = arg(0.0, N_("The share of connections left out while training."), ge=0, lt=1)
    use_causal_mask: bool = arg(
        False,
        N_("Whether each step attends only to itself and the steps before it."),
        label=N_("Causal mask"),
    )
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def called_with(self, sources: Sequence[T]) -> list[T | list[T]]:
        """Query, value and key as Keras takes them; one input is query and value at once."""
        return [*sources, sources[0]] if len(sources) == 1 else list(sources)

    def mask(self, masks: Sequence[str | None], source: str) -> str | None:
        """Returns the mask of the query."""
        return masks[0]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the query's shape."""
        for shape in inputs:
            require_grid(shape, 1)
        query, value, key = self._three(inputs)
        if value[0] != key[0]:
            raise SpecError(
                N_("value and key have {value} and {key} steps."),
                hint=N_("Give them the same number of steps."),
                where="inputs",
                value=value[0],
                key=key[0],
            )
        return query

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns a dense layer to all heads for each of query, key and value,
        and one back to the query's size.
        """
        query, value, key = (shape[-1] for shape in self._three(inputs))
        to_key, to_value = self.num_heads * self.key_dim, self.num_heads * self._value_dim
        weights = (query + key) * to_key + value * to_value + to_value * query
        return ParameterCount(weights + (2 * to_key + to_value + query) * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns the four dense layers, then two for each product of query and key,
        and of weight and value.
        """
        query, value, key = self._three(inputs)
        to_key, to_value = self.num_heads * self.key_dim, self.num_heads * self._value_dim
        dense = (
            self._dense(query, to_key)
            + self._dense(key, to_key)
            + self._dense(value, to_value)
            + self._dense((query[0], to_value), query[-1])
        )
        return dense + 2 * query[0] * value[0] * (to_key + to_value)

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Four dense layers, two products, a scaling and a softmax."""
        return 8

    def _dense(self, shape: Shape, outputs: int) -> int:
        return shape[0] * outputs * (2 * shape[-1] + self.use_bias)

    @property
    def _value_dim(self) -> int:
        return self.value_dim or self.key_dim

    @staticmethod
    def _three(inputs: Sequence[Shape]) -> tuple[Shape, Shape, Shape]:
        query, value = inputs[0], inputs[min(1, len(inputs) - 1)]
        return query, value, inputs[2] if len(inputs) == 3 else value
