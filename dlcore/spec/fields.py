"""The sorts of fields that specs have, and how a field is declared."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_, SpecError, quote_value
from dlcore.spec.base import problem


def arg(
    default: Any,
    help: str,
    *,
    advanced: bool = False,
    first: bool = False,
    ordered: bool = False,
    free: bool = False,
    **limits: Any,
) -> Any:
    """Returns a field: its default, its help text (mark it with `N_`), its limits.

    Args:
        default: the default value; `...` for none.
        help: one short sentence for the form and the reference.
        advanced: folded away in forms.
        first: is at the head of the form, before inherited fields.
        ordered: of names, that their order counts, or that one may stand there twice.
        free: of names, that they are the user's own words, not those of layers, columns or classes.
        limits: `ge`, `gt`, `le`, `lt`, `max_length` … as pydantic's `Field`.
    """
    extra = {"advanced": advanced, "first": first, "ordered": ordered, "free": free}
    return Field(default, description=help, json_schema_extra=dict(extra), **limits)


def pair(value: Any) -> Any:
    """Returns one number made into two equal ones; anything else as it is."""
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def one_line(text: str) -> str:
    """`text` itself, if it has no line breaks and no control characters.

    YAML, PostgreSQL and terminals each change or refuse some of them.

    Raises:
        PydanticCustomError: it has some.
    """
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise problem(
            SpecError(
                N_("expected one line of text without control characters, got {got}."),
                hint=N_("Remove line breaks and tabs."),
                got=quote_value(text),
            )
        )
    return text


Line = Annotated[str, AfterValidator(one_line)]
"""Text for people, on one line."""

PositiveInt = Annotated[int, Field(ge=1, le=1_000_000)]
Pair = Annotated[tuple[PositiveInt, PositiveInt], BeforeValidator(pair)]
"""Height and width; one number stands for both."""

Padding = Literal["valid", "same"]

CausalPadding = Literal["valid", "same", "causal"]

Activation = Literal[
    "linear", "relu", "relu6", "elu", "selu", "gelu", "silu", "mish", "softplus", "softsign",
    "sigmoid", "hard_sigmoid", "tanh", "softmax", "exponential", "leaky_relu",
]  # fmt: skip

Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "random_normal", "random_uniform", "truncated_normal", "orthogonal", "zeros", "ones",
]  # fmt: skip

ACTIVATION_HELP = N_("The function applied to each output.")
USE_BIAS_HELP = N_("Whether a learned constant is added to each output.")
KERNEL_INITIALIZER_HELP = N_("How the weights are initialized.")
BIAS_INITIALIZER_HELP = N_("How the biases are initialized.")
KERNEL_REGULARIZER_HELP = N_("A penalty on large weights, added to the loss.")
BIAS_REGULARIZER_HELP = N_("A penalty on large biases, added to the loss.")
ACTIVITY_REGULARIZER_HELP = N_("A penalty on large outputs, added to the loss.")
