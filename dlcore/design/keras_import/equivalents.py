"""What Keras writes down beside its layers, as the layers that compute the same.

A model may hold operations (`x * 2 + 1`, `keras.ops.mean(x, 1)`) and layers that only Keras' own applications
have. Each becomes one or two entries that read as if Keras had written layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlcore.design.keras_import.arithmetic import ARITHMETIC, join
from dlcore.design.keras_import.links import Call
from dlcore.design.keras_import.objects import KerasObject
from dlcore.design.keras_import.rearranging import REARRANGING
from dlcore.design.keras_import.steps import (
    BEFORE,
    LARGEST,
    PLACING,
    Rule,
    Step,
    has_more,
    is_number,
    layer_step,
    one_operand,
    unlike_error,
)

_EINSUM = PLACING | {"equation", "output_shape", "activation", "kernel_initializer", "bias_initializer"}
_ARGUMENTS = PLACING | {
    "alpha", "approximate", "axes", "axis", "drop_path_rate", "init_values", "keepdims", "max_value",
    "negative_slope", "newshape", "projection_dim", "scale", "threshold", "x_max", "x_min",
    "data_format", "dilation_rate", "padding", "size", "strides",
}  # fmt: skip
"""What the rules for operations read."""


def equivalent_layers(entry: KerasObject, call: Call) -> list[Step]:
    """Returns the layers that compute the same as an entry: mostly the entry itself.

    Raises:
        SpecError: nothing here computes the same.
    """
    if entry.is_layer:
        rule = _LAYERS.get(entry.class_name)
        if rule is not None:
            return rule(entry, call)
        return [Step(replace(entry, config={**entry.config, **call.options}), call.sources)]
    rule = _OPERATIONS.get(entry.class_name)
    if rule is None or has_more(entry, _ARGUMENTS):
        raise unlike_error(entry)
    return rule(entry, call)


def _scaled_sum(entry: KerasObject, call: Call) -> list[Step]:
    """Returns InceptionResNetV2's `a + scale · b`."""
    if len(call.sources) != 2 or len(call.operands) != 2:
        raise unlike_error(entry)
    first, second = call.sources
    scale = entry.config.get("scale")
    scaled = layer_step(entry, "Rescaling", (second,), scale=scale, offset=0.0)
    return [*scaled, *layer_step(entry, "Add", (first, BEFORE))]


def _dropped_path(entry: KerasObject, call: Call) -> list[Step]:
    """Returns ConvNeXt's StochasticDepth: a dropout that draws once for a whole sample."""
    rank = len(call.shape or entry.build_shape)
    if not rank:
        raise unlike_error(entry)
    shape = [None, *[1] * (rank - 1)]
    rate = entry.config.get("drop_path_rate")
    return layer_step(entry, "Dropout", one_operand(entry, call), rate=rate, noise_shape=shape)


def _einsum(entry: KerasObject, call: Call) -> list[Step]:
    """Returns a factor for each channel where it starts alike; else the summation with all its sizes."""
    start, size = entry.config.get("kernel_initializer"), entry.config.get("output_shape")
    plain = entry.config.get("activation") in (None, "linear") and not has_more(entry, _EINSUM)
    constant = (
        start.get("config") if isinstance(start, Mapping) and start.get("class_name") == "Constant" else None
    )
    if entry.config.get("equation") == "...x,x->...x" and plain and isinstance(constant, Mapping):
        return layer_step(
            entry,
            "LayerScale",
            call.sources,
            init_values=constant.get("value"),
            projection_dim=size[0] if isinstance(size, list) and len(size) == 1 else size,
        )
    config = {key: value for key, value in entry.config.items() if key not in ("output_shape", "bias_axes")}
    shape = list(call.shape or entry.build_shape)
    config |= {"sizes": _filled(entry, size, shape), "bias_axes": entry.config.get("bias_axes") or ""}
    return [Step(replace(entry, config=config), call.sources)]


def _filled(entry: KerasObject, size: Any, shape: list[Any]) -> list[Any]:
    """Returns the sizes of an output; those that are open are the input's, by their letters."""
    sizes: list[Any] = size if isinstance(size, list) else [size]
    if None not in sizes:
        return sizes
    equation = entry.config.get("equation")
    taken, _, rest = equation.partition(",") if isinstance(equation, str) else ("", "", "")
    given = rest.partition("->")[2]
    known = dict(zip(reversed(taken), reversed(shape), strict=False))
    letters = given[-len(sizes) :]
    return [known.get(letter) if size is None else size for letter, size in zip(letters, sizes, strict=False)]


def _rescaling(entry: KerasObject, call: Call) -> list[Step]:
    """Returns a Normalization where each channel has a factor of its own."""
    given = {key: _numbers(entry.config[key]) for key in ("scale", "offset") if key in entry.config}
    if all(len(numbers) == 1 for numbers in given.values()):
        config = {**entry.config, **{key: one[0] for key, one in given.items()}}
        return [Step(replace(entry, config=config), call.sources)]
    if has_more(entry, PLACING | {"scale", "offset"}):
        raise unlike_error(entry)
    scale, offset = given.get("scale", [1.0]), given.get("offset", [0.0])
    scale, offset = (one * max(len(scale), len(offset)) if len(one) == 1 else one for one in (scale, offset))
    if len(scale) != len(offset) or not all(is_number(one) and one > 1 / LARGEST**0.5 for one in scale):
        raise unlike_error(entry)
    if not all(map(is_number, offset)):
        raise unlike_error(entry)
    mean = [-shift / factor for factor, shift in zip(scale, offset, strict=True)]
    variance = [1 / factor**2 for factor in scale]
    return layer_step(entry, "Normalization", call.sources, axis=-1, mean=mean, variance=variance)


def _normalization(entry: KerasObject, call: Call) -> list[Step]:
    """Returns the same with plain lists; one mean for all values is one for each channel as well."""
    config = {key: value for key, value in entry.config.items() if key not in ("mean", "variance")}
    constants = {key: _numbers(entry.config.get(key)) for key in ("mean", "variance")}
    constants = {key: numbers for key, numbers in constants.items() if numbers != [None]}
    if constants and config.get("axis") in ([], None) and all(len(one) == 1 for one in constants.values()):
        config["axis"] = -1
    found = KerasObject(entry.class_name, {**config, **constants}, entry.name, build_shape=entry.build_shape)
    return [Step(found, call.sources)]


def _numbers(value: Any) -> list[Any]:
    """Returns a number, a list or what Keras writes for an array, as a list."""
    if isinstance(value, Mapping) and value.get("class_name") == "__numpy__":
        value = value["config"].get("value") if isinstance(value.get("config"), Mapping) else None
    return value if isinstance(value, list) and value else [value]


_LAYERS: dict[str, Rule] = {
    "Add": join,
    "EinsumDense": _einsum,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
}
"""Layers of Keras that are another one here, or need their arguments in another form."""

LAYER_RULES = frozenset(_LAYERS)

_OPERATIONS: dict[str, Rule] = {
    **ARITHMETIC,
    **REARRANGING,
    "CustomScaleLayer": _scaled_sum,
    "StochasticDepth": _dropped_path,
}
"""Operations of Keras, and layers that only its applications have, by class."""

OPERATIONS = frozenset(_OPERATIONS)
"""The classes of operations that have a counterpart."""
