"""Whether a new sample is like those that a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Unlikeness:
    """How unlike a sample is to those of the training, by two measures; 95 % of the validation part are above no limit.

    Attributes:
        distance: from the nearest class (Mahalanobis), in what the last layer takes.
        most_distance: the limit up to which it is usual.
        energy: of the logits; None where they are not known, or no one class is asked for.
        most_energy: likewise.
    """

    distance: float
    most_distance: float
    energy: float | None = None
    most_energy: float | None = None

    @property
    def is_unlike(self) -> bool:
        """Whether either is above what is usual."""
        far = self.distance > self.most_distance
        return far or (
            self.energy is not None and self.most_energy is not None and self.energy > self.most_energy
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Unlikeness:
        """Restores what `to_dict` returned.

        Raises:
            KeyError, TypeError, ValueError: it makes no sense.
        """
        energies = (data["energy"], data["most_energy"])
        energy, most = (None if one is None else float(one) for one in energies)
        return cls(float(data["distance"]), float(data["most_distance"]), energy, most)


@dataclass(frozen=True)
class Familiarity:
    """What was learned of what is usual to a model; `FAMILIAR_FILE` in the folder of its run has the numbers.

    Attributes:
        samples: of the training part that classes were described by.
        validated: samples of the validation part that the limits come from.
    """

    samples: int
    validated: int

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Familiarity:
        """Restores what `to_dict` returned."""
        return cls(int(data["samples"]), int(data["validated"]))
