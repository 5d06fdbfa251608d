"""What a template is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.errors import Message
from dlcore.spec.data import DataKind, DatasetFacts, Task
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
        rank: how many axes a sample must have, of arrays; None: any.
        reconstructs: whether it gives back what it is given; None: whatever is asked for.
        notes: say what was measured of the data and shapes the model.
    """

    name: str
    title: str
    summary: str
    kinds: frozenset[DataKind]
    rows: Callable[[Signature], Sequence[Row | Layer]]
    rank: int | None = None
    reconstructs: bool | None = False
    notes: Callable[[DatasetFacts], Sequence[Message]] = lambda facts: ()

    def fits(self, kind: DataKind, shape: Shape | None = None, task: Task | None = None) -> bool:
        """Returns whether it is for such data, whose samples have that shape if they are arrays."""
        if self.reconstructs not in (None, task is Task.RECONSTRUCTION):
            return False
        is_array = kind is DataKind.ARRAY and shape is not None and self.rank is not None
        return kind in self.kinds and (not is_array or len(shape or ()) == self.rank)

    def build(self, data: Signature | Shape) -> ModelSpec:
        """Returns the model for data of that shape."""
        signature = Signature.of(data)
        return parse(ModelSpec, {"inputs": tuple(signature.inputs), "layers": self.rows(signature)})


MOST_NUMBERS = 32
"""Numbers that one id becomes at most."""


def free_name(name: str, data: Signature) -> str:
    """Returns a layer's name that is no input's: a column may be called like a layer, but never ends with `_`."""
    return f"{name}_" if name in data.inputs else name


def id_vectors(data: Signature) -> tuple[list[Row], list[str]]:
    """Returns the layers that learn a vector for each id of the inputs of ids, and their last layers' names."""
    rows: list[Row] = []
    flats = []
    for name, spec in data.inputs.items():
        if spec.vocabulary is None:
            continue
        size = min(MOST_NUMBERS, max(2, round(spec.vocabulary**0.5)))
        vector, flat = free_name(f"{name}_vector", data), free_name(f"{name}_flat", data)
        rows += [
            {"kind": "Embedding", "name": vector, "output_dim": size, "inputs": [name]},
            {"kind": "Flatten", "name": flat, "inputs": [vector]},
        ]
        flats.append(flat)
    return rows, flats


HEAD: Row = {"kind": "Dense"}
"""The output layer: as many units as the data asks for."""
