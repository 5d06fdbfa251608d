"""Small files in the formats of `keras.datasets`: lists of numbers that numpy pickles, and tables of numbers."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.ingest.keras_files import KerasSet, Numbers, Texts
from dlcore.datasets.ingest.keras_sets import CALIFORNIA_HOUSING, IMDB, REUTERS
from dlcore.spec.remote import RemoteFile
from tests.datasets.fixtures import put, sha256

WORDS = {"the": 1, "film": 2, "is": 3, "good": 4, "bad": 5, "don't": 6}


def packed(**arrays: Any) -> bytes:
    """An `.npz` as Keras has them: lists become arrays of objects."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: _lists(v) if isinstance(v, list) else v for name, v in arrays.items()})
    return buffer.getvalue()


def _lists(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def film_reviews(**changes: Any) -> bytes:
    arrays = {
        "x_train": [[1, 2, 3, 4], [1, 2, 3, 5], [6, 4]],
        "y_train": np.array([1, 0, 0]),
        "x_test": [[4, 4], [5, 99]],
        "y_test": np.array([1, 0]),
    }
    return packed(**{**arrays, **changes})


def with_files(entry: KerasSet, contents: list[bytes], url: str = "http://127.0.0.1:9") -> Any:
    """The same dataset with other files, whose checksums are their own."""
    files = tuple(
        RemoteFile(file.name, f"{url}/{file.name}", len(content), sha256(content))
        for file, content in zip(entry.files, contents, strict=True)
    )
    return dataclasses.replace(entry, files=files)


def here(entry: KerasSet, folder: Path, contents: list[bytes]) -> Any:
    """The dataset with these files, which lie in Keras' folder already."""
    for file, content in zip(entry.files, contents, strict=True):
        put(folder, file.name, content)
    return with_files(entry, contents)


def small_imdb(folder: Path, archive: bytes | None = None) -> Texts:
    content = film_reviews() if archive is None else archive
    return here(IMDB, folder, [content, json.dumps(WORDS).encode()])


def small_reuters(folder: Path) -> Texts:
    """Ten newswires of one word each, the i-th of which is the word i."""
    index = {f"w{i}": i for i in range(10)}
    archive = packed(x=[[i] for i in range(10)], y=np.array([3, 4] * 5))
    return here(REUTERS, folder, [archive, json.dumps(index).encode()])


def districts(rows: int = 10, *, longitude: float = -120.0) -> bytes:
    """A table whose eight columns are 0, 1, …, 7 in each row, but for the place and, last, the row."""
    x = np.tile(np.arange(8, dtype=np.float32), (rows, 1))
    x[:, 0], x[:, 1], x[:, 7] = longitude, 37.5, np.arange(rows)
    return packed(x=x, y=np.arange(rows, dtype=np.float32) * 1000 + 60_000)


def small_california(folder: Path, archive: bytes | None = None) -> Numbers:
    return here(CALIFORNIA_HOUSING, folder, [districts() if archive is None else archive])
