"""Images: known by their content, scaled by what is in use of their depth, and refused by name if they cannot be read."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets import decoding
from dlcore.datasets.decoding import BadFileError, content_kind, decode_image
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.samples import stored_samples
from dlcore.spec.data import DataKind

from .makers import png, samples, stored, wav, zipped


def coded(format_, value=90, size=(8, 6)):
    buffer = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(buffer, format_)
    return buffer.getvalue()


def deep(highest, format_="TIFF", side=4):
    """An image of 16 bits whose values go from 0 to the highest."""
    values = np.linspace(0, highest, side * side).astype(np.uint16).reshape(side, side)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format_)
    return buffer.getvalue()


def test_a_jpeg_by_another_ending_or_by_none_is_an_image(tmp_path, settings):
    files = {f"{label}/{name}": coded("JPEG") for label in "ab" for name in ("1.jfif", "2", "3.JPE")}
    files |= {"a/README": b"about these", "LICENSE": b"free"}
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert kept.facts.class_counts == (3, 3)
    assert {one.name for one in kept.refused} == {"a/README", "LICENSE"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(np.zeros((2, 2))), DataKind.IMAGE), (coded("WEBP"), DataKind.IMAGE), (coded("BMP"), DataKind.IMAGE),
        (coded("AVIF"), DataKind.IMAGE), (wav(np.zeros(9)), DataKind.AUDIO), (b"ID3\x04", DataKind.AUDIO),
        ("größer".encode(), DataKind.TEXT), ("größer".encode("utf-16"), None), (b"\0\1\2", None), (b"", None),
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_by_how_it_begins(content, kind):
    assert content_kind(content) is kind


def test_texts_without_an_ending_are_texts(tmp_path, settings):
    files = {
        f"{label}/{number}": b"from: a newsgroup"
        for label in ("sci.space", "rec.autos")
        for number in range(3)
    }
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert kept.facts.kind is DataKind.TEXT and kept.facts.classes == ("rec.autos", "sci.space")


@pytest.mark.parametrize(
    ("highest", "brightest"), [(1023, 255), (4095, 255), (3000, 187), (16383, 255), (65535, 255), (200, 200)]
)
def test_deep_images_are_scaled_by_the_bits_that_are_in_use_in_the_dataset(
    highest, brightest, tmp_path, settings
):
    files = {
        "a/1.tif": deep(highest),
        "a/2.tif": deep(highest // 2),
        "b/3.tif": deep(highest),
        "b/4.png": png(np.full((4, 4), 77)),
    }
    stored(zipped(tmp_path / "x.zip", files), settings)
    known = samples(settings)
    assert [int(known.read(row).max()) for row in range(4)] == [brightest, brightest // 2, brightest, 77]


def test_a_format_of_full_depth_does_not_darken_another(tmp_path, settings):
    files = {
        f"{label}/{n}": data
        for label in "ab"
        for n, data in (("1.tif", deep(4095)), ("2.png", deep(65535, "PNG")))
    }
    stored(zipped(tmp_path / "x.zip", files), settings)
    known = samples(settings)
    assert [int(known.read(row).max()) for row in range(4)] == [255] * 4


def test_a_dataset_that_does_not_say_how_deep_its_images_are_has_all_bits_in_use(tmp_path, settings):
    kept = stored(zipped(tmp_path / "x.zip", {"a/1.tif": deep(4095), "b/2.tif": deep(4095)}), settings)
    old = dataclasses.replace(kept, statistics={})
    assert int(stored_samples(kept).read(0).max()) == 255
    assert int(stored_samples(old).read(0).max()) == 4095 // 256


HEIC = b"\0\0\0\x18ftypheic" + bytes(200)


def test_an_image_for_which_a_package_is_missing_is_refused_by_its_name(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(decoding, "image_formats", lambda: ("PNG", "JPEG"))
    for data, name in ((HEIC, "HEIC"), (coded("AVIF"), "AVIF")):
        with pytest.raises(
            BadFileError, match=f"it is a {name} image, and nothing that reads these is installed"
        ):
            decode_image(data, max_pixels=999)
    files = {
        f"{label}/1.{ending}": data
        for label in "ab"
        for ending, data in (("heic", HEIC), ("png", coded("PNG")))
    }
    assert inspect(zipped(tmp_path / "x.zip", files), settings).counts == {"": (2, 2)}
    assert {one.name for one in stored(tmp_path / "x.zip", settings).refused} == {"a/1.heic", "b/1.heic"}


def test_avif_is_read_where_pillow_reads_it():
    if "AVIF" not in decoding.image_formats():
        pytest.skip("this Pillow reads no AVIF")
    assert decode_image(coded("AVIF"), max_pixels=999).values.shape == (6, 8, 3)
