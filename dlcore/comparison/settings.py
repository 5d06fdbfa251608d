"""What differs in the settings and in the networks of runs, and only that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dlcore.store.filters.reading import spec_values

_NETWORK = "model."


class Experiment(Protocol):
    """What has settings: a run, a study or a draft."""

    @property
    def spec(self) -> Mapping[str, Any]:
        """The experiment, JSON-ready."""

    @property
    def dataset(self) -> str:
        """The name of its dataset."""


@dataclass(frozen=True)
class SettingRow:
    """A setting in which runs differ.

    Attributes:
        path: in the spec.
        values: one per run; None where a run has no such setting.
    """

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class LayerRow:
    """A layer in which the networks of runs differ.

    Attributes:
        name: of the layer.
        layers: what it is in each of the runs, as its spec has it; None where there is none of that name.
    """

    name: str
    layers: tuple[Mapping[str, Any] | None, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """What to show of each: its kind, and of layers of one kind the fields in which they differ.

        Example:
            >>> dense = {"kind": "Dense", "name": "one", "use_bias": True}
            >>> LayerRow("one", ({**dense, "units": 8}, {**dense, "units": 9}, None)).texts
            ('Dense units=8', 'Dense units=9', '–')
        """
        present = [layer for layer in self.layers if layer is not None]
        names: list[str] = []
        if len({layer.get("kind") for layer in present}) == 1:
            names = [name for name in present[0] if any(one.get(name) != present[0][name] for one in present)]
        return tuple(_layer_text(layer, names) for layer in self.layers)


def setting_of(spec: Mapping[str, Any]) -> str:
    """Returns a text that is the same for runs whose specs differ only in seed and name.

    Example:
        >>> setting_of({"seed": 1, "name": "a", "b": 2}) == setting_of({"name": "c", "seed": 3, "b": 2})
        True
    """
    return json.dumps(
        {name: value for name, value in spec.items() if name not in ("seed", "name")}, sort_keys=True
    )


def differing_settings(runs: Sequence[Experiment]) -> tuple[tuple[SettingRow, ...], int]:
    """Returns the settings in which runs differ, but for their networks; and how many there are in all."""
    found = [
        {"dataset.name": run.dataset, **{p: v for p, v in spec_values(run.spec).items() if not _of_model(p)}}
        for run in runs
    ]
    paths = list(dict.fromkeys(path for values in found for path in values))
    rows = [SettingRow(path, tuple(values.get(path) for values in found)) for path in paths]
    return tuple(row for row in rows if any(one != row.values[0] for one in row.values)), len(rows)


def differing_layers(runs: Sequence[Experiment]) -> tuple[tuple[LayerRow, ...], int]:
    """Returns the layers in which networks differ, in their order; and how many names of layers there are in all."""
    networks = [_layers(run.spec) for run in runs]
    names: list[str] = []
    for network in networks:
        place = 0
        for name in network:
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    rows = [LayerRow(name, tuple(network.get(name) for network in networks)) for name in names]
    return tuple(row for row in rows if any(one != row.layers[0] for one in row.layers)), len(rows)


def _layer_text(layer: Mapping[str, Any] | None, names: Sequence[str]) -> str:
    if layer is None:
        return "–"
    return " ".join([str(layer.get("kind")), *(f"{name}={layer.get(name)}" for name in names)])


def _of_model(path: str) -> bool:
    return path.startswith(_NETWORK)


def _layers(spec: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    layers = spec.get("model", {}).get("layers", ())
    return {str(layer.get("name") or f"{place}"): layer for place, layer in enumerate(layers)}
