"""Layers in which each step of a sequence looks at others."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from dlcore.errors import N_, Message, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import ATTENTION, LAYERS, Layer, ParameterCount, Shape, T, require_grid
from dlcore.spec.regularizers import OptionalRegularizer


class _Attention(Layer):
    """What takes a query, a value, and a key if that is not the value; one input is all of them."""

    group: ClassVar[str] = ATTENTION
    most: ClassVar[int | None] = 3
    passes_masks: ClassVar[bool] = True
    call_fields: ClassVar[tuple[str, ...]] = ("use_causal_mask",)

    dropout: float = arg(0.0, N_("The share of connections left out while training."), ge=0, lt=1)
    use_causal_mask: bool = arg(
        False,
        N_("Whether each step attends only to itself and the steps before it."),
        label=N_("Causal mask"),
    )

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
        query, value, key = self.three(inputs)
        if value[0] != key[0]:
            raise SpecError(
                N_("value and key have {value} and {key} steps."),
                hint=N_("Give them the same number of steps."),
                where="inputs",
                value=value[0],
                key=key[0],
            )
        return query

    @staticmethod
    def three(inputs: Sequence[Shape]) -> tuple[Shape, Shape, Shape]:
        """Returns the shapes of query, value and key."""
        query, value = inputs[0], inputs[min(1, len(inputs) - 1)]
        return query, value, inputs[2] if len(inputs) == 3 else value


class _Heads(_Attention):
    """What attends in several heads, each with dense layers of its own for query, key and value."""

    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    @property
    def widths(self) -> tuple[int, int, int]:
        """How many numbers query, key and value have in all heads together."""
        raise NotImplementedError

    @property
    def joined(self) -> int:
        """How many numbers what is gathered has in all heads together."""
        return self.widths[2]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns a dense layer to all heads for each of query, key and value,
        and one back to the query's size.
        """
        query, value, key = (features for _, features in self.three(inputs))
        to_query, to_key, to_value = self.widths
        weights = query * to_query + key * to_key + value * to_value + self.joined * query
        return ParameterCount(weights + (to_query + to_key + to_value + query) * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns the four dense layers, then two for each product of query and key,
        and of weight and value.
        """
        query, value, key = self.three(inputs)
        to_query, to_key, to_value = self.widths
        dense = (
            self._dense(query, to_query)
            + self._dense(key, to_key)
            + self._dense(value, to_value)
            + self._dense((query[0], self.joined), query[-1])
        )
        return dense + 2 * query[0] * value[0] * (to_query + self.joined)

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Four dense layers, two products, a scaling and a softmax."""
        return 8

    def _dense(self, shape: Shape, outputs: int) -> int:
        return shape[0] * outputs * (2 * shape[-1] + self.use_bias)


@LAYERS.register
class MultiHeadAttention(_Heads):
    """Each step of the query gathers from the steps of the value whose keys fit it (Vaswani et al., 2017).

    Its inputs are the query, the value, and the key if that is not the value; with one input, a
    sequence looks at itself.
    """

    title: ClassVar[str] = N_("Multi-head attention")
    summary: ClassVar[str] = N_("Each step attends to all steps and takes what matches: query, value, key.")
    shown: ClassVar[tuple[str, ...]] = ("num_heads", "key_dim")

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

    @property
    def widths(self) -> tuple[int, int, int]:
        """How many numbers query, key and value have in all heads together."""
        to_key = self.num_heads * self.key_dim
        return to_key, to_key, self.num_heads * (self.value_dim or self.key_dim)


@LAYERS.register
class GroupQueryAttention(_Heads):
    """Attention in which groups of query heads share one head of keys and values (Ainslie et al., 2023)."""

    title: ClassVar[str] = N_("Attention with shared keys")
    summary: ClassVar[str] = N_(
        "Like MultiHeadAttention; several query heads share keys and values: cheaper."
    )
    shown: ClassVar[tuple[str, ...]] = ("num_query_heads", "num_key_value_heads", "head_dim")

    num_query_heads: f.PositiveInt = arg(
        4, N_("The number of heads of the query."), first=True, search=f.Scale.POWERS, label=N_("Query heads")
    )
    num_key_value_heads: f.PositiveInt = arg(
        2,
        N_("The number of heads of key and value, which divides that of the query."),
        first=True,
        label=N_("Key and value heads"),
    )
    head_dim: f.PositiveInt = arg(
        16, N_("The size of each head."), first=True, search=f.Scale.POWERS, label=N_("Head size")
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the query's shape."""
        shape = super().output_shape(inputs)
        if self.num_query_heads % self.num_key_value_heads:
            raise SpecError(
                N_("{got} does not divide the number of query heads, {heads}."),
                hint=N_("Choose a number that divides it."),
                where="num_key_value_heads",
                heads=self.num_query_heads,
                got=self.num_key_value_heads,
            )
        query, value, _ = self.three(inputs)
        if query[-1] != value[-1]:
            raise _unequal(N_("query and value"), query, value)
        return shape

    @property
    def widths(self) -> tuple[int, int, int]:
        """How many numbers query, key and value have in all heads together."""
        shared = self.num_key_value_heads * self.head_dim
        return self.num_query_heads * self.head_dim, shared, shared

    @property
    def joined(self) -> int:
        """How many numbers what is gathered has: as many as the query."""
        return self.widths[0]


def _unequal(what: str, first: Shape, second: Shape) -> SpecError:
    return SpecError(
        N_("{what} differ in their number of features: {first} and {second}."),
        hint=N_("Give them the same number, for example with a Dense."),
        where="inputs",
        what=Message(what),
        first=first[-1],
        second=second[-1],
    )


class _OneHead(_Attention):
    """What compares queries and keys as they are."""

    def called_with(self, sources: Sequence[T]) -> list[T | list[T]]:
        """One list of query, value and key."""
        return [[*sources, sources[0]] if len(sources) == 1 else list(sources)]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the steps of the query, with the features of the value."""
        (steps, _), (_, value, key) = super().output_shape(inputs), self.three(inputs)
        if inputs[0][-1] != key[-1]:
            raise _unequal(N_("query and key"), inputs[0], key)
        return (steps, value[-1])

    def pairs(self, inputs: Sequence[Shape]) -> int:
        """Returns how many pairs of a query and a key there are."""
        return inputs[0][0] * self.three(inputs)[1][0]

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Two products and a softmax."""
        return 3


@LAYERS.register
class Attention(_OneHead):
    """Gathers values by the products of queries and keys (Luong et al., 2015)."""

    title: ClassVar[str] = N_("Attention by products")
    summary: ClassVar[str] = N_("Each step takes from the steps that it matches; no dense layers of its own.")

    use_scale: bool = arg(False, N_("Whether a factor of the products is learned."))
    score_mode: Literal["dot", "concat"] = arg(
        "dot", N_("Compares by products, or by the tanh of sums."), advanced=True
    )

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """A factor, and one more for sums."""
        return ParameterCount(int(self.use_scale) + int(self.score_mode == "concat"))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each product of query and key, and of weight and value."""
        _, value, key = self.three(inputs)
        return 2 * self.pairs(inputs) * (key[-1] + value[-1])


@LAYERS.register
class AdditiveAttention(_OneHead):
    """Gathers values by the tanh of the sums of queries and keys (Bahdanau et al., 2015)."""

    title: ClassVar[str] = N_("Attention by sums")
    summary: ClassVar[str] = N_("Like Attention, but compares by a learned sum instead of products.")

    use_scale: bool = arg(True, N_("Whether a factor of each feature is learned."))

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """A factor for each feature."""
        return ParameterCount(inputs[0][-1] if self.use_scale else 0)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Three for each feature of each pair, then two for each product of weight and value."""
        _, value, key = self.three(inputs)
        return self.pairs(inputs) * (3 * key[-1] + 2 * value[-1])
