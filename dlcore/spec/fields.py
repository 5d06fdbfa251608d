"""The sorts of fields that specs have, and how a field is declared."""

import unicodedata
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_, SpecError, quote_value
from dlcore.spec.base import problem


class Scale(StrEnum):
    """How the values that a search begins with are spread around the one in the experiment."""

    PLAIN = "plain"
    """As its type and its limits suggest."""
    POWERS = "powers"
    """Half, twice and four times of it: sizes."""
    MAGNITUDES = "magnitudes"
    """From a tenth to ten times of it, on a logarithmic scale, also where the limits are 0 and 1."""
    PARTS = "parts"
    """From half to twice of it: shares of the data, of which none and nearly all are not worth a trial."""
    STRENGTHS = "strengths"
    """From a quarter to four times of it; where it is empty, of what is usual for the data: levels or deviations."""
    WINDOWS = "windows"
    """It and the next size with a middle: filters."""
    FIXED = "fixed"
    """Not at all: it changes no result, or only by luck."""


def arg(
    default: Any,
    help: str,
    *,
    advanced: bool = False,
    first: bool = False,
    ordered: bool = False,
    free: bool = False,
    label: str = "",
    derived: bool = False,
    search: Scale = Scale.PLAIN,
    around: float | None = None,
    tried: tuple[str, ...] = (),
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
        label: its name for people (mark it with `N_`), where the argument's own name would not read well.
        derived: left empty, it becomes what the data asks for.
        search: how a search spreads its values.
        around: what a search spreads them around where it is empty.
        tried: of words, those that a search begins with.
        limits: `ge`, `gt`, `le`, `lt`, `max_length` … as pydantic's `Field`.
    """
    extra: dict[str, Any] = {
        "advanced": advanced,
        "first": first,
        "ordered": ordered,
        "free": free,
        "label": label,
        "derived": derived,
        "search": search,
        "around": around,
        "tried": tried,
    }
    return Field(default, description=help, json_schema_extra=extra, **limits)


def pair(value: Any) -> Any:
    """Returns one number made into two equal ones; anything else as it is."""
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def triple(value: Any) -> Any:
    """Returns one number made into three equal ones; anything else as it is."""
    return (value, value, value) if isinstance(value, int) and not isinstance(value, bool) else value


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

OPEN = -1
"""A size that follows from the input."""

Share = Annotated[float, Field(ge=0, le=1)]
PositiveInt = Annotated[int, Field(ge=1, le=1_000_000)]
Pair = Annotated[tuple[PositiveInt, PositiveInt], BeforeValidator(pair)]
"""Height and width; one number stands for both."""

Triple = Annotated[tuple[PositiveInt, PositiveInt, PositiveInt], BeforeValidator(triple)]
"""Depth, height and width; one number stands for all three."""

Padding = Literal["valid", "same"]

CausalPadding = Literal["valid", "same", "causal"]

Activation = Literal[
    "linear", "relu", "relu6", "elu", "selu", "gelu", "silu", "mish", "softplus", "softsign",
    "sigmoid", "hard_sigmoid", "hard_silu", "tanh", "softmax", "exponential", "leaky_relu",
]  # fmt: skip

TRIED_ACTIVATIONS = ("relu", "gelu", "silu", "tanh")
"""Those that are worth a trial before the others."""

Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "random_normal", "random_uniform", "truncated_normal", "orthogonal", "zeros", "ones",
]  # fmt: skip

FillMode = Literal["reflect", "constant", "wrap", "nearest"]

FILL_MODE_HELP = N_("How uncovered areas are filled; constant is black.")
ACTIVATION_HELP = N_("The function applied to each output.")
USE_BIAS_HELP = N_("Whether a learned constant is added to each output.")
KERNEL_INITIALIZER_HELP = N_("How the weights are initialized.")
BIAS_INITIALIZER_HELP = N_("How the biases are initialized.")
KERNEL_REGULARIZER_HELP = N_("A penalty on large weights, added to the loss.")
BIAS_REGULARIZER_HELP = N_("A penalty on large biases, added to the loss.")
ACTIVITY_REGULARIZER_HELP = N_("A penalty on large outputs, added to the loss.")
