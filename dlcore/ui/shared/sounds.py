"""Recordings: a player and a picture of each."""

from __future__ import annotations

import io
import wave

import numpy as np
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.kinds import SAMPLE_ENCODERS
from dlcore.datasets.samples import Samples
from dlcore.datasets.summary import random_samples
from dlcore.errors import SpecError
from dlcore.plots.spectrogram import spectrogram_figure
from dlcore.spec.data import DataKind
from dlcore.spec.preprocessing import MFCC, MelSpectrogram, ValueStep, signature
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_class, draft_samples, draw_number

SHOWN = 6
_LOUDEST = 2**15 - 1


def recordings(draft: WorkingDraft) -> None:
    """Shows a few recordings of the chosen class, to hear and, as the preprocessing makes them, to see."""
    samples, known = draft_samples(draft), draft.facts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed, label = draw_number("draw"), None
        if known.task.single_label:
            label = choose_class(known.classes, key="sound_class")
    pictures = _pictures(draft, samples)
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


def _one(draft: WorkingDraft, samples: Samples, index: int, pictures: object) -> None:
    row = samples.frame.iloc[index]
    name = str(row["name"]).rsplit("/", 1)[-1]
    title = escape_name(name)
    if samples.targets is not None and draft.facts.task.single_label:
        title = f"**{escape_name(draft.facts.classes[int(samples.targets[index])])}** · {title}"
    st.caption(title)
    waveform = samples.read(int(samples.rows[index]))[:, 0]
    play(waveform, int(row["rate"]))
    if callable(pictures):
        frames = np.asarray(pictures(index))[..., 0]
        seconds = len(waveform) / int(row["rate"])
        st.plotly_chart(spectrogram_figure(frames, seconds=seconds, translate=_), key=f"spectrogram_{index}")


def _pictures(draft: WorkingDraft, samples: Samples) -> object:
    """Yields the picture of a sample by its place; None where the preprocessing makes none."""
    steps = [step for step in draft.spec.preprocessing if not isinstance(step, ValueStep)]
    if not any(isinstance(step, MelSpectrogram | MFCC) for step in steps):
        return None
    try:
        signature(draft.facts, steps)
    except SpecError:
        return None
    return SAMPLE_ENCODERS[DataKind.AUDIO](samples, steps)
