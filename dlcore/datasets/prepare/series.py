"""From a series to windows: the past that is seen, the future to predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from dlcore.datasets.clean.divisions import Division, part_of_rows
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import EncodedData, reconstructed
from dlcore.datasets.prepare.tables import ids_of, numbers_of
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION, Samples
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.data import ColumnRole, Task
from dlcore.spec.preprocessing import Step, StringLookup, Windows, input_name
from dlcore.spec.signature import INPUT

Indices32 = npt.NDArray[np.int32]


def encode_series(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns windows in the order of time, one series after another where there are several.

    A window lies within one series, and belongs to the part that all of the values it asks for belong to.
    What it sees may reach back into a part before, never into one that comes after: training sees nothing
    of what tests it. What a reconstruction gives back are the windows themselves.

    Raises:
        DatasetError: a value is missing and nothing fills it, or no window fits into a part.
    """
    (step,) = (one for one in steps if isinstance(one, Windows))
    series = samples.series
    order = np.lexsort((samples.times(), series))
    bounds = np.flatnonzero(np.diff(series[order])) + 1
    watched = samples.facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
    targets = [i for i, column in enumerate(watched) if column.role is ColumnRole.TARGET]
    values = np.stack([numbers_of(samples, column) for column in watched], axis=1)[order]
    part, cutter = part_of_rows(len(samples), division), _Cutter.of(step, samples.facts.task)
    places = _parts_of_windows(np.split(part[order], bounds), cutter)
    seen, asked = cutter.cut_all(np.split(values, bounds))
    last, first = cutter.cut_all(np.split(order, bounds))
    rows = last[:, -1] if cutter.reconstructs else first[:, 0]
    ids, lookups = _ids_of_groups(samples, division, step)
    return EncodedData(
        {INPUT: seen, **{name: one[rows, None] for name, one in ids.items()}},
        reconstructed(seen) if cutter.reconstructs else asked[..., targets].reshape(len(asked), -1),
        places,
        samples.rows[rows],
        {
            "columns": [column.name for column in watched],
            "target_columns": targets,
            "ahead": list(step.ahead),
            "lookups": lookups,
            "short_series": cutter.count_short(np.split(order, bounds)),
        },
    )


@dataclass(frozen=True)
class _Cutter:
    """Cuts series into what each window sees and what it asks for.

    Attributes:
        step: says where.
        reconstructs: whether it asks for what it sees.
    """

    step: Windows
    reconstructs: bool

    @classmethod
    def of(cls, step: Windows, task: Task) -> _Cutter:
        return cls(step, task is Task.RECONSTRUCTION)

    def cut_all(self, series: Sequence[Array]) -> tuple[Array, Array]:
        """Returns both of the windows of all series; in a series too short for one is none.

        Shape:
            series: (rows, …) each.
            result: (windows, sequence_length, …), (windows, rows ahead, …).
        """
        cut = [self._cut(one) for one in series if len(one) >= self._rows]
        if not cut:
            raise _nothing_fits(TRAIN, max(map(len, series)))
        return np.concatenate([seen for seen, _ in cut]), np.concatenate([asked for _, asked in cut])

    def count_short(self, series: Sequence[Array]) -> list[int]:
        """Returns how many of the series are too short for a window, and how many there are."""
        return [sum(len(one) < self._rows for one in series), len(series)]

    @property
    def _rows(self) -> int:
        return self.step.reach if self.reconstructs else self.step.rows

    def _cut(self, values: Array) -> tuple[Array, Array]:
        """Returns what each window of one series sees (a view, which takes no memory) and what it asks for."""
        step = self.step
        windows = np.moveaxis(sliding_window_view(values, self._rows, axis=0), -1, 1)[:: step.sequence_stride]
        seen = windows[:, : step.reach : step.sampling_rate]
        return seen, seen if self.reconstructs else windows[:, step.reach - 1 + np.array(step.ahead)]


def _ids_of_groups(
    samples: Samples, division: Division, step: Windows
) -> tuple[dict[str, Indices32], dict[str, list[str]]]:
    """Returns (samples,) the id of each row's group by the name of its input, and what the ids mean."""
    ids: dict[str, Indices32] = {}
    lookups: dict[str, list[str]] = {}
    for column in step.group_columns(samples.facts):
        name = input_name(column.name, {INPUT, *ids})
        ids[name], _ = ids_of(samples, column, StringLookup(), division.train, lookups)
    return ids, lookups


def _parts_of_windows(series: Sequence[Indices], cutter: _Cutter) -> Division:
    """Returns the windows of each part, by the parts of the rows of each series in order."""
    seen, future = cutter.cut_all(series)
    latest = seen.max(axis=1)
    places = []
    for number, name in enumerate((TRAIN, VALIDATION, TEST)):
        inside = (future == number).all(axis=1) & (latest <= number)
        rows = sum(int((part == number).sum()) for part in series)
        if not inside.any() and (rows or name == TRAIN):
            raise _nothing_fits(name, rows)
        places.append(np.flatnonzero(inside))
    return Division(*places)


def _nothing_fits(part: str, rows: int) -> DatasetError:
    return DatasetError(
        N_("no window fits into the {part} part (rows: {rows})."),
        hint=N_("Lower sequence_length, gap or horizon, or make the part larger."),
        where="preprocessing",
        part=Message(part),
        rows=rows,
    )
