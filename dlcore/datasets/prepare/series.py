"""From a series to windows: the past that is seen, the future to predict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Indices
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
    seen, asked = step.sequence_length, step.horizon
    starts = np.arange(0, len(values) - seen - asked + 1, step.sequence_stride)
    windows = sliding_window_view(values, seen + asked, axis=0)[starts]
    windows = windows.transpose(0, 2, 1)
    y = windows[:, seen:, targets].reshape(len(starts), -1)
    division = _parts_of_windows(_part_of_rows(len(samples), division)[order], starts, step)
    return EncodedData(
        {INPUT: np.ascontiguousarray(windows[:, :seen])},
        np.ascontiguousarray(y),
        division,
        samples.rows[order][starts + seen],
        {"columns": names, "target_columns": targets},
    )


def _parts_of_windows(part: Indices, starts: Indices, step: Windows) -> Division:
    """Returns the windows of each part, by the parts of the rows in order."""
    seen, asked = step.sequence_length, step.horizon
    latest = sliding_window_view(part, seen)[starts].max(axis=1)
    future = sliding_window_view(part, asked)[starts + seen]
    places = []
    for number, name in enumerate((TRAIN, VALIDATION, TEST)):
        inside = (future == number).all(axis=1) & (latest <= number)
        rows = int((part == number).sum())
        if not inside.any() and (rows or name == TRAIN):
            raise DatasetError(
                N_("no window fits into the {part} part (rows: {rows})."),
                hint=N_("Lower sequence_length or horizon, or make the part larger."),
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
