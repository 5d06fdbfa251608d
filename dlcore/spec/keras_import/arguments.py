"""From the arguments of a Keras layer to the fields of ours: mapped, known to do nothing, or refused."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from dlcore.errors import N_, Message, SpecError, shown
from dlcore.spec.calls import SHOWN
from dlcore.spec.fields import Initializer
from dlcore.spec.keras_import.objects import LAYER_MODULES, KerasObject, not_keras, quoted, read_object
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.model import snake_case
from dlcore.spec.problems import parse

Row = dict[str, Any]

NO_EFFECT = frozenset({"seed", "trainable", "dtype", "unroll", "use_cudnn", "implementation", "name"})
"""Arguments that change no prediction of a model with given weights, or are seen to elsewhere."""

DEFAULTS: dict[str, Any] = {
    "data_format": "channels_last",
    "noise_shape": None,
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
    "mask_zero": False,
    "sparse": False,
    "use_gate": False,
    "sliding_window": None,
    "output_shape": None,
}
"""What an argument that our layers lack must be: what Keras does without it."""

_INITIALIZERS = {
    "beta": "zeros", "gamma": "ones", "moving_mean": "zeros", "moving_variance": "ones", "bias": "zeros",
    "recurrent": "orthogonal", "embeddings": "random_uniform",
}  # fmt: skip
"""How Keras starts the weights of that name; all others by `glorot_uniform`."""

_INITIALIZER_DEFAULTS = {
    "input_axes": None, "output_axes": None, "gain": 1.0, "mean": 0.0, "stddev": 0.05,
    "minval": -0.05, "maxval": 0.05,
}  # fmt: skip
_ALIASES = {"uniform": "random_uniform", "normal": "random_normal", "orthogonal_initializer": "orthogonal"}
_WRAPPED = frozenset({"zero_output_for_mask"})
"""Arguments that a wrapper sets on the layer inside it, so that they need no field."""


@dataclass
class Notes:
    """What a person should know of an import that went well."""

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
    where = quoted(found.name) or found.class_name
    cls = LAYERS.get(found.class_name)
    _see_to_training(found, where, notes)
    row: Row = {"name": name} if not wrapped else {}
    fields = set(cls.model_fields) - {"name", "inputs"}
    for key, value in found.config.items():
        place = f"{where}.{quoted(key)}"
        if key.endswith("_initializer"):
            chosen = _initializer(key, value, place, notes)
            if chosen and key in fields:
                row[key] = chosen
            elif chosen and chosen != _started(key):
                _note_initializer(place, notes)
        elif key in fields:
            row[key] = None if _goes_without_saying(key, found) else _value(key, value, place, notes)
        elif key not in NO_EFFECT and not (wrapped and key in _WRAPPED):
            _require_default(found, key, value, place)
    for key in fields & set(SHOWN):
        if row.get(key) is None:
            raise SpecError(
                N_("the argument {name} is missing."), hint=N_("Give it a value."), where=where, name=key
            )
    return parse(cls, row, where=where)


def _see_to_training(found: KerasObject, where: str, notes: Notes) -> None:
    """What a config says of the number format and of frozen weights is chosen anew for each training."""
    if found.config.get("trainable", True) is not True:
        notes.add(N_("was frozen; choose what is trained before you train."), where=where)
    policy = policy_of(found.config.get("dtype", "float32"), f"{where}.dtype")
    if policy != "float32":
        notes.add(
            N_("computed in {policy}; choose the precision before you train."), where=where, policy=policy
        )


def policy_of(value: Any, where: str) -> str:
    """The number format of a layer, which must keep its weights in float32.

    Raises:
        SpecError: it keeps them in another.
    """
    if isinstance(value, Mapping):
        value = read_object(value, {"keras"}, where=where).config.get("name")
    if value not in ("float32", "mixed_float16", "mixed_bfloat16"):
        raise SpecError(
            N_("weights of the sort {got} are not supported."),
            hint=N_("Save the model with weights in float32."),
            where=where,
            got=shown(value),
        )
    return str(value)


def _value(key: str, value: Any, where: str, notes: Notes) -> Any:
    if key.endswith("activation"):
        return _activation(value, where)
    if key.endswith("_regularizer"):
        return _regularizer(value, where)
    if key in ("layer", "backward_layer"):
        inner = read_object(value, LAYER_MODULES, where=where)
        _require_layer(inner, where)
        return layer_of(inner, "", notes, wrapped=True)
    return value


def _goes_without_saying(key: str, found: KerasObject) -> bool:
    """Keras writes down the strides of a pooling even where they were left to follow its window."""
    return key == "strides" and found.config.get("pool_size") == found.config[key]


def _require_layer(found: KerasObject, where: str) -> None:
    try:
        LAYERS.get(found.class_name)
    except SpecError as error:
        raise error.at(where) from None


def _activation(value: Any, where: str) -> str:
    """The name of an activation, whether it is written as a name, a function or a layer."""
    if value is None:
        return "linear"
    function = isinstance(value, Mapping) and value.get("class_name") == "function"
    name = value.get("config") if function else value
    if isinstance(name, str) and ">" not in name:  # which stands between a package and its function
        return name
    if function or isinstance(name, str):
        raise _foreign(value, where)
    row = as_activation(read_object(value, LAYER_MODULES, where=where))
    if row is None or row[0] != "Activation":
        raise _foreign(value, where)
    return str(row[1]["activation"])


def _foreign(value: Any, where: str) -> SpecError:
    if isinstance(value, Mapping):
        value = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    return SpecError(
        N_("'{name}' is not an activation of Keras; code of others is never run here."),
        hint=N_("Replace it by one of Keras' own, and save the model again."),
        where=where,
        name=quoted(value),
    )


def as_activation(found: KerasObject) -> tuple[str, Row] | None:
    """Our kind and its fields for a layer that is an activation under another name.

    Example:
        >>> as_activation(KerasObject("ReLU", {"max_value": 6.0}, "x"))
        ('Activation', {'activation': 'relu6'})
    """
    config = {key: value for key, value in found.config.items() if key not in NO_EFFECT}
    limit, slope = config.get("max_value"), config.get("negative_slope", 0.0)
    match found.class_name:
        case "ReLU" if config.get("threshold", 0.0) == 0 and limit is None and slope:
            return "LeakyReLU", {"negative_slope": slope}
        case "ReLU" if config.get("threshold", 0.0) == 0 and slope == 0 and limit in (None, 6):
            return "Activation", {"activation": "relu" if limit is None else "relu6"}
        case "Softmax" if config.get("axis", -1) == -1:
            return "Activation", {"activation": "softmax"}
        case "ELU" if config.get("alpha", 1.0) == 1:
            return "Activation", {"activation": "elu"}
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
    if type(number) is not float or abs(number) > 1 or _in_float32(number) != number:
        return number
    return next(short for n in range(1, 18) if _in_float32(short := float(f"{number:.{n}g}")) == number)


def _in_float32(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


def _initializer(key: str, value: Any, where: str, notes: Notes) -> str | None:
    """The name of an initializer; None, and a note, where ours cannot say the same."""
    if isinstance(value, str):
        name, config = snake_case(value) if value != value.lower() else value, {}
    elif isinstance(value, Mapping):
        found = read_object(value, {"keras.initializers"}, where=where)
        name, config = snake_case(found.class_name), dict(found.config)
    else:
        raise not_keras(where)
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
    notes.add(
        N_("new weights will start in the usual way; those of a file are not changed by this."), where=where
    )


def _require_default(found: KerasObject, key: str, value: Any, where: str) -> None:
    if key in DEFAULTS:
        expected = DEFAULTS[key]
    elif key.endswith(("_constraint", "_regularizer")):
        expected = None
    elif key in _DERIVED:
        expected = _DERIVED[key](found)
    else:
        raise SpecError(
            N_("the argument {name} of {kind} is not known."),
            hint=N_("Leave it out, and save the model again."),
            where=where,
            name=quoted(key),
            kind=found.class_name,
        )
    if value != expected and not (key == "data_format" and value is None):
        raise SpecError(
            N_("{kind} can have only {expected} here, got {got}."),
            hint=N_("Change it, or replace the layer, and save the model again."),
            where=where,
            kind=found.class_name,
            expected=shown(expected),
            got=shown(value),
        )


def _last_axis(found: KerasObject) -> Any:
    """The axis of the channels in the form that the config has it in."""
    axis = found.config.get("axis")
    number = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
    last = number == -1 or (len(found.build_shape) > 1 and number == len(found.build_shape) - 1)
    return axis if last else -1


def _backward(found: KerasObject) -> Any:
    """The layer that Keras derives from the forward one, in the form that the config has it in."""
    given, forward = found.config.get("backward_layer"), found.config.get("layer")
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
    """The same without the numbers by which Keras finds objects that are written down twice."""
    if isinstance(value, Mapping):
        return {k: _without_ids(v) for k, v in value.items() if k != "shared_object_id"}
    return [_without_ids(v) for v in value] if isinstance(value, list) else value


def _attention_axes(found: KerasObject) -> Any:
    axes = found.config.get("attention_axes")
    return axes if axes in ([1], 1) else None


_DERIVED = {
    "axis": _last_axis,
    "backward_layer": _backward,
    "value_dim": lambda found: found.config.get("key_dim"),
    "attention_axes": _attention_axes,
}
"""Arguments whose default depends on the others."""
