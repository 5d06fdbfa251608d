"""Recordings: what is read of them, and which hold no usable sound."""

import io

import numpy as np
import pytest
import soundfile

from dlcore.datasets.decoding import BadFileError, decode_sound


def recording(samples, rate=8000, subtype="FLOAT"):
    file = io.BytesIO()
    soundfile.write(file, np.asarray(samples, np.float32), rate, format="WAV", subtype=subtype)
    return file.getvalue()


def test_a_recording_has_its_rate_and_its_channels():
    found = decode_sound(recording([[0.5, -0.5]] * 10, rate=16_000), max_seconds=1)

    assert (found.rate, found.samples.shape) == (16_000, (10, 2))
    assert found.samples.tolist() == [[0.5, -0.5]] * 10


@pytest.mark.parametrize("samples", [[], [0.1, np.nan, 0.2], [0.1, np.inf]], ids=["empty", "nan", "inf"])
def test_a_recording_without_usable_sound_is_refused(samples):
    with pytest.raises(BadFileError, match="it contains no usable sound"):
        decode_sound(recording(samples), max_seconds=1)


def test_a_recording_may_be_just_as_long_as_is_allowed():
    assert len(decode_sound(recording(np.zeros(8000)), max_seconds=1).samples) == 8000
    with pytest.raises(BadFileError, match="longer than the 1 seconds"):
        decode_sound(recording(np.zeros(8001)), max_seconds=1)
