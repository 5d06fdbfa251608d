"""The objects of a Keras config: what each is called, checked against what is known; none is ever made."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.errors import N_, SpecError, quote_value

MAX_CONFIG_BYTES = 16_000_000
MAX_CONFIG_DEPTH = 100

LAYER_MODULES = frozenset({"keras.layers"})
MODEL_MODULES = frozenset(
    {
        "keras",
        "keras.models",
        "keras.src.models.functional",
        "keras.src.models.sequential",
    }
)
OPERATION_MODULES = frozenset(
    {
        "keras.src.activations.activations",
        "keras.src.applications.convnext",
        "keras.src.applications.inception_resnet_v2",
        "keras.src.ops.core",
        "keras.src.ops.image",
        "keras.src.ops.nn",
        "keras.src.ops.numpy",
    }
)
"""Where Keras has its operations, and the layers of its own applications."""

MODELS = frozenset({"Sequential", "Functional"})


@dataclass(frozen=True)
class KerasObject:
    """What a config says of one object.

    Attributes:
        class_name: Keras' own name for it.
        config: its arguments.
        name: of a layer; empty for what has none.
        inputs: of a layer within a Functional model, one entry for each time it is called.
        build_shape: of the tensor that it was built for, with the batch axis, if the config tells.
        is_layer: whether it is one of `keras.layers` or a model, not an operation.
    """

    class_name: str
    config: Mapping[str, Any]
    name: str
    inputs: tuple[Any, ...] = ()
    build_shape: tuple[Any, ...] = ()
    is_layer: bool = True


def read_config(text: str | bytes) -> Any:
    """Returns the data of a JSON config.

    Raises:
        SpecError: it is too large, too deep, or not JSON.
    """
    if len(text) > MAX_CONFIG_BYTES:
        raise SpecError(
            N_("the config of the model is larger than {limit} MB."),
            hint=N_("Import a smaller model."),
            limit=MAX_CONFIG_BYTES // 1_000_000,
        )
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # of which broken JSON and broken UTF-8 are sorts
        raise SpecError(
            N_("the config of the model is not JSON."),
            hint=N_("Choose a file written by `model.save` or `model.to_json`."),
        ) from None
    _refuse_depth(data)
    return data


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _refuse_depth(data: Any) -> None:
    level = [data]
    for _ in range(MAX_CONFIG_DEPTH):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _too_deep() -> SpecError:
    return SpecError(
        N_("the config of the model is nested more than {limit} levels deep."),
        hint=N_("Choose a file written by `model.save` or `model.to_json`."),
        limit=MAX_CONFIG_DEPTH,
    )


def quote_name(name: Any) -> str:
    """Returns a name from a file, as messages quote it."""
    return quote_value(name)[1:-1] if isinstance(name, str) else quote_value(name)


def read_object(value: Any, modules: Collection[str], *, where: str = "") -> KerasObject:
    """Returns one object of a config.

    Args:
        value: what the config says.
        modules: of Keras, in which such an object may be.
        where: the layer and argument it is about.

    Raises:
        SpecError: it is no object, or none of Keras' own.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("class_name"), str):
        raise not_keras_error(where)
    class_name, config = value["class_name"], value.get("config")
    if not isinstance(config, Mapping):
        raise not_keras_error(where)
    name = config.get("name", value.get("name", ""))
    place = where or quote_name(name)
    if class_name == "Lambda":
        raise SpecError(
            N_("a Lambda layer holds program code, which is never run here."),
            hint=N_("Replace it by Keras' own layers, and save the model again."),
            where=place,
        )
    module, registered = value.get("module"), value.get("registered_name")
    module = module if isinstance(module, str) else None
    # Compiled models and operations are written down with their own class as the registered name.
    own = registered is None or (registered == class_name and module not in LAYER_MODULES)
    if not own or module not in modules:
        if "module" not in value:
            raise keras_2_error()
        named = registered if isinstance(registered, str) else class_name
        raise _foreign(named, module, place, of_keras=own and (module or "").startswith("keras."))
    nodes, built = value.get("inbound_nodes", ()), value.get("build_config")
    shape = built.get("input_shape") if isinstance(built, Mapping) else None
    return KerasObject(
        class_name,
        config,
        name if isinstance(name, str) else "",
        tuple(nodes) if isinstance(nodes, (list, tuple)) else (),
        tuple(shape) if isinstance(shape, (list, tuple)) else (),
        module not in OPERATION_MODULES,
    )


def _foreign(class_name: str, module: str | None, where: str, *, of_keras: bool) -> SpecError:
    hint = N_("Replace it by Keras' own layers, and save the model again.")
    if of_keras:
        return SpecError(
            N_("'{class_name}' of Keras cannot be imported."),
            hint=hint,
            where=where,
            class_name=quote_name(class_name),
        )
    if "position" in class_name.lower():
        hint = N_(
            "If it adds positions, leave it out, save the model again, and add a PositionEmbedding here."
        )
    return SpecError(
        N_("'{class_name}' of '{module}' is not part of Keras; third-party code is never run here."),
        hint=hint,
        where=where,
        class_name=quote_name(class_name),
        module=quote_name(module),
    )


def not_keras_error(where: str = "") -> SpecError:
    """Returns the error for what does not have the form of a Keras config."""
    return SpecError(
        N_("this is not the config of a Keras 3 model."),
        hint=N_("Choose a file written by `model.save` or `model.to_json`."),
        where=where,
    )


def keras_2_error() -> SpecError:
    """Returns the error for the form that Keras had before version 3."""
    return SpecError(
        N_("this model was written by Keras 2, or by hand."),
        hint=N_("Load it in Keras 3 and save it again as a `.keras` file."),
    )
