"""Configs as Keras 2 wrote them, and HDF5 files still have them, in the form that Keras 3 gives to a config.

They do not say where a class is from and name each call by lists. What is not understood stays as it is, and is
refused when the config is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.design.keras_import.equivalents import OPERATIONS
from dlcore.design.keras_import.objects import MODELS
from dlcore.spec.layers import LAYERS

_MODULES = {"_initializer": "keras.initializers", "_regularizer": "keras.regularizers"}
"""By the end of an argument's name, where the objects are from that it holds."""


def newer_config(config: Any) -> Any:
    """Returns the config of an older file as Keras 3 would have written it.

    Example:
        >>> dense = {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [None, 3]}}
        >>> newer = newer_config({"class_name": "Sequential", "config": {"name": "m", "layers": [dense]}})
        >>> [(one["module"], one["class_name"]) for one in newer["config"]["layers"]]
        [('keras.layers', 'InputLayer'), ('keras.layers', 'Dense')]
    """
    if not _is_object(config):
        return config
    kind, inner = config["class_name"], config["config"]
    if kind == "Model":
        kind = "Functional"
    if kind not in MODELS:
        return config
    layers = inner.get("layers")
    entries = layers
    if isinstance(layers, list):
        first = _first_input(layers[0]) if kind == "Sequential" and layers else []
        entries = [*first, *map(_entry, layers)]
    return {**_named(config), "module": "keras", "class_name": kind, "config": {**inner, "layers": entries}}


def _is_object(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config"), Mapping)
    )


_NOT_OF_KERAS = frozenset(kind.__name__ for kind in LAYERS if kind.keras_name)
"""Layers that a class of that name would be somebody's own."""


def _named(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an object with the module of Keras that it is from, and whether it is from there at all."""
    kind = entry["class_name"]
    # Operations have no weights to be trained, and do not say so.
    if kind in OPERATIONS and "trainable" not in entry["config"]:
        return {**entry, "module": "keras.src.ops.numpy", "registered_name": kind}
    foreign = ">" in kind or kind in _NOT_OF_KERAS
    return {**entry, "module": "keras.layers", "registered_name": kind if foreign else None}


def _entry(entry: Any) -> Any:
    if not _is_object(entry):
        return entry
    newer = newer_config(entry) if entry["class_name"] in {*MODELS, "Model"} else _layer(entry)
    nodes = entry.get("inbound_nodes")
    return {**newer, "inbound_nodes": [_node(one) for one in nodes]} if isinstance(nodes, list) else newer


def _layer(entry: Mapping[str, Any]) -> dict[str, Any]:
    config = {key: _argument(key, value) for key, value in entry["config"].items()}
    shape = config.pop("batch_input_shape", None)
    if entry["class_name"] == "InputLayer" and shape is not None:
        config["batch_shape"] = shape
    if entry["class_name"] == "LeakyReLU" and "alpha" in config:
        config["negative_slope"] = config.pop("alpha")
    newer = {**_named(entry), "config": config}
    axis = config.get("axis")
    last = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if "build_config" not in entry and type(last) is int and 0 < last < 8:
        # Without the shape it was built for, the axis is taken for the last, which is checked with the shapes.
        newer["build_config"] = {"input_shape": [None] * (last + 1)}
    return newer


def _argument(key: str, value: Any) -> Any:
    if not _is_object(value) or "module" in value:
        return value
    for end, module in _MODULES.items():
        if key.endswith(end):
            return {**value, "module": module, "registered_name": None}
    if key == "dtype":
        return {**value, "module": "keras", "class_name": "DTypePolicy", "registered_name": None}
    return _entry(value)


def _first_input(entry: Any) -> list[dict[str, Any]]:
    """Returns the input that a first layer tells of, if it does."""
    shape = entry["config"].get("batch_input_shape") if _is_object(entry) else None
    if shape is None or entry["class_name"] == "InputLayer":
        return []
    dtype = "int32" if entry["class_name"] == "Embedding" else "float32"
    config = {"name": "input", "batch_shape": shape, "dtype": dtype}
    return [{"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}]


def _node(node: Any) -> Any:
    """Returns one call: Keras 2 lists what is taken, each with the arguments of the call."""
    if not isinstance(node, list) or not node:
        return node
    taken = [node] if isinstance(node[0], str) else node
    kwargs: dict[str, Any] = {}
    for one in taken:
        if not _is_place(one):
            return node
        if len(one) == 4 and isinstance(one[3], Mapping):
            kwargs |= one[3]
    tensors = [_tensor(one) for one in taken]
    given = {key: _tensor(value) if _is_place(value) else value for key, value in kwargs.items()}
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": given}


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and len(value) in (3, 4) and isinstance(value[0], str)


def _tensor(place: list[Any]) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": place[:3]}}
