"""The files of runs: one folder per run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from dlcore.access.permissions import Kind, missing
from dlcore.errors import N_, StoreError

_ID = re.compile(r"[0-9a-z]{4,32}")


class Artifacts:
    """Where the runs' files lie.

    Args:
        root: the folder of all runs' folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, run_id: str) -> Path:
        """Returns the folder of a run, which may not exist yet.

        Raises:
            NotFoundError: that is no id, so it cannot name a folder.
        """
        if not _ID.fullmatch(run_id):
            raise missing(Kind.RUN, run_id)
        return self._root / run_id

    def results(self, run_id: str) -> Path:
        """Returns the folder of a run to whoever reads no more there than what it came to: its evaluation, its answers on
        the test part, which layers took weights. More may see these than its model and its checkpoint; see `gate`.

        Raises:
            NotFoundError: that is no id, so it cannot name a folder.
        """
        return self.folder(run_id)

    def create(self, run_id: str) -> Path:
        """Returns the folder of a run, made if it is not there.

        Raises:
            StoreError: it cannot be made.
        """
        folder = self.folder(run_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                N_("the folder cannot be made: {reason}."),
                hint=N_("Free disk space, or check the permissions of that path."),
                where=str(folder),
                reason=error.strerror or str(error),
            ) from error
        return folder

    def delete(self, run_id: str) -> None:
        """Removes all files of a run.

        Raises:
            StoreError: one cannot be removed.
        """
        folder = self.folder(run_id)
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                N_("the folder cannot be removed: {reason}."),
                hint=N_("Check the permissions of that path, then remove it by hand."),
                where=str(folder),
                reason=error.strerror or str(error),
            ) from error
