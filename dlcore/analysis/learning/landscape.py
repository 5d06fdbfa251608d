"""The loss around the weights of a trained model, along two directions: as a job writes it and a page reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_, DlcoreError

Values = npt.NDArray[np.float64]

SIDE = 21
"""Points along each direction, the model itself in the middle."""
REACH = 1.0
"""How far they go: at 1 a filter is changed by as much as it is long."""


@dataclass(frozen=True)
class Landscape:
    """A loss over two directions.

    Attributes:
        steps: how far one went along either.
        losses: by the second direction and the first; None where the loss was no number.
        samples: of how many samples it is the mean.
    """

    steps: tuple[float, ...]
    losses: tuple[tuple[float | None, ...], ...]
    samples: int

    @property
    def grid(self) -> Values:
        """(side, side) the losses, NaN where there is none."""
        return np.array(
            [[np.nan if loss is None else loss for loss in row] for row in self.losses], dtype=np.float64
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Landscape:
        """Restores what `to_dict` returned.

        Raises:
            DlcoreError: it is something else: a stranger's process may have written it.
        """
        try:
            steps = tuple(map(float, data["steps"]))
            losses = tuple(
                tuple(None if loss is None else float(loss) for loss in row) for row in data["losses"]
            )
            if len(steps) != SIDE or [len(row) for row in losses] != [SIDE] * SIDE:
                raise ValueError("another size")
            return cls(steps, losses, int(data["samples"]))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DlcoreError(
                N_("what was computed cannot be read."), hint=N_("Have it computed again.")
            ) from error


def normalised_direction(weights: npt.NDArray[Any], draw: np.random.Generator) -> npt.NDArray[np.float32]:
    """Returns a random direction whose filters are as long as those of the weights; of a bias none.

    Without that, what one sees would depend on the scale of the weights, which with relu means nothing. Li et al.,
    Visualizing the loss landscape of neural nets, 2018, section 4.

    Args:
        weights: (…, filters), as Keras has them.
        draw: the source of chance.

    Example:
        >>> way = normalised_direction(np.array([[3.0, 0.0], [4.0, 1.0]]), np.random.default_rng(0))
        >>> np.linalg.norm(way, axis=0).round(4).tolist()
        [5.0, 1.0]
    """
    if weights.ndim < 2:
        return np.zeros(weights.shape, np.float32)
    axes = tuple(range(weights.ndim - 1))
    way = draw.normal(size=weights.shape)
    length = np.sqrt((way**2).sum(axis=axes, keepdims=True))
    wanted = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=axes, keepdims=True))
    found: npt.NDArray[np.float32] = (way * wanted / np.maximum(length, 1e-12)).astype(np.float32)
    return found
