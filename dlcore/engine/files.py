"""The files of a run, written whole, with what the user can do where that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlcore.durable import write_file
from dlcore.errors import N_, DlcoreError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """`durable.write_file` for the files of a run.

    Args:
        path: where the file should be; an old one stays until the new one is complete.
        write: fills the file at the path it is given, which has the same suffix.

    Raises:
        DlcoreError: the disk is full or refuses; nothing half-written is left.
    """
    try:
        write_file(path, write)
    except OSError as error:
        raise DlcoreError(
            N_("the file cannot be written: {reason}."),
            hint=N_("Free disk space, then resume the run: its last checkpoint is kept."),
            where=str(path),
            reason=error.strerror or type(error).__name__,
        ) from error
