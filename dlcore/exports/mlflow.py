"""The run for MLflow, without MLflow: the folder that its file store reads, or that it moves into a database.

| path in `mlruns/<experiment>/` | what |
| --- | --- |
| `meta.yaml` | the experiment: one for each dataset, so that runs that are unpacked together are side by side |
| `<run>/meta.yaml` | when the run began and ended, and how |
| `<run>/metrics/NAME` | a line a point: when it was measured, in milliseconds since 1970, its value, its step |
| `<run>/params/PATH` | a value of the spec |
| `<run>/tags/NAME` | tags, notes, and where the run comes from |
| `<run>/artifacts/` | the model, how its samples are prepared, its results, its spec |
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from dlcore.datasets.parts import Array
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format, Group
from dlcore.records import Axis, Run, RunState, Scope, SeriesKey
from dlcore.records.artifacts import EVALUATION_FILE, MODEL_FILE, PREPARATION_FILE
from dlcore.spec.measure_name import MeasureName
from dlcore.store.filters.reading import spec_values
from dlcore.store.run_records import Points
from dlcore.version import __version__

LONGEST_KEY, LONGEST_VALUE = 250, 6_000
"""Characters of a name, and of a parameter's value, that MLflow takes."""
_LOCAL = 4
"""How MLflow numbers a run of somebody's own machine."""
_RUNNING, _FINISHED, _FAILED, _KILLED = 1, 3, 4, 5
_STATUS = {
    RunState.COMPLETED: _FINISHED,
    RunState.FAILED: _FAILED,
    RunState.STOPPED: _KILLED,
    RunState.PRUNED: _KILLED,
}
"""How it numbers the states of runs."""
_CLOCK, _SECONDS = (SeriesKey(name, Scope.SYSTEM, Axis.EPOCH) for name in ("clock", "seconds"))
"""When each epoch ended, and how long the run had worked by then."""


@EXPORTS.register
class MLflow(Format):
    """What MLflow's file store holds of a run."""

    name: ClassVar[str] = "mlflow"
    title: ClassVar[str] = "MLflow"
    summary: ClassVar[str] = N_(
        "Parameters, metrics, tags and the model as `mlruns`; unpack, then `mlflow migrate-filestore --source mlruns`."
    )
    suffix: ClassVar[str] = ".mlflow.zip"
    group: ClassVar[Group] = Group.RESULTS

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes a zip of `mlruns`."""
        run = source.run
        # A number that MLflow can have given: the same for all runs on a dataset.
        experiment = str(int(hashlib.sha256(run.dataset.encode()).hexdigest()[:14], 16))
        home = f"mlruns/{experiment}"
        began = _milliseconds(run.started_at or run.created_at)
        ended = _milliseconds(run.finished_at) if run.finished_at else None
        about = {
            "experiment_id": experiment, "name": run.dataset, "lifecycle_stage": "active",
            "artifact_location": home, "creation_time": began, "last_update_time": ended or began,
        }  # fmt: skip
        meta = {
            "run_id": run.id, "run_uuid": run.id, "run_name": run.name, "experiment_id": experiment,
            "artifact_uri": f"{home}/{run.id}/artifacts", "status": _STATUS.get(run.state, _RUNNING),
            "start_time": began, "end_time": ended, "lifecycle_stage": "active", "user_id": run.owner,
            "source_name": "", "source_type": _LOCAL, "source_version": "", "entry_point_name": "", "tags": [],
            "deleted_time": None,
        }  # fmt: skip
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            # What is JSON is YAML, too.
            archive.writestr(f"{home}/meta.yaml", json.dumps(about))
            archive.writestr(f"{home}/{run.id}/meta.yaml", json.dumps(meta))
            for name, text in (*_metrics(source, began, ended or began), *_params(run), *_tags(run)):
                archive.writestr(f"{home}/{run.id}/{name}", text)
            for file in (MODEL_FILE, PREPARATION_FILE, EVALUATION_FILE):
                if (source.folder / file).is_file():
                    archive.write(source.folder / file, f"{home}/{run.id}/artifacts/{file}")
            spec = source.preparation.spec.to_yaml()
            archive.writestr(f"{home}/{run.id}/artifacts/experiment.yaml", spec)


def _metrics(source: ExportedRun, began: int, ended: int) -> Iterator[tuple[str, str]]:
    """Yields the curves, each point with the moment at which it was measured."""
    calendar = Calendar.of(source.run, source.points, began, ended)
    for key, (x, y) in source.points.items():
        if key in (_CLOCK, _SECONDS):
            continue  # every other point says it
        moments = calendar.moments(key.axis, x)
        rows = (
            f"{round(at)} {value if math.isfinite(value) else 'nan'} {round(step)}\n"
            for at, step, value in zip(moments.tolist(), x.tolist(), y.tolist(), strict=True)
        )
        yield f"metrics/{_metric_name(key)}", "".join(rows)


@dataclass(frozen=True, eq=False)
class Calendar:
    """When the epochs of a run ended, and so when the points between were measured.

    Attributes:
        epochs, seconds, ends: of each epoch its number, how long the run had worked at its end, and when that was,
            in milliseconds since 1970; the first one is the beginning of the run.
        batches: in an epoch.
        ended: when the run ended.
    """

    epochs: Array
    seconds: Array
    ends: Array
    batches: float
    ended: int

    @classmethod
    def of(cls, run: Run, points: Points, began: int, ended: int) -> Calendar:
        """Returns that of a run; one of an older version has kept no more than its beginning and its end."""
        nothing = np.empty(0), np.empty(0)
        epochs, clock = points.get(_CLOCK, nothing)
        _, seconds = points.get(_SECONDS, nothing)
        return cls(
            np.concatenate([[0.0], epochs]),
            np.concatenate([[0.0], seconds]),
            np.concatenate([[began], 1_000 * clock]),
            run.steps / max(1, run.epochs),
            ended,
        )

    def moments(self, axis: Axis, x: Array) -> Array:
        """Returns when the points at these places of an axis were measured, in milliseconds since 1970."""
        known = {
            Axis.EPOCH: self.epochs,
            Axis.PROBE: self.epochs,
            Axis.BATCH: self.epochs * self.batches,
            Axis.TIME: self.seconds,
        }
        places, ends = known[axis], self.ends
        if x[-1] > places[-1]:
            # What was measured after the last epoch was so until the end.
            places, ends = np.append(places, x[-1]), np.append(ends, max(self.ended, ends[-1]))
        return np.interp(x, places, ends)


def _metric_name(key: SeriesKey) -> str:
    """Returns what a curve is called: by epoch as in Keras' logs, by batch beside it; meters as MLflow's own are."""
    name = str(MeasureName(key.name, on_validation=key.scope is Scope.VALIDATION))
    if key.scope is Scope.TEST:
        name = f"test_{name}"
    if key.axis is Axis.EPOCH:
        return name
    return f"system/{name}" if key.scope is Scope.SYSTEM else f"{key.axis.value}/{name}"


def _params(run: Run) -> Iterator[tuple[str, str]]:
    for path, value in {"dataset": run.dataset, **spec_values(run.spec)}.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"params/{_key(path)}", text[:LONGEST_VALUE]


def _tags(run: Run) -> Iterator[tuple[str, str]]:
    own: dict[str, Any] = {
        "mlflow.runName": run.name,
        "mlflow.user": run.owner,
        "mlflow.source.type": "LOCAL",
        "mlflow.note.content": run.annotation.notes,
        "dlstudio.version": __version__,
        "dlstudio.dataset": run.dataset,
    }
    for name, value in {**dict.fromkeys(run.annotation.tags, "true"), **own}.items():
        yield f"tags/{_key(name)}", str(value)


def _key(text: str) -> str:
    """Returns a name of letters, digits and the few signs that MLflow takes, which is also the name of a file."""
    plain = re.sub(r"[^\w. -]", "_", text.replace("[", ".").replace("]", "")).strip(". ")
    return plain[:LONGEST_KEY] or "_"


def _milliseconds(moment: datetime) -> int:
    return round(1_000 * moment.timestamp())
