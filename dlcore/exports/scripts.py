"""The short script that lies beside an exported model, and the archive of both."""

from __future__ import annotations

import runpy
import tempfile
import zipfile
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dlcore.exports.base import Ask, ExportedRun, Format, Group
from dlcore.records.artifacts import PREPARATION_FILE

PREDICT_FILE = "predict.py"

_SCRIPT = '''"""Answers for new samples with the model beside this file; needs {needs} and NumPy.

    python predict.py FILE      a picture, a recording, a text, a table; also needs the program this comes from
    answer({{"{first}": array}})   arrays by the name of the input: {inputs}
"""

import json
import sys
from pathlib import Path

import numpy as np
{imports}

HERE = Path(__file__).resolve().parent
ANSWERS = {classes!r}
{opened}


def answer(inputs):
    """(samples, {width}) {meaning}."""
    given = {{name: x if x.dtype == np.int32 else x.astype(np.float32) for name, x in inputs.items()}}
{answer}


if __name__ == "__main__":
    from dlcore.datasets.fresh import fresh_file
    from dlcore.datasets.prepare.saved import read_preparation
    from dlcore.settings import Settings

    for group in fresh_file(Path(sys.argv[1]), read_preparation(HERE), Settings.from_environment()):
        for place, found in zip(group.places, answer(group.inputs)):
            print(json.dumps({{"sample": group.names[place], **dict(zip(ANSWERS, found.tolist()))}}))
'''


@dataclass(frozen=True)
class Runtime:
    """How a script asks a model.

    Attributes:
        needs: the package that runs it, as pip calls it.
        imports: lines that import it.
        opened: lines that open the model's file, which is in the folder `HERE`.
        answer: lines of a function that returns what the model answers for `given`, (samples, outputs).
    """

    needs: str
    imports: str
    opened: str
    answer: str


def predict_script(source: ExportedRun, runtime: Runtime) -> str:
    """Returns `predict.py`: for arrays it needs the runtime alone, for files also what makes arrays of them."""
    inputs = source.preparation.signature.inputs
    facts, classes = source.preparation.facts, source.model.classes
    shapes = (f"{name} {('samples', *one.shape)}".replace("'", "") for name, one in inputs.items())
    lines = runtime.answer.format(activation=source.model.activation).splitlines()
    return _SCRIPT.format(
        needs=runtime.needs,
        imports=runtime.imports,
        opened=runtime.opened,
        answer="\n".join(f"    {line}" for line in lines),
        first=next(iter(inputs)),
        inputs=", ".join(shapes),
        classes=list(classes),
        width=len(classes) or "outputs",
        meaning="probabilities" if facts.task.classifies else "numbers in their own units",
    )


class PackedModel(Format):
    """A zip of a model, the script that asks it, and how samples become what it sees.

    Attributes:
        runtime: what runs the model.
    """

    group: ClassVar[Group] = Group.MODEL
    runtime: ClassVar[Runtime]

    @abstractmethod
    def put(self, source: ExportedRun, folder: Path) -> None:
        """Puts the model's own file or folder into a folder."""

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes the zip."""
        script = predict_script(source, self.runtime)
        with tempfile.TemporaryDirectory(dir=path.parent) as made:
            folder = Path(made)
            self.put(source, folder)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in sorted(folder.rglob("*")):
                    archive.write(file, file.relative_to(folder))
                archive.write(source.folder / PREPARATION_FILE, PREPARATION_FILE)
                archive.writestr(PREDICT_FILE, script)

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what the script in the zip answers."""
        return open_packed(path)


def open_packed(path: Path) -> Ask:
    """Returns what the script in such a zip answers."""
    # Windows removes no file that a runtime still has open.
    with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        answer: Ask = runpy.run_path(str(Path(folder, PREDICT_FILE)))["answer"]
    return answer
