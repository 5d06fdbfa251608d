"""Operators of TensorFlow that its converter to ONNX does not know: added, or found in what it has written."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.errors import ConversionError


@cache
def register_operators() -> None:
    """Adds them to the converter, which looks for them when it converts."""
    importlib.import_module("tf2onnx.handler").tf_op("Erfc")(_Erfc)


def check_onnx(path: Path, inputs: set[str]) -> None:
    """Makes sure that a file is a whole model, which the converter does not do.

    Args:
        path: the file.
        inputs: what the model takes.

    Raises:
        ConversionError: it has operators that ONNX does not have, or asks for more; what.
    """
    onnx = importlib.import_module("onnx")
    made = onnx.load(str(path))
    if others := {one.name for one in made.graph.input} - inputs:
        raise ConversionError(", ".join(sorted(others)))
    try:
        onnx.checker.check_model(made)
    except onnx.checker.ValidationError as error:
        raise ConversionError(str(error).splitlines()[0][:200]) from error


class _Erfc:
    """`1 − erf(x)`, which Keras computes GELU with."""

    @classmethod
    def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replaces the node by two that ONNX has since its ninth version."""
        shapes, dtypes = [graph.get_shape(node.output[0])], [graph.get_dtype(node.output[0])]
        utils = importlib.import_module("tf2onnx.utils")
        one = np.array(1, utils.map_onnx_to_numpy_type(dtypes[0]))
        graph.remove_node(node.name)
        erf = graph.make_node("Erf", [node.input[0]], shapes=shapes, dtypes=dtypes)
        graph.make_node(
            "Sub",
            [graph.make_const(utils.make_name("one"), one).output[0], erf.output[0]],
            outputs=[node.output[0]],
            name=node.name,
            shapes=shapes,
            dtypes=dtypes,
        )
