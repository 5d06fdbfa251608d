"""From the columns of a table to numbers and ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import AppliedData, EncodedData, State, reconstructed, targets_of
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.data import Column, ColumnType, DatasetFacts, Task
from dlcore.spec.preprocessing import Hashing, PiecewiseLinearEncoding, Step, StringLookup
from dlcore.spec.preprocessing.tables import input_name
from dlcore.spec.signature import INPUT, first_form

UNKNOWN = 0
"""The id of what is missing, and of what the training part does not know."""

_Encoding = PiecewiseLinearEncoding | StringLookup | Hashing


def encode_table(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Returns numbers as they are or in pieces, categories as 0 and 1 or as ids, each learned from the training
    part only.

    Raises:
        DatasetError: a number is missing and nothing fills it.
    """
    state = learn_table(samples, division.train, steps)
    inputs = apply_table(samples, steps, state).inputs
    reconstructs = samples.facts.task is Task.RECONSTRUCTION
    y = reconstructed(inputs[INPUT]) if reconstructs else targets_of(samples)
    return EncodedData(inputs, y, division, samples.rows, state)


def learn_table(samples: Samples, train: Indices, steps: Sequence[Step]) -> State:
    """Returns what the training part teaches of the columns.

    It holds under `features` what each number of the input means, under `lookups` the values of each column by
    id, under `edges` where a column is cut, under `origins` the moment from which a column of times is counted.

    Raises:
        DatasetError: a number is missing and nothing fills it.
    """
    origins = {
        column.name: time_origin(samples, column, train)
        for column in first_form(samples.facts).numbers
        if column.type is ColumnType.TIME
    }
    for column in first_form(samples.facts).numbers:
        numbers_of(
            samples, column, origins.get(column.name, 0.0)
        )  # all of it is checked before any is encoded
    lookups: dict[str, list[str]] = {}
    edges: dict[str, list[float]] = {}
    for step, column in _encoded_columns(samples.facts, steps):
        match step:
            case PiecewiseLinearEncoding():
                values = numbers_of(samples, column, origins.get(column.name, 0.0))[train]
                edges[column.name] = quantile_edges(values, step.pieces(column)).tolist()
            case StringLookup():
                lookups[column.name] = learn_values(samples, column, train)
    learned = {"lookups": lookups, "edges": edges, "origins": origins}
    parts, _ = _layout(samples.facts, steps, learned)
    return {"features": [name for part in parts for name in part.names()], **learned}


def apply_table(samples: Samples, steps: Sequence[Step], state: State) -> AppliedData:
    """Returns the inputs of samples by what was learned from others.

    Raises:
        DatasetError: a number is missing, or too large for float32.
    """
    parts, embedded = _layout(samples.facts, steps, state)
    inputs: dict[str, Array] = {INPUT: _joined(parts, samples)} if parts else {}
    for name, one in embedded.items():
        inputs[name] = one.ids(samples)[:, None]
    return AppliedData(inputs, np.arange(len(samples)))


def columns_of_inputs(facts: DatasetFacts, steps: Sequence[Step], state: State) -> dict[str, tuple[str, ...]]:
    """Returns by input the name of the column that each of its numbers is made of."""
    parts, embedded = _layout(facts, steps, state)
    found: dict[str, tuple[str, ...]] = {name: (one.column.name,) for name, one in embedded.items()}
    if parts:
        found[INPUT] = tuple(part.source for part in parts for _name in part.names())
    return found


def _encoded_columns(facts: DatasetFacts, steps: Sequence[Step]) -> Iterator[tuple[_Encoding, Column]]:
    """Yields the columns that steps make something of, in their order."""
    form = first_form(facts)
    for step in steps:
        if not isinstance(step, PiecewiseLinearEncoding | StringLookup | Hashing):
            raise TypeError(f"no way is known to apply {step.kind} to tables")
        for column in step.chosen(form):
            yield step, column
        form = step.form(form)


def _layout(
    facts: DatasetFacts, steps: Sequence[Step], state: State
) -> tuple[tuple[_Columns, ...], dict[str, _Ids]]:
    """Returns what the numbers of the one input are in order, and the ids of each other input by its name."""
    parts: dict[str, _Columns] = {
        column.name: _Number(column, state["origins"].get(column.name, 0.0))
        for column in first_form(facts).numbers
    }
    embedded: dict[str, _Ids] = {}
    for step, column in _encoded_columns(facts, steps):
        if isinstance(step, PiecewiseLinearEncoding):
            number = parts[column.name]
            assert isinstance(number, _Number), "a column is cut once"
            parts[column.name] = _Pieces(number, state["edges"][column.name], step.pieces(column))
            continue
        ids = _Ids(column, step, state["lookups"].get(column.name, ()))
        if step.output_mode == "int":
            # As the step's own form names them, in the same order.
            taken = {INPUT, *embedded} if parts else {*embedded}
            embedded[input_name(column.name, taken)] = ids
        else:
            parts[column.name] = _Flags(ids, step.ids(column))
    return tuple(parts.values()), embedded


@dataclass(frozen=True)
class _Number:
    """A column of numbers as it is, or of times counted from `origin`."""

    column: Column
    origin: float

    @property
    def source(self) -> str:
        return self.column.name

    def names(self) -> list[str]:
        return [self.column.name]

    def write(self, samples: Samples, place: npt.NDArray[np.float32]) -> None:
        place[:, 0] = numbers_of(samples, self.column, self.origin)


@dataclass(frozen=True)
class _Pieces:
    """A column of numbers cut at its edges; where there are fewer pieces than `count`, the rest are 0."""

    number: _Number
    edges: Sequence[float]
    count: int

    @property
    def source(self) -> str:
        return self.number.source

    def names(self) -> list[str]:
        spans = [f"{low:g} … {high:g}" for low, high in pairwise(self.edges)]
        return [f"{self.number.column.name}: {span}" for span in _padded(spans, self.count)]

    def write(self, samples: Samples, place: npt.NDArray[np.float32]) -> None:
        values = numbers_of(samples, self.number.column, self.number.origin)
        last = len(self.edges) - 2
        for index, (low, high) in enumerate(pairwise(np.asarray(self.edges, np.float64))):
            # Beyond the outer edges the line goes on: a new extreme is not the same as the old one.
            lowest, highest = (-np.inf if index == 0 else 0.0), (np.inf if index == last else 1.0)
            place[:, index] = np.clip((values - low) / (high - low), lowest, highest)


@dataclass(frozen=True)
class _Ids:
    """A column of names, as the ids of its values."""

    column: Column
    step: StringLookup | Hashing
    known: Sequence[str]

    def ids(self, samples: Samples) -> npt.NDArray[np.int32]:
        return ids_of(samples, self.column, self.step, self.known)

    def meanings(self) -> list[str]:
        if isinstance(self.step, Hashing):
            return ["?", *[f"#{number}" for number in range(1, self.step.num_bins)]]
        return ["?", *self.known[1:]]


@dataclass(frozen=True)
class _Flags:
    """Columns of 0 and 1, one for each of `count` ids."""

    ids: _Ids
    count: int

    @property
    def source(self) -> str:
        return self.ids.column.name

    def names(self) -> list[str]:
        meanings = _padded(self.ids.meanings(), self.count)
        return [f"{self.ids.column.name} = {meaning}" for meaning in meanings]

    def write(self, samples: Samples, place: npt.NDArray[np.float32]) -> None:
        place[np.arange(len(place)), self.ids.ids(samples)] = 1


_Columns = _Number | _Pieces | _Flags


def _joined(parts: Sequence[_Columns], samples: Samples) -> npt.NDArray[np.float32]:
    """(samples, columns) the parts beside each other; one column at a time is in memory besides."""
    widths = [len(part.names()) for part in parts]
    joined, start = np.zeros((len(samples), sum(widths)), np.float32), 0
    for part, width in zip(parts, widths, strict=True):
        part.write(samples, joined[:, start : start + width])
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


def learn_values(samples: Samples, column: Column, train: Indices) -> list[str]:
    """Returns the values of a column by id as the training part has them; `UNKNOWN` has none."""
    different = samples.column(column.name).iloc[train].dropna().unique()
    return ["", *sorted(set(map(str, different)))]


def ids_of(
    samples: Samples, column: Column, step: StringLookup | Hashing, known: Sequence[str]
) -> npt.NDArray[np.int32]:
    """(samples,) the id of each value.

    Args:
        samples: any.
        column: one of names.
        step: what makes ids of them.
        known: the values by id, if `step` looks them up.
    """
    codes, different = pd.factorize(samples.column(column.name))
    values = map(str, different)
    if isinstance(step, Hashing):
        ids = [hash_bin(value, step.num_bins) for value in values]
    else:
        places = {value: place for place, value in enumerate(known) if place != UNKNOWN}
        ids = [places.get(value, UNKNOWN) for value in values]
    # What is missing has the code −1, and so the last place.
    found: npt.NDArray[np.int32] = np.array([*ids, UNKNOWN], np.int32)[codes]
    return found


def hash_bin(value: str, bins: int) -> int:
    """Returns the bin of a value, never the first: the same on every machine, forever."""
    digest = hashlib.blake2b(value.encode(), digest_size=8).digest()
    return 1 + int.from_bytes(digest) % (bins - 1)


def _padded(meanings: list[str], count: int) -> list[str]:
    return [*meanings, *["–"] * (count - len(meanings))]
