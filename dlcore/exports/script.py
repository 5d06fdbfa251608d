"""A Keras script that trains the same network without this program."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from dlcore.datasets import dataset_facts
from dlcore.design.code import keras_script
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format


@EXPORTS.register
class Script(Format):
    """What `code` prints."""

    name: ClassVar[str] = "script"
    title: ClassVar[str] = N_("Keras script")
    summary: ClassVar[str] = N_("A Python script that trains this network again, with Keras and NumPy alone.")
    suffix: ClassVar[str] = ".py"

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it; not everything has a counterpart in Keras."""
        spec = source.preparation.spec
        facts = dataset_facts(spec.dataset, source.settings)
        path.write_text(keras_script(spec, facts), encoding="utf-8")
