"""Corruptions: what happens to samples on their way to a model, whatever the model.

Source of the idea: Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations, 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from dlcore.datasets.parts import Array, Indices
from dlcore.engine.explain.room import Inputs, Room
from dlcore.records.robustness import Blur, Brightness, Noise, Rotation, Shift

SEED = 0
_DIRECTIONS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up: as (rows, columns)."""

Floats = npt.NDArray[np.float32]
Change = Callable[[Floats, Room, float, int], Floats]
"""Gets one sample, its room, the strength and its row; returns the sample changed, not yet within its range."""


def corrupt(
    kind: str, given: Inputs, rooms: Mapping[str, Room], strength: float, rows: Indices
) -> dict[str, Array]:
    """Returns samples with a corruption; the same for the same rows each time, in any company.

    Args:
        kind: the name of the corruption.
        given: by input, (samples, …) before the steps on values.
        rooms: by input, how far it can be changed; other inputs stay as they are.
        strength: in the unit of the corruption.
        rows: (samples,) what is drawn at random is drawn by these, and sides are chosen by them.
    """
    change, found = _CHANGES[kind], dict(given)
    for name in rooms:
        changed = [
            change(one, rooms[name], strength, int(row)) for one, row in zip(given[name], rows, strict=True)
        ]
        found[name] = rooms[name].clipped(np.stack(changed), given[name])
    return found


def _noise(sample: Floats, room: Room, strength: float, row: int) -> Floats:
    drawn = np.random.default_rng([SEED, row]).standard_normal(sample.shape, np.float32)
    found: Floats = sample + strength * room.unit * drawn
    return found


def _blur(sample: Floats, room: Room, strength: float, row: int) -> Floats:
    found: Floats = ndimage.gaussian_filter(sample, strength, axes=(0, 1), mode="nearest")
    return found


def _brightness(sample: Floats, room: Room, strength: float, row: int) -> Floats:
    found: Floats = sample + _side(row) * strength * room.unit
    return found


def _shift(sample: Floats, room: Room, strength: float, row: int) -> Floats:
    down, right = _DIRECTIONS[row % len(_DIRECTIONS)]
    found: Floats = ndimage.shift(
        sample, (down * strength, right * strength, 0), order=1, mode="nearest", prefilter=False
    )
    return found


def _rotation(sample: Floats, room: Room, strength: float, row: int) -> Floats:
    found: Floats = ndimage.rotate(
        sample, _side(row) * strength, reshape=False, order=1, mode="nearest", prefilter=False
    )
    return found


def _side(row: int) -> int:
    """Returns 1 for every other sample, and −1."""
    return -1 if row % 2 else 1


_CHANGES: dict[str, Change] = {
    Noise.name: _noise,
    Blur.name: _blur,
    Brightness.name: _brightness,
    Shift.name: _shift,
    Rotation.name: _rotation,
}
