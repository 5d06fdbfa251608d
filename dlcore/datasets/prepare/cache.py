"""Prepared arrays on disk: made once, shared, and deleted when space runs short.

A deleted folder stays readable for those who have mapped its arrays, and is made again for the next.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcore.datasets.blocks import is_sound, seal
from dlcore.durable import is_full, put_in_place, read_json, write_json
from dlcore.errors import N_, DatasetError
from dlcore.locks import locked, try_lock, unlock
from dlcore.settings import Settings

RECENT_SECONDS = 600.0
"""What was asked for so lately is not removed: whoever asked may not have mapped it yet."""

_STATE = "state.json"
_NAME = re.compile(r"(.+?)-(?:([0-9a-f]{12})-)?[0-9a-f]{16}")
"""The dataset, the begin of its content's hash, and the hash of all that shaped the arrays."""

Make = Callable[[Path], Mapping[str, Any]]
"""Fills a folder; returns what was learned on the way."""
Tell = Callable[[str, int, int], None]
"""Is told the current activity, how much of it is done, and how much there is."""


def cached_preparation(
    dataset: str, content: str, key: str, make: Make, settings: Settings, tell: Tell
) -> tuple[Path, Mapping[str, Any]]:
    """Returns the folder of a preparation and what `make` returned for it;
    calls `make` unless it is there and sound.

    Args:
        dataset: its name.
        content: a hash of the dataset's content.
        key: a hash of the content and of all that shapes the arrays, 16 hexadecimal digits.
        make: fills the folder.
        settings: where it is, and how much of all may be kept.
        tell: is told when another process has to be waited for.

    Raises:
        DatasetError: there is no room, or the folder cannot be written; also whatever `make` raises.
    """
    folder = settings.prepared_dir / f"{dataset}-{content[:12]}-{key}"
    _make_place(_lock(folder), settings)
    with locked(_lock(folder), lambda: tell("waiting for another run to prepare", 0, 0)):
        fresh = not is_sound(folder)
        if fresh:
            _filled(folder, make, settings)
        os.utime(folder / _STATE)
        state = read_json(folder / _STATE)
    if fresh:
        make_room(settings, settings.prepared_mb * 10**6)
    return folder, state


def make_room(settings: Settings, most: int, *, now: float | None = None) -> int:
    """Deletes prepared arrays, least recently used first, until at most `most` bytes are left.

    Returns:
        The number of bytes deleted.
    """
    limit = (time.time() if now is None else now) - RECENT_SECONDS
    found = _by_age(settings)
    left, taken = sum(size for _, size, _ in found), 0
    for used, size, folder in found:
        if left - taken <= most or used > limit:
            break
        taken += size if _discard(folder) else 0
    return taken


def forget(name: str, settings: Settings, version: str = "") -> None:
    """Deletes everything prepared from a dataset, or from one version of it."""
    for folder, parts in _folders(settings):
        if parts[1] == name and (not version or parts[2] in (None, version[:12])):
            _discard(folder)


def _make_place(lock: Path, settings: Settings) -> None:
    try:
        settings.make_home()
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        raise _unwritable(error, settings) from error


def _filled(folder: Path, make: Make, settings: Settings) -> None:
    """Makes the folder; if the disk is full, tries again after deleting others."""
    while True:
        try:
            return _made(folder, make)
        except OSError as error:
            if not is_full(error):
                raise
            if not make_room(settings, 0):
                raise _unwritable(error, settings) from error


def _unwritable(error: OSError, settings: Settings) -> DatasetError:
    return DatasetError(
        N_("the data cannot be prepared: {reason}."),
        hint=N_("Free disk space under {folder}, or check its permissions."),
        where=str(error.filename or settings.prepared_dir),
        reason=error.strerror or str(error),
        folder=str(settings.prepared_dir),
    )


def _made(folder: Path, make: Make) -> None:
    part = _part(folder)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        write_json(part / _STATE, dict(make(part)))
        seal(part)
        shutil.rmtree(folder, ignore_errors=True)
        put_in_place(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _discard(folder: Path) -> bool:
    """Deletes a folder, unless another process is about to make or open it."""
    if (descriptor := try_lock(_lock(folder))) is None:
        return False
    try:
        shutil.rmtree(_part(folder), ignore_errors=True)
        # Renamed first: no one opens a half, and the next to make it removes what a kill leaves.
        with suppress(FileNotFoundError):
            folder.rename(_part(folder))
        shutil.rmtree(_part(folder), ignore_errors=True)
    except PermissionError:  # on Windows, of files that someone has mapped
        return False
    finally:
        unlock(descriptor)
    return True


def _folders(settings: Settings) -> list[tuple[Path, re.Match[str]]]:
    """Returns all that is prepared, each folder with the parts of its name."""
    found = [(folder, _NAME.fullmatch(folder.name)) for folder in settings.prepared_dir.glob("*/")]
    return [(folder, parts) for folder, parts in found if parts]


def _by_age(settings: Settings) -> list[tuple[float, int, Path]]:
    """Returns when each folder was last asked for, its bytes, and which it is;
    the one not used for longest first.
    """
    found = []
    for folder, _ in _folders(settings):
        with suppress(FileNotFoundError):  # another process has just taken it away
            size = sum(file.stat().st_size for file in folder.iterdir())
            found.append(((folder / _STATE).stat().st_mtime, size, folder))
    return sorted(found)


def _lock(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


def _part(folder: Path) -> Path:
    """Returns one name for all attempts: the next one deletes what a killed run left."""
    return folder.with_name(f".{folder.name}.part")
