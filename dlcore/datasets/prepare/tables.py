"""From the columns of a table to numbers and ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import EncodedData, reconstructed, targets_of
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.data import Column, ColumnRole, ColumnType, Task
from dlcore.spec.preprocessing import Hashing, Step, StringLookup
from dlcore.spec.preprocessing.tables import input_name
from dlcore.spec.signature import INPUT, first_form

UNKNOWN = 0
"""The id of what is missing, and of what the training part does not know."""


def encode_table(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns numbers as they are, categories as 0 and 1 or as ids, each learned from the training part only.

    `state` holds under `features` what each number of the input means, under `lookups` the values of
    each column by id, under `origins` the moment from which a column of times is counted.

    Raises:
        DatasetError: a number is missing and nothing fills it.
    """
    form = first_form(samples.facts)
    numbers = [c for c in samples.facts.columns_of(ColumnRole.FEATURE) if _is_number(c)]
    origins = {c.name: time_origin(samples, c, division.train) for c in numbers if c.type is ColumnType.TIME}
    parts: list[Array | _Flags] = [
        numbers_of(samples, column, origins.get(column.name, 0.0)) for column in numbers
    ]
    features = [column.name for column in numbers]
    inputs: dict[str, Array] = {}
    lookups: dict[str, list[str]] = {}
    for step in steps:
        if not isinstance(step, StringLookup | Hashing):
            raise TypeError(f"no way is known to apply {step.kind} to tables")
        for column in step.chosen(form):
            ids, meanings = ids_of(samples, column, step, division.train, lookups)
            count = step.ids(column)
            if step.output_mode == "int":
                # As the step's own form names them, in the same order.
                inputs[input_name(column.name, {INPUT, *inputs} if features else {*inputs})] = ids[:, None]
            else:
                parts.append(_Flags(ids, count))
                features += [f"{column.name} = {meaning}" for meaning in _padded(meanings, count)]
        form = step.form(form)
    if parts:
        inputs = {INPUT: _joined(parts, len(samples)), **inputs}
    state: dict[str, Any] = {"features": features, "lookups": lookups, "origins": origins}
    reconstructs = samples.facts.task is Task.RECONSTRUCTION
    y = reconstructed(inputs[INPUT]) if reconstructs else targets_of(samples)
    return EncodedData(inputs, y, division, samples.rows, state)


def _is_number(column: Column) -> bool:
    return column.type in (ColumnType.NUMBER, ColumnType.TIME)


@dataclass(frozen=True)
class _Flags:
    """Columns of 0 and 1, as the ids that they stand for."""

    ids: npt.NDArray[np.int32]
    count: int


def _joined(parts: Sequence[Array | _Flags], rows: int) -> npt.NDArray[np.float32]:
    """(rows, columns) the parts beside each other, of which only the result is in memory as float32."""
    width = sum(part.count if isinstance(part, _Flags) else 1 for part in parts)
    joined, start = np.zeros((rows, width), np.float32), 0
    for part in parts:
        if isinstance(part, _Flags):
            joined[np.arange(rows), start + part.ids] = 1
            start += part.count
        else:
            joined[:, start] = part
            start += 1
    return joined


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
