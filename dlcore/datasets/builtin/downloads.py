"""Downloads that can be interrupted and resumed, and never leave a half-written file."""

from __future__ import annotations

import errno
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from dlcore.datasets.files import digest_of
from dlcore.durable import put_in_place
from dlcore.errors import N_, DatasetError
from dlcore.locks import locked
from dlcore.spec.remote import RemoteFile

Progress = Callable[[int, int], None]
"""Called with (bytes that are there, bytes in total); what it raises ends the download."""

Steps = Generator[tuple[int, int]]
"""The same, step by step."""

_BLOCK = 256 * 1024
_RANGE_NOT_SATISFIABLE = 416
_LOCAL = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def download(
    file: RemoteFile, folder: Path, progress: Progress | None = None, *, timeout: float = 30.0
) -> Path:
    """Returns the file in `folder`, downloaded and checked unless it is already there.

    The bytes go to `NAME.part`, which a later call continues with; only when the checksum is right is
    it renamed. Of several processes one downloads, the others wait.

    Args:
        file: what to download.
        folder: Keras' folder of its sort.
        progress: is told about the bytes of this file.
        timeout: seconds without a byte after which the connection counts as broken.

    Raises:
        DatasetError: no network, another content than expected, or no room; says what to do.
    """
    target = folder / file.name
    part, lock = target.with_name(f"{target.name}.part"), target.with_name(f".{target.name}.lock")
    tell = progress or (lambda done, total: None)

    def waiting() -> None:
        tell(_size(part), file.size)

    if target.is_file():  # where nothing may be written, either
        return target
    _make_place(target, lock)
    with locked(lock, waiting):
        if not target.is_file():
            with closing(_download(file, part, target, timeout)) as steps:
                for done, total in steps:
                    tell(done, total)
    return target


def _make_place(target: Path, lock: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        raise unwritable_error(target, error) from error


def _download(file: RemoteFile, part: Path, target: Path, timeout: float) -> Steps:
    """Downloads the file into place; errors raised by the progress callback are passed on unchanged."""
    try:
        file = _sized(file, timeout)
        yield from _fill(file, part, timeout)
        _check(file, part)
        put_in_place(part, target)
    except (OSError, http.client.HTTPException) as error:
        raise _failed(file, target, error) from error


def download_all(files: Sequence[RemoteFile], folder: Path, progress: Progress | None = None) -> list[Path]:
    """Returns each of the files in `folder`, as `download` gives it;
    `progress` is told about all their bytes.
    """
    total, before, paths = sum(file.size for file in files), 0, []
    for file in files:

        def tell(done: int, _: int, before: int = before) -> None:
            if progress:
                progress(before + done, total)

        paths.append(download(file, folder, tell))
        before += file.size
    return paths


def unwritable_error(target: Path, error: Exception) -> DatasetError:
    """Returns the error for a file that could not be put at its place."""
    return DatasetError(
        N_("{file} cannot be written: {reason}."),
        hint=N_("Free disk space, or allow writing to {folder}."),
        where=str(target),
        file=target.name,
        folder=str(target.parent),
        reason=_reason(error),
    )


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or str(error) or type(error).__name__)


def _failed(file: RemoteFile, target: Path, error: Exception) -> DatasetError:
    if isinstance(error, OSError) and error.errno in _LOCAL:
        return unwritable_error(target, error)
    return DatasetError(
        N_("{file} could not be downloaded from {url}: {reason}."),
        hint=N_("Check the network, or put the file at {path} yourself."),
        file=target.name,
        url=file.url,
        path=str(target),
        reason=_reason(error),
    )


def _sized(file: RemoteFile, timeout: float) -> RemoteFile:
    """Returns the same with the size that the server says, where none is known."""
    if file.size:
        return file
    request = urllib.request.Request(file.url, headers={"User-Agent": "dlcore"}, method="HEAD")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return replace(file, size=int(response.headers.get("Content-Length") or 0))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _fill(file: RemoteFile, part: Path, timeout: float) -> Steps:
    """Downloads until `part` is whole; a connection that breaks after some bytes is taken up again."""
    while (before := _size(part)) < file.size:
        try:
            yield from _receive(file, part, before, timeout)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
            raise
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException):
            if _size(part) <= before:
                raise
            continue
        if _size(part) <= before:
            raise ConnectionError("the connection ended too early")
    yield file.size, file.size


def _receive(file: RemoteFile, part: Path, before: int, timeout: float) -> Steps:
    request = urllib.request.Request(file.url, headers={"User-Agent": "dlcore"})
    if before:
        request.add_header("Range", f"bytes={before}-")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        goes_on = response.status == http.client.PARTIAL_CONTENT
        done = before if goes_on else 0
        with part.open("ab" if goes_on else "wb") as out:
            yield done, file.size
            # Never more than expected: a server that continues forever must not fill the disk.
            while done <= file.size and (block := response.read(_BLOCK)):
                out.write(block)
                done += len(block)
                yield min(done, file.size), file.size


def is_intact(file: RemoteFile, path: Path) -> bool:
    """Returns whether the file at `path` has its published checksum, if there is one."""
    method, expected = ("sha256", file.sha256) if file.sha256 else ("md5", file.md5)
    return not expected or digest_of(path, method) == expected


def _check(file: RemoteFile, part: Path) -> None:
    if part.stat().st_size == file.size and is_intact(file, part):
        return
    part.unlink()
    raise DatasetError(
        N_("what {url} gave is not the expected file: its checksum differs."),
        hint=N_("Try again; if it happens again, the file has changed at its source or on the way."),
        where=part.name.removesuffix(".part"),
        url=file.url,
    )
