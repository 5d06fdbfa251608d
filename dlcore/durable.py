"""Files and folders that are written whole or not at all, even if a process is killed or the power fails.

What can be made again when it is lost (an index, a statistic) is read by `read_derived`, and counts as absent
when it is damaged. What cannot be made again is read by `read_json`, whose caller reports the damage.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from dlcore.errors import N_, DatasetError

READ_SECONDS = 5.0
"""How long to wait for the readers of a file, where an open file cannot be replaced."""

ABANDONED_SECONDS = 86_400
"""What was begun and not touched for so long is nobody's."""

_OPEN_FILES_STAY = os.name == "nt"
"""Whether the system refuses to replace an open file."""

MOST_JSON = 2**27
"""Bytes of JSON that are read at once; a vocabulary of a million words is 15 MB."""

PART = ".part"
"""Ends the name of what is still being written, before the suffix."""


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a temporary file beside `path`, then renames it into place.

    Args:
        path: where the file should be; an old one stays until the new one is whole.
        write: fills the file at the path it is given, which has the same suffix.

    Raises:
        OSError: the disk is full or refuses; nothing half-written is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{uuid4().hex[:12]}{PART}{path.suffix}")
    try:
        write(part)
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, target: Path) -> None:
    """Renames a finished file or folder, once it and all that is in it are on the disk."""
    for path in [*part.rglob("*"), part] if part.is_dir() else [part]:
        _sync(path)
    _rename(part, target)
    _sync(target.parent)


def _rename(part: Path, target: Path) -> None:
    """Renames; where an open file cannot be replaced, as soon as its readers are done with it."""
    deadline = time.monotonic() + READ_SECONDS
    while True:
        try:
            part.replace(target)
            return
        except PermissionError:
            if not _OPEN_FILES_STAY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def begin_folder(parent: Path) -> Path:
    """Makes a hidden folder in `parent`, to be filled and put in place; those that killed processes left go.

    Raises:
        OSError: the disk is full or refuses.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(".*"):
        with suppress(FileNotFoundError):  # another one sweeps it
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    folder = parent / f".adding-{uuid4().hex}"
    folder.mkdir()
    return folder


def remove_folder(folder: Path) -> None:
    """Deletes a folder, renamed first, so that no one opens a half of it.

    Raises:
        OSError: the system refuses to rename it.
    """
    doomed = folder.with_name(f".removed-{uuid4().hex}")
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def check_plain(folder: Path) -> None:
    """Checks that a folder which a stranger's process has filled holds files and folders alone.

    Raises:
        DatasetError: it holds a link, which would lead elsewhere, or something that is not a file.
    """
    for place, names, files in os.walk(folder):
        for path in (Path(place) / name for name in (*names, *files)):
            if not (stat.S_ISREG(mode := path.lstat().st_mode) or stat.S_ISDIR(mode)):
                raise DatasetError(
                    N_("its process has left something that is neither a file nor a folder."),
                    hint=N_("Try again with another file."),
                    where=path.name,
                )


def discard_parts(folder: Path) -> None:
    """Removes the partial files that a killed process left; only for a folder's single writer."""
    for left in folder.glob(f".*{PART}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def write_json(path: Path, data: Any) -> None:
    """Writes the data with a checksum, so that a reader sees the old file or the new one, never a part."""
    plain = json.loads(json.dumps(data))
    text = json.dumps({"checksum": _checksum(plain), "content": plain})
    write_file(path, lambda part: part.write_text(text, encoding="utf-8"))


def read_json(path: Path) -> Any:
    """Returns what `write_json` wrote, or None if nothing did; also plain JSON, which older versions wrote.

    Raises:
        ValueError: the file is damaged, or larger than any such file is.
    """
    try:
        found = parse_json(path)
    except FileNotFoundError:
        return None
    if not _is_checked(found):
        return found
    if found["checksum"] != _checksum(found["content"]):
        raise ValueError("its checksum does not fit")
    return found["content"]


def parse_json(path: Path) -> Any:
    """Returns what a file of JSON holds, which a stranger's process may have written.

    Raises:
        ValueError: it is no JSON, or so large or deep that reading it would harm who does.
        OSError: there is none, or it cannot be read.
    """
    with path.open("rb") as file:
        # Python makes room at once for as much as is asked for, which a process of few megabytes does not have.
        content = file.read(min(os.fstat(file.fileno()).st_size, MOST_JSON) + 1)
    if len(content) > MOST_JSON:
        raise ValueError(f"it has more than {MOST_JSON:,} bytes")
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_derived(path: Path) -> Any:
    """Returns what `write_json` wrote of something that can be made again; None if nothing did,
    or it is damaged.
    """
    try:
        found = parse_json(path)
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        if is_damage(error):
            return None
        raise
    fits = _is_checked(found) and found["checksum"] == _checksum(found["content"])
    return found["content"] if fits else None


def folder_bytes(folder: Path) -> int:
    """Returns how many bytes the files in a folder have; links are not followed, and what goes meanwhile, or cannot be
    looked at, counts as nothing.
    """
    # A list, not calls: a stranger's process may have nested its folders deeper than Python calls.
    total, left = 0, [os.fspath(folder)]
    while left:
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


def is_full(error: OSError) -> bool:
    """Returns whether there is no room left, on the disk or for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_damage(error: OSError) -> bool:
    """Returns whether the content is invalid, which libraries report without an errno,
    or the disk cannot read it.
    """
    return error.errno in (None, errno.EIO)


def _is_checked(found: Any) -> bool:
    return isinstance(found, dict) and found.keys() == {"checksum", "content"}


def _checksum(data: Any) -> int:
    return zlib.crc32(json.dumps(data, sort_keys=True).encode())


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    if path.is_dir():
        if os.name == "nt":  # there a folder cannot be opened, and its names are written through
            return
        descriptor = os.open(path, os.O_RDONLY)
    else:
        descriptor = os.open(path, os.O_RDWR)  # Windows flushes only what may be written
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
