"""Weights as plain arrays, out of the HDF5 file inside a `.keras` file; nothing in it is followed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
import numpy.typing as npt

from dlcore.design.keras_import import ImportedModel
from dlcore.errors import N_, SpecError
from dlcore.models.keras_file import extract_weights, no_input
from dlcore.records import JobUnit, Progress, no_progress
from dlcore.spec.graph import GraphReport
from dlcore.spec.layers import SpectralNormalization

_Answer = TypeVar("_Answer")

Arrays = dict[str, list[npt.NDArray[np.float32]]]
"""Layer name to arrays, in the order of Keras' `layer.weights`."""

PARTS = (
    "cell", "forward_layer", "backward_layer", "layer",
    "query_dense", "key_dense", "value_dense", "gate_dense", "output_dense",
)  # fmt: skip
"""What layers are made of, in the order in which Keras lists the weights."""

_BYTES = 4
_MAX_PARTS = 100
_MAX_DEPTH = 5
# Random layers write the state of their generator, which is no weight.
_NO_WEIGHTS = frozenset({"vars", "seed_generator"})


def read_weights(path: Path, imported: ImportedModel, *, scratch: Path | None = None) -> Arrays:
    """Returns the arrays of every layer that has weights, each as many numbers as the layer must have.

    Args:
        path: the `.keras` file.
        imported: what was read of its config.
        scratch: a folder with room for a copy of the weights; by default that of the system.

    Raises:
        SpecError: the weights are damaged, of another model, or not plain arrays of finite numbers.
        DatasetError: the file cannot be read.
    """
    return dict(_weights_of(path, imported, scratch))


def check_weights(
    path: Path, imported: ImportedModel, *, scratch: Path, progress: Progress = no_progress
) -> None:
    """Checks that the weights of a file can be read and belong to its config, a layer at a time.

    Args:
        path: the `.keras` file.
        imported: what was read of its config.
        scratch: a folder with room for a copy of the weights.
        progress: told how many bytes are checked.

    Raises:
        SpecError: they cannot, or do not.
        DatasetError: the file cannot be read.
    """
    done, total = 0, imported.report.parameters.total * _BYTES if imported.report else 0
    for _layer, arrays in _weights_of(path, imported, scratch):
        done += sum(array.nbytes for array in arrays)
        progress(done, total, JobUnit.BYTES)


def _weights_of(
    path: Path, imported: ImportedModel, scratch: Path | None
) -> Iterator[tuple[str, list[npt.NDArray[np.float32]]]]:
    report = imported.report
    if report is None:
        raise no_input()
    with tempfile.TemporaryDirectory(prefix="dlcore-", dir=scratch) as folder:
        copy = Path(folder) / "weights.h5"
        extract_weights(path, imported, copy)
        with _h5(lambda: h5py.File(copy, "r", locking=False)) as file:
            yield from _read(file, imported, report)


def _h5(ask: Callable[[], _Answer]) -> _Answer:
    """Calls h5py and translates its errors; `ask` must do nothing else."""
    try:
        return ask()
    # What it raises depends on where the file is damaged.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise SpecError(
            N_("the weights are damaged."),
            hint=N_("Save the model again with `model.save`, and copy the whole file."),
        ) from error


def _read(
    file: h5py.File, imported: ImportedModel, report: GraphReport
) -> Iterator[tuple[str, list[npt.NDArray[np.float32]]]]:
    for row in report.rows:
        if not row.parameters.total:
            continue
        if row.name in imported.tables:
            yield row.name, [np.asarray(imported.tables[row.name], np.float32)]
            continue
        group = _group(file, imported.groups[row.name], row.name)
        datasets = list(_datasets(group, row.name))
        if row.kind == SpectralNormalization.__name__:
            # Keras keeps the kernel with the wrapper, and once more with the layer inside it.
            datasets = datasets[:2] + datasets[3:]
        held = sum(_h5(partial(_size, dataset)) for dataset in datasets)
        if held != row.parameters.total:
            raise SpecError(
                N_("wrong number of weights: expected {expected}, got {got}."),
                hint=N_("Choose a file whose weights belong to its config."),
                where=row.name,
                expected=row.parameters.total,
                got=held,
            )
        yield row.name, [_array(dataset, row.name) for dataset in datasets]


def _size(dataset: Any) -> int:
    return prod(dataset.shape)


def _group(file: h5py.File, path: str, layer: str) -> Any:
    found: Any = file
    for name in path.split("/"):
        if not isinstance(found, h5py.Group):
            raise _strange(layer)
        found = _member(found, name, layer)
    if not isinstance(found, h5py.Group):
        raise _strange(layer)
    return found


def _member(group: Any, name: str, layer: str) -> Any:
    """Returns what `group` itself holds under that name: a link elsewhere is not followed."""
    if not isinstance(_h5(lambda: group.get(name, getlink=True)), h5py.HardLink):
        raise _strange(layer)
    return _h5(lambda: group[name])


def _datasets(group: Any, layer: str, depth: int = 0) -> Iterator[Any]:
    names = _h5(lambda: list(group))
    if len(names) > _MAX_PARTS or depth > _MAX_DEPTH:
        raise _strange(layer)
    if "vars" in names:
        own = _member(group, "vars", layer)
        if not isinstance(own, h5py.Group) or (count := _h5(lambda: len(own))) > _MAX_PARTS:
            raise _strange(layer)
        for number in range(count):
            yield _plain(_member(own, str(number), layer), layer)
    parts = {name.lstrip("_"): name for name in names if name not in _NO_WEIGHTS}
    for part in sorted(parts, key=lambda name: PARTS.index(name) if name in PARTS else -1):
        inner = _member(group, parts[part], layer)
        found = list(_datasets(inner, layer, depth + 1)) if isinstance(inner, h5py.Group) else None
        if found is None or (found and part not in PARTS):
            raise _strange(layer)
        yield from found


def _plain(dataset: Any, layer: str) -> Any:
    """Returns the dataset itself, if it is an array of real numbers that is in the file as it is."""
    if not isinstance(dataset, h5py.Dataset) or not _h5(lambda: _is_plain(dataset)):
        raise _strange(layer)
    return dataset


def _is_plain(dataset: Any) -> bool:
    # A Normalization counts what it has seen in one whole number.
    counter = dataset.shape == () and dataset.dtype.kind == "i"
    if dataset.shape is None or not (counter or dataset.dtype.kind == "f") or dataset.dtype.itemsize > 8:
        return False
    layout = dataset.id.get_create_plist()
    whole = layout.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    return bool(whole and not layout.get_external_count() and not layout.get_nfilters())


def _array(dataset: Any, layer: str) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
        values = np.asarray(_h5(lambda: dataset[()]), np.float32)
    if not np.isfinite(values).all():
        raise SpecError(
            N_("has weights that are not finite numbers: its training failed."),
            hint=N_("Choose a model whose training went well."),
            where=layer,
        )
    return values


def _strange(layer: str) -> SpecError:
    return SpecError(
        N_("its weights are missing or not in the format of Keras 3."),
        hint=N_("Save the model again with `model.save`."),
        where=layer,
    )
