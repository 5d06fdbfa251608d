"""Blocks of cells that are put aside: the first ones in memory, all others in a file that has no name."""

from __future__ import annotations

import tempfile
import weakref
from dataclasses import dataclass
from typing import BinaryIO, cast

import pyarrow as pa

from dlcore.datasets.ingest.writing import on_disk
from dlcore.settings import Settings

_IN_MEMORY = 32 * 2**20
"""Bytes that are kept in memory, so that a small table needs no file."""

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class Place:
    """Where a block of cells is.

    Attributes:
        array: the cells themselves, if they are in memory.
        start, size: else their bytes in the file.
    """

    array: pa.Array | None = None
    start: int = 0
    size: int = 0


class Spool:
    """Keeps arrays until they are asked for again.

    Args:
        settings: in whose home the file is, which the system deletes with the process at the latest.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept = self._end = 0
        self._opened: BinaryIO | None = None

    def put(self, array: pa.Array) -> Place:
        """Keeps an array.

        Raises:
            DatasetError: the disk is full, or the home folder cannot be written to.
        """
        if self._kept + array.nbytes <= _IN_MEMORY:
            self._kept += array.nbytes
            return Place(array)
        batch = pa.record_batch([array], names=["cells"])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch)
        data = sink.getvalue()
        start, self._end = self._end, self._end + data.size
        on_disk(lambda: self._write(start, data), self._settings)
        return Place(None, start, data.size)

    def get(self, place: Place) -> pa.Array:
        """Returns an array that was kept.

        Raises:
            DatasetError: the disk cannot be read.
        """
        if place.array is not None:
            return place.array
        data = on_disk(lambda: self._read(place.start, place.size), self._settings)
        with pa.ipc.open_stream(data) as reader:
            return reader.read_next_batch().column(0)

    def _write(self, start: int, data: pa.Buffer) -> None:
        file = self._file()
        file.seek(start)
        file.write(data)

    def _read(self, start: int, size: int) -> bytes:
        file = self._file()
        file.seek(start)
        return file.read(size)

    def _file(self) -> BinaryIO:
        if self._opened is None:
            self._settings.make_home()
            # Not where the system keeps temporary files, which is in memory on many machines.
            file = tempfile.TemporaryFile(dir=self._settings.home_dir)  # noqa: SIM115 - as long as the spool
            self._opened = cast(BinaryIO, file)
            weakref.finalize(self, self._opened.close)
        return self._opened
