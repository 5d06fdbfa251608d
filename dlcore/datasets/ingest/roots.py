"""Folders of this machine that pages may take data from."""

from __future__ import annotations

from pathlib import Path

from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings


def allowed_folder(path: Path, settings: Settings) -> Path:
    """Returns a folder of this machine that pages may read data from.

    Raises:
        DatasetError: it does not lie under one of `settings.data_roots`.
    """
    real = path.expanduser().resolve()
    if not any(real.is_relative_to(root.expanduser().resolve()) for root in settings.data_roots):
        raise DatasetError(
            N_("data may not be read from this folder."),
            hint=N_("The administrator can allow it with DLCORE_DATA_ROOTS."),
            where=str(path),
        )
    return real
