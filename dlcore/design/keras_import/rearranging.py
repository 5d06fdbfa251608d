"""Operations of Keras that rearrange, cut or pool the places of a tensor, as layers."""

from __future__ import annotations

from typing import Any

from dlcore.design.keras_import.links import Call
from dlcore.design.keras_import.objects import KerasObject
from dlcore.design.keras_import.steps import BEFORE, Rule, Step, layer_step, one_operand, unlike_error


def _concatenate(entry: KerasObject, call: Call) -> list[Step]:
    if len(call.sources) != len(call.operands):
        raise unlike_error(entry)
    return layer_step(entry, "Concatenate", call.sources, axis=entry.config.get("axis", 0))


def _reshape(entry: KerasObject, call: Call) -> list[Step]:
    shape = entry.config.get("newshape")
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] not in (-1, None):
        raise unlike_error(entry)
    return layer_step(entry, "Reshape", one_operand(entry, call), target_shape=shape[1:])


def _transpose(entry: KerasObject, call: Call) -> list[Step]:
    axes = entry.config.get("axes")
    if not isinstance(axes, list) or len(axes) < 2 or axes[0] != 0:
        raise unlike_error(entry)
    return layer_step(entry, "Permute", one_operand(entry, call), dims=axes[1:])


def _axes(entry: KerasObject, rank: int) -> list[int]:
    """Returns the axes of an operation, counted from the batch's 0."""
    axis = entry.config.get("axis")
    given = axis if isinstance(axis, list) else [axis]
    axes = [one % rank for one in given if type(one) is int and -rank <= one < rank]
    if not axes or len(axes) < len(given):
        raise unlike_error(entry)
    return sorted(axes)


def _expand(entry: KerasObject, call: Call) -> list[Step]:
    axes, sizes = _axes(entry, len(call.shape) + 1), list(call.shape)
    if len(axes) != 1 or axes[0] == 0 or not sizes:
        raise unlike_error(entry)
    sizes.insert(axes[0], 1)
    return _sizes(entry, call, sizes)


def _squeeze(entry: KerasObject, call: Call) -> list[Step]:
    gone = _axes(entry, len(call.shape))
    if 0 in gone or any(call.shape[axis] != 1 for axis in gone):
        raise unlike_error(entry)
    return _sizes(entry, call, [size for axis, size in enumerate(call.shape) if axis not in gone])


def _sizes(entry: KerasObject, call: Call, sizes: list[int | None]) -> list[Step]:
    """Returns a Reshape to some sizes with the batch's; at most one of them may be open."""
    shape = [-1 if size is None else size for size in sizes[1:]]
    if not shape:
        raise unlike_error(entry)
    return layer_step(entry, "Reshape", one_operand(entry, call), target_shape=shape)


def _pooling(what: str) -> Rule:
    """Returns the rule for a mean or a maximum over all places of an image or a sequence."""

    def rule(entry: KerasObject, call: Call) -> list[Step]:
        rank = len(call.shape) - 2
        if rank not in (1, 2) or _axes(entry, rank + 2) != list(range(1, rank + 1)):
            raise unlike_error(entry)
        keepdims = entry.config.get("keepdims", False)
        return layer_step(entry, f"Global{what}Pooling{rank}D", one_operand(entry, call), keepdims=keepdims)

    return rule


def _patches(entry: KerasObject, call: Call) -> list[Step]:
    """Returns an image cut into patches that do not overlap: its sides split, and the halves brought together."""
    size: Any = entry.config.get("size")
    sizes = _known(call.shape, 4)
    plain = isinstance(size, list) and len(size) == 2 and all(type(one) is int and one > 0 for one in size)
    plain = plain and entry.config.get("strides") in (size, None)
    plain = plain and entry.config.get("dilation_rate") in (1, [1, 1])
    plain = plain and entry.config.get("data_format") in (None, "channels_last")
    if not plain or not sizes or sizes[0] % size[0] or sizes[1] % size[1]:
        raise unlike_error(entry)
    height, width, channels = sizes
    rows, columns = height // size[0], width // size[1]
    split = [rows, size[0], columns, size[1], channels]
    together = [rows, columns, size[0] * size[1] * channels]
    return [
        *layer_step(entry, "Reshape", one_operand(entry, call), target_shape=split),
        *layer_step(entry, "Permute", (BEFORE,), dims=[1, 3, 2, 4, 5]),
        *layer_step(entry, "Reshape", (BEFORE,), target_shape=together),
    ]


def _known(shape: tuple[int | None, ...], axes: int) -> tuple[int, ...]:
    """Returns the sizes of a tensor of so many axes without the batch's; none where one is open."""
    sizes = tuple(size for size in shape[1:] if size is not None)
    return sizes if len(shape) == axes == len(sizes) + 1 else ()


def _item(entry: KerasObject, call: Call) -> list[Step]:
    """Returns some steps of a sequence, or one of them without its axis."""
    sizes, keys = _known(call.shape, 3), call.key
    if not sizes or len(keys) < 2 or any(key != slice(None) for key in (keys[0], *keys[2:])):
        raise unlike_error(entry)
    (steps, features), key = sizes, keys[1]
    if isinstance(key, slice):
        places = list(range(steps)[key])
    else:
        places = [key % steps] if -steps <= key < steps else []
    if not places or places != list(range(places[0], places[-1] + 1)):
        raise unlike_error(entry)
    cropping = [places[0], steps - 1 - places[-1]]
    cropped = layer_step(entry, "Cropping1D", call.sources, cropping=cropping)
    if isinstance(key, slice):
        return cropped
    return [*cropped, *layer_step(entry, "Reshape", (BEFORE,), target_shape=[features])]


REARRANGING: dict[str, Rule] = {
    "ExtractPatches": _patches,
    "GetItem": _item,
    "Concatenate": _concatenate,
    "ExpandDims": _expand,
    "Max": _pooling("Max"),
    "Mean": _pooling("Average"),
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
}
