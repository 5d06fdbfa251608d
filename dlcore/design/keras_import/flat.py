"""What has been read of a Keras model so far: one flat graph, with what the user should know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dlcore.design.keras_import.arguments import Notes
from dlcore.design.keras_import.masks import Masks
from dlcore.spec.layers import Layer
from dlcore.spec.model import INPUT
from dlcore.spec.signature import DType, OpenShape


@dataclass(frozen=True)
class ImportedInput:
    """One input of an imported model."""

    shape: OpenShape
    dtype: DType


@dataclass(frozen=True)
class End:
    """One output of an imported model: Keras' name for it, and the tensor that it is."""

    name: str
    tensor: str


@dataclass
class Flat:
    """What has been read of a model so far; a tensor is known by the name of the layer that gives it.

    Attributes:
        layers: in topological order, each with its `inputs` spelled out.
        groups: of each layer, where the file of the weights holds its arrays.
        inputs: by their names with us.
        texts: inputs that are texts, with their names in the config, until something makes numbers of them.
        tables: of layers whose weights are in the config, these.
        copies: of each layer, the one that stands for the first call of the same layer of Keras: mostly itself.
        ranks: of a layer whose axis is said by its number, of how many that is the last, with the batch's.
    """

    layers: list[Layer] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, ImportedInput] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    masks: Masks = field(default_factory=Masks)
    copies: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {INPUT})

    def unique(self, name: str, prefix: str) -> str:
        """Returns a free name of ours that is as near as can be to Keras' name."""
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name) or "layer"
        plain = (plain if plain[0].isascii() and plain[0].isalpha() else f"layer_{plain}")[:60]
        stem = f"{prefix}_{plain}"[:60] if plain in self.taken and prefix else plain
        chosen, number = stem, 0
        while chosen in self.taken:
            number += 1
            chosen = f"{stem[:58]}_{number}"
        self.taken.add(chosen)
        return chosen

    def name_inputs(self, names: list[str]) -> list[str]:
        """Returns the names with us of the model's own inputs; a single one is always called the same."""
        if len(names) == 1:
            return [INPUT]
        self.taken.clear()
        named = [self.unique(name, "") for name in names]
        self.taken.add(INPUT)
        return named
