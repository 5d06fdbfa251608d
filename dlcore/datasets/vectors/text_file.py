"""The text of a file of word vectors, block by block: of the file itself, unpacked, or of one in a zip."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar, cast

import pyarrow as pa

from dlcore.datasets.files import sha256_of
from dlcore.datasets.ingest.listing import extension_of
from dlcore.datasets.ingest.members import ALWAYS_ALLOWED, DAMAGE
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings

_T = TypeVar("_T")

BLOCK = 4 * 2**20
"""Bytes that are read at once."""

MAX_LINE = 2**20
"""Bytes of a line: the vector of a word has some thousand numbers at most."""

_UNPACK: dict[str, Callable[[BinaryIO], object]] = {
    "gz": lambda packed: gzip.GzipFile(fileobj=packed),
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zst": lambda packed: pa.CompressedInputStream(packed, "zstd"),
}
"""By their endings, what unpacks a file while it is read."""

_IN_ZIPS = ("txt", "vec")
_MOST_TEXTS = 100
"""In a zip; there are some lengths of vectors in one, and thousands of texts in a dataset."""


@dataclass(frozen=True)
class TextFile:
    """A text that may be packed.

    Attributes:
        name: what its owner calls it; in a zip, its name there.
        path: the file, or the zip.
        in_zip: whether it is one of the files in a zip.
    """

    name: str
    path: Path
    in_zip: bool = False

    def lines(self, settings: Settings) -> Generator[tuple[list[bytes], int, int]]:
        """Yields some lines without their ends, how many bytes are read, and of how many.

        Close it when it is not read to its end.

        Raises:
            DatasetError: it cannot be read, is no text, or unpacks to more than the limits allow.
        """
        packed_size = _reading(lambda: self.path.stat().st_size)
        most = min(settings.max_dataset_bytes, max(ALWAYS_ALLOWED, packed_size * settings.max_ratio))
        with ExitStack() as closing:
            file, position, size = _reading(lambda: self._open(closing))
            taken, rest = 0, b""
            block = _reading(lambda: file.read(BLOCK))
            while block:
                taken += len(block)
                _check_block(block, taken, most)
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > MAX_LINE:
                    raise _no_vectors()
                block = _reading(lambda: file.read(BLOCK))
                if rest and not block:
                    lines.append(rest)  # the last line may have no end
                if lines:
                    yield lines, position(), size

    def sha256(self) -> str:
        """Returns the checksum of the file, or of the zip, in hexadecimal.

        Raises:
            DatasetError: it cannot be read.
        """
        return _reading(lambda: sha256_of(self.path))

    def _open(self, closing: ExitStack) -> tuple[BinaryIO, Callable[[], int], int]:
        """Returns its bytes, what says how many are read, and how many there are."""
        if self.in_zip:
            archive = closing.enter_context(zipfile.ZipFile(self.path))
            about = archive.getinfo(self.name)
            member = closing.enter_context(archive.open(about))
            return cast(BinaryIO, member), member.tell, about.file_size
        raw = closing.enter_context(self.path.open("rb"))
        size, unpack = self.path.stat().st_size, _UNPACK.get(extension_of(self.name))
        if unpack is None:
            return raw, raw.tell, size
        # How far it is shows in what is read of the packed file.
        return closing.enter_context(cast(BinaryIO, unpack(raw))), raw.tell, size


def text_files(path: Path, origin: str) -> tuple[TextFile, ...]:
    """Returns the texts in a file: itself, or those in a zip.

    Args:
        path: the file.
        origin: what its owner calls it.

    Raises:
        DatasetError: it cannot be read, or is a zip without texts.
    """
    if not _reading(lambda: zipfile.is_zipfile(path)):
        return (TextFile(origin, path),)
    with _reading(lambda: zipfile.ZipFile(path)) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    found = tuple(TextFile(name, path, in_zip=True) for name in names if _is_text(name))
    if len(found) > _MOST_TEXTS:
        raise DatasetError(
            N_("it holds more than {limit} texts."),
            hint=N_("Choose a file of word vectors."),
            limit=_MOST_TEXTS,
        )
    if not found:
        raise DatasetError(
            N_("the zip holds no .txt or .vec file."), hint=N_("Choose a file of word vectors.")
        )
    return found


def find_text(files: tuple[TextFile, ...], name: str) -> TextFile:
    """Returns the text of that name, or the only one if no name is given.

    Raises:
        DatasetError: there is none of that name, or there are several to choose from.
    """
    found = [file for file in files if name in ("", file.name)]
    if len(found) == 1:
        return found[0]
    raise DatasetError(
        N_("it holds several files.") if found else N_("it holds no file of that name."),
        hint=N_("Choose one of: {files}. On the command line: `--file NAME`."),
        files=", ".join(clean_text(file.name) for file in files[:20]),
    )


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return extension_of(name) in _IN_ZIPS and not path.name.startswith(".") and "__MACOSX" not in path.parts


def _check_block(block: bytes, taken: int, most: int) -> None:
    if taken > most:
        raise DatasetError(
            N_("it unpacks to more than {limit} MB."),
            hint=N_("Use fewer words, or ask the administrator to raise {setting}."),
            limit=f"{most // 10**6:,}",
            setting="DLCORE_MAX_DATASET_BYTES",
        )
    if b"\0" in block:
        raise _no_vectors()


def _no_vectors() -> DatasetError:
    return DatasetError(
        N_("it is not text in UTF-8 with a word in each line."),
        hint=N_("Choose the text file of the vectors (.txt or .vec), not a binary model (.bin)."),
    )


def _reading(read: Callable[[], _T]) -> _T:
    """Calls a library's reader and translates its errors; `read` must do nothing else."""
    try:
        return read()
    except (*DAMAGE, OSError) as error:
        raise DatasetError(
            N_("the file cannot be read: {reason}."),
            hint=N_("Check the path; a download may be cut off, then try it again."),
            reason=clean_text(str(error)) or type(error).__name__,
        ) from error
