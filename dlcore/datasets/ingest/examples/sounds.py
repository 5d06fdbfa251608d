"""Sounds of six made-up instruments, computed sample by sample."""

from __future__ import annotations

import io
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 8_000
"""Samples a second."""
SECONDS = 0.8
EACH = 60
"""Recordings of an instrument."""
_LOWEST, _HIGHEST = 150.0, 600.0
"""Of the pitches, in Hz."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all files, so that the archive is the same whenever it is made."""

Sound = npt.NDArray[np.float64]
Instrument = Callable[[float, Sound, np.random.Generator], Sound]


def _flute(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Returns a nearly pure tone that trembles, with some breath."""
    trembling = 0.02 * np.sin(2 * np.pi * chance.uniform(4, 7) * time) / chance.uniform(4, 7)
    breath = 0.08 * chance.normal(size=len(time))
    return np.sin(2 * np.pi * pitch * (time + trembling)) * np.minimum(1, time / 0.08) + breath


def _organ(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Octaves and fifths of one tone, as loud at the end as at the beginning."""
    parts = [(1, 1.0), (2, 0.7), (3, 0.5), (4, 0.5), (6, 0.3)]
    return sum((loud * np.sin(2 * np.pi * pitch * n * time) for n, loud in parts), np.zeros_like(time))


def _violin(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Returns a sawtooth of many overtones that swells and trembles."""
    phase = pitch * time + 0.3 * np.sin(2 * np.pi * chance.uniform(5, 7) * time)
    loud = np.minimum(1, time / chance.uniform(0.1, 0.25))
    return loud * sum((np.sin(2 * np.pi * n * phase) / n for n in range(1, 7)), np.zeros_like(time))


def _guitar(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Returns a plucked string: noise that runs round and loses its edges (Karplus and Strong, 1983)."""
    length = int(RATE / pitch)
    ring, sound = chance.uniform(-1, 1, length), np.empty(len(time))
    for start in range(0, len(time), length):
        piece = sound[start : start + length]
        piece[:] = ring[: len(piece)]
        ring = 0.5 * (ring + np.roll(ring, -1))
    return sound


def _bell(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Overtones that are no multiples of the tone and fade, the high ones first."""
    parts = [(1.0, 1.0), (2.76, 0.8), (5.4, 0.5), (8.93, 0.3)]
    fading = chance.uniform(3, 6)
    return sum(
        (loud * np.exp(-fading * n * time) * np.sin(2 * np.pi * pitch * n * time) for n, loud in parts),
        np.zeros_like(time),
    )


def _drum(pitch: float, time: Sound, chance: np.random.Generator) -> Sound:
    """Returns a drum: a falling tone and a short burst of noise."""
    falling = np.cumsum(0.5 * pitch * (0.4 + 0.6 * np.exp(-time / 0.05))) / RATE
    noise = chance.normal(size=len(time)) * np.exp(-time / 0.04)
    return np.exp(-time / 0.15) * np.sin(2 * np.pi * falling) + 0.6 * noise


INSTRUMENTS: dict[str, Instrument] = {
    "bell": _bell, "drum": _drum, "flute": _flute, "guitar": _guitar, "organ": _organ, "violin": _violin,
}  # fmt: skip


def write_sounds(path: Path) -> None:
    """Writes a zip of WAV files, one folder per instrument: pitch, loudness,
    beginning and background differ.
    """
    chance = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, play in INSTRUMENTS.items():
            for number in range(EACH):
                content = _wav(_recorded(play, chance))
                archive.writestr(zipfile.ZipInfo(f"{name}/{name}_{number:02}.wav", _EPOCH), content)


def _recorded(play: Instrument, chance: np.random.Generator) -> Sound:
    """Returns one note as a microphone hears it: after a pause, at some distance, in some noise."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    pitch = float(np.exp(chance.uniform(np.log(_LOWEST), np.log(_HIGHEST))))
    pause = chance.integers(0, len(time) // 4)
    note = play(pitch, time[: len(time) - pause], chance)
    heard = np.concatenate([np.zeros(pause), note / np.abs(note).max()])
    heard += chance.uniform(0.02, 0.2) * chance.normal(size=len(time))
    loudest: float = np.abs(heard).max()
    return heard * (float(chance.uniform(0.2, 0.9)) / loudest)


def _wav(sound: Sound) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32_767).astype("<i2").tobytes())
    return buffer.getvalue()
