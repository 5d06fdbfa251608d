"""The inputs of a Keras model: their shapes and types."""

from __future__ import annotations

from typing import Any

from dlcore.design.keras_import.flat import Flat, ImportedInput
from dlcore.design.keras_import.links import shape_of
from dlcore.design.keras_import.objects import KerasObject, quote_name
from dlcore.errors import N_, SpecError, quote_value
from dlcore.spec.model import INPUT
from dlcore.spec.signature import DType

TEXT = "string"

_DTYPES: dict[str, DType] = {
    "float32": "float32", "float16": "float32", "bfloat16": "float32", "uint8": "uint8",
    "int8": "int32", "int32": "int32", "int64": "int32", TEXT: "int32",
}  # fmt: skip
"""Of a model's input, with Keras and with us; texts become ids."""


def see_input(flat: Flat, tensor: str, entry: KerasObject) -> None:
    """Notes the shape of the model's own input; that of a nested model is known already."""
    named = tensor == INPUT or (tensor in flat.taken and tensor not in flat.groups)
    if not named or tensor in flat.inputs:
        return
    where, dtype = quote_name(entry.name), entry.config.get("dtype", "float32")
    if entry.config.get("sparse") or entry.config.get("ragged") or entry.config.get("optional"):
        raise SpecError(
            N_("sparse, ragged and optional inputs are not supported."),
            hint=N_("Use plain arrays."),
            where=where,
        )
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise wrong_type_error(where, dtype)
    if dtype == TEXT:
        flat.texts[tensor] = where
    flat.inputs[tensor] = ImportedInput(shape_of(entry.config.get("batch_shape"), where), _DTYPES[dtype])


def wrong_type_error(where: str, dtype: Any) -> SpecError:
    """Returns the error for an input that is no numbers."""
    return SpecError(
        N_("inputs of type {got} are not supported."),
        hint=N_("Use numbers; of texts, TextVectorization, StringLookup or Hashing can make some."),
        where=where,
        got=quote_value(dtype),
    )
