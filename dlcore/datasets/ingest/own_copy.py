"""A built-in dataset as one of your own, sample by sample the same: what is to be corrected has to be yours."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

from dlcore.datasets.builtin.arrays import ImageData
from dlcore.datasets.ingest.folders import IMAGE_ROWS
from dlcore.datasets.ingest.writing import check_name, writing
from dlcore.datasets.likeness import perceptual_hash
from dlcore.datasets.samples import TEST, TRAIN
from dlcore.datasets.stored import StoredDataset
from dlcore.settings import Settings

BATCH = 1_000


def copy_built_in(
    data: ImageData, settings: Settings, *, name: str, owner: str, tell: Callable[[int, int], None]
) -> StoredDataset:
    """Returns a built-in dataset stored under a name of your own: its training part, then its test part.

    Args:
        data: the built-in one.
        settings: whose home it goes to.
        name: of the new one.
        owner: whose it will be.
        tell: is told how many samples of how many are written.

    Raises:
        DatasetError: the name is someone else's, or the disk is full.
    """
    check_name(name, settings, owner)
    labels = np.concatenate([data.y_train, data.y_test])
    counts = np.bincount(labels, minlength=len(data.facts.classes))
    with writing(settings) as draft:
        rows = []
        for number, (part, pixels) in enumerate(_pictures(data)):
            offset, size = draft.blob(_png(pixels))
            digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
            height, width, channels = pixels.shape
            rows.append(
                {
                    "name": f"{number}.png", "part": part, "group": "", "offset": offset, "size": size,
                    "digest": digest, "height": height, "width": width, "channels": channels,
                    "phash": perceptual_hash(pixels),
                }
            )  # fmt: skip
            if len(rows) == BATCH or number + 1 == len(labels):
                draft.rows(pa.RecordBatch.from_pylist(rows, IMAGE_ROWS))
                rows.clear()
                tell(number + 1, len(labels))
        draft.targets(labels.astype(np.int64))
        facts = replace(
            data.facts,
            name=name,
            title=name,
            owner=owner,
            files=(),
            class_counts=tuple(map(int, counts)),
        )
        return draft.finish(facts, {}, data.facts.name)


def _pictures(data: ImageData) -> Iterator[tuple[str, npt.NDArray[np.uint8]]]:
    for part, pixels in ((TRAIN, data.x_train), (TEST, data.x_test)):
        for one in pixels:
            yield part, np.ascontiguousarray(one)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
