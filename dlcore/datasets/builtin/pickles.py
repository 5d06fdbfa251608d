"""Pickled numbers from untrusted files: rebuilt without running or importing anything in them."""

from __future__ import annotations

import pickle
from typing import IO, Any

import numpy as np


def _dtype(spec: Any, align: Any = False, copy: Any = False) -> np.dtype[Any]:
    # CIFAR's batches give 0 and 1 where numpy ≥ 2.4 warns unless it gets a boolean.
    dtype: np.dtype[Any] = np.dtype(spec, align=bool(align), copy=bool(copy))
    return dtype


_RECONSTRUCT = np._core.multiarray._reconstruct  # type: ignore[attr-defined]
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class _Unpickler(pickle.Unpickler):
    """Rebuilds plain values and numpy arrays; any other name is refused, nothing is imported."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks to run {module}.{name}, which was refused")
        return _ALLOWED[module, name]


def load_plain(file: IO[bytes], *, encoding: str = "ASCII") -> Any:
    """Returns the pickled value at the file's position, if it is made of plain values and numpy arrays alone.

    Args:
        file: open for reading.
        encoding: of the strings that Python 2 pickled; "bytes" leaves them as they are.

    Raises:
        pickle.UnpicklingError: it asks for anything else, or is damaged; a garbled one may raise others.
    """
    return _Unpickler(file, encoding=encoding).load()
