"""What Keras and TensorFlow read themselves: the model, its weights alone, a SavedModel."""

from __future__ import annotations

import runpy
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Ask, ExportedRun, Format, Group
from dlcore.exports.scripts import keras_predict
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE

PREDICT_FILE = "predict.py"


@EXPORTS.register
class Keras(Format):
    """The model as it was trained; what was done to the samples lies beside it."""

    name: ClassVar[str] = "keras"
    title: ClassVar[str] = "Keras"
    summary: ClassVar[str] = N_(
        "The model as it was trained (.keras), its preparation, and a script that answers."
    )
    suffix: ClassVar[str] = ".keras.zip"
    group: ClassVar[Group] = Group.MODEL

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip of the run's own files and `predict.py`."""
        script = keras_predict(source)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in (MODEL_FILE, PREPARATION_FILE):
                archive.write(source.folder / name, name)
            archive.writestr(PREDICT_FILE, script)

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what its own script answers."""
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
            answer: Ask = runpy.run_path(str(Path(folder, PREDICT_FILE)))["answer"]
        return answer


@EXPORTS.register
class Weights(Format):
    """The numbers alone."""

    name: ClassVar[str] = "weights"
    title: ClassVar[str] = N_("Weights")
    summary: ClassVar[str] = N_("The weights alone (.weights.h5), for the same network built in Keras.")
    suffix: ClassVar[str] = ".weights.h5"
    group: ClassVar[Group] = Group.MODEL

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes them as Keras does."""
        source.model.save_weights(path)

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what a new network of the same layers answers with them."""
        return source.model.open_weights(path)


@EXPORTS.register
class SavedModel(Format):
    """TensorFlow's own format."""

    name: ClassVar[str] = "savedmodel"
    title: ClassVar[str] = "SavedModel"
    summary: ClassVar[str] = N_("For TensorFlow and TensorFlow Serving; scaling of the values is inside.")
    suffix: ClassVar[str] = ".savedmodel.zip"
    group: ClassVar[Group] = Group.MODEL

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip of the folder."""
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            source.model.save_saved_model(Path(folder))
            shutil.make_archive(str(path.with_suffix("")), "zip", folder)

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what TensorFlow answers with the unpacked folder."""
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
            return source.model.open_saved_model(Path(folder))
