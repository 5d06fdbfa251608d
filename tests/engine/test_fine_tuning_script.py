"""The script of a fine-tuning starts with the same weights, and lets the same layers learn, as the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.datasets import CATALOGUE
from dlcore.datasets.export import export_arrays
from dlcore.design.code import keras_script
from dlcore.engine.build import build_model
from dlcore.engine.data import TrainingData, load
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.phases import Phases
from dlcore.engine.transfer import SourceWeights, starting_arrays, transfer, weights_of_run
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning, FromRun, with_new_head
from tests.engine.conftest import small_spec

pytestmark = pytest.mark.keras

DIGITS = CATALOGUE.get("digits").facts
ADAMW = {"kind": "AdamW", "learning_rate": 0.01, "weight_decay": 0.1}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, digits_settings: Settings) -> SourceWeights:
    folder = tmp_path_factory.mktemp("source")
    train(small_spec(epochs=1), MemoryHandle(folder), settings=digits_settings)
    return weights_of_run(folder)


def tuned(**tuning: Any) -> ExperimentSpec:
    spec = small_spec(epochs=3, optimizer=ADAMW)
    found = FineTuning(source=FromRun(run="source"), head_epochs=2).updated(**tuning)
    return spec.updated(model=with_new_head(spec.model), fine_tuning=found, seed=11)


class Script:
    """The script of an experiment, run piece by piece in a folder that has its `data.npz`."""

    def __init__(self, spec: ExperimentSpec, source: SourceWeights, settings: Settings, folder: Path) -> None:
        export_arrays(
            spec, settings, folder / "data.npz", lambda *told: None,
            start=lambda prepared: starting_arrays(spec, TrainingData.of(prepared, spec), source),
        )  # fmt: skip
        self._pieces = keras_script(spec, DIGITS).split("model.fit(")
        self.there: dict[str, Any] = {}
        self.next()

    @property
    def model(self) -> Any:
        return self.there["model"]

    def next(self) -> None:
        """Goes on to before the next call of `fit`, or to the end."""
        piece = self._pieces.pop(0)
        exec(piece if not self.there else f"model.fit({piece}", self.there)


@pytest.fixture
def script(
    source: SourceWeights, digits_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[ExperimentSpec], Script]:
    monkeypatch.chdir(tmp_path)
    return lambda spec: Script(spec, source, digits_settings, tmp_path)


def learning(model: Any, layers: list[str]) -> dict[str, int]:
    return {name: len(model.get_layer(name).trainable_variables) for name in layers}


@pytest.mark.parametrize(
    "tuning",
    [{}, {"train_batch_norm": True, "frozen": ["conv2d"]}],
    ids=["plain", "one is frozen, statistics learn"],
)
def test_each_phase_starts_as_the_engine_does(
    script: Callable[[ExperimentSpec], Script],
    source: SourceWeights,
    digits_settings: Settings,
    tmp_path: Path,
    tuning: dict[str, Any],
) -> None:
    spec = tuned(**tuning)
    keras.utils.set_random_seed(spec.seed)
    network = build_model(spec.model, DIGITS.input_shape, len(DIGITS.classes))
    data = load(spec, digits_settings, lambda line: None)
    done = transfer(network, spec, data, source, folder=tmp_path, log=lambda line: None)
    theirs = script(spec)

    for ours, weights in zip(network.weights, theirs.model.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(weights))
    phases = Phases(spec, done, 3)
    names = [layer.name for layer in spec.model.layers]
    for epoch in (0, 2):
        phases.at(epoch).prepare(network, spec.model)
        assert learning(theirs.model, names) == learning(network, names)
        rate = phases.at(epoch).training.optimizer.learning_rate
        assert float(theirs.model.optimizer.learning_rate) == pytest.approx(rate)
        theirs.next()
    assert theirs.model.optimizer.iterations > 0


def test_layers_learn_at_the_rates_of_their_own(script: Callable[[ExperimentSpec], Script]) -> None:
    theirs = script(tuned(head_epochs=0, rates={"conv2d": 0.0, "head": 0.5}))
    before = {name: theirs.model.get_layer(name).get_weights() for name in ("conv2d", "head")}
    theirs.next()

    optimizer = theirs.model.optimizer
    assert type(optimizer).__name__ == "Rated" and isinstance(optimizer, keras.optimizers.AdamW)
    after = {name: theirs.model.get_layer(name).get_weights() for name in before}
    # Nor does their weight decay change what stays.
    assert all(np.array_equal(a, b) for a, b in zip(before["conv2d"], after["conv2d"], strict=True))
    assert not np.array_equal(before["head"][0], after["head"][0])


@pytest.mark.parametrize("kind", [pytest.param("MobileNetV2", marks=pytest.mark.acceptance), "VGG16"])
def test_a_backbone_sees_pixels_as_in_the_engine(kind: str) -> None:
    known = CATALOGUE.get("cifar10").facts
    layers = [{"kind": kind, "name": "base", "weights": None}, {"kind": "Dense", "name": "head"}]
    spec = ExperimentSpec.from_dict(
        {"dataset": {"name": "cifar10"}, "preprocessing": [], "model": {"layers": layers}, "seed": 5}
    )
    keras.utils.set_random_seed(spec.seed)
    network = build_model(spec.model, known.input_shape, len(known.classes))
    there: dict[str, Any] = {"keras": keras, "np": np}
    exec(keras_script(spec, known).partition("# Model\n")[2].partition("# Training")[0], there)

    pixels = np.random.default_rng(0).uniform(0, 255, (4, *known.image_shape)).astype(np.float32)
    np.testing.assert_allclose(there["model"](pixels), network(pixels), rtol=1e-4, atol=1e-5)
