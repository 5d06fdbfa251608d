"""A person's own datasets: immutable folders under the home folder, versioned by content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlcore.datasets.parts import Array
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts


@dataclass(frozen=True)
class StoredDataset:
    """One version of a dataset, opened; its files are read as they are asked for."""

    facts: DatasetFacts
    folder: Path

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a sample."""
        return pd.read_parquet(self.folder / "samples.parquet")

    @cached_property
    def targets(self) -> Array | None:
        """What is to be predicted; None where it follows from the frame."""
        path = self.folder / "targets.npy"
        return np.asarray(np.load(path, allow_pickle=False)) if path.is_file() else None

    @cached_property
    def array(self) -> Array:
        """The samples of numbers, mapped."""
        return np.asarray(np.load(self.folder / "x.npy", mmap_mode="r", allow_pickle=False))

    def blob(self, row: int) -> bytes:
        """The file of one image or recording."""
        offset, size = (int(self.frame[name].iloc[row]) for name in ("offset", "size"))
        with (self.folder / "samples.bin").open("rb") as file:
            file.seek(offset)
            return file.read(size)


def stored_names(settings: Settings) -> tuple[str, ...]:
    """The names of all own datasets."""
    folder = settings.home.expanduser().resolve() / "datasets"
    return tuple(sorted(path.parent.parent.name for path in folder.glob("*/*/manifest.json")))


def stored(name: str, settings: Settings, version: str = "") -> StoredDataset:
    """A dataset of one's own; the newest version if none is named."""
    folder = settings.home.expanduser().resolve() / "datasets" / name
    found: list[tuple[float, Path, dict[str, Any]]] = []
    for path in folder.glob(f"{version or '*'}/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found.append((manifest["created_at"], path.parent, manifest))
    if not found:
        raise DatasetError(N_("there is no such version of this dataset."), where=name)
    _, place, manifest = max(found, key=lambda one: one[0])
    return StoredDataset(DatasetFacts.from_dict(manifest["facts"]), place)
