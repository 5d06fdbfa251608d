"""What Keras and TensorFlow read themselves: the model, its weights alone, a SavedModel."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Ask, ExportedRun, Format, Group
from dlcore.exports.scripts import PackedModel, Runtime
from dlcore.records.artifacts import MODEL_FILE

_KERAS = Runtime(
    needs="keras",
    imports="import keras",
    opened="""MODEL = keras.saving.load_model(HERE / "model.keras", compile=False)
VALUES = json.loads((HERE / "preparation.json").read_text(encoding="utf-8"))["content"]["values"]


def prepared(x, steps):
    \"\"\"Returns the values as the model was trained on them.\"\"\"
    for step in steps:
        x = np.asarray(x, np.float32)
        if step["kind"] == "affine":
            x = x * np.array(step["scale"], np.float32) + np.array(step["offset"], np.float32)
        else:
            x = np.sign(x) * np.log1p(np.abs(x))
    return x""",
    answer="""given = {{name: prepared(x, VALUES.get(name, [])) for name, x in given.items()}}
outputs = MODEL.predict_on_batch(given if len(given) > 1 else next(iter(given.values())))
# Further outputs help only in training.
outputs = outputs[0] if isinstance(outputs, list) else outputs
outputs = np.asarray(outputs, np.float32).reshape(len(outputs), -1)
return np.asarray(keras.activations.{activation}(outputs))""",
)
_SAVED_MODEL = Runtime(
    needs="tensorflow",
    imports="import tensorflow as tf",
    opened='MODEL = tf.saved_model.load(HERE / "model")',
    answer="""serve = MODEL.signatures["serving_default"]
outputs = serve(**{{name: tf.constant(x) for name, x in given.items()}})["output"].numpy()
return outputs.reshape(len(outputs), -1)""",
)


@EXPORTS.register
class Keras(PackedModel):
    """The model as it was trained; what was done to the samples lies beside it."""

    name: ClassVar[str] = "keras"
    title: ClassVar[str] = "Keras"
    summary: ClassVar[str] = N_(
        "The model as it was trained (.keras), its preparation, and a script that answers."
    )
    suffix: ClassVar[str] = ".keras.zip"
    runtime: ClassVar[Runtime] = _KERAS

    def put(self, source: ExportedRun, folder: Path) -> None:
        """Puts the run's own file there."""
        shutil.copyfile(source.folder / MODEL_FILE, folder / MODEL_FILE)


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
class SavedModel(PackedModel):
    """TensorFlow's own format."""

    name: ClassVar[str] = "savedmodel"
    title: ClassVar[str] = "SavedModel"
    summary: ClassVar[str] = N_(
        "For TensorFlow and TensorFlow Serving, with a script that answers; scaling of the values is inside."
    )
    suffix: ClassVar[str] = ".savedmodel.zip"
    runtime: ClassVar[Runtime] = _SAVED_MODEL

    def put(self, source: ExportedRun, folder: Path) -> None:
        """Puts the folder `model` there."""
        source.model.save_saved_model(folder / "model")
