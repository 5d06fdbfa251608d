"""Everything a run needs to resume exactly where it was, in one file that is replaced as a whole."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.durable import is_damage
from dlcore.engine.files import write_whole
from dlcore.engine.start import Start
from dlcore.errors import N_, DlcoreError
from dlcore.records.artifacts import CHECKPOINT_FILE

VERSION = 1

Logs = dict[str, float]
"""Metric name to value."""

Summary = dict[str, Logs]
"""What it was measured on (`train`, `validation`, `test`) to its values."""


@dataclass(frozen=True)
class Position:
    """How far a run is.

    Attributes:
        epoch: finished epochs.
        batch: batches trained in the epoch after them.
        phase: the phase of the last batch, or of the first where none is trained.
        goal: how many epochs it was to have; a later attempt may want more.
        ended: it ended by itself, before its goal.
        last: the metrics of the last finished epoch.
        best: those of the epoch whose weights early stopping keeps.
        callbacks: the counters of early stopping and plateau, by the callback's name.
    """

    epoch: int = 0
    batch: int = 0
    phase: int = 0
    goal: int = 0
    ended: bool = False
    last: Summary = field(default_factory=dict)
    best: Summary = field(default_factory=dict)
    callbacks: dict[str, Logs] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A position and the arrays that belong to it.

    Attributes:
        variables: of the model (weights, statistics, seeds), the optimizer, the metrics and the
            augmentation, in order.
        best_weights: those that early stopping keeps, if it keeps any.
        start: what the model was before its first batch, if it may be kept.
    """

    position: Position
    variables: list[np.ndarray[Any, Any]]
    best_weights: list[np.ndarray[Any, Any]] | None
    start: Start | None = None


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replaces the checkpoint in `folder`.

    Raises:
        DlcoreError: the disk is full or refuses; the old checkpoint is still there.
    """
    arrays = {f"variable_{i}": array for i, array in enumerate(checkpoint.variables)}
    for i, array in enumerate(checkpoint.best_weights or []):
        arrays[f"best_{i}"] = array
    if checkpoint.start is not None:
        arrays |= {f"start_{i}": array for i, array in enumerate(checkpoint.start.weights)}
        arrays["start_losses"] = checkpoint.start.losses
    header = {"version": VERSION, "variables": len(checkpoint.variables), **asdict(checkpoint.position)}
    header["best_weights"] = None if checkpoint.best_weights is None else len(checkpoint.best_weights)
    header["start"] = None if checkpoint.start is None else len(checkpoint.start.weights)
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    write_whole(folder / CHECKPOINT_FILE, lambda path: np.savez(path, allow_pickle=False, **arrays))


def load(folder: Path) -> Checkpoint | None:
    """Returns the checkpoint in `folder`, if any.

    Raises:
        DlcoreError: it is damaged, or of another version.
    """
    path = folder / CHECKPOINT_FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes())
            if header.pop("version") != VERSION:
                raise ValueError("version")
            count, best = header.pop("variables"), header.pop("best_weights")
            start = header.pop("start", None)
            return Checkpoint(
                position=Position(**header),
                variables=[file[f"variable_{i}"] for i in range(count)],
                best_weights=None if best is None else [file[f"best_{i}"] for i in range(best)],
                start=None
                if start is None
                else Start([file[f"start_{i}"] for i in range(start)], file["start_losses"]),
            )
    except OSError as error:
        if not is_damage(error):
            raise
        raise _unusable(path) from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _unusable(path) from error


def fit_into(path: Path, values: list[np.ndarray[Any, Any]], variables: list[Any]) -> None:
    """Assigns saved values to variables.

    Raises:
        DlcoreError: they are of another model.
    """
    shapes = [tuple(variable.shape) for variable in variables]
    if [value.shape for value in values] != shapes:
        raise _unusable(path)
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _unusable(path: Path) -> DlcoreError:
    return DlcoreError(
        N_("the checkpoint is damaged, or of another model or version."),
        hint=N_("Duplicate the run and start it again."),
        where=str(path),
    )
