"""What a template is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer, Shape
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse
from dlcore.spec.signature import Signature

Row = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A named starting point.

    Attributes:
        name: appears in URLs and specs.
        title: for display, translatable.
        summary: one line of help, translatable.
        kinds: what data it is for.
        rows: makes the layers for what a model sees.
    """

    name: str
    title: str
    summary: str
    kinds: frozenset[DataKind]
    rows: Callable[[Signature], Sequence[Row | Layer]]

    def build(self, data: Signature | Shape) -> ModelSpec:
        """Returns the model for data of that shape."""
        signature = Signature.of(data)
        return parse(ModelSpec, {"inputs": tuple(signature.inputs), "layers": self.rows(signature)})


HEAD: Row = {"kind": "Dense"}
"""The output layer: as many units as the data asks for."""
