"""Recordings: a player and a picture of each."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.kinds import SAMPLE_ENCODERS
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import random_samples
from dlcore.errors import SpecError
from dlcore.plots.spectrogram import spectrogram_figure
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.preprocessing import MFCC, MelSpectrogram, Step, ValueStep, seconds_seen, signature
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_class, draft_samples, draw_number

SHOWN = 6
_LOUDEST = 2**15 - 1
_HUNDREDTH = 0.01
"""Seconds that nobody misses."""


@dataclass(frozen=True)
class Spectrograms:
    """Pictures of recordings, as a preprocessing makes them.

    Attributes:
        of: gives the spectrogram of a recording by its place, (frames, bands, 1).
        seconds: how much sound each shows.
    """

    of: Callable[[int], Array]
    seconds: float


def recordings(draft: WorkingDraft) -> None:
    """Shows a few recordings of the chosen class, to hear and, as the preprocessing makes them, to see."""
    samples, known = draft_samples(draft), draft.facts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed, label = draw_number("draw"), None
        if known.task.single_label:
            label = choose_class(known.classes, key="sound_class")
    pictures = spectrograms(samples, draft.facts, draft.spec.preprocessing)
    with st.grid(3, min_column_width=280, gap="small"):
        for index in random_samples(samples, SHOWN, label=label, seed=seed):
            with st.container(border=True, gap="small"):
                _one(draft, samples, int(index), pictures)
    if pictures is None:
        st.caption(_("Add MelSpectrogram to the preprocessing to see the sounds as well."))


def play(waveform: Array, rate: int) -> None:
    """Draws a player for a recording, which is heard as loud as it is.

    Streamlit's own way from arrays makes each as loud as can be, and divides by zero where one is silent.

    Args:
        waveform: (samples,) float from −1 to 1.
        rate: samples in a second.
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes((np.clip(waveform, -1, 1) * _LOUDEST).astype("<i2").tobytes())
    st.audio(file.getvalue(), format="audio/wav")


def _one(draft: WorkingDraft, samples: Samples, index: int, pictures: Spectrograms | None) -> None:
    name = str(samples.frame.iloc[index]["name"]).rsplit("/", 1)[-1]
    title = escape_name(name)
    if samples.targets is not None and draft.facts.task.single_label:
        title = f"**{escape_name(draft.facts.classes[int(samples.targets[index])])}** · {title}"
    st.caption(title)
    show_recording(samples, index, pictures, key=f"spectrogram_{index}")


def show_recording(samples: Samples, index: int, pictures: Spectrograms | None, *, key: str) -> None:
    """Draws a player for a recording, and its spectrogram.

    Args:
        samples: of the dataset.
        index: of the recording in it.
        pictures: its spectrogram, if the preprocessing makes one.
        key: of the figure.
    """
    waveform, rate = samples.read(int(samples.rows[index]))[:, 0], int(samples.frame.iloc[index]["rate"])
    play(waveform, rate)
    if pictures is None:
        return
    frames, heard = np.asarray(pictures.of(index))[..., 0], pictures.seconds
    drawn = spectrogram_figure(frames, seconds=heard, translate=_)
    st.plotly_chart(drawn, key=key, config={"displayModeBar": False})
    if (total := len(waveform) / rate) - heard > _HUNDREDTH:
        words = _("The model hears {heard} s of these {total} s.")
        st.caption(words.format(heard=f"{heard:.2f}", total=f"{total:.2f}"))


def spectrograms(samples: Samples, facts: DatasetFacts, preprocessing: Iterable[Step]) -> Spectrograms | None:
    """Returns the spectrograms of recordings; None where the preprocessing makes none."""
    steps = [step for step in preprocessing if not isinstance(step, ValueStep)]
    if not any(isinstance(step, MelSpectrogram | MFCC) for step in steps):
        return None
    try:
        signature(facts, steps)
    except SpecError:
        return None
    return Spectrograms(SAMPLE_ENCODERS[DataKind.AUDIO](samples, steps), seconds_seen(facts, steps))
