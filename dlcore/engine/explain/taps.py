"""Layers of a model listened to, or given other results, while the model is called.

A layer's own call is replaced for as long as needed: so what a layer gives is reached wherever it stands, also within
a backbone, and the masks that Keras derives from its inputs stay as they are. The model must be called eagerly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from dlcore.engine.explain.asked import AskedModel

Change = Callable[[Any, Any], Any]
"""Gets the first argument of a layer's call and its result; returns the result to go on with."""


@contextmanager
def tapped(changes: Mapping[Any, Change]) -> Iterator[None]:
    """Passes the results of layers through functions while the block lasts.

    Args:
        changes: by the layer.
    """
    for layer, change in changes.items():
        layer.call = _changed(layer.call, change)
    try:
        yield
    finally:
        for layer in changes:
            del layer.call


def _changed(call: Callable[..., Any], change: Change) -> Callable[..., Any]:
    def changed(*args: Any, **options: Any) -> Any:
        return change(args[0] if args else None, call(*args, **options))

    return changed


def named_layers(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the layers of a model that are no models, by name; one within a backbone as `backbone/name`."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from named_layers(layer, f"{prefix}{layer.name}/")
        elif not isinstance(layer, keras.layers.InputLayer):
            yield f"{prefix}{layer.name}", layer


def results_of(asked: AskedModel, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what each layer gives for some samples, in the order of their calls; of several calls the last.

    Args:
        asked: its network is called once.
        given: by input, (samples, …).
    """
    found: dict[str, Any] = {}

    def note(name: str) -> Change:
        def noted(argument: Any, result: Any) -> Any:
            found.pop(name, None)
            found[name] = result
            return result

        return noted

    with tapped({layer: note(name) for name, layer in named_layers(asked.network)}):
        asked.call(given)
    return found
