"""What jobs about the model of a run share: its files, what a stranger's process may read, and the arrays it leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dlcore.datasets.parts import Array
from dlcore.errors import N_, DatasetError, not_written
from dlcore.processes.kinds import Arguments, JobHandle, Result, StoreSide
from dlcore.processes.private import PrivateHome
from dlcore.records import JobUnit
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store


def gather_run(arguments: Arguments, store: Store) -> Arguments:
    """Returns the `spec` of a run and the `folder` of its files.

    Raises:
        NotFoundError: there is no such run.
    """
    run = store.runs.get(arguments["run"])
    return {"spec": run.spec, "folder": str(store.artifacts.folder(run.id))}


def reach_run(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    """Lets a confined process see the dataset of a run, and its files."""
    home.show_data(ExperimentSpec.from_dict(arguments["spec"]))
    return [Path(arguments["folder"])]


class _Record(Protocol):
    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""


def store_side(parse: Callable[[Mapping[str, Any]], _Record], file: str = "") -> StoreSide:
    """Returns the side of the store of a job that leaves a record, and maybe one file of arrays.

    Args:
        parse: makes the record of what a process says; a stranger's may say anything.
        file: the name of the arrays; they are copied to the argument `to`, if there is one.
    """

    def conclude(arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
        try:
            kept = parse(result).to_dict()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DatasetError(N_("its process said nothing that makes sense."), where=file) from error
        if arguments.get("to"):
            _copy(folder / file, Path(arguments["to"]))
        return kept

    return StoreSide(gather_run, conclude)


def write_arrays(handle: JobHandle, file: str, arrays: Mapping[str, Array]) -> None:
    """Writes arrays into the folder of a job."""
    np.savez_compressed(handle.folder / file, allow_pickle=False, **arrays)


def told(handle: JobHandle) -> Callable[[str, int, int], None]:
    """Returns what passes the progress of a preparation on."""
    return lambda what, done, total: handle.progress(done, total, JobUnit.NOTHING)


def _copy(file: Path, target: Path) -> None:
    try:
        shutil.copyfile(file, target)
    except OSError as error:
        raise not_written(error, target) from error
