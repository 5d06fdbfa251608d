"""ONNX, which runs nearly everywhere, browsers included."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import ClassVar

import numpy as np

from dlcore.datasets.parts import Array
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Ask, ExportedRun, Format, Group, Inputs

OUTPUT = "output"


@EXPORTS.register
class Onnx(Format):
    """A graph of standard operators."""

    name: ClassVar[str] = "onnx"
    title: ClassVar[str] = "ONNX"
    summary: ClassVar[str] = N_(
        "For ONNX Runtime in any language and in browsers; scaling of the values is inside."
    )
    suffix: ClassVar[str] = ".onnx"
    group: ClassVar[Group] = Group.MODEL
    packages = {"onnx": "onnx==1.23.2", "onnxruntime": "onnxruntime==1.32.0", "tf2onnx": "tf2onnx==1.17.0"}

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it with what its answers mean as metadata."""
        source.model.save_onnx(path)
        onnx = importlib.import_module("onnx")
        made = onnx.load(str(path))
        old = made.graph.output[0].name
        for node in made.graph.node:
            node.input[:] = [OUTPUT if name == old else name for name in node.input]
            node.output[:] = [OUTPUT if name == old else name for name in node.output]
        made.graph.output[0].name = OUTPUT
        facts = source.preparation.facts
        about = {"run": source.run.id, "dataset": facts.name, "task": facts.task.value}
        onnx.helper.set_model_props(made, {**about, "outputs": json.dumps(source.model.classes)})
        onnx.save(made, str(path))

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what ONNX Runtime answers."""
        runtime = importlib.import_module("onnxruntime")
        session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

        def ask(inputs: Inputs) -> Array:
            (found,) = session.run([OUTPUT], dict(inputs))
            return np.asarray(found).reshape(len(found), -1)

        return ask
