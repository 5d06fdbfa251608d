"""scikit-learn's digits: small, and there without a network."""

from __future__ import annotations

import gzip
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcore.datasets.clean.divisions import split
from dlcore.datasets.entry import Arrays, FoundFile
from dlcore.errors import N_
from dlcore.spec.data import DatasetFacts, Task

_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


@dataclass(frozen=True)
class Digits:
    """The data file inside the installed scikit-learn, read without importing it (1.5 s, measured).

    Its grey values from 0 to 16 are scaled to 0 … 255, so that what fits the other image datasets
    (`Rescaling(1/255)`) fits this one. It has no test part of its own: a fixed stratified fifth is it.
    """

    facts: DatasetFacts

    def find(self, folder: Path) -> tuple[FoundFile, ...]:
        """Returns the file within scikit-learn; `folder` does not matter."""
        package = importlib.util.find_spec("sklearn")
        places = package.submodule_search_locations if package else None
        paths = [Path(place) / "datasets" / "data" / "digits.csv.gz" for place in places or ()]
        return tuple(FoundFile(path, _SHA256) for path in paths if path.is_file())[:1]

    def read(self, sources: tuple[FoundFile, ...]) -> Arrays:
        """Returns the arrays; a row of the file is 64 grey values and the label."""
        with gzip.open(sources[0].path, "rt", encoding="ascii") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
        if table.shape != (self.facts.train_size + self.facts.test_size, 65) or table[:, :-1].max() > 16:
            raise ValueError(f"its table has the shape {table.shape}")
        images = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
        labels = table[:, -1].astype(np.int64)
        parts = split(labels, self.facts.test_size / len(labels), seed=0)
        return Arrays(
            images[parts.train], labels[parts.train], images[parts.validation], labels[parts.validation]
        )


DIGITS = Digits(
    DatasetFacts(
        name="digits",
        title=N_("Handwritten digits, 8×8"),
        description=N_("Small scans of handwritten digits. Trains in seconds and needs no network."),
        task=Task.MULTICLASS,
        input_shape=(8, 8, 1),
        classes=tuple("0123456789"),
        train_size=1438,
        test_size=359,
        licence=N_("CC BY 4.0"),
        source="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        citation="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits. "
        "UCI Machine Learning Repository, 1998. doi:10.24432/C50P49",
    )
)
