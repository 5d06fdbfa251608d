"""The same training without this program: as a Keras script, and as a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from dlcore.datasets import dataset_facts
from dlcore.design.code import export_command, keras_sections, needs_export
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format, Group
from dlcore.store.run_files import read_transfer
from dlcore.text import on_one_line


@EXPORTS.register
class Script(Format):
    """What `code` prints."""

    name: ClassVar[str] = "script"
    title: ClassVar[str] = N_("Keras script")
    summary: ClassVar[str] = N_(
        "A Python script that trains this network again, with Keras, NumPy and scikit-learn alone."
    )
    suffix: ClassVar[str] = ".py"
    group: ClassVar[Group] = Group.TRAINING

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it; not everything has a counterpart in Keras."""
        path.write_text("\n\n".join(_sections(source)) + "\n", encoding="utf-8")


@EXPORTS.register
class Notebook(Format):
    """The script, a cell a part."""

    name: ClassVar[str] = "notebook"
    title: ClassVar[str] = N_("Notebook")
    summary: ClassVar[str] = N_("The Keras script as a Jupyter notebook, a cell for each part.")
    suffix: ClassVar[str] = ".ipynb"
    speaks: ClassVar[bool] = True
    group: ClassVar[Group] = Group.TRAINING

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it; not everything has a counterpart in Keras."""
        spec = source.preparation.spec
        facts = dataset_facts(spec.dataset, source.settings)
        run, say = source.run, source.translate
        lines = [
            f"# {on_one_line(run.name)}",
            say(N_("Trains run {run} again from its settings.")).format(run=f"`{run.id}`"),
        ]
        if needs_export(spec, facts):
            lines.append(
                say(N_("It reads {file}, which this command writes: {command}")).format(
                    file="`data.npz`", command=f"`{export_command(run.id)}`"
                )
            )
        cells = [_cell("markdown", 0, "\n\n".join(lines))]
        for number, section in enumerate(_sections(source), start=1):
            cells.append(_cell("code", number, section) | {"execution_count": None, "outputs": []})
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _sections(source: ExportedRun) -> list[str]:
    """Returns the parts of the script of a run."""
    spec = source.preparation.spec
    facts = dataset_facts(spec.dataset, source.settings)
    begun = read_transfer(source.folder)
    has_new = begun is None or bool(begun.kept or begun.other_ids)
    return keras_sections(spec, facts, experiment=source.run.id, has_new=has_new)


def _cell(kind: str, number: int, text: str) -> dict[str, Any]:
    return {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
