"""What a person looks at before training: counts, pixel values, samples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.files import read_json, write_json
from dlcore.datasets.prepared import ImageData

BINS = 32
"""Bars of the histogram; each covers 256 / BINS pixel values."""

_MOST_IMAGES = 10_000
_BLOCK = 500
_VERSION = 1


@dataclass(frozen=True)
class ImageStatistics:
    """Counts over all samples, and pixel values over evenly spaced training images.

    Attributes:
        train_counts, test_counts: samples of each class.
        images: how many training images the pixel values are from (at most 10,000).
        mean, std, low, high: one for each channel, in pixel values from 0 to 255.
        histogram: for each channel, how many pixels fall in each of `BINS` equal ranges of 0 … 255.
        zero_share: the share of all values that are 0.
        bytes: what all images and labels take in memory.
    """

    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    images: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    histogram: tuple[tuple[int, ...], ...]
    zero_share: float
    bytes: int

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ImageStatistics:
        """The inverse of `dataclasses.asdict`, also after a way through JSON."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        values["histogram"] = tuple(tuple(row) for row in data["histogram"])
        return cls(**values)


def statistics(data: ImageData) -> ImageStatistics:
    """The dataset's statistics; computed once, then kept beside the prepared arrays."""
    path = data.folder / f"statistics-{_VERSION}.json"
    kept = read_json(path)
    if kept is not None:
        return ImageStatistics.from_dict(kept)
    result = _computed(data)
    write_json(path, asdict(result))
    return result


def sample_grid(data: ImageData, per_class: int, *, seed: int = 0) -> dict[int, npt.NDArray[np.uint8]]:
    """Random training images of each class, at most `per_class` of each.

    Shape:
        each value: uint8 (images, height, width, channels).
    """
    generator = np.random.default_rng(seed)
    grid = {}
    for label in range(len(data.facts.classes)):
        members = generator.permutation(np.flatnonzero(data.y_train == label))[:per_class]
        grid[label] = data.x_train[np.sort(members)]
    return grid


def _computed(data: ImageData) -> ImageStatistics:
    classes = len(data.facts.classes)
    values = np.arange(256)
    chosen = np.unique(
        np.linspace(0, len(data.x_train) - 1, min(_MOST_IMAGES, len(data.x_train))).astype(np.int64)
    )
    counts = _value_counts(data.x_train, chosen)
    total = counts.sum(axis=1)
    mean = counts @ values / total
    variance = (counts * (values - mean[:, np.newaxis]) ** 2).sum(axis=1) / total
    present = [np.flatnonzero(row) for row in counts]
    arrays = (data.x_train, data.y_train, data.x_test, data.y_test)
    return ImageStatistics(
        train_counts=tuple(np.bincount(data.y_train, minlength=classes).tolist()),
        test_counts=tuple(np.bincount(data.y_test, minlength=classes).tolist()),
        images=len(chosen),
        mean=tuple(mean.tolist()),
        std=tuple(np.sqrt(variance).tolist()),
        low=tuple(int(row[0]) for row in present),
        high=tuple(int(row[-1]) for row in present),
        histogram=tuple(map(tuple, counts.reshape(len(counts), BINS, -1).sum(axis=2).tolist())),
        zero_share=float(counts[:, 0].sum() / total.sum()),
        bytes=sum(array.nbytes for array in arrays),
    )


def _value_counts(images: npt.NDArray[np.uint8], chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(channels, 256) how often each value occurs; in blocks, for `bincount` widens to 8 bytes."""
    channels = images.shape[-1]
    counts = np.zeros((channels, 256), dtype=np.int64)
    for start in range(0, len(chosen), _BLOCK):
        block = images[chosen[start : start + _BLOCK]]
        for channel in range(channels):
            counts[channel] += np.bincount(block[..., channel].ravel(), minlength=256)
    return counts
