"""What Keras writes down beside its layers, as the layers that compute the same.

A model may hold operations (`x * 2 + 1`, `keras.ops.mean(x, 1)`) and layers that only Keras' own applications
have. Each becomes one or two entries that read as if Keras had written layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dlcore.design.keras_import.links import Call
from dlcore.design.keras_import.objects import KerasObject, quote_name
from dlcore.errors import N_, SpecError

BEFORE = None
"""Stands for the result of the entry before, among those that replace one."""

_LARGEST = 1e30
"""No fixed number in a model is larger, so that its inverse is still one in float32."""


@dataclass(frozen=True)
class Step:
    """One of the layers that replace an entry.

    Attributes:
        found: as if Keras had written it.
        sources: the tensors that it takes, as the call of the entry names them, or the result of the step before.
    """

    found: KerasObject
    sources: tuple[str | None, ...]


_PLACING = frozenset({"name", "dtype", "trainable"})
_EINSUM = _PLACING | {"equation", "output_shape", "activation", "kernel_initializer", "bias_initializer"}
_ARGUMENTS = _PLACING | {
    "alpha", "approximate", "axes", "axis", "drop_path_rate", "init_values", "keepdims", "max_value",
    "negative_slope", "newshape", "projection_dim", "scale", "threshold", "x_max", "x_min",
}  # fmt: skip
"""What the rules for operations read."""

Rule = Callable[[KerasObject, Call], list[Step]]


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
    if rule is None or _has_more(entry, _ARGUMENTS):
        raise _unlike(entry)
    return rule(entry, call)


def _has_more(entry: KerasObject, known: frozenset[str]) -> bool:
    """Returns whether an entry is given anything that the rules do not read."""
    return any(value is not None and key not in known for key, value in entry.config.items())


def _unlike(entry: KerasObject) -> SpecError:
    return SpecError(
        N_("the operation {kind}, as it is called here, has no counterpart among the layers."),
        hint=N_("Replace it by Keras' own layers, and save the model again."),
        where=quote_name(entry.name),
        kind=entry.class_name,
    )


def _layer(entry: KerasObject, kind: str, sources: tuple[str | None, ...], **config: Any) -> list[Step]:
    """Returns one layer in the place of an entry; it keeps the entry's name and number format."""
    kept = {key: value for key, value in entry.config.items() if key in _PLACING}
    found = KerasObject(kind, {**kept, **config}, entry.name, build_shape=entry.build_shape)
    return [Step(found, sources)]


def _number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _LARGEST


def _two(entry: KerasObject, call: Call) -> tuple[str | float, str | float]:
    """Returns both operands: names of tensors, or numbers."""
    if len(call.operands) != 2 or not all(isinstance(one, str) or _number(one) for one in call.operands):
        raise _unlike(entry)
    first, second = call.operands
    return first, second


def _line(entry: KerasObject, source: str, scale: float, offset: float) -> list[Step]:
    return _layer(entry, "Rescaling", (source,), scale=scale, offset=offset)


def _add(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(), str()):
            return _layer(entry, "Add", call.sources)
        case (str(source), number) | (number, str(source)):
            return _line(entry, source, 1.0, float(number))
    raise _unlike(entry)


def _subtract(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(), str()):
            return _layer(entry, "Subtract", call.sources)
        case (str(source), number):
            return _line(entry, source, 1.0, -float(number))
        case (number, str(source)):
            return _line(entry, source, -1.0, float(number))
    raise _unlike(entry)


def _multiply(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(), str()):
            return _layer(entry, "Multiply", call.sources)
        case (str(source), number) | (number, str(source)):
            return _line(entry, source, float(number), 0.0)
    raise _unlike(entry)


def _divide(entry: KerasObject, call: Call) -> list[Step]:
    source, number = _two(entry, call)
    if not isinstance(source, str) or isinstance(number, str) or abs(number) < 1 / _LARGEST:
        raise _unlike(entry)
    return _line(entry, source, 1 / number, 0.0)


def _negative(entry: KerasObject, call: Call) -> list[Step]:
    return _line(entry, *_one(entry, call), -1.0, 0.0)


def _one(entry: KerasObject, call: Call) -> tuple[str]:
    if len(call.operands) != 1 or not isinstance(call.operands[0], str):
        raise _unlike(entry)
    return (call.operands[0],)


def _square(entry: KerasObject, call: Call) -> list[Step]:
    return _layer(entry, "Multiply", _one(entry, call) * 2)


def _power(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(source), 2 | 2.0):
            return _layer(entry, "Multiply", (source, source))
    raise _unlike(entry)


def _larger(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(), str()):
            return _layer(entry, "Maximum", call.sources)
        case (str(source), 0 | 0.0) | (0 | 0.0, str(source)):
            return _layer(entry, "ReLU", (source,))
    raise _unlike(entry)


def _smaller(entry: KerasObject, call: Call) -> list[Step]:
    match _two(entry, call):
        case (str(), str()):
            return _layer(entry, "Minimum", call.sources)
    raise _unlike(entry)


def _clip(entry: KerasObject, call: Call) -> list[Step]:
    lowest, highest = entry.config.get("x_min"), entry.config.get("x_max")
    if lowest != 0 or not _number(highest):
        raise _unlike(entry)
    return _layer(entry, "ReLU", _one(entry, call), max_value=highest)


def _activation(name: str) -> Rule:
    return lambda entry, call: _layer(entry, "Activation", _one(entry, call), activation=name)


def _gelu(entry: KerasObject, call: Call) -> list[Step]:
    if entry.config.get("approximate") is not False:
        raise _unlike(entry)
    return _layer(entry, "Activation", _one(entry, call), activation="gelu")


def _softmax(entry: KerasObject, call: Call) -> list[Step]:
    axis = entry.config.get("axis", -1)
    if axis in (-1, len(call.shape) - 1):
        return _layer(entry, "Activation", _one(entry, call), activation="softmax")
    return _layer(entry, "Softmax", _one(entry, call), axis=axis)


def _same_arguments(kind: str, *names: str) -> Rule:
    """Returns the rule for an operation whose arguments are those of a layer."""

    def rule(entry: KerasObject, call: Call) -> list[Step]:
        given = {name: entry.config[name] for name in names if name in entry.config}
        return _layer(entry, kind, _one(entry, call), **given)

    return rule


def _concatenate(entry: KerasObject, call: Call) -> list[Step]:
    if len(call.sources) != len(call.operands):
        raise _unlike(entry)
    return _layer(entry, "Concatenate", call.sources, axis=entry.config.get("axis", 0))


def _reshape(entry: KerasObject, call: Call) -> list[Step]:
    shape = entry.config.get("newshape")
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] not in (-1, None):
        raise _unlike(entry)
    return _layer(entry, "Reshape", _one(entry, call), target_shape=shape[1:])


def _transpose(entry: KerasObject, call: Call) -> list[Step]:
    axes = entry.config.get("axes")
    if not isinstance(axes, list) or len(axes) < 2 or axes[0] != 0:
        raise _unlike(entry)
    return _layer(entry, "Permute", _one(entry, call), dims=axes[1:])


def _axes(entry: KerasObject, rank: int) -> list[int]:
    """Returns the axes of an operation, counted from the batch's 0."""
    axis = entry.config.get("axis")
    given = axis if isinstance(axis, list) else [axis]
    axes = [one % rank for one in given if type(one) is int and -rank <= one < rank]
    if not axes or len(axes) < len(given):
        raise _unlike(entry)
    return sorted(axes)


def _expand(entry: KerasObject, call: Call) -> list[Step]:
    axes, sizes = _axes(entry, len(call.shape) + 1), list(call.shape)
    if len(axes) != 1 or axes[0] == 0 or not sizes:
        raise _unlike(entry)
    sizes.insert(axes[0], 1)
    return _sizes(entry, call, sizes)


def _squeeze(entry: KerasObject, call: Call) -> list[Step]:
    gone = _axes(entry, len(call.shape))
    if 0 in gone or any(call.shape[axis] != 1 for axis in gone):
        raise _unlike(entry)
    return _sizes(entry, call, [size for axis, size in enumerate(call.shape) if axis not in gone])


def _sizes(entry: KerasObject, call: Call, sizes: list[int | None]) -> list[Step]:
    """Returns a Reshape to some sizes with the batch's; at most one of them may be open."""
    shape = [-1 if size is None else size for size in sizes[1:]]
    if not shape:
        raise _unlike(entry)
    return _layer(entry, "Reshape", _one(entry, call), target_shape=shape)


def _pooling(what: str) -> Rule:
    """Returns the rule for a mean or a maximum over all places of an image or a sequence."""

    def rule(entry: KerasObject, call: Call) -> list[Step]:
        rank = len(call.shape) - 2
        if rank not in (1, 2) or _axes(entry, rank + 2) != list(range(1, rank + 1)):
            raise _unlike(entry)
        keepdims = entry.config.get("keepdims", False)
        return _layer(entry, f"Global{what}Pooling{rank}D", _one(entry, call), keepdims=keepdims)

    return rule


def _scaled_sum(entry: KerasObject, call: Call) -> list[Step]:
    """Returns InceptionResNetV2's `a + scale · b`."""
    if len(call.sources) != 2 or len(call.operands) != 2:
        raise _unlike(entry)
    first, second = call.sources
    scale = entry.config.get("scale")
    scaled = _layer(entry, "Rescaling", (second,), scale=scale, offset=0.0)
    return [*scaled, *_layer(entry, "Add", (first, BEFORE))]


def _dropped_path(entry: KerasObject, call: Call) -> list[Step]:
    """Returns ConvNeXt's StochasticDepth: a dropout that draws once for a whole sample."""
    rank = len(call.shape or entry.build_shape)
    if not rank:
        raise _unlike(entry)
    shape = [None, *[1] * (rank - 1)]
    rate = entry.config.get("drop_path_rate")
    return _layer(entry, "Dropout", _one(entry, call), rate=rate, noise_shape=shape)


def _einsum(entry: KerasObject, call: Call) -> list[Step]:
    """Returns a factor for each channel; no other product of Einstein's is a layer here."""
    start, size = entry.config.get("kernel_initializer"), entry.config.get("output_shape")
    plain = entry.config.get("activation") in (None, "linear") and not _has_more(entry, _EINSUM)
    if entry.config.get("equation") != "...x,x->...x" or not plain or not isinstance(start, Mapping):
        raise _unlike(entry)
    constant = start.get("config")
    value = constant.get("value") if isinstance(constant, Mapping) else None
    return _layer(
        entry,
        "LayerScale",
        call.sources,
        init_values=value if start.get("class_name") == "Constant" else 1.0,
        projection_dim=size[0] if isinstance(size, list) and len(size) == 1 else size,
    )


def _rescaling(entry: KerasObject, call: Call) -> list[Step]:
    """Returns a Normalization where each channel has a factor of its own."""
    given = {key: _numbers(entry.config[key]) for key in ("scale", "offset") if key in entry.config}
    if all(len(numbers) == 1 for numbers in given.values()):
        config = {**entry.config, **{key: one[0] for key, one in given.items()}}
        return [Step(replace(entry, config=config), call.sources)]
    if _has_more(entry, _PLACING | {"scale", "offset"}):
        raise _unlike(entry)
    scale, offset = given.get("scale", [1.0]), given.get("offset", [0.0])
    scale, offset = (one * max(len(scale), len(offset)) if len(one) == 1 else one for one in (scale, offset))
    if len(scale) != len(offset) or not all(_number(one) and one > 1 / _LARGEST**0.5 for one in scale):
        raise _unlike(entry)
    if not all(map(_number, offset)):
        raise _unlike(entry)
    mean = [-shift / factor for factor, shift in zip(scale, offset, strict=True)]
    variance = [1 / factor**2 for factor in scale]
    return _layer(entry, "Normalization", call.sources, axis=-1, mean=mean, variance=variance)


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
    "EinsumDense": _einsum,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
}
"""Layers of Keras that are another one here, or need their arguments in another form."""

_OPERATIONS: dict[str, Rule] = {
    "Add": _add,
    "Clip": _clip,
    "Concatenate": _concatenate,
    "CustomScaleLayer": _scaled_sum,
    "Divide": _divide,
    "Elu": _same_arguments("ELU", "alpha"),
    "Exp": _activation("exponential"),
    "ExpandDims": _expand,
    "Gelu": _gelu,
    "HardSigmoid": _activation("hard_sigmoid"),
    "HardSilu": _activation("hard_silu"),
    "LayerScale": _same_arguments("LayerScale", "init_values", "projection_dim"),
    "LeakyRelu": _same_arguments("LeakyReLU", "negative_slope"),
    "Max": _pooling("Max"),
    "Maximum": _larger,
    "Mean": _pooling("Average"),
    "Minimum": _smaller,
    "Multiply": _multiply,
    "Negative": _negative,
    "Power": _power,
    "ReLU": _same_arguments("ReLU", "negative_slope", "max_value", "threshold"),
    "Relu": _activation("relu"),
    "Relu6": _activation("relu6"),
    "Reshape": _reshape,
    "Selu": _activation("selu"),
    "Sigmoid": _activation("sigmoid"),
    "Silu": _activation("silu"),
    "Softmax": _softmax,
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Square": _square,
    "Squeeze": _squeeze,
    "StochasticDepth": _dropped_path,
    "Subtract": _subtract,
    "Tanh": _activation("tanh"),
    "Transpose": _transpose,
    "TrueDivide": _divide,
}
"""Operations of Keras, and layers that only its applications have, by class."""

OPERATIONS = frozenset(_OPERATIONS)
"""The classes of operations that have a counterpart."""
