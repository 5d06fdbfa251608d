"""Small runs whose answer rests on one planted thing: a patch, a word, a column, or a step."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.handle import MemoryHandle
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole
from tests.datasets.makers import png, zipped

PATCH, SIDE = 4, 16
IDLE = ("the", "of", "it", "there", "when", "go", "and", "come", "today", "again")
TELLING = {"good": "victory", "bad": "defeat"}


@dataclass(frozen=True)
class Planted:
    """A trained run.

    Attributes:
        asked: its model.
        folder: of its files.
        settings: where its data is.
        places: of pictures, by row where the patch begins.
    """

    asked: AskedModel
    folder: Path
    settings: Settings
    places: dict[int, tuple[int, int]]

    def rows(self, label: int | None = None) -> list[int]:
        """Returns the rows of the test part, of one class if it is given."""
        part = self.asked.data.test
        return [int(row) for row, one in zip(part.own_rows, part.labels, strict=True) if label in (None, one)]


def _trained(
    file: Path, folder: Path, layers: Sequence[Any] | None, choices: dict[str, Any], **changed: Any
) -> tuple[AskedModel, Settings]:
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    known = ingest(file, settings, Choices(name="it", **choices), owner="local").facts
    values = {
        "training.early_stopping": None,
        "training.optimizer": {"kind": "Adam", "learning_rate": 0.02},
        **changed,
    }
    if layers is not None:
        values["model.layers"] = layers
    spec = proposal(known).with_values(values)
    train(spec, MemoryHandle(folder), settings=settings)
    return AskedModel(folder, settings, lambda *told: None), settings


def pictures(folder: Path) -> Planted:
    """Grey noise; in those of the class `with` a bright patch stands anywhere."""
    rng, files, places = np.random.default_rng(0), {}, []
    for number in range(240):
        pixels = rng.integers(0, 90, (SIDE, SIDE))
        top, left = rng.integers(0, SIDE - PATCH, 2)
        if number % 2:
            pixels[top : top + PATCH, left : left + PATCH] = 230
        files[f"{('without', 'with')[number % 2]}/{number:03}.png"] = png(pixels)
        places.append((int(top), int(left)))
    asked, settings = _trained(
        zipped(folder / "it.zip", files),
        folder,
        [
            {"kind": "Conv2D", "filters": 8, "padding": "same", "activation": "relu"},
            {"kind": "Conv2D", "filters": 8, "padding": "same", "activation": "relu", "name": "last"},
            {"kind": "GlobalAveragePooling2D"},
            {"kind": "Dense"},
        ],
        {},
        **{"training.epochs": 25, "training.batch_size": 16, "augmentation": []},
    )
    return Planted(asked, folder, settings, _by_row(settings, places))


def _by_row(settings: Settings, places: list[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Returns the places by the row in the dataset, which need not be in the order of the archive."""
    from dlcore.datasets.loader import open_samples
    from dlcore.spec.experiment import DatasetSpec

    frame = open_samples(DatasetSpec(name="it"), settings).frame
    column = next(name for name in frame if frame[name].astype(str).str.contains(r"\d{3}\.png").any())
    numbers = frame[column].astype(str).str.extract(r"(\d{3})\.png")[0].astype(int)
    return {row: places[number] for row, number in enumerate(numbers)}


def texts(
    folder: Path, *, mode: str = "int", split: str = "whitespace", length: int = 12, are_masked: bool = True
) -> Planted:
    """Idle words with one that tells the class."""
    draw, rows = random.Random(0), ["text,label"]
    for number in range(240):
        label = ("good", "bad")[number % 2]
        words = draw.choices(IDLE, k=7)
        words.insert(draw.randrange(8), TELLING[label])
        rows.append(f"{' '.join(words)}!,{label}")
    file = folder / "it.csv"
    file.write_text("\n".join(rows) + "\n")
    ids: list[Any] = [
        {"kind": "Embedding", "output_dim": 4, "mask_zero": are_masked},
        {"kind": "GlobalAveragePooling1D"},
        {"kind": "Dense", "units": 8, "activation": "tanh"},
        {"kind": "Dense"},
    ]
    step = {
        "kind": "TextVectorization", "output_mode": mode, "split": split,
        "output_sequence_length": length, "max_tokens": 40,
    }  # fmt: skip
    asked, settings = _trained(
        file,
        folder,
        ids if mode == "int" else [{"kind": "Dense", "units": 8, "activation": "tanh"}, {"kind": "Dense"}],
        {},
        **{"training.epochs": 12, "training.batch_size": 16, "preprocessing": [step]},
    )
    return Planted(asked, folder, settings, {})


def table(folder: Path) -> Planted:
    """Two columns tell the number: a number and a category; two others do not."""
    rng = np.random.default_rng(0)
    size = rng.choice(["small", "large"], 300)
    telling = rng.normal(50, 10, 300).round(2)
    frame = pd.DataFrame(
        {
            "noise": rng.normal(0, 1, 300).round(3),
            "telling": telling,
            "size": size,
            "city": rng.choice(["Rome", "Oslo", "Bonn"], 300),
            "price": (0.5 * telling + 4.0 * (size == "large")).round(3),
        }
    )
    frame.to_csv(folder / "it.csv", index=False)
    asked, settings = _trained(
        folder / "it.csv",
        folder,
        [
            {"kind": "Embedding", "name": "city_vector", "output_dim": 2, "inputs": ["city"]},
            {"kind": "Flatten", "name": "city_flat"},
            {"kind": "Concatenate", "name": "all", "inputs": ["input", "city_flat"]},
            {"kind": "Dense", "units": 16, "activation": "relu"},
            {"kind": "Dense"},
        ],
        {"roles": {"price": ColumnRole.TARGET}},
        **{
            "training.epochs": 60,
            "training.batch_size": 16,
            "model.inputs": ["input", "city"],
            "preprocessing": [
                {"kind": "StringLookup", "columns": ["city"], "output_mode": "int"},
                {"kind": "StringLookup"},
                {"kind": "Normalization"},
            ],
        },
    )
    return Planted(asked, folder, settings, {})


def series(folder: Path) -> Planted:
    """What comes next is the value of `early` four steps before; `late` says nothing."""
    rng = np.random.default_rng(0)
    early = rng.normal(0, 1, 400)
    pd.DataFrame(
        {
            "day": pd.date_range("2020-01-01", periods=400, freq="D").astype(str),
            "early": early.round(4),
            "late": rng.normal(0, 1, 400).round(4),
            "load": np.roll(early, 4).round(4),
        }
    ).to_csv(folder / "it.csv", index=False)
    asked, settings = _trained(
        folder / "it.csv",
        folder,
        ["Flatten", {"kind": "Dense", "units": 16, "activation": "relu"}, {"kind": "Dense"}],
        {"roles": {"load": ColumnRole.TARGET, "day": ColumnRole.TIME}},
        **{
            "training.epochs": 20,
            "training.batch_size": 16,
            "preprocessing": [{"kind": "Windows", "sequence_length": 6}],
        },
    )
    return Planted(asked, folder, settings, {})
