"""The cells of a table by column and block: all columns are cut at the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dlcore.datasets.ingest.spool import Place, Spool
from dlcore.datasets.ingest.texts import TextBlock, Texts
from dlcore.settings import Settings

BLOCK_ROWS = 50_000
"""Rows of a block; fewer where they are long."""

_BLOCK_BYTES = 16 * 2**20


class CellForm(StrEnum):
    """What the file itself knows of a column's cells."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


def form_of(type_: pa.DataType) -> CellForm:
    """Returns what the cells of an array are."""
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_):
        return CellForm.NUMBER
    return CellForm.TIME if pa.types.is_timestamp(type_) else CellForm.TEXT


@dataclass(frozen=True)
class CellBlock:
    """The cells of a column in neighbouring rows.

    Attributes:
        cells: as they are in the file, each different one once; texts without blanks around them.
    """

    cells: pa.DictionaryArray

    @property
    def form(self) -> CellForm:
        """What the file itself knows of them."""
        return form_of(self.cells.dictionary.type)

    @cached_property
    def codes(self) -> npt.NDArray[np.int32]:
        """(rows,) for each row the place of its cell among the different ones; −1 where there is none."""
        codes: npt.NDArray[np.int32] = self.cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return codes

    @cached_property
    def texts(self) -> list[str]:
        """The different cells as texts."""
        if self.form is CellForm.TEXT:
            return list(self.cells.dictionary.to_pylist())
        if self.form is CellForm.TIME:
            return list(map(str, self.cells.dictionary.to_pandas()))
        if pa.types.is_floating(self.cells.dictionary.type):
            # As whole numbers are called, which the same column may hold in another block.
            return [f"{one:.0f}" if one.is_integer() else str(one) for one in self.numbers.tolist()]
        return list(map(str, self.cells.dictionary.to_pylist()))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The different cells as numbers, NaN where one is infinite; times in seconds since 1970."""
        known = self.cells.dictionary
        if self.form is CellForm.TIME:
            moments = known.cast(pa.timestamp("us", known.type.tz), safe=False).cast(pa.int64())
            return np.asarray(moments.to_numpy(zero_copy_only=False), np.float64) / 1e6
        values = np.array(known.to_numpy(zero_copy_only=False), np.float64)
        values[~np.isfinite(values)] = np.nan
        return values

    def known(self, missing: frozenset[str]) -> TextBlock:
        """Returns the cells as texts, without those that say nothing.

        Args:
            missing: what says nothing, in lower case.
        """
        if self.form is CellForm.TEXT:
            lower = pc.utf8_lower(self.cells.dictionary)
            silent = pc.is_in(lower, pa.array(sorted(missing), lower.type)).to_numpy(zero_copy_only=False)
        else:
            silent = np.array([text.lower() in missing for text in self.texts], bool)
        if not silent.any():
            return TextBlock(self.texts, self.codes)
        places = np.append(np.where(silent, -1, np.cumsum(~silent) - 1), -1).astype(np.int32)
        texts = [text for text, gone in zip(self.texts, silent, strict=True) if not gone]
        return TextBlock(texts, places[self.codes])


@dataclass(frozen=True)
class CellColumn:
    """A column of a table.

    Attributes:
        name: as the file has it, or a unique one.
        form: what the file itself knows of its cells.
        rows: how many there are.
        places: where the blocks are.
        spool: keeps them.
    """

    name: str
    form: CellForm
    rows: int
    places: tuple[Place, ...]
    spool: Spool

    def block(self, number: int) -> CellBlock:
        """Returns the cells of one block of rows."""
        return CellBlock(self.spool.get(self.places[number]))

    def blocks(self) -> Iterator[CellBlock]:
        """Yields the cells from the first row on."""
        return map(self.block, range(len(self.places)))

    def texts(self, missing: frozenset[str]) -> Texts:
        """Returns the cells as texts, without those that say nothing.

        Args:
            missing: what says nothing, in lower case.
        """
        return Texts(lambda: (block.known(missing) for block in self.blocks()))


class CellTable:
    """The cells of a table; what is not needed at the moment is put aside.

    Args:
        settings: in whose home large tables are put aside.
    """

    def __init__(self, settings: Settings) -> None:
        self._spool = Spool(settings)
        self._places: dict[str, list[Place]] = {}
        self._forms: dict[str, set[CellForm]] = {}
        self._lengths: list[int] = []
        self._waiting: list[dict[str, pa.Array]] = []
        self._waiting_rows = self._waiting_bytes = 0

    @property
    def names(self) -> list[str]:
        """What the columns are called, in order."""
        return list(self._places)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self._lengths) + self._waiting_rows

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many rows each block has."""
        self._flush()
        return tuple(self._lengths)

    def add(self, cells: Mapping[str, pa.Array]) -> None:
        """Adds some rows; columns that a table has and the rows have not, or the other way round, are filled up.

        Args:
            cells: by the name of their column; of any type.
        """
        rows = len(next(iter(cells.values()))) if cells else 0
        known = {name: _plain(array) for name, array in cells.items()}
        for name in known:
            if name not in self._places:
                self._flush()
                self._places[name] = [self._put(name, pa.nulls(length)) for length in self._lengths]
        if not rows:
            return
        if self._waiting and _types(self._waiting[-1]) != _types(known):
            self._flush()
        self._waiting.append(known)
        self._waiting_rows += rows
        self._waiting_bytes += sum(array.nbytes for array in known.values())
        if self._waiting_rows >= BLOCK_ROWS or self._waiting_bytes >= _BLOCK_BYTES:
            self._flush()

    def column(self, name: str) -> CellColumn:
        """Returns the column of that name."""
        self._flush()
        forms = self._forms.get(name, set())
        form = next(iter(forms)) if len(forms) == 1 else CellForm.TEXT
        return CellColumn(name, form, self.rows, tuple(self._places[name]), self._spool)

    def columns(self) -> Iterator[CellColumn]:
        """Yields the columns in order."""
        return map(self.column, self.names)

    def blocks(self) -> Iterator[dict[str, pa.Array]]:
        """Yields the cells of all columns by name, block by block."""
        columns = list(self.columns())
        for number in range(len(self.lengths)):
            yield {column.name: column.block(number).cells for column in columns}

    def put_first(self, name: str, blocks: Iterable[pa.Array]) -> None:
        """Adds a column in front of the others.

        Args:
            name: of the column.
            blocks: its cells, in arrays of the `lengths` of the blocks.
        """
        places = [self._put(name, block) for block in blocks]
        self._places = {name: places, **self._places}

    def drop(self, name: str) -> None:
        """Leaves out a column."""
        del self._places[name]

    def head(self, count: int) -> list[tuple[str, ...]]:
        """Returns the first rows as texts, empty where there is nothing."""
        rows: list[tuple[str, ...]] = []
        columns = list(self.columns())
        for number in range(len(self.lengths)):
            if len(rows) >= count:
                break
            blocks = [column.block(number) for column in columns]
            shown = (([*block.texts, ""], block.codes[: count - len(rows)]) for block in blocks)
            rows += zip(*([texts[code] for code in codes] for texts, codes in shown), strict=True)
        return rows

    def _flush(self) -> None:
        """Puts aside the rows that wait, as one block or several."""
        waiting, self._waiting = self._waiting, []
        rows, self._waiting_rows, self._waiting_bytes = self._waiting_rows, 0, 0
        for start in range(0, rows, BLOCK_ROWS):
            length = min(BLOCK_ROWS, rows - start)
            for name, places in self._places.items():
                pieces = [known[name] for known in waiting if name in known]
                whole = pa.chunked_array(pieces).slice(start, length) if pieces else pa.nulls(length)
                places.append(self._put(name, pa.concat_arrays(whole.chunks) if pieces else whole))
            self._lengths.append(length)

    def _put(self, name: str, array: pa.Array) -> Place:
        if pa.types.is_null(array.type):
            array = array.cast(pa.large_string())
        else:
            self._forms.setdefault(name, set()).add(form_of(array.type))
        return self._spool.put(array.dictionary_encode())


def _types(cells: Mapping[str, pa.Array]) -> dict[str, pa.DataType]:
    return {name: array.type for name, array in cells.items()}


def _plain(array: pa.Array) -> pa.Array:
    """Returns numbers and times as they are, everything else as texts without blanks around them."""
    if isinstance(array.type, pa.DictionaryType):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return array
    whole_truth = not (pa.types.is_boolean(array.type) and array.null_count)
    if form_of(array.type) is not CellForm.TEXT and whole_truth:
        return array
    if pa.types.is_large_string(array.type) or pa.types.is_string(array.type):
        return pc.utf8_trim_whitespace(array.cast(pa.large_string()))
    cells = [None if cell is None or cell != cell else str(cell).strip() for cell in array.to_pylist()]
    return pa.array(cells, pa.large_string())
