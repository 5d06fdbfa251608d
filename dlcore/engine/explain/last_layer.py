"""What the last layer with weights takes: how a network sees a sample just before it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Indices, Part
from dlcore.engine.explain.taps import tapped

if TYPE_CHECKING:
    from dlcore.engine.explain.asked import AskedModel

BATCH = 128
MOST_NUMBERS = 4_096
"""Numbers of a sample that are looked at."""

Floats = npt.NDArray[np.float32]
Tell = Callable[[int, int], None]


def penultimate(
    asked: AskedModel, part: Part, places: Indices, tell: Tell = lambda done, total: None
) -> tuple[Floats, Floats]:
    """Returns what the last layer with weights takes for some samples, and what the network gives.

    Returns:
        (samples, numbers), evenly drawn where there are very many; (samples, outputs).
    """
    last, heard = last_with_weights(asked.network), list[Any]()

    def hear(argument: Any, result: Any) -> Any:
        heard.append(argument)
        return result

    seen, outputs = [], []
    with tapped({last: hear}):
        for start in range(0, len(places), BATCH):
            some = places[start : start + BATCH]
            given = asked.outputs(asked.prepared(part, some)).numpy()
            seen.append(joined(heard.pop(), len(some)))
            heard.clear()
            outputs.append(given)
            tell(start + len(some), len(places))
    return np.concatenate(seen), np.concatenate(outputs)


def joined(argument: Any, count: int) -> Floats:
    """(samples, numbers) what a layer takes, one tensor or several; evenly drawn where there are very many."""
    tensors = argument if isinstance(argument, list | tuple) else [argument]
    values = np.concatenate([np.asarray(one, np.float32).reshape(count, -1) for one in tensors], axis=1)
    found: Floats = values[:, _columns(values.shape[1])]
    return found


def _columns(count: int) -> Indices:
    return np.unique(np.linspace(0, count - 1, min(MOST_NUMBERS, count)).astype(np.int64))


def last_with_weights(network: Any) -> Any:
    """Returns the layer that the answer comes from: behind it are at most an activation and a change of units."""
    layer = network.outputs[0]._keras_history.operation
    while not layer.weights and not isinstance(layer.input, list):
        layer = layer.input._keras_history.operation
    return layer
