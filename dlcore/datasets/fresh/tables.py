"""New rows of tables, texts, series and ratings made into inputs; what is unknown or missing is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dlcore.datasets.clean.applying import apply_cleaning
from dlcore.datasets.fresh.inputs import FreshInputs, Notes
from dlcore.datasets.fresh.rows import FreshRows, needed_columns
from dlcore.datasets.ingest.columns import ColumnReading
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.encoders import AppliedData
from dlcore.datasets.prepare.kinds import TABLE_ENCODERS
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.prepare.series import too_short
from dlcore.datasets.reading import TABLES
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, Message
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.preprocessing import Windows
from dlcore.spec.signature import INPUT, ITEM, USER

_EXAMPLES = 5
_LARGEST = float(np.finfo(np.float32).max)


def encode_rows(rows: FreshRows, how: Preparation, notes: Notes, names: Sequence[str] = ()) -> FreshInputs:
    """Returns new rows as inputs of the run's model.

    Args:
        rows: not cleaned yet.
        how: the run's preparation.
        notes: are told what was unknown, missing or changed.
        names: what each row is called; by default by its number.
    """
    if how.facts.kind is DataKind.SERIES:
        return _series(rows, how, notes)
    samples, told = apply_cleaning(rows.samples, how.spec.dataset.cleaning, how.cleaning)
    notes.add(*told)
    refused = _refusals(samples, rows, how)
    kept = np.array([row for row in range(len(samples)) if row not in refused], np.int64)
    names = tuple(names) or tuple(f"row {row + 1}" for row in range(len(samples)))
    if not len(kept):
        return FreshInputs({}, kept, names, refused, notes.messages())
    fitting = samples.take(kept)
    applied = TABLE_ENCODERS[how.facts.kind].apply(fitting, how.steps, how.state)
    notes.add(*_unknown(fitting, applied, how))
    truth = None if rows.truth is None else rows.truth[kept]
    return FreshInputs(applied.inputs, kept, names, refused, notes.messages(), truth)


def _refusals(samples: Samples, rows: FreshRows, how: Preparation) -> dict[int, Message]:
    """Returns the rows that lack something which nothing fills, and what it is."""
    found: dict[int, Message] = {}
    # A time that is not understood would put its row last.
    ordering = how.facts.columns_of(ColumnRole.TIME) if how.facts.kind is DataKind.SERIES else ()
    for column in dict.fromkeys([*needed_columns(how), *ordering]):
        values = samples.column(column.name)
        if how.facts.kind in (DataKind.TEXT, DataKind.RATINGS):
            lacking = values.isna().to_numpy() | (values == "").to_numpy()
            for row in np.flatnonzero(lacking):
                found.setdefault(int(row), _nothing_given(column))
        elif column.type in (ColumnType.NUMBER, ColumnType.TIME):
            numbers = values.to_numpy(np.float64)
            for row in np.flatnonzero(~(np.abs(numbers) <= _LARGEST)):
                wrong = rows.wrong.get((column.name, int(samples.rows[row])))
                found.setdefault(int(row), _no_number(column, wrong, float(numbers[row]), how))
    return found


def _nothing_given(column: Column) -> Message:
    return Message(
        N_("column {column}: expected a value, got nothing."),
        N_("Give one."),
        params={"column": column.name},
    )


def _no_number(column: Column, wrong: str | None, value: float, how: Preparation) -> Message:
    params: dict[str, Any] = {"column": column.name, "type": Message(column.type.value)}
    if not np.isnan(value):
        return Message(
            N_("column {column}: {value} is beyond 3.4e38, the largest number a network can take."),
            N_("Give a smaller one."),
            params={**params, "value": f"{value:g}"},
        )
    if wrong is None:
        return Message(
            N_("column {column}: expected a {type}, got nothing, and nothing in the cleaning fills it."),
            N_("Give a value."),
            params=params,
        )
    known = how.reading.get(TABLES, {}).get("columns", {}).get(column.name)
    reading = ColumnReading.from_dict(known) if known else ColumnReading(column.type)
    written = reading.times.describe() if reading.times else reading.numbers and reading.numbers.describe()
    return Message(
        N_("column {column}: expected a {type}, got '{got}'."),
        N_("Write it as in the training data: {written}.")
        if written
        else N_("Write it as in the training data."),
        params={**params, "got": wrong, "written": written or ""},
    )


def _unknown(samples: Samples, applied: AppliedData, how: Preparation) -> Iterator[Message]:
    """Yields what training did not know of the samples."""
    match how.facts.kind:
        case DataKind.RATINGS:
            for name, text in (
                (USER, N_("users that training does not know are treated as new ones: {values}.")),
                (ITEM, N_("items that training does not know are treated as new ones: {values}.")),
            ):
                new = samples.frame[name][applied.inputs[name][:, 0] == 0]
                if len(new):
                    yield Message(text, params={"values": _few(new)})
        case DataKind.TEXT:
            known = frozenset(how.state["vocabulary"][2:])
            yield from _silent_texts(applied.inputs[INPUT], bool(known))
        case _:
            yield from _unknown_values(samples, how)


def _silent_texts(values: Array, has_words: bool) -> Iterator[Message]:
    """Yields a note of texts in which there is no word that training knows; id 1 stands for all others."""
    known = (values > 1).any(axis=1) if values.dtype == np.int32 else (values[:, 2:] > 0).any(axis=1)
    if has_words and (count := int((~known).sum())):
        yield Message(
            N_("texts of which training knows no word: {count}; their answers mean nothing."),
            params={"count": count},
        )


def _unknown_values(samples: Samples, how: Preparation) -> Iterator[Message]:
    lookups: Mapping[str, Sequence[str]] = how.state["lookups"]
    for name, known in lookups.items():
        values = samples.column(name)
        new = values[values.notna() & ~values.astype(str).isin(frozenset(known[1:]))]
        if len(new):
            yield Message(
                N_("column {column}: training does not know {values}; they count as unknown."),
                params={"column": name, "values": _few(new)},
            )
    encoded = _encoded(how)
    for name in (column.name for column in how.facts.columns if column.name in encoded):
        if missing := int(samples.column(name).isna().sum()):
            yield Message(
                N_("column {column}: nothing is given, which counts as unknown: {count}."),
                params={"column": name, "count": missing},
            )


def _encoded(how: Preparation) -> frozenset[str]:
    """Returns the columns of names that the model sees."""
    if how.facts.kind is DataKind.SERIES:
        return frozenset(how.state["lookups"])
    types = (ColumnType.CATEGORY, ColumnType.TEXT)
    return frozenset(c.name for c in how.facts.columns_of(ColumnRole.FEATURE) if c.type in types)


def _few(values: pd.Series[Any]) -> str:
    different = [f"'{value}'" for value in dict.fromkeys(map(str, values))]
    return ", ".join(different[:_EXAMPLES]) + ("…" if len(different) > _EXAMPLES else "")


def _series(rows: FreshRows, how: Preparation, notes: Notes) -> FreshInputs:
    """Returns the windows of new series, each of which is answered, or refused, as a whole."""
    samples, told = apply_cleaning(rows.samples, how.spec.dataset.cleaning, how.cleaning)
    notes.add(*told)
    (step,) = (one for one in how.steps if isinstance(one, Windows))
    found: list[AppliedData] = []
    names: list[str] = []
    refused: dict[int, Message] = {}
    answered: list[int] = []
    for title, own in _each_series(samples, how):
        whole = samples.take(own)
        last = np.lexsort((whole.times(),))[-step.reach :]
        shown = whole if how.facts.task is Task.RECONSTRUCTION else whole.take(last)
        lacking = _refusals(shown, rows, how)
        if len(own) < step.reach or lacking:
            why = next(iter(lacking.values())) if lacking else too_short(len(own), step).message
            refused[len(names)] = why
            names.append(title)
            continue
        applied = TABLE_ENCODERS[DataKind.SERIES].apply(shown, how.steps, how.state)
        found.append(replace(applied, rows=np.arange(len(names), len(names) + len(applied.rows))))
        names += _window_names(title, shown, applied.rows, how)
        answered.append(int(own[0]))
    if not found:
        return FreshInputs({}, np.empty(0, np.int64), tuple(names), refused, notes.messages())
    notes.add(*_unknown_values(samples.take(np.array(answered)), how))
    inputs = {name: np.concatenate([applied.inputs[name] for applied in found]) for name in found[0].inputs}
    places = np.concatenate([applied.rows for applied in found])
    return FreshInputs(inputs, places, tuple(names), refused, notes.messages())


def _each_series(samples: Samples, how: Preparation) -> Iterator[tuple[str, Indices]]:
    """Yields what each series is called, and its rows."""
    series = samples.series
    grouped = bool(how.facts.columns_of(ColumnRole.GROUP))
    titles = samples.groups() if grouped else np.full(len(samples), "", object)
    for number in dict.fromkeys(series.tolist()):
        own = np.flatnonzero(series == number)
        yield str(titles[own[0]]), own


def _window_names(title: str, samples: Samples, rows: Indices, how: Preparation) -> list[str]:
    """Returns what windows are called: by their series, and of several by the last row that they show."""
    if how.facts.task is not Task.RECONSTRUCTION:
        return [title or "series"]
    last = (f"rows to {samples.rows[row] + 1}" for row in rows)
    return [f"{title} · {one}" if title else one for one in last]
