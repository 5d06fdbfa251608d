"""How far the numbers of a run's samples can be changed: in which unit, and within which range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array, Part
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.drawn import training_samples
from dlcore.errors import N_, SpecError
from dlcore.records.explanation_methods import Form
from dlcore.spec.adversarial import LEVELS
from dlcore.spec.data import ColumnType, DataKind
from dlcore.spec.signature import INPUT

Floats = npt.NDArray[np.float32]
Inputs = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Room:
    """How far the numbers of one input can be changed, before the steps on values.

    Attributes:
        low, high: the range, float32 that broadcasts over the last axis of samples.
        unit: likewise, what a strength of 1 is; 0 for what stays as it is.
    """

    low: Floats
    high: Floats
    unit: Floats

    def clipped(self, changed: Array, given: Array) -> Array:
        """Returns changed samples within the range; it reaches as far as each sample did before.

        Args:
            changed: (samples, …) after it.
            given: (samples, …) before it.
        """
        low, high = np.minimum(self.low, given), np.maximum(self.high, given)
        found: Array = np.minimum(np.maximum(changed, low), high).astype(np.float32)
        return found


def rooms_of(asked: AskedModel) -> dict[str, Room]:
    """Returns by input how far its numbers can be changed; inputs of ids have no room.

    A strength of 1 is one of 255 levels of a picture (of bytes that is 1, of other numbers 1/255 of the range of the
    training part), of all else the standard deviation in the training part, feature by feature. Of a table only what
    was made of a column of numbers has room: half a category is none.

    Raises:
        SpecError: nothing of a sample is a number.
    """
    train, found = asked.data.train, {}
    for name in asked.input_names:
        if train.inputs[name].dtype == np.int32:
            continue
        room = _of_picture(train, name) if asked.seen.form is Form.PICTURE else _of_features(train, name)
        if asked.how.facts.kind is DataKind.TABLE:
            room = Room(room.low, room.high, np.where(_are_numbers(asked), room.unit, 0).astype(np.float32))
        if room.unit.any():
            found[name] = room
    if not found:
        raise SpecError(
            N_("there is nothing continuous to change: every column is a category."),
            hint=N_("Choose a run with columns of numbers."),
        )
    return found


def raw_samples(asked: AskedModel, part: Part, places: npt.NDArray[np.int64]) -> dict[str, Array]:
    """Returns samples by their places in the arrays, before the steps on values.

    Returns:
        By input, (samples, …) float32, or int32 where it is ids.
    """
    found = {}
    for name in asked.input_names:
        array = np.asarray(part.inputs[name][places])
        found[name] = array if array.dtype == np.int32 else array.astype(np.float32)
    return found


def _of_picture(train: Part, name: str) -> Room:
    if train.inputs[name].dtype == np.uint8:
        low, high = 0.0, float(LEVELS)
    else:
        some = training_samples(train, name)
        low, high = float(some.min()), float(some.max())
    return Room(_array(low), _array(high), _array((high - low) / LEVELS))


def _of_features(train: Part, name: str) -> Room:
    some = training_samples(train, name)
    axes = tuple(range(some.ndim - 1))
    return Room(
        _array(some.min(axis=axes)),
        _array(some.max(axis=axes)),
        _array(some.std(axis=axes, dtype=np.float64)),
    )


def _array(values: Any) -> Floats:
    return np.asarray(values, np.float32)


def _are_numbers(asked: AskedModel) -> npt.NDArray[np.bool_]:
    """Returns for each number of a table's input whether its column is one of numbers."""
    how = asked.how
    numbers = {column.name for column in how.facts.columns if column.type is ColumnType.NUMBER}
    return np.array([name in numbers for name in columns_of_inputs(how.facts, how.steps, how.state)[INPUT]])
