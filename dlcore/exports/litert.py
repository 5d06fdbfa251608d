"""LiteRT, for phones and small devices: one sample at a time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, TWO_GB, ExportedRun, Inputs
from dlcore.exports.scripts import PackedModel, Runtime

EXAMPLES = 128
"""Training samples that show the range of the values within a network."""
_LITERT = Runtime(
    needs="ai-edge-litert",
    imports="from ai_edge_litert.interpreter import Interpreter",
    opened="""MODEL = Interpreter(str(HERE / "model.tflite"), num_threads=1)
ONE = MODEL.get_signature_runner()""",
    answer="""count = len(next(iter(given.values())))
samples = ({{name: x[n : n + 1] for name, x in given.items()}} for n in range(count))
return np.stack([ONE(**sample)["output"].ravel() for sample in samples])""",
)


class _LiteRT(PackedModel):
    """What the precisions share."""

    runtime: ClassVar[Runtime] = _LITERT
    most_bytes: ClassVar[int] = TWO_GB
    packages = {"ai_edge_litert": "ai-edge-litert==2.3.0"}
    precision: ClassVar[str]

    def examples(self, source: ExportedRun) -> Inputs:
        """Returns samples that show the range of the values within, if the precision needs them."""
        return {}

    def put(self, source: ExportedRun, folder: Path) -> None:
        """Puts the model there, for one sample at a time."""
        source.model.save_litert(folder / "model.tflite", self.precision, self.examples(source))


@EXPORTS.register
class LiteRT(_LiteRT):
    """With all its digits."""

    name: ClassVar[str] = "litert"
    title: ClassVar[str] = "LiteRT"
    summary: ClassVar[str] = N_(
        "For phones and small devices (.tflite), one sample at a time, with a script."
    )
    suffix: ClassVar[str] = ".tflite.zip"
    precision: ClassVar[str] = "float32"


@EXPORTS.register
class LiteRTFloat16(_LiteRT):
    """Half as large."""

    name: ClassVar[str] = "litert-float16"
    title: ClassVar[str] = "LiteRT float16"
    summary: ClassVar[str] = N_("LiteRT with weights of half the size.")
    suffix: ClassVar[str] = ".float16.tflite.zip"
    precision: ClassVar[str] = "float16"
    tolerance: ClassVar[float] = 1e-2


@EXPORTS.register
class LiteRTInt8(_LiteRT):
    """A quarter as large; what that costs is measured."""

    name: ClassVar[str] = "litert-int8"
    title: ClassVar[str] = "LiteRT int8"
    summary: ClassVar[str] = N_(
        "LiteRT with weights of a quarter of the size; what that costs is measured and shown. Of recurrent "
        "networks only the weights are quantized."
    )
    suffix: ClassVar[str] = ".int8.tflite.zip"
    precision: ClassVar[str] = "int8"
    tolerance: ClassVar[float] = math.nextafter(math.inf, 0)

    def examples(self, source: ExportedRun) -> Inputs:
        """Returns training samples; none for a network with loops, of which only the weights are int8."""
        # TensorFlow's calibrator ends its process at the state of a recurrent layer.
        return {} if source.model.has_loops else source.model.samples("train", EXAMPLES)
