"""Tables, series and ratings, small and quick, through what is proposed for them; the figures stand in acceptance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples.tables import breast_cancer, diabetes, ratings, sine
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.records import Evaluation
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, DataKind, Task

pytestmark = pytest.mark.keras


def trained(
    table: pd.DataFrame | str, folder: Path, choices: Choices | None = None, **changed: Any
) -> tuple[Evaluation, dict[str, npt.NDArray[Any]]]:
    """Stores the table, trains what is proposed for it but for what is changed; its test and its answers."""
    file = folder / "it.csv"
    if isinstance(table, str):
        file.write_text(table)
    else:
        table.to_csv(file, index=False)
    settings = Settings(home=folder / "home")
    kept = ingest(file, settings, choices or Choices(name="it"), owner="local")
    spec = proposal(kept.facts).with_values(changed)
    train(spec, MemoryHandle(folder), settings=settings)
    with np.load(folder / "predictions.npz") as archive:
        answers = {name: archive[name] for name in archive.files}
    return Evaluation.from_dict(json.loads((folder / "evaluation.json").read_text())), answers


def baseline(found: Evaluation, name: str) -> dict[str, float]:
    return {one.name.text(): one.metrics for one in found.baselines}[name]


def rmse(found: npt.ArrayLike, true: npt.ArrayLike) -> float:
    return float(np.sqrt(np.mean((np.asarray(found, np.float64) - np.asarray(true, np.float64)) ** 2)))


def test_tumours_are_told_apart(tmp_path: Path) -> None:
    found, _ = trained(breast_cancer(), tmp_path, **{"training.epochs": 20})
    assert found.task == Task.BINARY
    assert found.metrics["accuracy"] >= 0.95
    # 357 of the 569 are benign, and so are 71 or 72 of the 114 that test.
    assert baseline(found, "always the most common class")["accuracy"] == pytest.approx(357 / 569, abs=0.01)


def test_a_number_is_predicted_in_its_own_unit(tmp_path: Path) -> None:
    table = diabetes()
    found, said = trained(table, tmp_path, **{"training.epochs": 60})
    assert found.metrics["rmse"] <= 60
    truth = table["target"].to_numpy()[said["rows"]]
    assert found.errors[0].name == "target"
    assert found.errors[0].rmse == pytest.approx(rmse(said["answers"][:, 0], truth), rel=1e-4)
    assert found.metrics["rmse"] == pytest.approx(found.errors[0].rmse, rel=1e-3)
    assert baseline(found, "always the training part's mean")["rmse"] == pytest.approx(truth.std(), rel=0.05)


def test_a_wave_on_a_rising_line_is_forecast_better_than_by_its_last_value(tmp_path: Path) -> None:
    table = sine(rows=800)
    found, said = trained(
        table, tmp_path, **{"training.epochs": 15, "training.optimizer.learning_rate": 0.02}
    )
    values = table["value"].to_numpy()
    assert said["rows"].tolist() == list(range(640, 800))
    last = baseline(found, "the last value that is known")["rmse"]
    assert last == pytest.approx(rmse(values[639:799], values[640:]), rel=1e-4)
    # All that tests lies higher than most that trains.
    assert found.metrics["rmse"] < 0.9 * last


def test_a_forecast_of_several_horizons_names_each(tmp_path: Path) -> None:
    windows = {"kind": "Windows", "sequence_length": 8, "horizons": [1, 5]}
    table = sine(rows=200)
    found, said = trained(
        table, tmp_path, **{"preprocessing": [windows, "Normalization"], "training.epochs": 2}
    )
    assert [error.name for error in found.errors] == ["value +1", "value +5"]
    # The last 40 rows test; both answers must be among them.
    rows, values = np.arange(160, 196), table["value"].to_numpy()
    assert said["rows"].tolist() == rows.tolist()
    truth = np.stack([values[rows], values[rows + 4]], axis=1)
    np.testing.assert_allclose(said["targets"], truth, rtol=1e-6)
    # The last value that is known is the same for both.
    assert baseline(found, "the last value that is known")["rmse"] == pytest.approx(
        rmse(values[rows - 1][:, None], truth), rel=1e-4
    )


def test_ratings_are_predicted_far_better_than_by_their_mean(tmp_path: Path) -> None:
    found, _ = trained(ratings(users=150, items=100), tmp_path)
    assert found.task == Task.RATING
    # The noise alone is 0.5; taste and style add 0.87.
    mean = baseline(found, "always the training part's mean")["rmse"]
    assert mean == pytest.approx(1.0, abs=0.1)
    assert found.metrics["rmse"] < 0.75 * mean


def test_a_table_with_gaps_categories_and_a_wrong_row_is_learnt_from(tmp_path: Path) -> None:
    """The answer is the colour, but for the shop's: a category of few values and one of many."""
    rng = np.random.default_rng(0)
    rows = ["size,colour,shop,label"]
    for number in range(400):
        colour, shop = rng.choice(["red", "blue"]), f"shop {rng.integers(30)}"
        size = "" if number % 9 == 0 else f"{rng.normal():.3f}"
        rows.append(f"{size},{colour},{shop},{'yes' if colour == 'red' else 'no'}")
    rows.insert(5, "1.0,red,yes")
    found, said = trained("\n".join(rows) + "\n", tmp_path, **{"training.epochs": 15})
    assert found.metrics["accuracy"] >= 0.95
    assert len(said["targets"]) == 80


def test_several_labels_are_scored_one_by_one(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(300, 2))
    tags = [
        "|".join(n for n, value in zip(("warm", "wet"), row, strict=True) if value > 0) for row in numbers
    ]
    table = pd.DataFrame({"a": numbers[:, 0], "b": numbers[:, 1], "tags": tags})
    choices = Choices(name="it", kind=DataKind.TABLE, task=Task.MULTILABEL, roles={"tags": ColumnRole.TARGET})
    found, said = trained(table, tmp_path, choices, **{"training.epochs": 30})
    assert [score.name for score in found.scores] == ["warm", "wet"]
    assert min(score.f1 for score in found.scores) > 0.8
    assert said["answers"].shape == (60, 2)
