"""The numbers of a run: its curves, and its answers on the test part."""

from __future__ import annotations

import zipfile
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format, Group
from dlcore.records import Axis
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.spec.data import Task
from dlcore.store.run_files import read_arrays
from dlcore.store.run_records import Points


class _Tables(Format):
    """What both formats hold: a table for each thing that the curves are drawn over, and the predictions."""

    group: ClassVar[Group] = Group.RESULTS
    ending: ClassVar[str]

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip of the tables."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, frame in _frames(source):
                with archive.open(f"{name}.{self.ending}", "w") as member:
                    self.write_frame(frame, member)

    @abstractmethod
    def write_frame(self, frame: pd.DataFrame, file: Any) -> None:
        """Writes one table."""


@EXPORTS.register
class Csv(_Tables):
    """For spreadsheets."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV"
    summary: ClassVar[str] = N_("All metrics by batch, epoch and time, and the predictions of the test part.")
    suffix: ClassVar[str] = ".csv.zip"
    ending: ClassVar[str] = "csv"

    def write_frame(self, frame: pd.DataFrame, file: Any) -> None:
        """Writes UTF-8 with a mark, which Excel needs."""
        frame.to_csv(file, index=False, encoding="utf-8-sig")


@EXPORTS.register
class Parquet(_Tables):
    """For pandas, Polars and DuckDB."""

    name: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Parquet"
    summary: ClassVar[str] = N_("The same tables as CSV, typed and smaller, for pandas, Polars or DuckDB.")
    suffix: ClassVar[str] = ".parquet.zip"
    ending: ClassVar[str] = "parquet"

    def write_frame(self, frame: pd.DataFrame, file: Any) -> None:
        """Writes it through pyarrow."""
        frame.to_parquet(file, index=False)


def _frames(source: ExportedRun) -> Iterator[tuple[str, pd.DataFrame]]:
    for axis in Axis:
        frame = metrics_frame(source.points, axis)
        if len(frame.columns) > 1:
            yield f"metrics_by_{axis.value}", frame
    if (source.folder / PREDICTIONS_FILE).is_file():
        yield "predictions", predictions_frame(source)


def metrics_frame(points: Points, axis: Axis) -> pd.DataFrame:
    """Returns a row for each batch, epoch or moment; a column `part_metric` for each curve, empty where it has no point."""
    series = {
        f"{key.scope.value}_{key.name}": pd.Series(y, index=x)
        for key, (x, y) in points.items()
        if key.axis is axis
    }
    frame = pd.DataFrame(series).sort_index().rename_axis(axis.value).reset_index()
    if axis is not Axis.TIME and len(frame):
        frame[axis.value] = frame[axis.value].astype(np.int64)
    return frame


def predictions_frame(source: ExportedRun) -> pd.DataFrame:
    """Returns a row for each test sample: its row in the dataset, the right answer, and the run's."""
    said, facts = read_arrays(source.folder / PREDICTIONS_FILE), source.preparation.facts
    rows, targets, found = said["rows"], said["targets"], said["answers"]
    table: dict[str, Any] = {"row": rows}
    if facts.task.single_label:
        names = np.array(facts.classes, object)
        table |= {"true": names[targets], "predicted": names[found.argmax(axis=1)]}
        columns = facts.classes
    else:
        columns = facts.classes if facts.task is Task.MULTILABEL else _numbers(source, found.shape[1])
        table |= {f"true {name}": targets.reshape(len(rows), -1)[:, n] for n, name in enumerate(columns)}
    return pd.DataFrame(table | {f"answer {name}": found[:, n] for n, name in enumerate(columns)})


def _numbers(source: ExportedRun, count: int) -> tuple[str, ...]:
    """Returns what each number that is asked for is called."""
    names = source.model.classes
    return names if len(names) == count else tuple(str(n + 1) for n in range(count))
