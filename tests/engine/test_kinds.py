"""From a file of each kind through what is proposed for it to a model that has learnt: small and quick."""

import random

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal, template
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.spec.checks import prepared_facts
from dlcore.spec.preprocessing import signature

from ..datasets.makers import colours, wav, whole_series, zipped

pytestmark = pytest.mark.keras

IDLE = ("the", "a", "of", "it", "there", "when", "we", "go", "and", "come", "today", "again")
TELLING = (("won", "victory", "first"), ("lost", "defeat", "last"))


def photos(folder):
    return colours(folder / "photos.zip", count=24, side=24)


def tones(folder):
    """High and low ones that begin at any moment, of different lengths, in noise."""
    rng = np.random.default_rng(0)
    files = {}
    for name, pitch in (("low", 300), ("high", 1_800)):
        for number in range(24):
            sound = np.sin(2 * np.pi * pitch * rng.uniform(0.9, 1.1) * np.arange(2_000) / 8_000)
            silence = np.zeros(rng.integers(0, 3_000))
            whole = np.concatenate([silence, sound]) * rng.uniform(0.05, 0.5)
            files[f"{name}/{number}.wav"] = wav(whole + rng.normal(0, 0.002, len(whole)))
    return zipped(folder / "tones.zip", files)


def messages(folder):
    """What is said of a winner and of a loser stands somewhere among words that say nothing."""
    draw = random.Random(0)
    rows = ["text,label"]
    for number in range(160):
        words = draw.choices(IDLE, k=8)
        words.insert(draw.randrange(8), draw.choice(TELLING[number % 2]))
        rows.append(f"{' '.join(words)}!,{('good', 'bad')[number % 2]}")
    path = folder / "messages.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def signals(folder):
    return whole_series(folder / "signals.npz", count=150)


def videos(folder):
    """A bar that moves to the left or to the right; no single image tells which."""
    rng = np.random.default_rng(0)
    x, y = np.zeros((160, 5, 6, 8, 1), np.float32), np.arange(160) % 2
    for sample, direction in zip(x, y, strict=True):
        start = rng.integers(8)
        for time, image in enumerate(sample):
            image[:, (start + (time if direction else -time)) % 8] = 1
    path = folder / "videos.npz"
    np.savez(path, x=x + rng.normal(0, 0.1, x.shape), y=y)
    return path


@pytest.mark.parametrize(
    ("make", "name", "epochs"),
    [
        (photos, "resnet", 12),
        (tones, "sound_cnn", 25),
        pytest.param(tones, "sound_gru", 15, marks=pytest.mark.acceptance),
        (messages, "text_conv1d", 12),
        pytest.param(messages, "text_bilstm", 12, marks=pytest.mark.acceptance),
        (signals, "signal_fcn", 12),
        pytest.param(signals, "signal_lstm", 30, marks=pytest.mark.acceptance),
        pytest.param(signals, "signal_transformer", 12, marks=pytest.mark.acceptance),
        (videos, "conv3d", 10),
        pytest.param(videos, "conv_lstm", 16, marks=pytest.mark.acceptance),
    ],
)
def test_what_is_proposed_learns(make, name, epochs, tmp_path, settings):
    facts = ingest(make(tmp_path), settings, Choices(name="it"), owner="me").facts
    spec = proposal(facts)
    seen = signature(prepared_facts(spec, facts), spec.preprocessing)
    chosen = spec.updated(model=template(name).build(seen)).with_values({"training.epochs": epochs})
    run = tmp_path / "run"
    run.mkdir()

    result = train(chosen, MemoryHandle(run), settings=settings)

    assert result.summary["test"]["accuracy"] > 0.85
