"""Steps that bear the name of a Keras layer give what that layer gives."""

import csv

import keras
import numpy as np
import pandas as pd
import pytest

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.prepare.recordings import encode_sounds
from dlcore.datasets.prepare.texts import encode_texts
from dlcore.datasets.samples import Samples
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.preprocessing import MelSpectrogram, TextVectorization

pytestmark = pytest.mark.keras


def samples_of(kind, frame, read=None, sample_rate=0):
    facts = DatasetFacts(
        name="x", title="x", description="", task=Task.BINARY, input_shape=None, classes=("a", "b"),
        train_size=len(frame), test_size=0, licence="", source="", citation="", kind=kind,
        sample_rate=sample_rate,
    )  # fmt: skip
    return Samples(facts, frame, np.zeros(len(frame), np.int64), np.arange(len(frame)), "content", read)


@pytest.fixture(scope="module")
def texts(shared_data):
    """Real ones, but for capitals beyond ASCII, which Keras leaves as they are."""
    with (shared_data / "sms_spam.csv").open(encoding="utf-8", newline="") as file:
        found = [row["text"] for row in csv.DictReader(file)]
    return [text for text in found if text.lower().encode() == text.encode().lower()][:2_000]


CHINESE = ["今天天气很好。", "你好,世界", "天气 不好", "Hello 世界"] * 10


def assert_as_keras(texts, step, standardize):
    """Learnt from the first half, applied to all."""
    half = len(texts) // 2
    division = Division(np.arange(half), np.arange(half, len(texts)), np.arange(0))
    encoded = encode_texts(samples_of(DataKind.TEXT, pd.DataFrame({"text": texts})), division, [step])
    found = encoded.inputs["input"]
    ids = step.output_mode == "int"
    layer = keras.layers.TextVectorization(
        # Ids of padding take a place of ours in every mode.
        max_tokens=step.max_tokens - (0 if ids else 1),
        standardize=standardize,
        split=step.split,
        ngrams=step.ngrams if step.ngrams > 1 else None,
        output_mode=step.output_mode,
        output_sequence_length=step.output_sequence_length if ids else None,
        pad_to_max_tokens=not ids,
    )
    layer.adapt(texts[:half])
    wanted = keras.ops.convert_to_numpy(layer(texts))
    if ids:
        assert encoded.state["vocabulary"] == layer.get_vocabulary()
        np.testing.assert_array_equal(found, wanted)
        return
    assert encoded.state["vocabulary"] == ["", *layer.get_vocabulary()]
    assert not found[:, 0].any()
    np.testing.assert_allclose(found[:, 1:], wanted, rtol=1e-5)


@pytest.mark.parametrize("standardize", ["lower_and_strip_punctuation", "lower", "strip_punctuation", "none"])
@pytest.mark.parametrize("ngrams", [1, 2])
def test_ids_of_words_are_those_of_keras(texts, standardize, ngrams):
    step = TextVectorization(
        max_tokens=3_000, standardize=standardize, ngrams=ngrams, output_sequence_length=50
    )
    assert_as_keras(texts, step, None if standardize == "none" else standardize)


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
def test_counts_of_words_are_those_of_keras(texts, mode):
    step = TextVectorization(max_tokens=500, output_mode=mode)
    assert_as_keras(texts, step, step.standardize)


@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_characters_are_those_of_keras(mode):
    step = TextVectorization(max_tokens=30, split="character", output_sequence_length=12, output_mode=mode)
    assert_as_keras(CHINESE, step, step.standardize)


@pytest.mark.parametrize(
    ("rate", "options"),
    [
        (8_000, {"fft_length": 256, "sequence_stride": 128, "num_mel_bins": 40, "top_db": 60.0}),
        (16_000, {"fft_length": 512, "sequence_stride": 128}),
        (16_000, {"fft_length": 512, "sequence_stride": 64, "min_freq": 0.0, "max_freq": 4_000.0}),
    ],
)
def test_a_spectrogram_is_that_of_keras(rate, options):
    rng = np.random.default_rng(0)
    times = np.arange(rate) / rate
    # Loudest in the middle: Keras has more windows at both ends, and the floor is below the loudest.
    sound = np.sin(2 * np.pi * 700 * times * (1 + times)) * np.sin(np.pi * times) ** 2
    sound += rng.normal(0, 1e-5, rate)
    waveform = sound.astype(np.float32)[:, None]
    frame = pd.DataFrame({"rate": [rate]})
    step = MelSpectrogram(**options)
    samples = samples_of(DataKind.AUDIO, frame, lambda row: waveform, sample_rate=rate)
    found = encode_sounds(samples, [step])(0)[..., 0]

    layer = keras.layers.MelSpectrogram(sampling_rate=rate, **step.arguments())
    wanted = keras.ops.convert_to_numpy(layer(waveform[:, 0])).T
    # Keras' first window is centred on the first sample, ours begins there; Keras computes in float32.
    first = step.fft_length // 2 // step.sequence_stride
    np.testing.assert_allclose(found, wanted[first : first + len(found)], atol=0.01)
