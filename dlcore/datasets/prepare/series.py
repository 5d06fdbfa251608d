"""From a series to windows: the past that is seen, the future to predict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import EncodedData
from dlcore.datasets.prepare.tables import numbers_of
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION, Samples
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.data import ColumnRole
from dlcore.spec.preprocessing import Step, Windows
from dlcore.spec.signature import INPUT


def encode_series(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns windows in the order of time.

    A window belongs to the part that all of the values it asks for belong to. What it sees may reach
    back into a part before, never into one that comes after: training sees nothing of what tests it.

    Raises:
        DatasetError: a value is missing and nothing fills it, or no window fits into a part.
    """
    (step,) = (one for one in steps if isinstance(one, Windows))
    order = np.argsort(samples.times(), kind="stable")
    watched = samples.facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
    names = [column.name for column in watched]
    targets = [i for i, column in enumerate(watched) if column.role is ColumnRole.TARGET]
    values = np.stack([numbers_of(samples, column) for column in watched], axis=1)[order]
    seen, asked = _cut(values, step)
    y = asked[:, targets].transpose(0, 2, 1).reshape(len(asked), -1)
    _, rows = _cut(samples.rows[order], step)
    return EncodedData(
        {INPUT: np.ascontiguousarray(seen.transpose(0, 2, 1))},
        np.ascontiguousarray(y),
        _parts_of_windows(_part_of_rows(len(samples), division)[order], step),
        rows[:, 0],
        {"columns": names, "target_columns": targets, "ahead": list(step.ahead)},
    )


def _cut(values: Array, step: Windows) -> tuple[Array, Array]:
    """Returns what each window sees (a view, which takes no memory) and what it asks for.

    Shape:
        values: (rows, …).
        result: (windows, …, sequence_length), (windows, …, rows ahead).
    """
    windows = sliding_window_view(values, step.rows, axis=0)[:: step.sequence_stride]
    asked = windows[..., step.reach - 1 + np.array(step.ahead)]
    return windows[..., : step.reach : step.sampling_rate], asked


def _parts_of_windows(part: Indices, step: Windows) -> Division:
    """Returns the windows of each part, by the parts of the rows in order."""
    seen, future = _cut(part, step)
    latest = seen.max(axis=1)
    places = []
    for number, name in enumerate((TRAIN, VALIDATION, TEST)):
        inside = (future == number).all(axis=1) & (latest <= number)
        rows = int((part == number).sum())
        if not inside.any() and (rows or name == TRAIN):
            raise DatasetError(
                N_("no window fits into the {part} part (rows: {rows})."),
                hint=N_("Lower sequence_length, gap or horizon, or make the part larger."),
                where="preprocessing",
                part=Message(name),
                rows=rows,
            )
        places.append(np.flatnonzero(inside))
    return Division(*places)


def _part_of_rows(count: int, division: Division) -> Indices:
    """Returns the number of each row's part; −1 for rows that are in none."""
    part = np.full(count, -1, np.int64)
    for number, rows in enumerate((division.train, division.validation, division.test)):
        part[rows] = number
    return part
