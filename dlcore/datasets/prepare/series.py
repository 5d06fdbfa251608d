"""From a series to windows: the past that is seen, the future to predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlcore.datasets.clean.divisions import Division, part_of_rows
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import AppliedData, EncodedData, State, reconstructed
from dlcore.datasets.prepare.tables import ids_of, learn_values, numbers_of
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION, Samples
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.data import Column, ColumnRole, DatasetFacts, Task
from dlcore.spec.preprocessing import Step, StringLookup, Windows, input_name
from dlcore.spec.signature import INPUT


def encode_series(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns windows in the order of time, one series after another where there are several.

    A window lies within one series, and belongs to the part that all of the values it asks for belong to.
    What it sees may reach back into a part before, never into one that comes after: training sees nothing
    of what tests it. What a reconstruction gives back are the windows themselves.

    Raises:
        DatasetError: a value is missing and nothing fills it, or no window fits into a part.
    """
    step, watched = _windows(steps), _watched(samples.facts)
    state = learn_series(samples, division.train, steps)
    order, bounds = _in_order(samples)
    values = _values(samples)[order]
    part, cutter = part_of_rows(len(samples), division), _Cutter.of(step, samples.facts.task)
    places = _parts_of_windows(np.split(part[order], bounds), cutter)
    seen, asked = cutter.cut_all(np.split(values, bounds))
    last, first = cutter.cut_all(np.split(order, bounds))
    rows = last[:, -1] if cutter.reconstructs else first[:, 0]
    targets = state["target_columns"]
    return EncodedData(
        _inputs(seen, rows, samples, step, state),
        reconstructed(seen) if cutter.reconstructs else asked[..., targets].reshape(len(asked), -1),
        places,
        samples.rows[rows],
        {
            **state,
            "columns": [column.name for column in watched],
            "short_series": cutter.count_short(np.split(order, bounds)),
        },
    )


def learn_series(samples: Samples, train: Indices, steps: Sequence[Step]) -> State:
    """Returns under `lookups` the groups by id, under `target_columns` the places of what is forecast, and under
    `ahead` how many rows later.
    """
    step = _windows(steps)
    targets = [i for i, one in enumerate(_watched(samples.facts)) if one.role is ColumnRole.TARGET]
    lookups = {
        column.name: learn_values(samples, column, train) for column in step.group_columns(samples.facts)
    }
    return {"target_columns": targets, "ahead": list(step.ahead), "lookups": lookups}


def apply_series(samples: Samples, steps: Sequence[Step], state: State) -> AppliedData:
    """Returns what a model sees of each series: its last window, which a forecast continues; for a reconstruction
    all windows.

    Raises:
        DatasetError: a value is missing, or a series is shorter than a window.
    """
    step = _windows(steps)
    order, bounds = _in_order(samples)
    series = np.split(order, bounds)
    if (shortest := min(map(len, series))) < step.reach:
        raise too_short(shortest, step)
    if samples.facts.task is not Task.RECONSTRUCTION:
        series = [rows[-step.reach :] for rows in series]
    # Nothing of what comes next is needed, so they are cut as for a reconstruction.
    places, _ = _Cutter(step, reconstructs=True).cut_all(series)
    last = places[:, -1]
    return AppliedData(_inputs(_values(samples)[places], last, samples, step, state), last)


def too_short(rows: int, step: Windows) -> DatasetError:
    """Returns the error for a series that does not fill one window."""
    return DatasetError(
        N_("too few rows of a series: the model looks at {needed} at a time, given are {rows}."),
        hint=N_("Give more rows of its past."),
        needed=step.reach,
        rows=rows,
    )


def _windows(steps: Sequence[Step]) -> Windows:
    (step,) = (one for one in steps if isinstance(one, Windows))
    return step


def _watched(facts: DatasetFacts) -> tuple[Column, ...]:
    return facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)


def _in_order(samples: Samples) -> tuple[Indices, Indices]:
    """Returns the rows of one series after another, each in the order of time, and where a new one begins."""
    series = samples.series
    order = np.lexsort((samples.times(), series))
    return order, np.flatnonzero(np.diff(series[order])) + 1


def _values(samples: Samples) -> Array:
    """(rows, columns) all that a window shows."""
    return np.stack([numbers_of(samples, column) for column in _watched(samples.facts)], axis=1)


def _inputs(seen: Array, rows: Indices, samples: Samples, step: Windows, state: State) -> dict[str, Array]:
    """Returns the windows, and the ids of the groups that they are of.

    Args:
        seen: (windows, sequence_length, columns).
        rows: (windows,) a row of each.
        samples: all rows.
        step: how they are cut.
        state: knows the groups.
    """
    inputs: dict[str, Array] = {INPUT: seen}
    for column in step.group_columns(samples.facts):
        ids = ids_of(samples, column, StringLookup(), state["lookups"][column.name])
        inputs[input_name(column.name, {*inputs})] = ids[rows, None]
    return inputs


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
