"""From a series to windows: the past that is seen, the future that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.datasets.division import Division
from dlcore.datasets.encoders import Encoded
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.data import ColumnRole
from dlcore.spec.preprocessing import Step, Windows
from dlcore.spec.signature import INPUT


def encode_series(samples: Samples, division: Division, steps: Sequence[Step]) -> Encoded:
    """Windows in the order of time.

    A window belongs to the part that all of the values it asks for belong to. What it sees may reach
    back into the part before: by then that is known. None that trains asks for a value of another part.

    Raises:
        DatasetError: a value is missing and nothing fills it.
    """
    (step,) = (one for one in steps if isinstance(one, Windows))
    order = np.argsort(samples.times(), kind="stable")
    watched = samples.facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
    names = [column.name for column in watched]
    targets = [i for i, column in enumerate(watched) if column.role is ColumnRole.TARGET]
    values = np.stack([samples.column(name).to_numpy(np.float32) for name in names], axis=1)[order]
    if not np.isfinite(values).all():
        raise DatasetError(
            N_("the series has gaps."),
            hint=N_("Add MissingValues to the cleaning."),
            where="dataset.cleaning",
        )
    seen, asked = step.sequence_length, step.horizon
    starts = np.arange(0, len(values) - seen - asked + 1, step.sequence_stride)
    windows = np.lib.stride_tricks.sliding_window_view(values, seen + asked, axis=0)[starts]
    windows = windows.transpose(0, 2, 1)
    y = windows[:, seen:, targets].reshape(len(starts), -1)
    part = _part_of_rows(len(samples), division)[order]
    first, last = part[starts + seen], part[starts + seen + asked - 1]
    places = [np.flatnonzero((first == number) & (last == number)) for number in range(3)]
    return Encoded(
        {INPUT: np.ascontiguousarray(windows[:, :seen])},
        np.ascontiguousarray(y),
        Division(*places),
        samples.rows[order][starts + seen],
        {"columns": names, "target_columns": targets},
    )


def _part_of_rows(count: int, division: Division) -> Indices:
    """The number of each row's part; −1 for rows that are in none."""
    part = np.full(count, -1, np.int64)
    for number, rows in enumerate((division.train, division.validation, division.test)):
        part[rows] = number
    return part
