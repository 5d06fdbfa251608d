"""From recordings to spectrograms."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from typing import ClassVar, Literal

from dlcore.errors import N_, SpecError
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import Shape
from dlcore.spec.preprocessing.base import STEPS, Step, form_after
from dlcore.spec.signature import INPUT, VARIES, Form, InputSpec


class _AudioStep(Step):
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.AUDIO})


def _waveform(form: Form) -> Shape:
    if len(form.shape) != 2:
        raise SpecError(N_("the sound is already a spectrogram."), hint=N_("Move this step up."))
    return form.shape


@STEPS.register
class Resampling(_AudioStep):
    """Resamples all recordings to the same sample rate."""

    title: ClassVar[str] = N_("Resample")
    summary: ClassVar[str] = N_("Resamples all recordings to the same sample rate.")

    sample_rate: int = arg(16_000, N_("Samples per second after resampling."), ge=1_000, le=192_000)

    def form(self, form: Form) -> Form:
        """(samples, 1), as many as the new rate gives."""
        samples, _ = _waveform(form)
        if samples != VARIES:
            raise SpecError(N_("the length is already fixed."), hint=N_("Move this step before FixedLength."))
        return replace(form, sample_rate=self.sample_rate)


@STEPS.register
class FixedLength(_AudioStep):
    """Cuts or fills up each recording to one length."""

    title: ClassVar[str] = N_("Fixed length")
    summary: ClassVar[str] = N_("Cuts recordings, or pads them with silence, to the same length.")

    seconds: float = arg(1.0, N_("The length afterwards."), gt=0, le=600)
    crop: Literal["start", "center", "loudest"] = arg("start", N_("Which part of a longer recording stays."))

    def form(self, form: Form) -> Form:
        """(samples, 1)."""
        _waveform(form)
        return form.with_input(INPUT, InputSpec((max(1, round(self.seconds * form.sample_rate)), 1)))


class _SpectralStep(_AudioStep):
    """What both pictures of sound share: short overlapping windows, each turned into frequencies."""

    fft_length: int = arg(512, N_("Samples of each window."), ge=16, le=65_536, label=N_("FFT length"))
    sequence_stride: int = arg(128, N_("Samples from one window to the next."), ge=1, le=65_536)
    num_mel_bins: int = arg(
        64, N_("Frequency bands, spaced as the ear hears them."), ge=4, le=512, label=N_("Mel bands")
    )
    min_freq: float = arg(
        20.0, N_("The lowest frequency, in Hz."), ge=0, advanced=True, label=N_("Lowest frequency")
    )
    max_freq: float | None = arg(
        None,
        N_("The highest frequency, in Hz; empty: half the sample rate."),
        gt=0,
        advanced=True,
        label=N_("Highest frequency"),
    )
    top_db: float = arg(
        80.0, N_("Decibels below a recording's loudest value; anything quieter is raised to this."),
        gt=0, le=200, advanced=True,
    )  # fmt: skip

    def _frames(self, form: Form) -> int:
        samples, _ = _waveform(form)
        if samples == VARIES:
            raise SpecError(N_("the recordings differ in length."), hint=N_("Add FixedLength before it."))
        if samples < self.fft_length:
            raise SpecError(
                N_("the window of {window} is longer than a recording ({size})."),
                hint=N_("Lower fft_length, or lengthen the recordings."),
                where="fft_length",
                window=self.fft_length,
                size=samples,
            )
        high = self.max_freq or form.sample_rate / 2
        if not self.min_freq < high <= form.sample_rate / 2:
            raise SpecError(
                N_("expected frequencies from min_freq up to at most {limit} Hz, half the sample rate."),
                hint=N_("Leave max_freq empty."),
                where="max_freq",
                limit=f"{form.sample_rate / 2:g}",
            )
        return 1 + (samples - self.fft_length) // self.sequence_stride


@STEPS.register
class MelSpectrogram(_SpectralStep):
    """The energy of each mel band in each window, in decibels."""

    title: ClassVar[str] = N_("Mel spectrogram")
    summary: ClassVar[str] = N_("A picture of the sound: time from left to right, pitch upwards.")

    def form(self, form: Form) -> Form:
        """(frames, bands, 1)."""
        return form.with_input(INPUT, InputSpec((self._frames(form), self.num_mel_bins, 1)))


@STEPS.register
class MFCC(_SpectralStep):
    """Mel-frequency cepstral coefficients: the cosine transform (DCT-II) of the log mel bands."""

    title: ClassVar[str] = N_("Cepstral coefficients")
    summary: ClassVar[str] = N_("A small description of each moment's timbre: the classic for speech.")

    num_coefficients: int = arg(
        20, N_("Coefficients of each window."), ge=1, le=512, label=N_("Coefficients")
    )

    def form(self, form: Form) -> Form:
        """(frames, coefficients, 1)."""
        if self.num_coefficients > self.num_mel_bins:
            raise SpecError(
                N_("{count} coefficients need as many mel bands, there are {bands}."),
                hint=N_("Lower it, or raise num_mel_bins."),
                where="num_coefficients",
                count=self.num_coefficients,
                bands=self.num_mel_bins,
            )
        return form.with_input(INPUT, InputSpec((self._frames(form), self.num_coefficients, 1)))


def seconds_seen(facts: DatasetFacts, steps: Iterable[Step]) -> float:
    """Returns how many seconds of sound a spectrogram shows: behind a shorter recording stands silence.

    Args:
        facts: of the dataset.
        steps: which fit it, with one that makes spectrograms.
    """
    form = form_after(facts, takewhile(lambda step: not isinstance(step, _SpectralStep), steps))
    return form.shape[0] / form.sample_rate
