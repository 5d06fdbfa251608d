"""Exports of annotation programs, which say where things are in an image, not of which class it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dlcore.datasets.ingest.labels import table_of_boxes
from dlcore.datasets.ingest.listing import Listing, extension_of
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.trees import GENERIC
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.data import DataKind

_YOLO_LINE = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+([eE][+-]?\d+)?){4,}\s*")
_MASKS = re.compile(
    r"(^|/)(masks?|segmentations?|segmentationclass|groundtruth|ground_truth|gt)(/|$)", re.IGNORECASE
)
_COCO_NAME = re.compile(
    r"(^|/)(instances|person_keypoints)_\w+\.json$|_annotations\.coco\.json$", re.IGNORECASE
)
_JSON_KEYS = {
    "COCO": (b'"annotations"', b'"images"'),
    "CreateML": (b'"annotations"', b'"coordinates"'),
    "LabelMe": (b'"shapes"', b'"imagePath"'),
    "VIA": (b'"regions"', b'"shape_attributes"'),
}
_SHARE = 0.5


def check_export(listing: Listing, settings: Settings) -> None:
    """Checks that the images of an archive are not described by boxes or masks.

    Raises:
        DatasetError: they are; in which format.
    """
    images = listing.named(DataKind.IMAGE)
    if not images:
        return
    if format_ := _json(listing) or _voc(listing, images) or _yolo(listing, images):
        raise _refusal(format_)
    if (table := table_of_boxes(listing.aside, settings)) is not None:
        raise _refusal(table)
    if _masked(images):
        raise DatasetError(
            N_("it seems to hold images and their masks (segmentation), for which there is no task here."),
            hint=N_("Put the images of each class into a folder with the class's name, without the masks."),
        )


def _refusal(format_: str) -> DatasetError:
    return DatasetError(
        N_("it seems to be an export of boxes ({format}): where things are, not of which class an image is."),
        hint=N_(
            "Export it for classification, or cut the boxes out and put those of each class into a folder with its name."
        ),
        format=format_,
    )


def _json(listing: Listing) -> str:
    """Returns the format of a JSON file of boxes, by its content, or by its name if it is too large to look at."""
    for name, data in listing.aside.items():
        if extension_of(name) == "json":
            for format_, keys in _JSON_KEYS.items():
                if all(key in data for key in keys):
                    return format_
    coco = any(_COCO_NAME.search(file.name) for file in listing.files)
    return "COCO" if coco else ""


def _voc(listing: Listing, images: Sequence[str]) -> str:
    stems = _stems(file.name for file in listing.files if extension_of(file.name) == "xml")
    # Of the images of VOC itself only some have boxes.
    described = len(stems & _stems(images)) > 1 or _described(images, stems)
    is_voc = any(
        b"<annotation" in data[:4096] for name, data in listing.aside.items() if name.endswith(".xml")
    )
    return "Pascal VOC" if described and is_voc else ""


def _yolo(listing: Listing, images: Sequence[str]) -> str:
    lines = [
        bool(data.strip()) and all(map(_YOLO_LINE.fullmatch, data.strip().splitlines()))
        for name, data in listing.aside.items()
        if extension_of(name) == "txt" and _stems([name]) <= _stems(images)
    ]
    texts = _stems(file.name for file in listing.files if extension_of(file.name) == "txt")
    return "YOLO" if any(lines) and _described(images, texts) else ""


def _is_plain(name: str) -> bool:
    """Returns whether the folder of an image says nothing of its class."""
    folder = name.rpartition("/")[0].rpartition("/")[2]
    return not folder or folder.lower() in GENERIC or part_of(folder) is not None


def _described(images: Sequence[str], stems: set[str]) -> bool:
    """Returns whether most of the images have a file of the same name beside them."""
    own = _stems(images)
    return len(own & stems) >= _SHARE * len(own)


def _stems(names: Iterable[str]) -> set[str]:
    """Returns the names of files without folders and endings."""
    return {name.rsplit("/", 1)[-1].rpartition(".")[0] for name in names}


def _masked(images: Sequence[str]) -> bool:
    """Returns whether a folder of masks has a picture for most of the others."""
    masks = {name for name in images if _MASKS.search(name.rpartition("/")[0])}
    # Beside a class's folder, one called `mask` is a class as well.
    rest = [name for name in images if name not in masks and _is_plain(name)]
    if not masks or not rest:
        return False
    plain = {re.sub(r"[_-]?(mask|gt|seg)\w*$", "", stem, flags=re.IGNORECASE) for stem in _stems(masks)}
    return len(plain & _stems(rest)) >= _SHARE * len(_stems(rest))
