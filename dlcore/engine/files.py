"""The files of a run, read and written whole, with what the user can do where that fails."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from dlcore.durable import is_full, write_file
from dlcore.errors import N_, DatasetError, not_written
from dlcore.records.artifacts import MODEL_FILE


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
        hint = N_("Free disk space, then resume the run: its last checkpoint is kept.")
        raise not_written(error, path, hint=hint) from error


def load_trained(folder: Path) -> Any:
    """Returns the trained model of the run whose files are in `folder`, not compiled.

    Raises:
        DatasetError: there is none, or it is damaged.
        OSError: the disk is full.
    """
    path = folder / MODEL_FILE
    try:
        return keras.saving.load_model(path, compile=False)
    # Keras passes on what its readers of zips and HDF5 raise at a damaged file.
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        if isinstance(error, OSError) and is_full(error):
            raise  # large weights are unpacked on the disk
        raise DatasetError(
            N_("the model of this run can no longer be read."),
            hint=N_("Restore a backup, or resume the run with more epochs to have it made again."),
            where=path.name,
        ) from error
