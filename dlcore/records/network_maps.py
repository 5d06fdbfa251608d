"""What jobs find of a network as a whole: where it puts samples, and what its layers give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MAP_FILE = "map.npz"
"""`points` (samples, 2), `rows` of the dataset as it was stored, `true` and `predicted`: class numbers, or numbers."""

LAYERS_FILE = "layers.npz"
"""What each layer gives and has learned, under the key of its `LayerView`."""

MOST_SAMPLES = 5_000
"""Samples on a map."""


class MapMethod(StrEnum):
    """How many numbers become two."""

    PCA = "pca"
    TSNE = "tsne"


@dataclass(frozen=True)
class NetworkMap:
    """Where a network puts the samples of a part; `MAP_FILE` has the points.

    Attributes:
        method: how many numbers became two.
        part: of the samples.
        samples, total: how many are shown, of how many.
        classes: their names; none where numbers or several labels are asked for.
        explained: of PCA, which share of the variance the two directions explain.
    """

    method: MapMethod
    part: str
    samples: int
    total: int
    classes: tuple[str, ...]
    explained: float | None

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NetworkMap:
        """Restores what `to_dict` returned."""
        changed = {"method": MapMethod(data["method"]), "classes": tuple(map(str, data["classes"]))}
        return cls(**{**data, **changed})


@dataclass(frozen=True)
class LayerView:
    """What one layer gives for a sample, or has learned.

    Attributes:
        name: of the layer; within a backbone `backbone/name`.
        kind: what it is called in Keras.
        shape: of what it gives for one sample; of filters, of its kernel.
        key: of the array in `LAYERS_FILE`: (channels, height, width), (channels, steps) or (numbers,).
        count: how many channels there are; the array has the first of them.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    key: str
    count: int


@dataclass(frozen=True)
class LayerViews:
    """What the layers of a network give for a sample, and the filters of its convolutions.

    Attributes:
        part, sample: which.
        activations: in the order of the layers' calls.
        filters: of convolutions, in the order of the layers.
    """

    part: str
    sample: int
    activations: tuple[LayerView, ...]
    filters: tuple[LayerView, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LayerViews:
        """Restores what `to_dict` returned."""
        views = {
            name: tuple(LayerView(**{**row, "shape": tuple(row["shape"])}) for row in data[name])
            for name in ("activations", "filters")
        }
        return cls(**{**data, **views})
