"""What users look at before training: samples, counts, pixel values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from dlcore.datasets.drawing_style import DrawingStyle, style_of
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.samples import PART, TEST, Samples
from dlcore.durable import read_derived, write_json
from dlcore.settings import Settings

BINS = 32
"""Bars of the histogram; each covers 256 / BINS pixel values."""

_MOST_IMAGES = 10_000
_BLOCK = 500
_LOOKED_AT = 200
"""Pictures by which it is told how a dataset's are drawn."""

_VERSION = 2


@dataclass(frozen=True)
class ImageStatistics:
    """Pixel values over evenly spaced training images.

    Attributes:
        images: how many training images the values are from (at most 10,000).
        mean, std, low, high: one for each channel, in pixel values from 0 to 255.
        histogram: for each channel, how many pixels fall in each of `BINS` equal ranges of 0 … 255.
        zero_share: the share of all values that are 0.
    """

    images: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    histogram: tuple[tuple[int, ...], ...]
    zero_share: float

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ImageStatistics:
        """Restores what `dataclasses.asdict` returned, also after a JSON round trip."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        values["histogram"] = tuple(tuple(row) for row in data["histogram"])
        return cls(**values)


def statistics(samples: Samples, settings: Settings) -> ImageStatistics:
    """Returns the pixel statistics of a dataset of images; computed once,
    then kept beside what is prepared.
    """
    path = settings.prepared_dir / f"{samples.facts.name}-{samples.content[:12]}-pixels-{_VERSION}.json"
    kept = read_derived(path)
    if kept is not None:
        return ImageStatistics.from_dict(kept)
    result = _computed(samples)
    write_json(path, asdict(result))
    return result


def non_test_samples(samples: Samples) -> Indices:
    """Returns the samples that are not of the dataset's own test part."""
    return np.flatnonzero((samples.frame[PART] != TEST).to_numpy(np.bool_))


def random_samples(samples: Samples, count: int, *, label: int | None = None, seed: int = 0) -> Indices:
    """At most `count` random samples that are not for testing, of one class or of all; ascending."""
    chosen = non_test_samples(samples)
    if label is not None:
        assert samples.targets is not None, "only data with classes has samples of a class"
        targets = samples.targets[chosen]
        chosen = chosen[targets == label if targets.ndim == 1 else targets[:, label] == 1]
    generator = np.random.default_rng((seed, 0 if label is None else label + 1))
    return np.sort(generator.permutation(chosen)[:count])


def dataset_style(samples: Samples) -> DrawingStyle:
    """Returns how the pictures of a dataset are drawn; as those of MNIST where they are of several sizes."""
    pictures = [
        samples.read(int(samples.rows[place]))[..., :1] for place in random_samples(samples, _LOOKED_AT)
    ]
    sizes = {one.shape for one in pictures}
    return style_of(np.stack(pictures)) if len(sizes) == 1 else DrawingStyle()


def thumbnails(samples: Samples, indices: Iterable[int], *, side: int) -> npt.NDArray[np.uint8]:
    """Returns some images of a dataset, brought to one size by black borders;
    those of one small size as they are.

    Shape:
        result: uint8 (images, height, width, channels), at most `side` pixels high and wide.
    """
    images = [samples.read(int(samples.rows[index])) for index in indices]
    shapes = {image.shape for image in images}
    if len(shapes) == 1 and max(images[0].shape[:2]) <= side:
        return np.stack(images)
    return np.stack([_boxed(image, side) for image in images]) if images else np.zeros((0, 1, 1, 3), np.uint8)


def _boxed(image: Array, side: int) -> Array:
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("RGB")
    picture.thumbnail((side, side))
    box = np.zeros((side, side, 3), np.uint8)
    top, left = (side - picture.height) // 2, (side - picture.width) // 2
    box[top : top + picture.height, left : left + picture.width] = np.asarray(picture)
    return box


def _computed(samples: Samples) -> ImageStatistics:
    values, pool = np.arange(256), non_test_samples(samples)
    chosen = pool[np.unique(np.linspace(0, len(pool) - 1, min(_MOST_IMAGES, len(pool))).astype(np.int64))]
    counts = _value_counts(samples, chosen)
    total = counts.sum(axis=1)
    mean = counts @ values / total
    variance = (counts * (values - mean[:, np.newaxis]) ** 2).sum(axis=1) / total
    present = [np.flatnonzero(row) for row in counts]
    return ImageStatistics(
        images=len(chosen),
        mean=tuple(mean.tolist()),
        std=tuple(np.sqrt(variance).tolist()),
        low=tuple(int(row[0]) for row in present),
        high=tuple(int(row[-1]) for row in present),
        histogram=tuple(map(tuple, counts.reshape(len(counts), BINS, -1).sum(axis=2).tolist())),
        zero_share=float(counts[:, 0].sum() / total.sum()),
    )


def _value_counts(samples: Samples, chosen: Indices) -> npt.NDArray[np.int64]:
    """(channels, 256) how often each value occurs; a grey image among coloured ones counts in each channel."""
    shape = samples.facts.input_shape
    counts = np.zeros((shape[-1] if shape else 3, 256), dtype=np.int64)
    for pixels in _pixels(samples, chosen):
        for channel in range(len(counts)):
            counts[channel] += np.bincount(pixels[:, channel % pixels.shape[1]], minlength=256)
    return counts


def _pixels(samples: Samples, chosen: Indices) -> Iterator[Array]:
    """(pixels, channels) of images; those of built-in datasets in blocks, for one by one takes long."""
    if samples.whole is not None:
        rows, arrays = samples.rows[chosen], samples.whole.x_train
        for start in range(0, len(rows), _BLOCK):
            yield arrays[rows[start : start + _BLOCK]].reshape(-1, arrays.shape[-1])
        return
    for index in chosen:
        image = samples.read(int(samples.rows[index]))
        yield image.reshape(-1, image.shape[-1])
