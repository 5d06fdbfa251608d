"""From the arguments of a Keras layer to the fields of ours: mapped, known to do nothing, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from dlcore.design.keras_import.objects import (
    LAYER_MODULES,
    KerasObject,
    not_keras_error,
    quote_name,
    read_object,
)
from dlcore.errors import N_, Message, SpecError, quote_value
from dlcore.spec.fields import OPEN, Initializer
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.model import snake_case
from dlcore.spec.problems import parse

Row = dict[str, Any]

NO_EFFECT = frozenset(
    {"seed", "trainable", "dtype", "unroll", "use_cudnn", "implementation", "name", "input_length"}
)
"""Arguments that change no prediction of a model with given weights, or are seen to elsewhere."""

DEFAULTS: dict[str, Any] = {
    "synchronized": False,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
    "rms_scaling": False,
    "quantization_config": None,
    "lora_rank": None,
    "lora_alpha": None,
    "return_state": False,
    "stateful": False,
    "go_backwards": False,
    "zero_output_for_mask": False,
    "unit_forget_bias": True,
    "recurrent_dropout": 0.0,
    "reset_after": True,
    "time_major": False,
    "groups": 1,
    "mask_zero": False,
    "sparse": False,
    "use_gate": False,
    "sliding_window": None,
    "output_shape": None,
    "interpolation": "bilinear",
    "pad_to_aspect_ratio": False,
    "antialias": False,
    "fill_mode": "constant",
    "fill_value": 0.0,
    "num_bins": None,
    "epsilon": 0.01,
}
"""What an argument that our layers lack must be: what Keras does without it."""

_INITIALIZERS = {
    "beta": "zeros", "gamma": "ones", "moving_mean": "zeros", "moving_variance": "ones", "bias": "zeros",
    "alpha": "zeros", "recurrent": "orthogonal", "embeddings": "random_uniform",
}  # fmt: skip
"""How Keras starts the weights of that name; all others by `glorot_uniform`."""

_INITIALIZER_DEFAULTS = {
    "input_axes": None, "output_axes": None, "gain": 1.0, "mean": 0.0, "stddev": 0.05,
    "minval": -0.05, "maxval": 0.05,
}  # fmt: skip
_ALIASES = {"uniform": "random_uniform", "normal": "random_normal", "orthogonal_initializer": "orthogonal"}
_ONE_NUMBER = frozenset(
    {
        "kernel_size", "strides", "dilation_rate", "pool_size", "size", "output_padding",
        "scale", "offset", "output_size",
    }
)  # fmt: skip
_WRAPPED = frozenset({"zero_output_for_mask"})
"""Arguments that a wrapper sets on the layer inside it, so that they need no field."""


@dataclass
class Notes:
    """What the user should know of an import that went well."""

    messages: list[Message] = field(default_factory=list)

    def add(self, template: str, *, where: str, **params: Any) -> None:
        """Adds one, unless it is there already."""
        message = Message(template, "", where, params)
        if message not in self.messages:
            self.messages.append(message)


def layer_of(found: KerasObject, name: str, notes: Notes, *, wrapped: bool = False) -> Layer:
    """Our layer for one of Keras'.

    Args:
        found: its class, which must be a registered one, and its arguments.
        name: its name with us.
        notes: takes what changes without harm.
        wrapped: whether it stands inside another layer.

    Raises:
        SpecError: an argument asks for what our layer cannot do; names the layer and the argument.
    """
    where = quote_name(found.name) or found.class_name
    cls = LAYERS.get(found.class_name)
    _see_to_format(found, where, notes)
    row: Row = {"name": name} if not wrapped else {}
    fields = set(cls.model_fields) - (cls.placing if wrapped else {"name", "inputs"})
    for key, value in found.config.items():
        place = f"{where}.{quote_name(key)}"
        if key.endswith("_initializer"):
            chosen = _initializer(key, value, place, notes)
            if chosen and key in fields:
                row[key] = chosen
            elif chosen and chosen != _started(key):
                _note_initializer(place, notes)
        elif key in fields:
            row[key] = None if _goes_without_saying(key, found) else _value(found, key, place, notes)
        elif key not in NO_EFFECT and not (wrapped and key in _WRAPPED):
            _require_default(found, key, value, place)
    for key in fields & {*cls.shown}:
        if row.get(key) is None:
            raise SpecError(
                N_("the argument {name} is missing."), hint=N_("Enter a value."), where=where, name=key
            )
    return parse(cls, row, where=where)


def _see_to_format(found: KerasObject, where: str, notes: Notes) -> None:
    policy = policy_of(found.config.get("dtype", "float32"), f"{where}.dtype")
    if policy != "float32":
        notes.add(
            N_("computed in {policy}; choose the precision before you train."), where=where, policy=policy
        )


def policy_of(value: Any, where: str) -> str:
    """Returns the number format of a layer, which must keep its weights in float32.

    Raises:
        SpecError: it keeps them in another.
    """
    if isinstance(value, Mapping):
        value = read_object(value, {"keras"}, where=where).config.get("name")
    if value not in ("float32", "mixed_float16", "mixed_bfloat16"):
        raise SpecError(
            N_("weights of type {got} are not supported."),
            hint=N_("Save the model with weights in float32."),
            where=where,
            got=quote_value(value),
        )
    return str(value)


def _value(found: KerasObject, key: str, where: str, notes: Notes) -> Any:
    value = found.config[key]
    if key.endswith("activation"):
        return _activation(value, where)
    if key.endswith("_regularizer"):
        return _regularizer(value, where)
    if key == "layer":
        inner = read_object(value, LAYER_MODULES, where=where)
        _require_layer(inner, where)
        return layer_of(inner, "", notes, wrapped=True)
    if key in ("noise_shape", "shared_axes") and value is None:
        return ()
    if key == "noise_shape":
        return _noise_shape(value, where)
    if not isinstance(value, list):
        return value
    # In one dimension, or for one feature, Keras writes a list of one number.
    return value[0] if key in _ONE_NUMBER and len(value) == 1 else value


def _noise_shape(value: Any, where: str) -> list[Any]:
    """Returns the sizes of a mask without the batch axis, along which every sample has its own."""
    if not isinstance(value, list) or not value or value[0] is not None:
        raise SpecError(
            N_("the same mask for all samples of a batch is not supported, got {got}."),
            hint=N_("Let the shape begin with None, and save the model again."),
            where=where,
            got=quote_value(value),
        )
    return [OPEN if size is None else size for size in value[1:]]


def _goes_without_saying(key: str, found: KerasObject) -> bool:
    """Keras writes some values down even where they were left to follow another."""
    followed = {"strides": "pool_size", "value_dim": "key_dim"}.get(key, key)
    return followed != key and found.config[key] == found.config.get(followed)


def _require_layer(found: KerasObject, where: str) -> None:
    try:
        LAYERS.get(found.class_name)
    except SpecError as error:
        raise error.at(where) from None


def _activation(value: Any, where: str) -> str:
    """Returns the name of an activation, whether it is written as a name, a function or a layer."""
    if value is None:
        return "linear"
    function = isinstance(value, Mapping) and value.get("class_name") == "function"
    name = value.get("config") if function else value
    if isinstance(name, str) and ">" not in name:  # which stands between a package and its function
        return name
    if function or isinstance(name, str):
        raise _foreign(value, where)
    name = _of_layer(read_object(value, LAYER_MODULES, where=where))
    if name is None:
        raise _foreign(value, where)
    return name


def _foreign(value: Any, where: str) -> SpecError:
    if isinstance(value, Mapping):
        value = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    return SpecError(
        N_("'{name}' is not a Keras activation; third-party code is never run here."),
        hint=N_("Replace it by one of Keras' own, and save the model again."),
        where=where,
        name=quote_name(value),
    )


def _of_layer(found: KerasObject) -> str | None:
    """Returns the name of what a layer does that stands in the place of a function.

    Example:
        >>> _of_layer(KerasObject("ReLU", {"max_value": 6.0}, "x"))
        'relu6'
    """
    config = found.config
    match found.class_name:
        case "ReLU" if config.get("threshold", 0) == 0 and config.get("negative_slope", 0) == 0:
            return {None: "relu", 6: "relu6"}.get(config.get("max_value"))
        case "Softmax" if config.get("axis", -1) == -1:
            return "softmax"
        case "ELU" if config.get("alpha", 1) == 1:
            return "elu"
    return None


def _regularizer(value: Any, where: str) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return {"l1": "L1", "l2": "L2", "l1_l2": "L1L2"}.get(value, value)
    found = read_object(value, {"keras.regularizers"}, where=where)
    return {"kind": found.class_name, **{name: _short(number) for name, number in found.config.items()}}


def _short(number: Any) -> Any:
    """0.01 for 0.009999999776482582, which is the same to Keras: it keeps some numbers in float32."""
    if type(number) is not float:
        return number
    with np.errstate(over="ignore"):
        single = np.float32(number)
    return float(str(single)) if float(single) == number else number


def _initializer(key: str, value: Any, where: str, notes: Notes) -> str | None:
    """Returns the name of an initializer; None, and a note, where ours cannot say the same."""
    if isinstance(value, str):
        name, config = snake_case(value) if value != value.lower() else value, {}
    elif isinstance(value, Mapping):
        found = read_object(value, {"keras.initializers"}, where=where)
        name, config = snake_case(found.class_name), dict(found.config)
    else:
        raise not_keras_error(where)
    name = _ALIASES.get(name, name)
    given = {k: v for k, v in config.items() if k != "seed"}
    plain = all(k in _INITIALIZER_DEFAULTS and v == _INITIALIZER_DEFAULTS[k] for k, v in given.items())
    if name in get_args(Initializer) and plain:
        return name
    _note_initializer(where, notes)
    return None


def _started(key: str) -> str:
    return _INITIALIZERS.get(key.removesuffix("_initializer"), "glorot_uniform")


def _note_initializer(where: str, notes: Notes) -> None:
    notes.add(N_("new weights get the default initialization; those of a file are unaffected."), where=where)


def _require_default(found: KerasObject, key: str, value: Any, where: str) -> None:
    if key in DEFAULTS:
        expected = DEFAULTS[key]
    elif key.endswith(("_constraint", "_regularizer")):
        expected = None
    elif key in _DERIVED:
        expected = _DERIVED[key](found, key)
    else:
        raise SpecError(
            N_("the argument {name} of {kind} is not known."),
            hint=N_("Leave it out, and save the model again."),
            where=where,
            name=quote_name(key),
            kind=found.class_name,
        )
    if value != expected:
        raise SpecError(
            N_("{kind} can have only {expected} here, got {got}."),
            hint=N_("Change it, or replace the layer, and save the model again."),
            where=where,
            kind=found.class_name,
            expected=quote_value(expected),
            got=quote_value(value),
        )


def _last_axis(found: KerasObject, key: str) -> Any:
    """Returns the axis of the channels in the form that the config has it in."""
    axis = found.config[key]
    number = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
    return axis if number in (-1, len(found.build_shape) - 1) else -1


def _backward(found: KerasObject, key: str) -> Any:
    """Returns the layer that Keras derives from the forward one, in the form that the config has it in."""
    given, forward = found.config[key], found.config.get("layer")
    if given is None:
        return None

    def essence(value: Any) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
            return value
        config = {k: v for k, v in value["config"].items() if k not in ("name", "go_backwards")}
        return _without_ids({"class_name": value.get("class_name"), "config": config})

    reverses = isinstance(given, Mapping) and isinstance(given.get("config"), Mapping)
    same = essence(given) == essence(forward) and reverses and given["config"].get("go_backwards") is True
    return given if same else None


def _without_ids(value: Any) -> Any:
    """Returns the same without the numbers by which Keras finds objects that are written down twice."""
    if isinstance(value, Mapping):
        return {k: _without_ids(v) for k, v in value.items() if k != "shared_object_id"}
    return [_without_ids(v) for v in value] if isinstance(value, list) else value


def _same_if(*plain: Any) -> Callable[[KerasObject, str], Any]:
    """Returns a default that can be written in several ways."""
    return lambda found, key: found.config[key] if found.config[key] in plain else plain[0]


_DERIVED: dict[str, Callable[[KerasObject, str], Any]] = {
    "axis": _last_axis,
    "backward_layer": _backward,
    "attention_axes": _same_if(None, [1], 1),
    "dilation_rate": _same_if(1, [1], [1, 1], [1, 1, 1]),
    "data_format": _same_if("channels_last", None),
}
"""Arguments that our layers lack and whose default depends on others, or is written in several ways."""
