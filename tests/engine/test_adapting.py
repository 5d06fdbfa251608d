"""Normalization layers measure the training part before the first batch, and a forecast starts as its last value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.parts import PreparedData
from dlcore.design.code import keras_script
from dlcore.design.templates import template
from dlcore.engine.build import build_model
from dlcore.engine.data import TrainingData
from dlcore.engine.entry import train_on
from dlcore.engine.handle import MemoryHandle
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT, InputSpec, Signature

from .test_baselines import FACTS, data, part

pytestmark = pytest.mark.keras


def numbers(seed: int = 0) -> TrainingData:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(300, 2)) * [3.0, 0.5] + [10.0, -4.0]).astype(np.float32)
    whole = part({INPUT: x}, x[:, :1])
    return data(whole.take(whole.indices[:200]), whole.take(whole.indices[200:]), {INPUT: InputSpec((2,))})


def spec(*layers: Any, **training: Any) -> ExperimentSpec:
    return ExperimentSpec.from_dict(
        {"model": {"layers": list(layers)}, "training": {"epochs": 1, **training}}
    )


def saved(folder: Path) -> Any:
    return keras.saving.load_model(folder / "model.keras", compile=False)


def test_numbers_that_are_not_given_are_those_of_the_training_part(folder: Callable[[str], Path]) -> None:
    found = numbers()
    train_on(found, spec({"kind": "Normalization", "name": "scaled"}, "Dense"), MemoryHandle(folder("run")))
    layer = saved(folder("run")).get_layer("scaled")
    x = found.train.inputs[INPUT][:200]
    assert np.allclose(np.ravel(layer.mean), x.mean(axis=0), rtol=1e-4)
    assert np.allclose(np.ravel(layer.variance), x.var(axis=0), rtol=1e-3)


def test_the_second_of_two_sees_what_the_first_gives(folder: Callable[[str], Path]) -> None:
    rows = [{"kind": "Normalization", "name": "one"}, {"kind": "Normalization", "name": "two"}, "Dense"]
    train_on(numbers(), spec(*rows), MemoryHandle(folder("run")))
    layer = saved(folder("run")).get_layer("two")
    assert np.allclose(np.ravel(layer.mean), 0, atol=1e-4)
    assert np.allclose(np.ravel(layer.variance), 1, atol=1e-3)


def test_numbers_that_are_given_stay(folder: Callable[[str], Path]) -> None:
    row = {"kind": "Normalization", "name": "scaled", "mean": [1.0], "variance": [4.0]}
    train_on(numbers(), spec(row, "Dense"), MemoryHandle(folder("run")))
    layer = saved(folder("run")).get_layer("scaled")
    assert (np.ravel(layer.mean) == 1).all()
    assert (np.ravel(layer.variance) == 4).all()


def test_a_resumed_run_keeps_the_numbers_it_began_with(folder: Callable[[str], Path]) -> None:
    rows = [{"kind": "Normalization", "name": "scaled"}, "Dense"]
    train_on(numbers(), spec(*rows), MemoryHandle(folder("run")))
    first = np.ravel(saved(folder("run")).get_layer("scaled").mean)
    # Other data would give other numbers.
    train_on(numbers(seed=1), spec(*rows), MemoryHandle(folder("run")), epochs=2)
    assert np.array_equal(np.ravel(saved(folder("run")).get_layer("scaled").mean), first)


def test_a_forecast_fits_windows_and_horizons_that_are_changed_later() -> None:
    model = template("series_lstm").build(Signature({INPUT: InputSpec((5, 3))}, 2, (0, 2)))
    longer = Signature({INPUT: InputSpec((9, 3))}, 6, (0, 2))
    window = np.random.default_rng(0).normal(size=(4, 9, 3)).astype(np.float32)
    found = keras.ops.convert_to_numpy(build_model(model, longer)(window))
    assert np.allclose(found, np.tile(window[:, -1, [0, 2]], (1, 3)), atol=1e-6)


@pytest.mark.parametrize("name", ["series_mlp", "series_conv1d", "series_lstm"])
@pytest.mark.parametrize(("columns", "continued", "steps"), [(1, (0,), 1), (3, (1,), 2), (3, (0, 2), 2)])
def test_an_untrained_forecast_is_the_last_value(
    name: str, columns: int, continued: tuple[int, ...], steps: int
) -> None:
    shape, outputs = (5, columns), steps * len(continued)
    signature = Signature({INPUT: InputSpec(shape)}, outputs, continued)
    network = build_model(template(name).build(signature), signature)
    window = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    found = keras.ops.convert_to_numpy(network(window))
    assert np.allclose(found, np.tile(window[:, -1, list(continued)], (1, steps)), atol=1e-6)


def test_a_forecast_is_standardised_as_its_window_is() -> None:
    """Where both differ, the last value of a rising series is another number in the window and in the answer."""
    columns = (
        Column("a", ColumnType.NUMBER),
        Column("b", ColumnType.NUMBER, ColumnRole.TARGET),
        Column("c", ColumnType.NUMBER, ColumnRole.TARGET),
    )
    of_series = replace(
        FACTS, kind=DataKind.SERIES, task=Task.FORECASTING, columns=columns, train_size=60, input_shape=None
    )
    x = np.arange(180, dtype=np.float32).reshape(20, 3, 3) ** 2
    # Two steps ahead of both targets.
    whole = part({INPUT: x}, np.concatenate([x[:, 0, 1:] + 1, x[:, 1, 1:] + 1], axis=1))
    windows = {"kind": "Windows", "sequence_length": 3, "horizon": 2}
    wanted = ExperimentSpec.from_dict({"preprocessing": [windows, "Normalization"]})
    prepared = PreparedData(of_series, whole, whole, whole, {"target_columns": [1, 2]})
    found = TrainingData.of(prepared, wanted)
    assert found.target_scale is not None
    (op,) = found.values[INPUT]
    seen = op(x)[:, 0, 1:]
    answered = (x[:, 0, 1:] - found.target_scale.offset[:2]) / found.target_scale.scale[:2]
    assert np.allclose(seen, answered, atol=1e-4)
    assert np.array_equal(found.target_scale.scale[:2], found.target_scale.scale[2:])


def test_a_script_measures_the_same_numbers(tmp_path: Path) -> None:
    wanted = ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits"},
            "model": {"layers": ["Flatten", {"kind": "Normalization", "name": "scaled"}, "Dense"]},
        }
    )
    script = keras_script(wanted, facts("digits", Settings(home=tmp_path)))
    lines = script.splitlines()
    place = lines.index("for layer in model.layers:")
    assert lines[place + 1 : place + 3] == [
        "    if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:",
        "        layer.adapt(keras.Model(model.input, layer.input).predict(x_train, verbose=0))",
    ]
    assert place < next(number for number, line in enumerate(lines) if line.startswith("model.compile("))
