"""Tables from files that know types: Parquet, Feather, and a sheet of a workbook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import check_width, reading, too_large, unreadable
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings

_Content = TypeVar("_Content")

WORKBOOK_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin: zips of Excel and LibreOffice, and the files of Excel before 2007."""

_INDEX = "__index_level_"
"""How pandas calls an index that has no name."""

_BATCH = 65_536
"""Rows from one report of progress to the next."""

_SIZE = re.compile(r"size (\d+)")
"""How many bytes Arrow says that it wanted."""


def read_parquet(
    source: TableSource, settings: Settings, most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a Parquet file, at most so many, block by block.

    Raises:
        DatasetError: it is damaged, or too large once it is unpacked.
    """
    import pyarrow.parquet as pq

    with source.open() as opened:
        file = reading(lambda: pq.ParquetFile(opened))
        check_size(file.metadata.num_rows, file.metadata.num_columns, settings)
        batches = file.iter_batches(batch_size=_BATCH if most is None else min(most, _BATCH))
        yield from _rows(batches, file.metadata.num_rows, most, progress)


def read_feather(
    source: TableSource, settings: Settings, most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a Feather or Arrow file, at most so many, block by block.

    Raises:
        DatasetError: it is damaged, or too large once it is unpacked.
    """
    with source.open() as opened:
        file = _sound(lambda: pa.ipc.open_file(opened), settings)
        rows = _sound(file.count_rows, settings)
        check_size(rows, len(file.schema), settings)
        batches = (
            _sound(partial(file.get_batch, number), settings) for number in range(file.num_record_batches)
        )
        yield from _rows(batches, rows, most, progress)


def _sound(read: Callable[[], _Content], settings: Settings) -> _Content:
    """Calls a reader of Arrow files, which believes any size that a damaged one claims."""
    try:
        return reading(read)
    except pa.ArrowMemoryError as error:
        asked = _SIZE.search(str(error))
        if asked is None or int(asked[1]) <= settings.max_table_bytes:
            raise
        raise unreadable(error) from error  # more than any table may have: the file is damaged


def _rows(
    batches: Iterator[pa.RecordBatch], whole: int, most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the columns that are no index without a name, at least one batch even of a table without rows."""
    rows = 0
    while (batch := reading(lambda: next(batches, None))) is not None:
        # Offsets of a damaged file may point anywhere, which ends the process later on.
        reading(partial(batch.validate, full=True))
        named = [name for name in batch.schema.names if not name.startswith(_INDEX)]
        batch = batch.select(named).slice(0, None if most is None else most - rows)
        rows += batch.num_rows
        yield batch
        progress(rows, whole, JobUnit.ROWS)
        if most is not None and rows >= most:
            return


def check_size(rows: int, columns: int, settings: Settings) -> None:
    """Refuses what a small file unpacks to, before it is unpacked.

    Raises:
        DatasetError: there are too many columns, or too many cells.
    """
    # A column of one value repeated takes next to nothing in the file.
    if rows * columns * 8 > settings.max_table_bytes:
        raise too_large(settings.max_table_bytes)
    check_width(columns, settings)


def read_sheet(
    source: TableSource, settings: Settings, notes: list[Message]
) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows of the first visible sheet, numbered from 1; of formulas the results, none is evaluated.

    Args:
        source: a workbook of Excel, old or new, or of LibreOffice.
        settings: limits.
        notes: gets one where there are other sheets.

    Raises:
        DatasetError: it is damaged, or too large once it is unpacked.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    def sound(read: Callable[[], _Content]) -> _Content:
        def translated() -> _Content:
            try:
                return read()
            except CalamineError as error:
                raise ValueError(str(error)) from error

        return reading(translated)

    with source.as_file(settings) as path:
        if zipfile.is_zipfile(path):
            with reading(lambda: zipfile.ZipFile(path)) as archive:
                unpacked = sum(info.file_size for info in archive.infolist())
            if unpacked > settings.max_table_bytes:
                raise DatasetError(
                    N_("the workbook is too large when unpacked."), hint=N_("Save the sheet as CSV.")
                )
        workbook = sound(lambda: CalamineWorkbook.from_path(str(path)))
        names = [one.name for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        hidden = {one.name for one in workbook.sheets_metadata if one.visible is not SheetVisibleEnum.Visible}
        if not names:
            raise DatasetError(N_("the workbook has no sheet with cells."), hint=N_("Choose another file."))
        name = next((one for one in names if one not in hidden), names[0])
        if others := ", ".join(one for one in names if one != name):
            text = N_("sheet {sheet} of the workbook is read, the first; not read: {others}.")
            notes.append(Message(text, params={"sheet": name, "others": others}))
        sheet = sound(lambda: workbook.get_sheet_by_name(name))
        check_size(sheet.total_height, sheet.total_width, settings)
        rows = sheet.iter_rows()
        number = 0
        while (row := sound(lambda: next(rows, None))) is not None:
            number += 1
            yield number, ["" if cell is None else _cell_text(cell) for cell in row]


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
