"""Where training learns nothing that holds, the weights of the start are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.export import export_arrays
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.code import keras_script
from dlcore.design.templates import proposal, template
from dlcore.engine.baselines.plain import LAST_VALUE
from dlcore.engine.build import build_model
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.start import START_KEPT
from dlcore.records import Evaluation
from dlcore.records.artifacts import EVALUATION_FILE, MODEL_FILE
from dlcore.records.gains import is_better
from dlcore.settings import Settings
from dlcore.spec.checks import model_data
from dlcore.spec.data import ForecastStart
from dlcore.spec.experiment import ExperimentSpec
from tests.engine.conftest import StoppingHandle

ROWS = 400


def test_a_gain_counts_by_how_much_it_wavers() -> None:
    before = np.array([3.0, 3.0, 3.0, 3.0])
    # Mean 1, deviation 2/√3, so a standard error of 1/√3.
    after = np.array([1.0, 3.0, 1.0, 3.0])
    assert is_better(before, after, 1.73)
    assert not is_better(before, after, 1.74)
    assert not is_better(before, before, 0.0)


def series(settings: Settings, folder: Path, values: np.ndarray[Any, Any], **training: Any) -> ExperimentSpec:
    days = np.datetime64("2020-01-01") + np.arange(len(values))
    rows = [f"{day},{value:.4f}" for day, value in zip(days, values, strict=True)]
    path = folder / "series.csv"
    path.write_text("day,level\n" + "\n".join(rows), encoding="utf-8")
    kept = ingest(path, settings, Choices(name="series"), owner="local")
    return proposal(kept.facts).with_values({f"training.{name}": value for name, value in training.items()})


def walk() -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).normal(size=ROWS).cumsum()


def saved(folder: Path) -> Any:
    return keras.saving.load_model(folder / MODEL_FILE)


def answers_with_the_last_row(network: Any) -> bool:
    window = np.random.default_rng(1).normal(size=(5, *network.input_shape[1:])).astype("float32")
    window = np.stack([window, window + np.linspace(-1, 0, window.shape[1])[:, None]]).astype("float32")
    # Whatever came before, only the last row counts.
    first, second = (network.predict(one, verbose=0) for one in window)
    return bool(np.allclose(first, second, atol=1e-5))


@pytest.mark.keras
def test_a_random_walk_is_forecast_as_its_last_value(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = series(settings, tmp_path, walk(), epochs=8)
    assert spec.training.early_stopping is not None
    assert spec.training.early_stopping.start_margin == 2.0
    (folder := tmp_path / "run").mkdir()
    result = train(spec, MemoryHandle(folder), settings=settings)
    assert result.reason == START_KEPT
    assert answers_with_the_last_row(saved(folder))
    found = Evaluation.from_dict(json.loads((folder / EVALUATION_FILE).read_text()))
    (last,) = [one for one in found.baselines if one.name == LAST_VALUE]
    assert found.metrics["rmse"] == pytest.approx(last.metrics["rmse"], rel=1e-4)
    assert set(result.summary) == {"validation", "test"}


@pytest.mark.keras
def test_a_network_begins_where_the_data_says(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = series(settings, tmp_path, walk())
    known = replace(facts("series", settings), forecast_start=ForecastStart(rows=3, share=0.5))
    data = model_data(spec, known)
    network = build_model(template("series_mlp").build(data), data, number_format="float32")
    window = np.random.default_rng(1).normal(size=(4, *network.input_shape[1:])).astype("float32")
    expected = window[:, -3:, 0].mean(axis=1, keepdims=True) / 2
    np.testing.assert_allclose(network.predict(window, verbose=0), expected, atol=1e-6)


@pytest.mark.keras
def test_a_wave_is_learned(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = series(settings, tmp_path, np.sin(np.arange(ROWS) / 3), epochs=8)
    (folder := tmp_path / "run").mkdir()
    result = train(spec, MemoryHandle(folder), settings=settings)
    assert result.reason != START_KEPT
    assert not answers_with_the_last_row(saved(folder))


@pytest.mark.keras
def test_a_resumed_run_knows_its_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = series(settings, tmp_path, walk(), epochs=4)
    (folder := tmp_path / "run").mkdir()
    assert train(spec, StoppingHandle(folder, stop_at=20), settings=settings).stopped
    result = train(spec, MemoryHandle(folder), settings=settings)
    assert result.reason == START_KEPT
    assert answers_with_the_last_row(saved(folder))


@pytest.mark.keras
def test_the_script_keeps_its_start_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = series(settings, tmp_path, walk(), epochs=2)
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    script = keras_script(spec, facts("series", settings))
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    exec(script, there)
    there["data"].close()
    assert answers_with_the_last_row(there["model"])
