"""What a version of a stored dataset was made of, and which of its samples were corrected since the first version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.stored import MANIFEST, StoredDataset, damage_error
from dlcore.durable import read_json
from dlcore.records.corrections import Lineage

CORRECTIONS = "corrections.json"


@dataclass(frozen=True)
class CorrectedRows:
    """What differs from the first version of a dataset.

    Attributes:
        excluded: rows that are left out, ascending.
        first: of rows with another class by now, that of the first version.
    """

    excluded: tuple[int, ...] = ()
    first: dict[int, int] = field(default_factory=dict)

    def is_excluded(self, rows: int) -> npt.NDArray[np.bool_]:
        """(rows,) whether each is left out."""
        found = np.zeros(rows, np.bool_)
        found[list(self.excluded)] = True
        return found

    def first_targets(self, targets: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(rows,) the classes of the first version."""
        found = np.array(targets)
        found[list(self.first)] = list(self.first.values())
        return found

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {
            "excluded": list(self.excluded),
            "first": [[row, label] for row, label in sorted(self.first.items())],
        }


def corrected_rows(dataset: StoredDataset) -> CorrectedRows:
    """Returns what was corrected in a version and those before it; nothing in one that was read from files.

    Raises:
        DatasetError: the file that says it is damaged.
    """
    try:
        data = read_json(dataset.folder / CORRECTIONS)
        if data is None:
            return CorrectedRows()
        return CorrectedRows(
            tuple(map(int, data["excluded"])), {int(row): int(label) for row, label in data["first"]}
        )
    except (ValueError, KeyError, TypeError) as error:
        raise damage_error(dataset.folder, f"{CORRECTIONS}: {error}") from error


def lineage_of(dataset: StoredDataset) -> Lineage | None:
    """Returns what a version was made of; None for one that was read from files.

    Raises:
        DatasetError: what says it is damaged.
    """
    try:
        found = (read_json(dataset.folder / MANIFEST) or {}).get("lineage")
        return None if found is None else Lineage.from_dict(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damage_error(dataset.folder, f"{MANIFEST}: {error}") from error
