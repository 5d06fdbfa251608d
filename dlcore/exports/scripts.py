"""The short scripts that lie beside an exported model."""

from __future__ import annotations

from dlcore.exports.base import ExportedRun

_KERAS = '''"""Answers for new samples with the model beside this file; needs Keras and NumPy.

    python predict.py FILE      a picture, a recording, a text, a table; also needs the program this comes from
    answer({{"{first}": array}})   arrays by the name of the input: {inputs}
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).resolve().parent
CLASSES = {classes!r}
MODEL = keras.saving.load_model(HERE / "model.keras", compile=False)
VALUES = json.loads((HERE / "preparation.json").read_text(encoding="utf-8"))["content"]["values"]


def prepared(x, steps):
    """Returns the values as the model was trained on them."""
    for step in steps:
        x = np.asarray(x, np.float32)
        if step["kind"] == "affine":
            x = x * np.array(step["scale"], np.float32) + np.array(step["offset"], np.float32)
        else:
            x = np.sign(x) * np.log1p(np.abs(x))
    return x


def answer(inputs):
    """(samples, {width}) {meaning}."""
    given = {{name: prepared(x, VALUES.get(name, [])) for name, x in inputs.items()}}
    outputs = MODEL.predict_on_batch(given if len(given) > 1 else next(iter(given.values())))
    outputs = np.asarray(outputs, np.float32).reshape(len(outputs), -1)
    return np.asarray(keras.activations.{activation}(outputs))


if __name__ == "__main__":
    from dlcore.engine.predictor import Predictor

    print(Predictor.open(HERE).predict_file(Path(sys.argv[1])).to_frame().to_string(index=False))
'''


def keras_predict(source: ExportedRun) -> str:
    """Returns `predict.py` of a `.keras` file: it applies the steps on values, which are not in the model."""
    inputs = source.preparation.signature.inputs
    facts, classes = source.preparation.facts, source.model.classes
    return _KERAS.format(
        first=next(iter(inputs)),
        inputs=", ".join(
            f"{name} {('samples', *one.shape)}".replace("'", "") for name, one in inputs.items()
        ),
        classes=list(classes),
        width=len(classes) or "outputs",
        meaning="probabilities of the classes" if facts.task.classifies else "numbers in their own units",
        activation=source.model.activation,
    )
