"""From the columns of a table to numbers and ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import EncodedData, reconstructed, targets_of
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.data import Column, ColumnType, Task
from dlcore.spec.preprocessing import Hashing, PiecewiseLinearEncoding, Step, StringLookup
from dlcore.spec.preprocessing.tables import input_name
from dlcore.spec.signature import INPUT, first_form

UNKNOWN = 0
"""The id of what is missing, and of what the training part does not know."""


def encode_table(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns numbers as they are or in pieces, categories as 0 and 1 or as ids, each learned from the training
    part only.

    `state` holds under `features` what each number of the input means, under `lookups` the values of
    each column by id, under `edges` where a column is cut, under `origins` the moment from which a column of
    times is counted.

    Raises:
        DatasetError: a number is missing and nothing fills it.
    """
    form = first_form(samples.facts)
    origins = {
        c.name: time_origin(samples, c, division.train) for c in form.numbers if c.type is ColumnType.TIME
    }
    parts: dict[str, _Columns] = {
        column.name: _Number(numbers_of(samples, column, origins.get(column.name, 0.0)), column.name)
        for column in form.numbers
    }
    inputs: dict[str, Array] = {}
    lookups: dict[str, list[str]] = {}
    edges: dict[str, list[float]] = {}
    for step in steps:
        match step:
            case PiecewiseLinearEncoding():
                for column in step.chosen(form):
                    number = parts[column.name]
                    assert isinstance(number, _Number), "a column is cut once"
                    cut = quantile_edges(number.values[division.train], step.pieces(column))
                    edges[column.name] = cut.tolist()
                    parts[column.name] = _Pieces(number.values, column.name, cut, step.pieces(column))
            case StringLookup() | Hashing():
                for column in step.chosen(form):
                    ids, meanings = ids_of(samples, column, step, division.train, lookups)
                    if step.output_mode == "int":
                        # As the step's own form names them, in the same order.
                        taken = {INPUT, *inputs} if parts else {*inputs}
                        inputs[input_name(column.name, taken)] = ids[:, None]
                    else:
                        parts[column.name] = _Flags(ids, column.name, meanings, step.ids(column))
            case _:
                raise TypeError(f"no way is known to apply {step.kind} to tables")
        form = step.form(form)
    if parts:
        inputs = {INPUT: _joined([*parts.values()], len(samples)), **inputs}
    features = [name for part in parts.values() for name in part.names()]
    state: dict[str, Any] = {"features": features, "lookups": lookups, "edges": edges, "origins": origins}
    reconstructs = samples.facts.task is Task.RECONSTRUCTION
    y = reconstructed(inputs[INPUT]) if reconstructs else targets_of(samples)
    return EncodedData(inputs, y, division, samples.rows, state)


@dataclass(frozen=True)
class _Number:
    """A column of numbers as it is."""

    values: npt.NDArray[np.float32]
    column: str

    def names(self) -> list[str]:
        return [self.column]

    def write(self, place: npt.NDArray[np.float32]) -> None:
        place[:, 0] = self.values


@dataclass(frozen=True)
class _Pieces:
    """A column of numbers cut at its edges; where there are fewer pieces than `count`, the rest are 0."""

    values: npt.NDArray[np.float32]
    column: str
    edges: npt.NDArray[np.float64]
    count: int

    def names(self) -> list[str]:
        spans = [f"{low:g} … {high:g}" for low, high in pairwise(self.edges)]
        return [f"{self.column}: {span}" for span in _padded(spans, self.count)]

    def write(self, place: npt.NDArray[np.float32]) -> None:
        last = len(self.edges) - 2
        for index, (low, high) in enumerate(pairwise(self.edges)):
            # Beyond the outer edges the line goes on: a new extreme is not the same as the old one.
            lowest, highest = (-np.inf if index == 0 else 0.0), (np.inf if index == last else 1.0)
            place[:, index] = np.clip((self.values - low) / (high - low), lowest, highest)


@dataclass(frozen=True)
class _Flags:
    """Columns of 0 and 1, as the ids that they stand for."""

    ids: npt.NDArray[np.int32]
    column: str
    meanings: list[str]
    count: int

    def names(self) -> list[str]:
        return [f"{self.column} = {meaning}" for meaning in _padded(self.meanings, self.count)]

    def write(self, place: npt.NDArray[np.float32]) -> None:
        place[np.arange(len(place)), self.ids] = 1


_Columns = _Number | _Pieces | _Flags


def _joined(parts: Sequence[_Columns], rows: int) -> npt.NDArray[np.float32]:
    """(rows, columns) the parts beside each other, of which only the result is in memory as float32."""
    widths = [len(part.names()) for part in parts]
    joined, start = np.zeros((rows, sum(widths)), np.float32), 0
    for part, width in zip(parts, widths, strict=True):
        part.write(joined[:, start : start + width])
        start += width
    return joined


def quantile_edges(values: Array, pieces: int) -> npt.NDArray[np.float64]:
    """Returns the edges of at most so many pieces, each with as many of the values as the others.

    Values that are frequent make fewer pieces. A column that never changes has one, one unit wide.

    Example:
        >>> quantile_edges(np.array([0.0, 1.0, 2.0, 10.0, 20.0]), 2).tolist()
        [0.0, 2.0, 20.0]
    """
    # Neighbours that float32 cannot tell apart would make a piece of no width.
    found = np.unique(np.quantile(values, np.linspace(0, 1, pieces + 1)).astype(np.float32))
    edges = found.astype(np.float64)
    return edges if len(edges) > 1 else np.array([edges[0], edges[0] + 1.0])


def time_origin(samples: Samples, column: Column, train: Indices) -> float:
    """Returns the training part's first moment: counted from 1970,
    float32 would keep two minutes apart at best.
    """
    known = samples.column(column.name).iloc[train].dropna()
    return float(known.min()) if len(known) else 0.0


def numbers_of(samples: Samples, column: Column, start: float = 0.0) -> Array:
    """(samples,) float32: a column's numbers, counted from `start`.

    Raises:
        DatasetError: some are missing, or too large for float32.
    """
    values: Array = samples.column(column.name).to_numpy(np.float64) - start
    if np.abs(values).max(initial=0.0, where=~np.isnan(values)) > np.finfo(np.float32).max:
        raise DatasetError(
            N_("column {column} has numbers beyond 3.4e38, the largest a network can take."),
            hint=N_("Give it in another unit, or leave it out."),
            column=column.name,
        )
    missing = int(np.isnan(values).sum())
    if missing:
        raise DatasetError(
            N_("numbers that are missing in column {column}: {count}."),
            hint=N_("Add MissingValues to the cleaning, or leave the column out."),
            where="dataset.cleaning",
            column=column.name,
            count=missing,
        )
    return values.astype(np.float32)


def ids_of(
    samples: Samples,
    column: Column,
    step: StringLookup | Hashing,
    train: Indices,
    lookups: dict[str, list[str]],
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """(samples,) the id of each value, and what the ids mean."""
    codes, different = pd.factorize(samples.column(column.name))
    values = list(map(str, different))
    if isinstance(step, Hashing):
        bins = [hash_bin(value, step.num_bins) for value in values]
        return np.array([*bins, UNKNOWN], np.int32)[codes], ["?", *[f"#{i}" for i in range(1, step.num_bins)]]
    known = sorted({values[code] for code in np.unique(codes[train]) if code >= 0})
    lookups[column.name] = ["", *known]
    places = {value: place for place, value in enumerate(known, start=1)}
    ids = [places.get(value, UNKNOWN) for value in values]
    # What is missing has the code −1, and so the last place.
    return np.array([*ids, UNKNOWN], np.int32)[codes], ["?", *known]


def hash_bin(value: str, bins: int) -> int:
    """Returns the bin of a value, never the first: the same on every machine, forever."""
    digest = hashlib.blake2b(value.encode(), digest_size=8).digest()
    return 1 + int.from_bytes(digest) % (bins - 1)


def _padded(meanings: list[str], count: int) -> list[str]:
    return [*meanings, *["–"] * (count - len(meanings))]
