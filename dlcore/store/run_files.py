"""The files of a run as people read them; a damaged one is named, and the rest works."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from dlcore.analysis.answers import PartAnswers
from dlcore.durable import parse_json
from dlcore.errors import N_, DlcoreError
from dlcore.records import Evaluation, Transfer
from dlcore.records.artifacts import (
    ANSWERS_FILES,
    EVALUATION_FILE,
    TRANSFER_FILE,
)
from dlcore.spec.data import Task

MOST_ARRAYS = 2**30
"""Bytes of all arrays in a file; a million answers with 100 classes are 400 MB."""

_Record = TypeVar("_Record")


class DamagedArtifactError(DlcoreError):
    """A file of a run has changed since it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            N_("this file of the run is damaged."),
            hint=N_("Restore a backup, or resume the run with more epochs to have it made again."),
            where=path.name,
        )


def read_record(path: Path, parse: Callable[[dict[str, Any]], _Record]) -> _Record:
    """Returns what a JSON file of a run holds.

    Args:
        path: the file.
        parse: makes the record of its data; changed bytes may have left any form.

    Raises:
        DamagedArtifactError: it makes no sense.
    """
    try:
        return parse(parse_json(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedArtifactError(path) from error


def read_evaluation(folder: Path) -> Evaluation | None:
    """Returns what a run does on its test part; None where it has not got that far.

    Raises:
        DamagedArtifactError: the file makes no sense.
    """
    return _read_if_any(folder / EVALUATION_FILE, Evaluation.from_dict)


def read_transfer(folder: Path) -> Transfer | None:
    """Returns which weights from elsewhere a run began with; None where it took none, or has not started.

    Raises:
        DamagedArtifactError: the file makes no sense.
    """
    return _read_if_any(folder / TRANSFER_FILE, Transfer.from_dict)


def _read_if_any(path: Path, parse: Callable[[dict[str, Any]], _Record]) -> _Record | None:
    # Asked for once: between a look and a reading the run may be deleted.
    try:
        return read_record(path, parse)
    except FileNotFoundError:
        return None


def read_answers(folder: Path, evaluation: Evaluation, part: str = "test") -> PartAnswers | None:
    """Returns what a run answered on its test part, or on that for validation; None where nothing was kept.

    Args:
        folder: of the run.
        evaluation: of its test part; knows the task and what each answer is called.
        part: `test` or `validation`.

    Raises:
        DamagedArtifactError: the file does not fit its checksum, or its arrays do not fit each other: an added run can
            bring any.
    """
    path = folder / ANSWERS_FILES[part]
    try:
        arrays = read_arrays(path)
        found = PartAnswers(Task(evaluation.task), arrays["answers"], arrays["targets"], arrays["rows"])
    except FileNotFoundError:
        return None
    except (KeyError, ValueError) as error:
        raise DamagedArtifactError(path) from error
    names = evaluation.classes or evaluation.errors
    if not found.is_whole or (names and found.answers.shape[1] != len(names)):
        raise DamagedArtifactError(path)
    return found if len(found.rows) else None


def read_arrays(path: Path) -> Mapping[str, npt.NDArray[Any]]:
    """Returns the arrays of an `.npz` of a run, by name.

    Raises:
        DamagedArtifactError: they do not fit their checksums, or are more than is read at once: what a stranger's
            process has packed can be a thousand times as large as its file.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size > MOST_ARRAYS:
            raise DamagedArtifactError(path)
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, MemoryError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise DamagedArtifactError(path) from error
    if not all(isinstance(one, np.ndarray) for one in found.values()):
        raise DamagedArtifactError(path)
    return found
