"""Resampling, cutting and spectrograms of recordings, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import gcd

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.encoders import Reader
from dlcore.datasets.samples import Samples
from dlcore.spec.data import DatasetFacts
from dlcore.spec.preprocessing import MFCC, FixedLength, MelSpectrogram, Resampling, Step

Floats = npt.NDArray[np.float64]

SILENCE = 1e-10
"""The power below which everything is as quiet: −100 dB."""


def encode_sounds(samples: Samples, steps: Sequence[Step]) -> Reader:
    """Yields each recording as the steps make it.

    Shape:
        of what the reader gives: float32 (samples, 1), or (frames, bands, 1).
    """
    rates = samples.frame["rate"].to_numpy()

    def read(index: int) -> Array:
        waveform = samples.read(int(samples.rows[index]))[:, 0]
        return apply_sound(waveform, int(rates[index]), samples.facts, steps)

    return read


def apply_sound(waveform: Array, rate: int, facts: DatasetFacts, steps: Sequence[Step]) -> Array:
    """Returns a recording as the steps make it.

    Where the first step does not resample, it is brought to the sample rate that most of the dataset's have.

    Args:
        waveform: (samples,) float32.
        rate: its samples per second.
        facts: of the dataset.
        steps: those that make arrays.
    """
    if not steps or not isinstance(steps[0], Resampling):
        # Twice would lose the high frequencies of those that are sampled more often.
        steps = (Resampling(sample_rate=facts.sample_rate), *steps)
    value: Floats = waveform.astype(np.float64)
    for step in steps:
        match step:
            case Resampling():
                value, rate = resample(value, rate, step.sample_rate), step.sample_rate
            case FixedLength():
                value = fit_length(value, max(1, round(step.seconds * rate)), step.crop)
            case MFCC():
                value = cepstrum(_mel(value, rate, step), step.num_coefficients)
            case MelSpectrogram():
                value = _mel(value, rate, step)
            case _:
                raise TypeError(f"no way is known to apply {step.kind} to recordings")
    return value.astype(np.float32)[..., None]


def resample(waveform: Floats, rate: int, wanted: int) -> Floats:
    """Returns the same sound at another sample rate (polyphase filtering)."""
    from scipy.signal import resample_poly  # more than a second, in which a dashboard would answer nobody

    if rate == wanted:
        return waveform
    common = gcd(rate, wanted)
    result: Floats = resample_poly(waveform, wanted // common, rate // common)
    return result


def fit_length(waveform: Floats, length: int, crop: str) -> Floats:
    """Returns the sound at that length: silence behind a shorter one, a part of a longer one.

    Example:
        >>> fit_length(np.array([0.0, 0.0, 3.0, 4.0, 0.0]), 2, "loudest").tolist()
        [3.0, 4.0]
    """
    spare = len(waveform) - length
    if spare <= 0:
        return np.pad(waveform, (0, -spare))
    match crop:
        case "center":
            start = spare // 2
        case "loudest":
            energy = np.concatenate([[0.0], np.cumsum(waveform**2)])
            start = int(np.argmax(energy[length:] - energy[:-length]))
        case _:
            start = 0
    return waveform[start : start + length]


def _mel(waveform: Floats, rate: int, step: MelSpectrogram | MFCC) -> Floats:
    """(frames, bands) in decibels."""
    from scipy.signal import get_window

    filters = mel_filters(rate, step.fft_length, step.num_mel_bins, step.min_freq, step.max_freq or rate / 2)
    windows = np.lib.stride_tricks.sliding_window_view(waveform, step.fft_length)[:: step.sequence_stride]
    hann = get_window("hann", step.fft_length)
    power = np.abs(np.fft.rfft(windows * hann, axis=-1)) ** 2
    return decibels(power @ filters, step.top_db)


def decibels(power: Floats, top_db: float) -> Floats:
    """Returns the power in decibels, nothing quieter than so many below the loudest.

    Without that floor, the silence that fills recordings up lies so far below all sound that, once the
    values are standardised, little else is left to see than how long it is.

    Example:
        >>> decibels(np.array([100.0, 1.0, 0.0]), 40.0).tolist()
        [20.0, 0.0, -20.0]
    """
    levels: Floats = 10 * np.log10(np.maximum(power, SILENCE))
    floored: Floats = np.maximum(levels, levels.max() - top_db)
    return floored


def cepstrum(levels: Floats, count: int) -> Floats:
    """(frames, count) the first coefficients of the orthonormal cosine transform (DCT-II) over bands."""
    from scipy.fft import dct

    result: Floats = dct(levels, type=2, norm="ortho", axis=-1)[..., :count]
    return result


def mel_of(hertz: Floats | float) -> Floats:
    """Hertz on the mel scale, `2595 · log10(1 + f / 700)` (O'Shaughnessy, 1987)."""
    result: Floats = 2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0)
    return result


@cache
def mel_filters(rate: int, fft_length: int, bands: int, low: float, high: float) -> Floats:
    """(fft_length // 2 + 1, bands) triangles over mels, as in HTK and Keras: each ends at its neighbours' peaks."""
    edges = np.linspace(mel_of(low), mel_of(high), bands + 2)
    places = mel_of(np.fft.rfftfreq(fft_length, 1 / rate).astype(np.float64))[:, None]
    rising = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    filters: Floats = np.maximum(0.0, np.minimum(rising, falling))
    return filters
