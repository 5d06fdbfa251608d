"""Layers that make numbers of texts, categories and ids: with us, the preprocessing does that."""

from __future__ import annotations

from typing import Any

from dlcore.design.keras_import.objects import KerasObject, quote_name
from dlcore.errors import N_, SpecError
from dlcore.spec.preprocessing import Hashing, Step, StringLookup, TextVectorization
from dlcore.spec.signature import DType, OpenShape

_STEPS: dict[str, type[Step]] = {
    **{step.__name__: step for step in (TextVectorization, StringLookup, Hashing)},
    "IntegerLookup": StringLookup,
}
"""The step that does what a layer of Keras does."""

ENCODINGS = frozenset(_STEPS)
OF_TEXTS = frozenset({TextVectorization.__name__, StringLookup.__name__})


def encoding_step(entry: KerasObject) -> tuple[str, str]:
    """Returns the step of the preprocessing that does what a layer does, and its settings in words."""
    step = _STEPS[entry.class_name]
    known = [(name, entry.config.get(name)) for name in step.model_fields]
    settings = ", ".join(f"{name}={value}" for name, value in known if type(value) in (int, str))
    return step.__name__, settings


def encoded_shape(entry: KerasObject, given: OpenShape) -> tuple[OpenShape, DType]:
    """Returns the shape and the type of what a layer makes of an input.

    Raises:
        SpecError: it depends on words that the config does not hold.
    """
    config, mode = entry.config, entry.config.get("output_mode", "int")
    if mode == "int":
        length = config.get("output_sequence_length")
        words = length if type(length) is int else None
        return ((words,) if _STEPS[entry.class_name] is TextVectorization else given), "int32"
    depth = _depth(config)
    if depth is None:
        raise SpecError(
            N_("the number of words of {kind} is not in the config."),
            hint=N_("Save a model that begins after it: `keras.Model(layer.output, model.output)`."),
            where=quote_name(entry.name),
            kind=entry.class_name,
        )
    return (depth,), "float32"


def _depth(config: Any) -> int | None:
    """Returns how many numbers an encoding gives for a sample whose words are not in order."""
    words = config.get("vocabulary")
    if isinstance(words, list):
        return len(words) + int(config.get("num_oov_indices", 1))
    found = config.get("num_bins", config.get("max_tokens"))
    return found if type(found) is int else None


def not_an_input_error(entry: KerasObject) -> SpecError:
    """Returns the error for an encoding within a model, which the preprocessing cannot do."""
    return SpecError(
        N_(
            "{kind} can be imported only where it alone takes an input of the model: it becomes preprocessing."
        ),
        hint=N_("Let it take such an input, or save a model that begins after it."),
        where=quote_name(entry.name),
        kind=entry.class_name,
    )
