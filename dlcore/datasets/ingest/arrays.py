"""Arrays from `.npz` files; pickled content is refused unread."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.ingest.members import ALWAYS_ALLOWED, DAMAGE
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    SourceForm,
    checked_name,
    clean_text,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.samples import PART_WORDS, TEST, TRAIN, VALIDATION
from dlcore.errors import N_, DatasetError
from dlcore.records import Progress
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, DatasetFacts, Task

MAGIC = b"PK\x03\x04"
_X, _Y = ("x", "X", "images", "data", "features", "inputs"), ("y", "Y", "labels", "target", "targets")
_FEW = 1_000
_BLOCK = 4_096

Array = npt.NDArray[Any]
_Content = TypeVar("_Content")


def looks_like_arrays(path: Path) -> bool:
    """Returns whether the file is a zip of `.npy` files."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (*DAMAGE, OSError):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_arrays(path: Path, settings: Settings) -> dict[str, tuple[Array, Array]]:
    """For each part ("" where there are none) its samples and targets.

    Raises:
        DatasetError: pickled, damaged, too large, or without arrays that belong together.
    """
    with _read(lambda: zipfile.ZipFile(path)) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    grown = max(ALWAYS_ALLOWED, path.stat().st_size * settings.max_ratio)
    if unpacked > min(settings.max_table_bytes, grown):
        raise DatasetError(
            N_("it unpacks to more than {limit} MB."),
            hint=N_("Archives that expand this much are not accepted; pack fewer or smaller files."),
            limit=f"{min(settings.max_table_bytes, grown) // 10**6:,}",
        )
    with _read(lambda: np.load(path, allow_pickle=False)) as file:
        arrays = {name: _read(partial(file.get, name)) for name in file.files if _wanted(name)}
    # NumPy gives the bytes of an entry that does not begin like an array.
    if strange := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
        raise _unreadable(f"{strange[0]} is no array")
    return _paired(arrays)


def _read(read: Callable[[], _Content]) -> _Content:
    """Calls a library's reader and translates its errors; `read` must do nothing else."""
    try:
        return read()
    except (*DAMAGE, OSError, MemoryError, SyntaxError, UnicodeError) as error:
        if "allow_pickle" in str(error):
            raise DatasetError(
                N_("it holds pickled objects, which could run code and are never opened."),
                hint=N_("Save plain arrays with numpy.savez."),
            ) from error
        raise _unreadable(str(error) or type(error).__name__) from error


def _unreadable(reason: str) -> DatasetError:
    return DatasetError(
        N_("the arrays cannot be read: {reason}."),
        hint=N_("Save them again with numpy.savez."),
        reason=clean_text(reason),
    )


def _wanted(name: str) -> bool:
    return name.partition("_")[0] in (*_X, *_Y)


def _paired(arrays: Mapping[str, Array]) -> dict[str, tuple[Array, Array]]:
    found: dict[str, tuple[Array, Array]] = {}
    tails = {"": "", **{f"_{word}": part for word, part in PART_WORDS.items()}}
    for tail, part in tails.items():
        x = next((arrays[f"{stem}{tail}"] for stem in _X if f"{stem}{tail}" in arrays), None)
        y = next((arrays[f"{stem}{tail}"] for stem in _Y if f"{stem}{tail}" in arrays), None)
        if x is not None and y is not None:
            found[part] = (_numbers(x), _numbers(y))
    if not found:
        raise DatasetError(
            N_("expected arrays x and y, or x_train, y_train, x_test and y_test, got {names}."),
            hint=N_("Name them so when you save them."),
            names=clean_text(", ".join(arrays)) or "-",
        )
    for x, y in found.values():
        if x.ndim < 2 or y.ndim not in (1, 2) or not len(x) or len(x) != len(y):
            raise DatasetError(
                N_("x has the shape {x}, y {y}: expected samples first, and as many of them in both."),
                hint=N_("Save them again."),
                x=str(x.shape),
                y=str(y.shape),
            )
    if len({x.shape[1:] for x, _ in found.values()}) > 1:
        raise DatasetError(N_("the parts have samples of different shapes."), hint=N_("Save them again."))
    return found


def _numbers(array: Array) -> Array:
    if array.dtype.kind not in "biuf":
        raise DatasetError(
            N_("an array holds no numbers, but {type}."),
            hint=N_("Save numbers only."),
            type=str(array.dtype),
        )
    return array


def _task(y: Array) -> Task:
    if y.ndim == 2 and y.shape[1] > 1:
        yes_no = bool(np.isin(y, (0, 1)).all())
        return Task.MULTILABEL if yes_no else Task.REGRESSION
    values = np.unique(y[np.isfinite(y.astype(np.float64))])
    whole = bool((values == np.rint(values)).all())
    if whole and len(values) <= min(_FEW, max(2, len(y) // 2)) and y.dtype.kind in "biu":
        return Task.BINARY if len(values) == 2 else Task.MULTICLASS
    return Task.REGRESSION


def inspect_arrays(
    path: Path, settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what the arrays of a file seem to be."""
    parts = read_arrays(path, settings)
    y = np.concatenate([one for _, one in parts.values()])
    task = choices.task or _task(y)
    classes, labels = _classes(y, task)
    counts = {}
    if labels is not None:
        start = 0
        for part, (_, one) in parts.items():
            counted = np.bincount(labels[start : start + len(one)], minlength=len(classes))
            counts[part], start = tuple(int(n) for n in counted), start + len(one)
    shape = next(iter(parts.values()))[0].shape[1:]
    return Proposal(
        form=SourceForm.ARRAYS,
        name=checked_name(choices.name or slug(origin or path.name)),
        title=choices.title or title_of_file(origin or path.name),
        kind=DataKind.ARRAY,
        task=task,
        samples=len(y),
        classes=classes,
        counts=counts,
        kinds=(DataKind.ARRAY,),
        tasks=(Task.BINARY, Task.MULTICLASS, Task.MULTILABEL, Task.REGRESSION),
        preview_header=("part", "samples", "shape"),
        preview=tuple((part, f"{len(x):,}", str(shape)) for part, (x, _) in parts.items()),
    )


def _classes(y: Array, task: Task) -> tuple[tuple[str, ...], npt.NDArray[np.int64] | None]:
    """Returns the names of classes or labels, and each sample's class where it has one."""
    if task is Task.MULTILABEL:
        return tuple(str(i) for i in range(y.reshape(len(y), -1).shape[1])), None
    if not task.single_label:
        return (), None
    flat = y.reshape(len(y), -1)[:, 0]
    values, labels = np.unique(flat, return_inverse=True)
    if len(values) > _FEW:
        raise DatasetError(
            N_("y has {count} different values, too many for classes."),
            hint=N_("Choose regression."),
            count=len(values),
        )
    return tuple(f"{value:.15g}" for value in values.astype(np.float64)), labels.astype(np.int64)


def ingest_arrays(
    path: Path, settings: Settings, proposal: Proposal, draft: Draft
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Stores the arrays; bytes stay bytes, everything else becomes float32."""
    parts = read_arrays(path, settings)
    arrays = [x for x, _ in parts.values()]
    dtype = np.uint8 if all(x.dtype == np.uint8 for x in arrays) else np.float32
    y = np.concatenate([one for _, one in parts.values()])
    shape = arrays[0].shape[1:]
    if dtype == np.uint8 and len(shape) == 2:
        shape = (*shape, 1)  # grey images, whose channel no one wrote down
    draft.array(
        (len(y), *shape),
        np.dtype(dtype),
        (x[i : i + _BLOCK].reshape(-1, *shape) for x in arrays for i in range(0, len(x), _BLOCK)),
    )
    names = [part for part, (x, _) in parts.items() for _ in range(len(x))]
    draft.rows(pa.RecordBatch.from_pydict({"part": pa.array(names, pa.string())}))
    classes, labels = _classes(y, proposal.task)
    draft.targets(labels if labels is not None else y.reshape(len(y), -1).astype(np.float32))
    task = proposal.task if len(classes) == 2 or proposal.task is not Task.BINARY else Task.MULTICLASS
    facts = DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=task,
        input_shape=shape,
        classes=classes,
        train_size=names.count("") + names.count(TRAIN),
        test_size=names.count(TEST),
        validation_size=names.count(VALIDATION),
        licence="",
        source="",
        citation="",
        kind=DataKind.ARRAY,
        class_counts=() if labels is None else tuple(int(n) for n in np.bincount(labels)),
    )
    return facts, {"dtype": str(np.dtype(dtype))}
