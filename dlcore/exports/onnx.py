"""ONNX, which runs nearly everywhere, browsers included."""

from __future__ import annotations

import importlib
import json
import zipfile
from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, TWO_GB, ExportedRun
from dlcore.exports.scripts import PackedModel, Runtime

MODEL, OUTPUT = "model.onnx", "output"
_ONNX = Runtime(
    needs="onnxruntime",
    imports="import onnxruntime",
    opened='MODEL = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])',
    answer="""(outputs,) = MODEL.run(["output"], given)
return outputs.reshape(len(outputs), -1)""",
)


@EXPORTS.register
class Onnx(PackedModel):
    """A graph of standard operators."""

    name: ClassVar[str] = "onnx"
    title: ClassVar[str] = "ONNX"
    summary: ClassVar[str] = N_(
        "For ONNX Runtime in any language and in browsers, with a script; scaling of the values is inside."
    )
    suffix: ClassVar[str] = ".onnx.zip"
    runtime: ClassVar[Runtime] = _ONNX
    most_bytes: ClassVar[int] = TWO_GB
    packages = {"onnx": "onnx==1.23.2", "onnxruntime": "onnxruntime==1.32.0", "tf2onnx": "tf2onnx==1.17.0"}

    def put(self, source: ExportedRun, folder: Path) -> None:
        """Puts the graph there."""
        write_model(source, folder / MODEL)


def read_model(path: Path) -> bytes:
    """Returns the model in a file that was exported."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(MODEL)


def write_model(source: ExportedRun, path: Path) -> None:
    """Writes the graph with what its answers mean as metadata."""
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
