"""LiteRT, for phones and small devices: one sample at a time."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import ClassVar

import numpy as np

from dlcore.datasets.parts import Array
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Ask, ExportedRun, Format, Group, Inputs

EXAMPLES = 128
"""Training samples that show the range of the values within a network."""


class _LiteRT(Format):
    """What the precisions share."""

    group: ClassVar[Group] = Group.MODEL
    packages = {"ai_edge_litert": "ai-edge-litert==2.3.0"}
    precision: ClassVar[str]

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it for one sample at a time."""
        source.model.save_litert(path, self.precision, {})

    def open(self, source: ExportedRun, path: Path) -> Ask:
        """Returns what LiteRT's own interpreter answers."""
        litert = importlib.import_module("ai_edge_litert.interpreter")
        run = litert.Interpreter(model_path=str(path), num_threads=1).get_signature_runner()

        def ask(inputs: Inputs) -> Array:
            count = len(next(iter(inputs.values())))
            found = [
                run(**{name: array[place : place + 1] for name, array in inputs.items()})["output"].ravel()
                for place in range(count)
            ]
            return np.stack(found)

        return ask


@EXPORTS.register
class LiteRT(_LiteRT):
    """With all its digits."""

    name: ClassVar[str] = "litert"
    title: ClassVar[str] = "LiteRT"
    summary: ClassVar[str] = N_("For phones and small devices (.tflite), one sample at a time.")
    suffix: ClassVar[str] = ".tflite"
    precision: ClassVar[str] = "float32"


@EXPORTS.register
class LiteRTFloat16(_LiteRT):
    """Half as large."""

    name: ClassVar[str] = "litert-float16"
    title: ClassVar[str] = "LiteRT float16"
    summary: ClassVar[str] = N_("LiteRT with weights of half the size.")
    suffix: ClassVar[str] = ".float16.tflite"
    precision: ClassVar[str] = "float16"
    tolerance: ClassVar[float] = 1e-2


@EXPORTS.register
class LiteRTInt8(_LiteRT):
    """A quarter as large; what that costs is measured."""

    name: ClassVar[str] = "litert-int8"
    title: ClassVar[str] = "LiteRT int8"
    summary: ClassVar[str] = N_(
        "LiteRT with weights of a quarter of the size; what that costs is measured and shown."
    )
    suffix: ClassVar[str] = ".int8.tflite"
    precision: ClassVar[str] = "int8"
    tolerance: ClassVar[float] = math.nextafter(math.inf, 0)

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it with ranges measured on training samples; of a network with loops only the weights are int8."""
        # TensorFlow's calibrator ends its process at the state of a recurrent layer.
        examples = {} if source.model.has_loops else source.model.samples("train", EXAMPLES)
        source.model.save_litert(path, self.precision, examples)
