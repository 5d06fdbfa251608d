"""The whole run, to be put into another store."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format, Group
from dlcore.store.run_archive import write_archive


@EXPORTS.register
class RunArchive(Format):
    """What `import-run` takes in elsewhere."""

    name: ClassVar[str] = "run"
    title: ClassVar[str] = N_("Whole run")
    summary: ClassVar[str] = N_(
        "Settings, curves, log, results, model and checkpoint, for `python -m dlcore import-run` elsewhere."
    )
    suffix: ClassVar[str] = ".run.zip"
    group: ClassVar[Group] = Group.TRAINING

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip; the dataset is not in it."""
        write_archive(source.records, source.folder, path)
