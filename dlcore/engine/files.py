"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dlcore.errors import N_, DlcoreError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a temporary file, then renames it into place; survives a power cut.

    Args:
        path: where the file shall be; an old one stays until the new one is complete.
        write: fills the file at the path it is given, which has the same suffix.

    Raises:
        DlcoreError: the disk is full or refuses; nothing half-written is left.
    """
    temporary = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise DlcoreError(
            N_("the file cannot be written: {reason}."),
            hint=N_("Make room on the disk, then resume the run: its last checkpoint is kept."),
            where=str(path),
            reason=error.strerror or type(error).__name__,
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
