"""How unlike a new sample is to those of the training, by what was learned of what is usual to a run's model."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.analysis.unlike import Familiar
from dlcore.datasets.parts import Array
from dlcore.engine.explain.last_layer import joined, last_with_weights
from dlcore.engine.explain.taps import tapped
from dlcore.records.artifacts import FAMILIAR_FILE, MODEL_FILE, MODEL_HASH
from dlcore.records.unlike import Unlikeness


def model_hash(folder: Path) -> Array:
    """Returns what tells a run's model from that after more epochs: uint8 (32,)."""
    with (folder / MODEL_FILE).open("rb") as file:
        return np.frombuffer(hashlib.file_digest(file, "sha256").digest(), np.uint8)


def open_familiar(folder: Path) -> Familiar | None:
    """Returns what is usual to the model of a run; None where that was not learned, or of another model.

    A file that makes no sense tells nothing: it can be learned again.
    """
    try:
        # Of a damaged archive NumPy would not close the file that it has opened itself.
        with (folder / FAMILIAR_FILE).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        of_this = np.array_equal(arrays[MODEL_HASH], model_hash(folder))
        return Familiar.from_arrays(arrays) if of_this else None
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def unlikeness(network: Any, familiar: Familiar, given: Mapping[str, Array]) -> Unlikeness:
    """Returns how unlike a sample is to those of the training.

    Args:
        network: the run's, as it was saved.
        familiar: what is usual to it.
        given: by input, (1, …) the sample as the network takes it.
    """
    heard: list[Any] = []

    def hear(argument: Any, result: Any) -> Any:
        heard.append(argument)
        return result

    named = {name: tf.convert_to_tensor(one) for name, one in given.items()}
    last, answering = last_with_weights(network), network.outputs[0]._keras_history.operation
    activation = getattr(answering, "activation", None)
    ends_in_chances = activation in (keras.activations.softmax, keras.activations.sigmoid)
    try:
        if ends_in_chances:
            answering.activation = keras.activations.linear
        with tapped({last: hear}):
            outputs = network(named if len(named) > 1 else next(iter(named.values())), training=False)
    finally:
        if ends_in_chances:
            answering.activation = activation
    logits = np.asarray(outputs, np.float32).reshape(1, -1)
    return familiar.judge(joined(heard.pop(), 1), logits)
