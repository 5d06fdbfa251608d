"""The files inside an archive or a folder, one after another; nothing is ever unpacked to the disk."""

from __future__ import annotations

import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from dlcore.datasets.decoding import BadFileError
from dlcore.datasets.files import unreadable
from dlcore.datasets.ingest.archive_names import encoding_of_names, name_in
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.durable import is_damage
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings

_Content = TypeVar("_Content")

DAMAGE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, NotImplementedError, RuntimeError, ValueError, IndexError, KeyError, OverflowError, TypeError,
)  # fmt: skip
"""What the readers of archives raise at files that are not what they should be."""

ALWAYS_ALLOWED = 64 * 2**20
"""What any archive may unpack to, however small it is."""

# Hidden files, but not `./` and `../`: the one is harmless, the other to be refused by name.
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.(?!\.?[/\\])|Thumbs\.db$|desktop\.ini$)")
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """One file within.

    Attributes:
        name: its path, with `/`, as it can be shown.
        size: in bytes, as the archive says.
        read: gives its bytes.
        refused: why it cannot be accepted, if so.
        raw: the bytes of a name that is not in UTF-8, as tars and folders of older systems have them; else empty.
        content: its size and checksum, where the archive tells them.
    """

    name: str
    size: int
    read: Callable[[], bytes]
    refused: BadFileError | None = None
    raw: bytes = b""
    content: tuple[int, int] | None = None


def names_encoding(path: Path) -> str:
    """Returns how the names in a zip are encoded where it does not say so; empty where that matters to none."""
    if path.is_dir() or not _read(partial(zipfile.is_zipfile, path)):
        return ""
    with _read(partial(zipfile.ZipFile, path)) as archive:
        return encoding_of_names(archive.infolist())


def members(path: Path, settings: Settings, encoding: str = "") -> Generator[Member]:
    """Yields the files in a folder, a zip or a tar; those that cannot be accepted say why.

    Only what the readers of archives raise is translated. Close it when it is not read to its end.

    Args:
        path: where it is.
        settings: limits.
        encoding: of names in a zip that does not say how they are encoded, and of those elsewhere that are not
            in UTF-8.

    Raises:
        DatasetError: it is not one of them, damaged, or unpacks to more than the limits allow.
    """
    if path.is_dir():
        yield from _of_folder(path, settings, encoding)
    elif _read(partial(zipfile.is_zipfile, path)):
        with _read(partial(zipfile.ZipFile, path)) as archive:
            yield from _of_zip(archive, path, settings, encoding)
    elif _read(partial(tarfile.is_tarfile, path)):
        with _read(partial(tarfile.open, path, "r:*")) as archive:
            yield from _of_tar(archive, path, settings, encoding)
    else:
        raise DatasetError(
            N_("this is not a zip, a tar or a folder."), hint=N_("Pack the files as a zip, then try again.")
        )


def _read(read: Callable[[], _Content]) -> _Content:
    """Calls an archive reader and translates its errors; `read` must do nothing else."""
    try:
        return read()
    except DAMAGE as error:
        raise _damaged(error) from error
    except OSError as error:
        if is_damage(error):
            raise _damaged(error) from error
        raise unreadable(error) from error


def _damaged(error: Exception) -> DatasetError:
    return DatasetError(
        N_("the archive is damaged: {reason}."),
        hint=N_("Pack it again."),
        reason=clean_text(str(error)) or type(error).__name__,
    )


class _Limits:
    """Counts what an archive unpacks to, as it says and as it is."""

    def __init__(self, packed: int, settings: Settings) -> None:
        self._settings = settings
        self._most = min(settings.max_dataset_bytes, max(ALWAYS_ALLOWED, packed * settings.max_ratio))
        self._bytes = self._members = 0
        self._names: set[str] = set()

    def count(self, size: int) -> None:
        """Takes one more member into account.

        Raises:
            DatasetError: that is too much.
        """
        self._members += 1
        self._bytes += max(0, size)
        if self._members > self._settings.max_members:
            raise DatasetError(
                N_("it holds more than {limit} files."),
                hint=N_("Split it into several datasets."),
                limit=f"{self._settings.max_members:,}",
            )
        if self._bytes > self._most:
            raise DatasetError(
                N_("it unpacks to more than {limit} MB."),
                hint=N_("Archives that expand this much are not accepted; pack fewer or smaller files."),
                limit=f"{self._most // 10**6:,}",
            )

    def problem(self, name: str, size: int) -> BadFileError | None:
        """Returns why a member of that name and size is rejected."""
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts or "\0" in name:
            return BadFileError(N_("its name leads out of the archive."))
        if name in self._names:
            return BadFileError(N_("another file has the same name."))
        self._names.add(name)
        if size > self._settings.max_file_bytes:
            return BadFileError(
                N_("it is larger than {limit} MB."), limit=self._settings.max_file_bytes // 2**20
            )
        return None


def _of_folder(root: Path, settings: Settings, encoding: str) -> Iterator[Member]:
    limits = _Limits(settings.max_dataset_bytes, settings)
    walk = os.walk(root, followlinks=False, onerror=_refuse_unreadable)
    for folder, folders, files in walk:
        folders.sort()
        for file in sorted(files):
            path = Path(folder) / file
            name = path.relative_to(root).as_posix()
            if _CLUTTER.search(name):
                continue
            about = _read(path.lstat)
            limits.count(about.st_size)
            problem = limits.problem(name, about.st_size)
            if not stat.S_ISREG(about.st_mode):
                problem = BadFileError(N_("it is a link or a device, not a file."))
            name, raw = decode_odd(name, encoding)
            yield Member(name, about.st_size, _file_reader(path), problem, raw)


def decode_odd(name: str, encoding: str) -> tuple[str, bytes]:
    """Returns a name as it can be shown, and its bytes if Python found that they are not in UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "surrogateescape")
        return clean_text(raw.decode(encoding or "utf-8", "replace")), raw
    return clean_text(name), b""


def _refuse_unreadable(error: OSError) -> None:
    """Raises the error that `os.walk` would swallow: the files of that folder would be missing."""
    raise unreadable(error) from error


def _file_reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise BadFileError(
                N_("it cannot be read: {reason}."), reason=error.strerror or type(error).__name__
            ) from error

    return read


def _of_zip(archive: zipfile.ZipFile, path: Path, settings: Settings, encoding: str) -> Iterator[Member]:
    limits = _Limits(path.stat().st_size, settings)
    infos = archive.infolist()
    _refuse_overlaps(infos)
    for info in infos:
        name = name_in(info, encoding)
        if "/" not in name and ".." not in name:
            name = name.replace("\\", "/")  # as some programs for Windows write it
        if info.is_dir() or name.endswith("/") or _CLUTTER.search(name):
            continue
        limits.count(info.file_size)
        problem = limits.problem(name, info.file_size)
        if stat.S_ISLNK(info.external_attr >> 16):
            problem = BadFileError(N_("it is a link or a device, not a file."))
        elif info.flag_bits & 1:
            problem = BadFileError(N_("it is encrypted."), hint=N_("Pack it without a password."))
        content = (info.file_size, info.CRC)
        yield Member(clean_text(name), info.file_size, _zip_reader(archive, info), problem, content=content)


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes are how small archives expand without bound."""
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise DatasetError(N_("files within the archive overlap."), hint=N_("Pack it again."))
        end = info.header_offset + info.compress_size


def _unpacked(open_member: Callable[[], IO[bytes] | None], most: int) -> bytes:
    """Returns the bytes of one file of an archive, at most that many."""
    try:
        file = open_member()
        if file is None:
            return b""
        with file:
            return file.read(most)
    except DAMAGE as error:
        raise BadFileError(N_("it is damaged within the archive.")) from error
    except OSError as error:
        if is_damage(error):
            raise BadFileError(N_("it is damaged within the archive.")) from error
        raise unreadable(error) from error


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        data = _unpacked(lambda: archive.open(info), info.file_size + 1)
        if len(data) != info.file_size:
            raise BadFileError(N_("it is not as large as the archive says."))
        return data

    return read


def _of_tar(archive: tarfile.TarFile, path: Path, settings: Settings, encoding: str) -> Iterator[Member]:
    limits = _Limits(path.stat().st_size, settings)
    while (info := _read(archive.next)) is not None:
        name = info.name.removeprefix("./")  # as `tar -c .` writes them
        if info.isdir() or _CLUTTER.search(name):
            continue
        limits.count(info.size)
        problem = limits.problem(name, info.size)
        if not info.isreg() or info.issparse():
            problem = BadFileError(N_("it is a link or a device, not a file."))
        name, raw = decode_odd(name, encoding)
        yield Member(name, info.size, _tar_reader(archive, info), problem, raw)


def _tar_reader(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        data = _unpacked(lambda: archive.extractfile(info), info.size + 1)
        if len(data) != info.size:
            raise BadFileError(N_("it is not as large as the archive says."))
        return data

    return read
