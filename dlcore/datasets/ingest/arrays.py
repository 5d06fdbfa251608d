"""Arrays from `.npz` files, whose pickled content is refused unread, from MATLAB, and from files of whole series."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.ingest.array_names import NamedPairs, pair_arrays
from dlcore.datasets.ingest.array_targets import (
    classes_of_targets,
    is_one_hot,
    join_targets,
    target_warnings,
    task_of_targets,
)
from dlcore.datasets.ingest.matlab_files import looks_like_matlab, read_matlab
from dlcore.datasets.ingest.members import ALWAYS_ALLOWED, DAMAGE
from dlcore.datasets.ingest.proposal import (
    CHANNELS,
    NON_FINITE,
    Choices,
    Proposal,
    SourceForm,
    checked_name,
    lonely_classes,
    one_class,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.series_files import looks_like_series, read_series
from dlcore.datasets.ingest.translating import reading_arrays, unreadable_arrays
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.reading import CHANNELS_FIRST, FILLING
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.errors import N_, DatasetError, Message, unknown_name
from dlcore.records import Progress
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, DatasetFacts, Task

MAGIC = b"PK\x03\x04"
_MOST_NAMED = 20
"""Arrays that are not used, of which no more are named."""

_MOST_FILLED = 10_000
"""Numbers of a sample whose means are kept, to fill those that new samples lack."""

_BLOCK = 4_096
_TASKS = (Task.BINARY, Task.MULTICLASS, Task.MULTILABEL, Task.REGRESSION, Task.RECONSTRUCTION)
_CHANNELS = (1, 3, 4)
FIRST, LAST, NONE = CHANNELS
_SMALLEST_IMAGE = 8
"""The side of the smallest square that is taken for an image where its numbers are not bytes."""
REFUSE, MEAN, ZERO = NON_FINITE

Array = npt.NDArray[Any]


def looks_like_arrays(path: Path) -> bool:
    """Returns whether a file is a zip of `.npy` files, one of MATLAB, or whether it holds whole series."""
    return looks_like_series(path) or (path.is_file() and (looks_like_matlab(path) or _is_npz(path)))


def _is_npz(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (*DAMAGE, OSError):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_arrays(path: Path, settings: Settings) -> NamedPairs:
    """Returns the samples and targets of each part.

    Raises:
        DatasetError: pickled, damaged, too large, or without arrays that belong together.
    """
    if looks_like_series(path):
        found = read_series(path, settings)
    elif looks_like_matlab(path):
        found = read_matlab(path, settings)
    else:
        found = _read_npz(path, settings)
    _check_shapes(found)
    return found


def _read_npz(path: Path, settings: Settings) -> NamedPairs:
    with reading_arrays(lambda: zipfile.ZipFile(path)) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    grown = max(ALWAYS_ALLOWED, path.stat().st_size * settings.max_ratio)
    if unpacked > min(settings.max_table_bytes, grown):
        raise DatasetError(
            N_("it unpacks to more than {limit} MB."),
            hint=N_("Archives that expand this much are not accepted; pack fewer or smaller files."),
            limit=f"{min(settings.max_table_bytes, grown) // 10**6:,}",
        )
    with reading_arrays(lambda: np.load(path, allow_pickle=False)) as file:
        arrays = {name: reading_arrays(partial(file.get, name)) for name in file.files}
    # NumPy gives the bytes of an entry that does not begin like an array.
    if strange := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
        raise unreadable_arrays(f"{strange[0]} is no array")
    return pair_arrays(arrays)


def _check_shapes(found: NamedPairs) -> None:
    for x, y in found.pairs.values():
        if x.dtype.kind not in "biuf":
            raise DatasetError(
                N_("an array holds no numbers, but {type}."),
                hint=N_("Save numbers only."),
                type=str(x.dtype),
            )
        if x.ndim < 2 or y.ndim not in (1, 2) or not x.size or not y.size or len(x) != len(y):
            raise DatasetError(
                N_("x has the shape {x}, y {y}: expected samples first, and as many of them in both."),
                hint=N_("Save them again."),
                x=str(x.shape),
                y=str(y.shape),
            )
    shapes = {(x.shape[1:], y.shape[1:] if y.shape[1:] != (1,) else ()) for x, y in found.pairs.values()}
    if len(shapes) > 1:
        raise DatasetError(N_("the parts have samples of different shapes."), hint=N_("Save them again."))


def inspect_arrays(
    path: Path, settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what the arrays of a file seem to be."""
    _check(choices)
    found = read_arrays(path, settings)
    y = join_targets(found)
    task = choices.task or (task_of_targets(y) if found.labelled else Task.RECONSTRUCTION)
    problem: Message | None = None
    classes: tuple[str, ...] = ()
    labels: npt.NDArray[np.int64] | None = None
    try:
        classes, labels = classes_of_targets(y, task)
    except DatasetError as error:
        problem = error.message
    counts = _counted(found, labels, len(classes))
    shape = next(iter(found.pairs.values()))[0].shape[1:]
    channels = (choices.channels if len(shape) in (2, 3) else "") or _channels(path, found, shape)
    broken = sum(_broken_samples(x) for x, _ in found.pairs.values())
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
        tasks=_TASKS if found.labelled else (Task.RECONSTRUCTION,),
        channels=channels,
        non_finite=choices.non_finite,
        has_non_finite=bool(broken),
        preview_header=("part", "samples", "shape"),
        preview=tuple((part, f"{len(x):,}", str(x.shape[1:])) for part, (x, _) in found.pairs.items()),
        notes=_notes(found, y, task, channels, shape),
        warnings=(*found.warnings, *target_warnings(y, task), *lonely_classes(classes, counts)),
        problem=problem or _undecided(broken, choices),
        doubts=(*found.doubts, *(one_class(classes) if labels is not None else ())),
    )


def _check(choices: Choices) -> None:
    """Checks the words of the choices that only arrays have.

    Raises:
        SpecError: one is none of those that are known.
    """
    for where, word, known in (
        ("non_finite", choices.non_finite, NON_FINITE),
        ("channels", choices.channels, CHANNELS),
    ):
        if word and word not in known:
            raise unknown_name(N_("choice"), word, list(known), where=where)


def _counted(
    found: NamedPairs, labels: npt.NDArray[np.int64] | None, classes: int
) -> dict[str, tuple[int, ...]]:
    """Returns how many samples of each class there are, part by part."""
    counts: dict[str, tuple[int, ...]] = {}
    start = 0
    for part, (_, one) in found.pairs.items():
        if labels is not None:
            own = labels[start : start + len(one)]
            counts[part] = tuple(int(n) for n in np.bincount(own[own >= 0], minlength=classes))
        start += len(one)
    return counts


def _channels(path: Path, found: NamedPairs, shape: tuple[int, ...]) -> str:
    """Returns where the channels of samples seem to be; empty where there is nothing to choose."""
    if len(shape) == 3:
        first = shape[0] in _CHANNELS and shape[-1] not in _CHANNELS and min(shape[1:]) > max(_CHANNELS)
        return FIRST if first else LAST
    if len(shape) == 2:
        is_square = shape[0] == shape[1] >= _SMALLEST_IMAGE
        return NONE if not looks_like_series(path) and (is_square or _are_bytes(found)) else LAST
    return ""


def _are_bytes(found: NamedPairs) -> bool:
    return all(x.dtype == np.uint8 for x, _ in found.pairs.values())


def _notes(
    found: NamedPairs, y: Array, task: Task, channels: str, shape: tuple[int, ...]
) -> tuple[Message, ...]:
    """Returns what was assumed of the arrays."""
    notes = []
    if found.unused:
        text = N_("arrays that are not used: {names}.")
        notes.append(Message(text, params={"names": ", ".join(found.unused[:_MOST_NAMED])}))
    if channels == FIRST and len(shape) == 3:
        notes.append(Message(N_("the channels of the images come first; they are moved to the end.")))
    elif channels == FIRST:
        notes.append(Message(N_("the channels of the sequences come first; they are moved to the end.")))
    elif channels == NONE and len(shape) == 2:
        text = N_("samples of the shape {shape} are read as grey images.")
        hint = N_("If they are sequences, choose where their channels are (`--channels last` or `first`).")
        notes.append(Message(text, hint, params={"shape": str(shape)}))
    if task is Task.RECONSTRUCTION:
        notes.append(Message(N_("the samples themselves are to be reconstructed; targets are not used.")))
    if task.single_label and is_one_hot(y):
        text = N_("y has one column per class and a single 1 in each row: each sample has one class.")
        notes.append(Message(text))
    return tuple(notes)


def _undecided(broken: int, choices: Choices) -> Message | None:
    """Returns why nothing can be stored before it is said what becomes of NaN and infinite numbers."""
    if not broken or choices.non_finite:
        return None
    return Message(
        N_("samples with NaN or infinite numbers: {count}."),
        N_(
            "Choose whether they are refused, or their numbers replaced (`--non-finite refuse`, `mean` or `zero`)."
        ),
        params={"count": broken},
    )


def _broken_samples(x: Array) -> int:
    """Returns how many samples hold a number that is none as they would be stored."""
    if x.dtype.kind != "f":
        return 0
    return sum(int((~_finite(x[i : i + _BLOCK])).sum()) for i in range(0, len(x), _BLOCK))


def _finite(block: Array) -> npt.NDArray[np.bool_]:
    """(samples,) whether all numbers of a sample are finite as float32, into which 1e300 does not fit."""
    with np.errstate(over="ignore"):
        finite = np.isfinite(block.astype(np.float32, copy=False))
    return np.asarray(finite.reshape(len(block), -1).all(axis=1))


def ingest_arrays(
    path: Path, settings: Settings, proposal: Proposal, draft: Draft
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Stores the arrays; bytes stay bytes, everything else becomes float32."""
    found = read_arrays(path, settings)
    y = join_targets(found)
    names = np.array([part for part, (x, _) in found.pairs.items() for _ in range(len(x))], "<U10")
    arrays = [x for x, _ in found.pairs.values()]
    if proposal.channels == FIRST:
        arrays = [np.moveaxis(x, 1, -1) for x in arrays]
    kept = [np.ones(len(x), bool) for x in arrays]
    if proposal.non_finite == REFUSE:
        kept = [_finite(x) for x in arrays]
    keep = np.concatenate(kept)
    for number in np.flatnonzero(~keep):
        draft.refuse(f"{names[number] or 'x'} {number + 1}", Message(N_("it holds NaN or infinite numbers.")))
    fill = _filling(proposal, found, arrays)
    dtype = np.uint8 if _are_bytes(found) else np.float32
    shape = arrays[0].shape[1:]
    if proposal.channels == NONE:
        shape = (*shape, 1)
    draft.array(
        (int(keep.sum()), *shape),
        np.dtype(dtype),
        (
            _repaired(x[i : i + _BLOCK][own[i : i + _BLOCK]], fill).reshape(-1, *shape)
            for x, own in zip(arrays, kept, strict=True)
            for i in range(0, len(x), _BLOCK)
        ),
    )
    draft.rows(pa.RecordBatch.from_pydict({"part": pa.array(names[keep].tolist(), pa.string())}))
    statistics: dict[str, Any] = {"dtype": str(np.dtype(dtype)), CHANNELS_FIRST: proposal.channels == FIRST}
    if fill is not None and fill.size <= _MOST_FILLED:
        statistics[FILLING] = fill.tolist()
    return _facts(proposal, y[keep], names[keep], shape, draft), statistics


def _filling(proposal: Proposal, found: NamedPairs, arrays: list[Array]) -> Array | None:
    """(…) what stands in for numbers that are none: the mean of those of the training part, or 0."""
    if proposal.non_finite not in (MEAN, ZERO) or all(x.dtype.kind != "f" for x in arrays):
        return None
    shape = arrays[0].shape[1:]
    total, count = np.zeros(shape), np.zeros(shape)
    if proposal.non_finite == MEAN:
        learned = [x for part, x in zip(found.pairs, arrays, strict=True) if part in ("", TRAIN)] or arrays
        for x in learned:
            for start in range(0, len(x), _BLOCK):
                with np.errstate(over="ignore"):
                    block = x[start : start + _BLOCK].astype(np.float32).astype(np.float64)
                finite = np.isfinite(block)
                total += np.where(finite, block, 0).sum(axis=0)
                count += finite.sum(axis=0)
    means: Array = (total / np.maximum(count, 1)).astype(np.float32)
    return means


def _repaired(block: Array, fill: Array | None) -> Array:
    """The block as it is stored, its gaps filled."""
    if fill is None or block.dtype.kind != "f":
        return block
    with np.errstate(over="ignore"):
        numbers = block.astype(np.float32)
    filled: Array = np.where(np.isfinite(numbers), numbers, fill)
    return filled


def _facts(proposal: Proposal, y: Array, parts: Array, shape: tuple[int, ...], draft: Draft) -> DatasetFacts:
    """Writes what is to be predicted, and returns the facts."""
    classes, labels = classes_of_targets(y, proposal.task)
    if labels is not None:
        draft.targets(labels)
    elif proposal.task is not Task.RECONSTRUCTION:
        numbers = y.reshape(len(y), -1).astype(np.float32)
        numbers[~np.isfinite(numbers)] = np.nan  # missing, as in a table
        draft.targets(numbers)
    task = proposal.task if len(classes) == 2 or proposal.task is not Task.BINARY else Task.MULTICLASS
    return DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=task,
        input_shape=shape,
        classes=classes,
        train_size=int(((parts == "") | (parts == TRAIN)).sum()),
        test_size=int((parts == TEST).sum()),
        validation_size=int((parts == VALIDATION).sum()),
        licence="",
        source="",
        citation="",
        kind=DataKind.ARRAY,
        class_counts=()
        if labels is None
        else tuple(int(n) for n in np.bincount(labels[labels >= 0], minlength=len(classes))),
    )
