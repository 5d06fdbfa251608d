"""Models as TensorFlow saves and converts them; the names of the inputs stay those of the dataset."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert import ConverterError

from dlcore.datasets.parts import Array
from dlcore.errors import ConversionError

OUTPUT = "output"
"""What the output of an exported model is called."""


def save_function(model: Any, folder: Path, *, batch: int | None) -> None:
    """Writes a SavedModel with one signature.

    Args:
        model: takes its inputs by name, or its only one.
        folder: where it is written.
        batch: how many samples it takes; None: any number.
    """

    def serve(**inputs: Any) -> dict[str, Any]:
        given = inputs if len(inputs) > 1 else next(iter(inputs.values()))
        return {OUTPUT: model(given, training=False)}

    wanted = {
        tensor.name: tf.TensorSpec((batch, *tensor.shape[1:]), tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    }
    served = tf.Module()
    # What is not reached from the module would be saved without its values.
    served.model = model
    served.values = [variable.value for variable in model.variables]
    signature = tf.function(serve, autograph=False).get_concrete_function(**wanted)
    with full_disks_named(folder):
        tf.saved_model.save(served, str(folder), signatures={"serving_default": signature})


@contextmanager
def full_disks_named(path: Path) -> Iterator[None]:
    """Makes an OSError of what TensorFlow raises where the disk is full: it has the same class for want of memory."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        full = os.strerror(errno.ENOSPC)
        if full in error.message:
            raise OSError(errno.ENOSPC, full, str(path)) from error
        raise


def convert_to_litert(folder: Path, precision: str, examples: Mapping[str, Array]) -> bytes:
    """Returns a LiteRT model made of a SavedModel.

    Args:
        folder: the SavedModel.
        precision: `float32`, `float16`, or `int8`.
        examples: samples that show the range of the values within; without any, only weights are made int8.

    Raises:
        ConversionError: LiteRT has no operators for some of it; which.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int8" and examples:
        converter.representative_dataset = lambda: _one_by_one(examples)
    try:
        converted: bytes = converter.convert()
    except ConverterError as error:
        unknown = sorted(set(re.findall(r"'tf\.(\w+)' op is neither", str(error))))
        raise ConversionError(", ".join(unknown) or str(error).splitlines()[0][:200]) from error
    return converted


def _one_by_one(examples: Mapping[str, Array]) -> Iterator[dict[str, Array]]:
    for place in range(len(next(iter(examples.values())))):
        yield {name: np.ascontiguousarray(array[place : place + 1]) for name, array in examples.items()}
