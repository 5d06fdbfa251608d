"""Recordings: what is read of them, and which hold no usable sound."""

import io

import numpy as np
import pytest
import soundfile

from dlcore.datasets.decoding import BadFileError, decode_sound
from dlcore.errors import DatasetError
from dlcore.spec.data import DataKind

from .makers import samples, stored, zipped


def recording(heard, rate=8000, subtype="FLOAT"):
    file = io.BytesIO()
    soundfile.write(file, np.asarray(heard, np.float32), rate, format="WAV", subtype=subtype)
    return file.getvalue()


def test_a_recording_has_its_rate_and_its_channels():
    found = decode_sound(recording([[0.5, -0.5]] * 10, rate=16_000), max_seconds=1)

    assert (found.rate, found.samples.shape) == (16_000, (10, 2))
    assert found.samples.tolist() == [[0.5, -0.5]] * 10


@pytest.mark.parametrize("heard", [[], [0.1, np.nan, 0.2], [0.1, np.inf]], ids=["empty", "nan", "inf"])
def test_a_recording_without_usable_sound_is_refused(heard):
    with pytest.raises(BadFileError, match="it contains no usable sound"):
        decode_sound(recording(heard), max_seconds=1)


def test_a_recording_may_be_just_as_long_as_is_allowed():
    assert len(decode_sound(recording(np.zeros(8000)), max_seconds=1).samples) == 8000
    with pytest.raises(BadFileError, match="longer than the 1 seconds"):
        decode_sound(recording(np.zeros(8001)), max_seconds=1)


@pytest.mark.parametrize("format_", ["MP3", "AIFF", "FLAC", "OGG"])
def test_recordings_of_every_format_that_is_read_make_a_dataset(format_, tmp_path, settings):
    tone = np.sin(np.arange(4000) / 5) / 2
    content = io.BytesIO()
    soundfile.write(content, tone, 16_000, format=format_)
    files = {
        f"{label}/{n}.{format_.lower()}": content.getvalue() for label in ("low", "high") for n in range(2)
    }
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert (kept.facts.kind, kept.facts.classes) == (DataKind.AUDIO, ("high", "low"))
    assert kept.facts.sample_rate == 16_000 and kept.facts.size == 4
    heard = samples(settings).read(0)
    assert len(heard) >= 4000 and np.abs(heard).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("M4A", b"\0\0\0\x20ftypM4A \0\0"),
        ("AAC", b"\xff\xf1\x50\x80"),
        ("WMA", b"\x30\x26\xb2\x75"),
        ("AMR", b"#!AMR\n"),
    ],
)
def test_recordings_that_are_not_read_are_refused_by_the_name_of_their_format(
    name, content, tmp_path, settings
):
    files = {f"{label}/1.{name.lower()}": content + bytes(99) for label in "ab"}
    with pytest.raises(DatasetError, match=f"it is {name}, which is not read here"):
        stored(zipped(tmp_path / "x.zip", files), settings)
