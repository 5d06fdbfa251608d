"""A table that has been read: the values of its columns as they are stored, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.cells import Cells
from dlcore.datasets.ingest.columns import ColumnData, ColumnLabels, block_numbers
from dlcore.datasets.ingest.distinct import Hashes, hashes_of, joined_hashes
from dlcore.datasets.ingest.missing_words import missing_words
from dlcore.datasets.ingest.proposal import Choices
from dlcore.datasets.ingest.table_reading import TableReading
from dlcore.datasets.ingest.texts import Texts
from dlcore.spec.data import Column, ColumnType


@dataclass(frozen=True)
class OpenTable:
    """A table that has been read, and how its columns are.

    Attributes:
        cells: its rows.
        reading: how its columns are read.
        choices: what the user said.
    """

    cells: Cells
    reading: TableReading
    choices: Choices

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.cells.table.rows

    def data(self, column: Column) -> ColumnData:
        """Returns what is known of a column, with its role."""
        return replace(self.reading.data[column.name], column=column)

    def numbers(self, name: str) -> Iterator[npt.NDArray[np.float64]]:
        """Yields the numbers of a column, or its times, block by block."""
        for block in self.cells.table.column(name).blocks():
            yield block_numbers(block, self.reading.readings[name], self.choices)

    def labels(self, name: str) -> Texts:
        """Returns the cells of a column as names."""
        cells = self.cells.table.column(name)
        return ColumnLabels(cells, self.reading.readings[name], self.choices).texts()

    def hashes(self, names: Sequence[str]) -> Iterator[Hashes]:
        """Yields (rows,) equal hashes where all of some columns are equal, block by block.

        What is missing is a value like others.
        """
        for one in zip(*map(self._hashes, names), strict=True):
            yield joined_hashes(one)

    def _hashes(self, name: str) -> Iterator[Hashes]:
        if (type_ := self.reading.readings[name].type) in (ColumnType.NUMBER, ColumnType.TIME):
            yield from map(hashes_of, self.numbers(name))
            return
        for block in self.cells.table.column(name).texts(missing_words(type_, self.choices)):
            yield np.append(hashes_of(np.array(block.texts, dtype=object)), np.uint64(0))[block.codes]
