"""Where the bytes of a table come from: a file, a compressed one, or the only table in a zip."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from dlcore.datasets.ingest.listing import extension_of
from dlcore.datasets.ingest.members import members
from dlcore.datasets.ingest.translating import too_large
from dlcore.datasets.ingest.writing import on_disk
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings

TEXT_ENDINGS = frozenset({"csv", "tsv", "tab", "txt", "data", "dat", "json", "jsonl", "ndjson", "arff"})
ENDINGS = TEXT_ENDINGS | {
    "parquet", "feather", "xlsx", "xlsm", "xlsb", "xls", "ods", "sqlite", "sqlite3", "db", "dta", "sav", "zsav", "por",
    "sas7bdat", "xpt",
}  # fmt: skip
_IN_ARCHIVES = ENDINGS - {"txt", "data", "dat", "json"}
"""What may be beside a table in a zip are notes, and what else ends so."""

_BLOCK = 2**20


def _open_zst(path: Path) -> BinaryIO:
    # Python itself reads these from 3.14 on.
    return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, pa.CompressedInputStream(str(path), "zstd"))))


_OPEN: dict[str, Callable[[Path], object]] = {
    "gz": gzip.GzipFile,
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zst": _open_zst,
}
"""Files that unpack while they are read, by their endings."""


@dataclass(frozen=True)
class TableSource:
    """The bytes of one table.

    Attributes:
        name: of the file, which may tell its format.
        size: in bytes as it is stored.
        open: gives its bytes from the beginning, each time it is called.
        most: how many bytes it may unpack to.
        path: the file, if these are its bytes as they are.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    most: int
    path: Path | None = None

    @property
    def ending(self) -> str:
        """The ending of the name, in lower case, without that of the compression."""
        return _ending(self.name)

    def blocks(self) -> Iterator[bytes]:
        """Yields its bytes.

        Raises:
            DatasetError: they are more than a table may have.
        """
        taken = 0
        with self.open() as file:
            while block := file.read(_BLOCK):
                taken += len(block)
                if taken > self.most:
                    raise too_large(self.most)
                yield block

    def read(self) -> bytes:
        """Returns all its bytes."""
        return b"".join(self.blocks())

    @contextmanager
    def as_file(self, settings: Settings) -> Iterator[Path]:
        """Gives a file with these bytes, for readers that go to and fro in it: a copy, if they were packed.

        Args:
            settings: in whose home the copy is, which is deleted afterwards.

        Raises:
            DatasetError: they are more than a table may have, or there is no room for them.
        """
        if self.path is not None:
            yield self.path
            return
        settings.make_home()
        with tempfile.NamedTemporaryFile(dir=settings.home_dir) as copy:
            for block in self.blocks():
                on_disk(partial(copy.write, block), settings)
            on_disk(copy.flush, settings)
            yield Path(copy.name)


def _ending(name: str) -> str:
    stem, _, packed = name.lower().rpartition(".")
    return (extension_of(stem) if packed in _OPEN else "") or extension_of(name)


def table_sources(path: Path, name: str, settings: Settings) -> tuple[TableSource, ...]:
    """Returns the tables in a file: itself, or the one in a zip, or its tables for training and for tests.

    Args:
        path: the file.
        name: what its owner calls it.
        settings: limits.

    Returns:
        Nothing where it holds files of another kind.

    Raises:
        DatasetError: an archive is damaged.
    """
    if _ending(name) in ENDINGS:
        unpack = _OPEN.get(extension_of(name))
        size, most = path.stat().st_size, settings.max_table_bytes

        def opened() -> BinaryIO:
            return path.open("rb") if unpack is None else cast(BinaryIO, unpack(path))

        return (TableSource(name, size, opened, most, path if unpack is None else None),)
    return _in_zip(path, settings) if zipfile.is_zipfile(path) else ()


def _in_zip(path: Path, settings: Settings) -> tuple[TableSource, ...]:
    found, others = [], 0
    with closing(members(path, settings)) as inside:
        for member in inside:
            if member.refused is None and _ending(member.name) in _IN_ARCHIVES:
                found.append(
                    TableSource(
                        member.name,
                        member.size,
                        _opener(path, member.name, settings),
                        settings.max_table_bytes,
                    )
                )
            elif _ending(member.name) not in ("txt", "md", "pdf", "names", "html", "json", "dat", "data", ""):
                others += 1
    # Beside many files of another kind a table only describes them.
    return tuple(found) if found and others <= len(found) else ()


def _opener(path: Path, name: str, settings: Settings) -> Callable[[], BinaryIO]:
    @cache
    def content() -> bytes:
        with closing(members(path, settings)) as inside:
            for member in inside:
                if member.name == name:
                    return member.read()
        raise DatasetError(N_("the archive has changed while it was read."), hint=N_("Try again."))

    return lambda: io.BytesIO(content())
