"""The curves for TensorBoard."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import ClassVar

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Curve, ExportedRun, Format, Group
from dlcore.plots.lines import lines_info
from dlcore.records import Scope, SeriesKey

MOST_POINTS = 10_000
"""Of each curve; TensorBoard itself shows a thousand of them, and writing a point takes a tenth of a millisecond."""


@EXPORTS.register
class TensorBoard(Format):
    """Event files."""

    name: ClassVar[str] = "tensorboard"
    title: ClassVar[str] = "TensorBoard"
    summary: ClassVar[str] = N_(
        "The curves and the settings as event files; unpack, then `tensorboard --logdir`."
    )
    suffix: ClassVar[str] = ".tensorboard.zip"
    group: ClassVar[Group] = Group.RESULTS

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip of a folder that is named after the run, and holds one for each part, as Keras has it."""
        by_part: dict[Scope, dict[str, Curve]] = {}
        for key, (x, y) in source.points.items():
            thin = lines_info(x, {key.name: y}, points=MOST_POINTS)
            by_part.setdefault(key.scope, {})[_tag(key)] = (thin.x[0], thin.y[0])
        settings = "".join(f"    {line}\n" for line in source.preparation.spec.to_yaml().splitlines())
        with tempfile.TemporaryDirectory(dir=path.parent) as made:
            for scope, curves in by_part.items():
                text = settings if scope is Scope.TRAIN else ""
                source.model.save_events(Path(made, scope.value), curves, text)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in sorted(Path(made).rglob("*")):
                    archive.write(file, Path(source.run.id, file.relative_to(made)))


def _tag(key: SeriesKey) -> str:
    """Returns what a chart is called, as by Keras' own callback: `epoch_loss`."""
    return f"{key.axis.value}_{key.name}"
