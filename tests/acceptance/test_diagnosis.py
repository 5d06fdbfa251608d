"""Trainings that were made to go wrong are told what is wrong with them, and healthy ones nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.diagnosis import diagnose
from dlcore.diagnosis.gathering import observe
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.errors import DlcoreError
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store.run_files import read_evaluation
from tests.conftest import ROOT

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(1800)]


def dense(units: int = 0, activation: str = "relu", **more: Any) -> dict[str, Any]:
    return {"kind": "Dense", "activation": activation, **({"units": units} if units else {}), **more}


def convolution(filters: int) -> dict[str, Any]:
    return {"kind": "Conv2D", "filters": filters, "kernel_size": 3, "padding": "same", "activation": "relu"}


def adam(rate: float) -> dict[str, Any]:
    return {"kind": "Adam", "learning_rate": rate}


def sgd(rate: float, **more: Any) -> dict[str, Any]:
    return {"kind": "SGD", "learning_rate": rate, **more}


OUT = dense(activation="linear")
CNN = [convolution(16), "MaxPooling2D", convolution(32), "Flatten", dense(64), OUT]
MLP = ["Flatten", dense(64), dense(64), OUT]
LARGE = ["Flatten", dense(256), dense(256), OUT]


def digits(layers: list[Any], *, samples: int = 0, **training: Any) -> ExperimentSpec:
    dataset = {"name": "digits", **({"train_samples": samples} if samples else {})}
    return ExperimentSpec.from_dict({"dataset": dataset, "model": {"layers": layers}, "training": training})


MADE: dict[str, tuple[str, Callable[[], ExperimentSpec]]] = {
    "60 digits learned by heart": (
        "overfitting",
        lambda: digits(LARGE, samples=60, epochs=40, batch_size=16),
    ),
    "150 digits learned by heart": (
        "overfitting",
        lambda: digits(LARGE, samples=150, epochs=60, batch_size=16, optimizer=adam(0.003)),
    ),
    "one unit": ("underfitting", lambda: digits(["Flatten", dense(1), OUT], epochs=30)),
    "weights held at nothing": (
        "underfitting",
        lambda: digits(
            ["Flatten", dense(32, kernel_regularizer={"kind": "L2", "l2": 1.0}), OUT], epochs=15
        ),
    ),
    "Adam far too fast": ("rate_too_high", lambda: digits(CNN, epochs=6, optimizer=adam(0.3))),
    "SGD far too fast": ("rate_too_high", lambda: digits(CNN, epochs=6, optimizer=sgd(50.0))),
    "SGD too fast": ("rate_too_high", lambda: digits(MLP, epochs=8, optimizer=sgd(3.0))),
    "Adam far too slow": ("rate_too_low", lambda: digits(CNN, epochs=8, optimizer=adam(1e-6))),
    "Adam too slow": ("rate_too_low", lambda: digits(CNN, epochs=8, optimizer=adam(1e-5))),
    "SGD too slow": ("rate_too_low", lambda: digits(MLP, epochs=8, optimizer=sgd(1e-4))),
    "batches of four, fast": (
        "unstable",
        lambda: digits(MLP, epochs=25, batch_size=4, optimizer=adam(0.02)),
    ),
    "three epochs": ("too_few_epochs", lambda: digits(CNN, epochs=3, optimizer=adam(3e-4))),
    "six slow epochs": ("too_few_epochs", lambda: digits(MLP, epochs=6, optimizer=sgd(0.01))),
    "units pushed below zero": (
        "dead_units",
        lambda: digits(["Flatten", dense(128), dense(128), OUT], epochs=10, optimizer=adam(0.1)),
    ),
    "eight sigmoids": (
        "vanishing_gradients",
        lambda: digits(
            ["Flatten", *[dense(32, "sigmoid")] * 8, OUT], epochs=8, optimizer=sgd(0.01)
        ),
    ),
    "ten sigmoids": (
        "vanishing_gradients",
        lambda: digits(["Flatten", *[dense(32, "sigmoid")] * 10, OUT], epochs=8, optimizer=adam(1e-3)),
    ),
    "weights of one": (
        "exploding_gradients",
        lambda: digits(
            ["Flatten", *[dense(64, kernel_initializer="ones")] * 2, OUT], epochs=5, optimizer=adam(1e-3)
        ),
    ),
    "worse than a line": (
        "worse_than_baseline",
        lambda: digits(["Flatten", dense(1), OUT], epochs=30),
    ),
}  # fmt: skip
"""By what was done to it, the finding that it was made for."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"))


def found(spec: ExperimentSpec, folder: Path, settings: Settings) -> list[str]:
    """The kinds of what is found in a training."""
    folder.mkdir(exist_ok=True)
    handle, diverged, complete = MemoryHandle(folder), None, True
    try:
        train(spec, handle, settings=settings)
    except DlcoreError as error:  # the loss was no number any more
        diverged, complete = error.message.params["epoch"], False
    points: dict[Any, tuple[list[float], list[float]]] = {}
    for metric in handle.metrics:
        x, y = points.setdefault(metric.key, ([], []))
        x.append(metric.step)
        y.append(metric.value)
    run = observe(
        {key: (np.array(x), np.array(y)) for key, (x, y) in points.items()},
        spec,
        epochs=spec.training.epochs,
        final=True,
        complete=complete,
        diverged_at=diverged,
        evaluation=read_evaluation(folder),
        facts=facts(spec.dataset.name, settings),
    )
    findings = diagnose(run)
    for finding in findings:
        print(finding.kind, finding.sureness.name, *(one.text() for one in finding.symptom.sentences))
    return [finding.kind for finding in findings]


@pytest.mark.parametrize("made", MADE)
def test_what_was_made_to_go_wrong_is_found(made: str, tmp_path: Path, settings: Settings) -> None:
    kind, spec = MADE[made]
    assert kind in found(spec(), tmp_path, settings)


HEALTHY = {
    "a small CNN": lambda: digits(CNN, epochs=12),
    "a small MLP": lambda: digits(MLP, epochs=20),
    "digits_resnet": None, "breast_cancer": None, "diabetes": None, "sine": None,
}  # fmt: skip
"""Trainings as people make them; without one it is the example of that name."""
PROPOSED = ("digits", "diabetes", "ratings", "sounds", "breast_cancer")


def stored(name: str, folder: Path, settings: Settings) -> None:
    """Stores bundled data, unless it is there already."""
    if name in EXAMPLE_SETS and not (settings.stored_dir / name).exists():
        example = EXAMPLE_SETS[name]
        path = folder / f"{name}.{example.ending}"
        example.write(path)
        ingest(path, settings, example.choices, owner="local")


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_training_has_no_alarm(name: str, tmp_path: Path, settings: Settings) -> None:
    made = HEALTHY[name]
    spec = made() if made else ExperimentSpec.load(ROOT / "examples" / f"{name}.yaml")
    stored(spec.dataset.name, tmp_path, settings)
    assert found(spec, tmp_path / "run", settings) == []


@pytest.mark.parametrize("name", PROPOSED)
def test_what_is_proposed_for_data_is_healthy(name: str, tmp_path: Path, settings: Settings) -> None:
    stored(name, tmp_path, settings)
    assert found(proposal(facts(name, settings)), tmp_path / "run", settings) == []
