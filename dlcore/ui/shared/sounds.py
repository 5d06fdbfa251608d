"""Recordings: a player and a picture of each."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable

import numpy as np
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.kinds import SAMPLE_ENCODERS
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import random_samples
from dlcore.errors import SpecError
from dlcore.plots.spectrogram import spectrogram_figure
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.preprocessing import MFCC, MelSpectrogram, Step, ValueStep, signature
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_class, draft_samples, draw_number

Pictures = Callable[[int], Array]
"""Gives the spectrogram of a recording by its place, (frames, bands, 1)."""

SHOWN = 6
_LOUDEST = 2**15 - 1


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


def _one(draft: WorkingDraft, samples: Samples, index: int, pictures: Pictures | None) -> None:
    name = str(samples.frame.iloc[index]["name"]).rsplit("/", 1)[-1]
    title = escape_name(name)
    if samples.targets is not None and draft.facts.task.single_label:
        title = f"**{escape_name(draft.facts.classes[int(samples.targets[index])])}** · {title}"
    st.caption(title)
    show_recording(samples, index, pictures, key=f"spectrogram_{index}")


def show_recording(samples: Samples, index: int, pictures: Pictures | None, *, key: str) -> None:
    """Draws a player for a recording, and its spectrogram.

    Args:
        samples: of the dataset.
        index: of the recording in it.
        pictures: gives the spectrogram, if the preprocessing makes one.
        key: of the figure.
    """
    waveform, rate = samples.read(int(samples.rows[index]))[:, 0], int(samples.frame.iloc[index]["rate"])
    play(waveform, rate)
    if pictures is not None:
        frames = np.asarray(pictures(index))[..., 0]
        drawn = spectrogram_figure(frames, seconds=len(waveform) / rate, translate=_)
        st.plotly_chart(drawn, key=key)


def spectrograms(samples: Samples, facts: DatasetFacts, preprocessing: Iterable[Step]) -> Pictures | None:
    """Returns what gives the spectrogram of a recording by its place; None where the preprocessing makes none."""
    steps = [step for step in preprocessing if not isinstance(step, ValueStep)]
    if not any(isinstance(step, MelSpectrogram | MFCC) for step in steps):
        return None
    try:
        signature(facts, steps)
    except SpecError:
        return None
    return SAMPLE_ENCODERS[DataKind.AUDIO](samples, steps)
