"""Arrays from MATLAB: its own format up to version 7, and HDF5 from 7.3 on."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.array_names import NamedPairs, pair_arrays
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.datasets.ingest.translating import reading_arrays, too_large, unreadable_arrays
from dlcore.errors import N_, Message
from dlcore.settings import Settings

_OLD, _NEW = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"
_BYTES = {"double": 8, "int64": 8, "uint64": 8, "single": 4, "int32": 4, "uint32": 4, "int16": 2, "uint16": 2}
_CLASS = "MATLAB_class"
"""The attribute by which MATLAB says what an array of HDF5 is."""

_NOT_NUMBERS = (b"char", b"cell", b"struct", b"function_handle")

Array = npt.NDArray[Any]
_Content = TypeVar("_Content")


def looks_like_matlab(path: Path) -> bool:
    """Returns whether a file is one that MATLAB 5 or a later version saved."""
    return _head(path).startswith((_OLD, _NEW))


def read_matlab(path: Path, settings: Settings) -> NamedPairs:
    """Returns the samples and targets of each part.

    Raises:
        DatasetError: damaged, too large, or without arrays that belong together.
    """
    is_new = _head(path).startswith(_NEW)
    arrays = dict(_of_hdf5(path, settings)) if is_new else _of_matlab(path, settings)
    found = pair_arrays(arrays)
    pairs, turned = {}, []
    for part, (x, y) in found.pairs.items():
        targets = y.ravel() if y.ndim == 2 and 1 in y.shape else y
        # A picture in MATLAB is height × width × channels × samples, a column a sample.
        last = x.ndim > 1 and len(targets) == x.shape[-1] != x.shape[0]
        turned += [found.names[part][0]] if last else []
        pairs[part] = (np.moveaxis(x, -1, 0) if last else x, targets)
    text = N_("the samples are along the last axis of {names}; it is moved to the front.")
    moved = (Message(text, params={"names": clean_text(", ".join(turned))}),) if turned else ()
    return replace(found, pairs=pairs, warnings=(*found.warnings, *moved))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_OLD))


def _of_matlab(path: Path, settings: Settings) -> dict[str, Array]:
    """Returns the arrays of numbers and of texts by name; nothing else is made of what is in the file."""
    # SciPy takes a while to import, and few files are of MATLAB.
    from scipy.io import loadmat, matlab, whosmat

    def read(what: Callable[[], _Content]) -> _Content:
        try:
            return reading_arrays(what)
        except matlab.MatReadError as error:
            raise unreadable_arrays(str(error)) from error

    listed = read(lambda: whosmat(str(path)))
    if sum(int(np.prod(shape)) * _BYTES.get(kind, 1) for _, shape, kind in listed) > settings.max_table_bytes:
        raise too_large(settings.max_table_bytes)
    names = [
        name
        for name, _, kind in listed
        if kind in _BYTES or kind in ("int8", "uint8", "logical", "cell", "char")
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about oddities that do not hinder reading
        content = read(lambda: loadmat(str(path), variable_names=names)) if names else {}
    arrays = {name: _with_texts(content[name]) for name in names if isinstance(content.get(name), np.ndarray)}
    return {name: array for name, array in arrays.items() if array is not None}


def _with_texts(array: Array) -> Array | None:
    """Returns an array of numbers as it is, cells with a text each as texts; None for any other content."""
    if array.dtype != object:
        return array
    cells = [np.asarray(cell) for cell in array.ravel()]
    if not all(cell.dtype.kind == "U" and cell.size == 1 for cell in cells):
        return None
    return np.array([str(cell.reshape(-1)[0]) for cell in cells])


def _of_hdf5(path: Path, settings: Settings) -> Iterator[tuple[str, Array]]:
    """Yields the arrays of numbers; what leads to other files is left alone."""
    taken = 0
    with reading_arrays(lambda: h5py.File(path, "r", locking=False)) as file:
        for name in reading_arrays(lambda: list(file)):
            if not isinstance(reading_arrays(partial(file.get, name, getlink=True)), h5py.HardLink):
                continue
            found = reading_arrays(partial(file.get, name))
            if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "biuf":
                continue
            if found.external or found.is_virtual or found.attrs.get(_CLASS) in _NOT_NUMBERS:
                continue
            taken += found.nbytes
            if taken > settings.max_table_bytes:
                raise too_large(settings.max_table_bytes)
            # MATLAB counts the first axis fastest, HDF5 the last.
            yield name, reading_arrays(partial(found.__getitem__, ())).T
