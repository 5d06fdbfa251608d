"""Operators of TensorFlow that its converter to ONNX does not know: added, or found in what it has written."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.errors import ConversionError


@cache
def register_operators() -> None:
    """Adds them to the converter, which looks for them when it converts."""
    tf_op = importlib.import_module("tf2onnx.handler").tf_op
    tf_op("Erfc")(_Erfc)
    tf_op("Log1p")(_Log1p)


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
        about = _removed(graph, node)
        erf = graph.make_node("Erf", [node.input[0]], **about)
        _put(graph, node, "Sub", [_one(graph, about), erf.output[0]], about)


class _Log1p:
    """`log(1 + x)`."""

    @classmethod
    def version_7(cls, graph: Any, node: Any, **_: Any) -> None:
        """Replaces the node by two that ONNX has since its seventh version."""
        about = _removed(graph, node)
        more = graph.make_node("Add", [_one(graph, about), node.input[0]], **about)
        _put(graph, node, "Log", [more.output[0]], about)


def _removed(graph: Any, node: Any) -> dict[str, Any]:
    """Takes a node out of a graph; returns the shape and the type of its output."""
    about = {"shapes": [graph.get_shape(node.output[0])], "dtypes": [graph.get_dtype(node.output[0])]}
    graph.remove_node(node.name)
    return about


def _one(graph: Any, about: Mapping[str, Any]) -> Any:
    utils = importlib.import_module("tf2onnx.utils")
    one = np.array(1, utils.map_onnx_to_numpy_type(about["dtypes"][0]))
    return graph.make_const(utils.make_name("one"), one).output[0]


def _put(graph: Any, node: Any, kind: str, inputs: Sequence[Any], about: Mapping[str, Any]) -> None:
    """Puts a node in the place of one that was taken out."""
    graph.make_node(kind, inputs, outputs=[node.output[0]], name=node.name, **about)
