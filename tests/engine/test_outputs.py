"""Several outputs: each learns by its own loss, and the last layer's is the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.datasets.prepare.values import Affine
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.entry import train
from dlcore.engine.files import load_trained
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.predictor import Predictor
from dlcore.records import Axis, Scope
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec
from tests.engine.conftest import StoppingHandle
from tests.engine.test_train import curve

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]


def inception(**training: Any) -> ExperimentSpec:
    """240 digits; one auxiliary output of probabilities with a loss of its own, one of logits without."""
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 240, "validation_fraction": 0.2},
            "model": {
                "layers": [
                    {"kind": "Conv2D", "name": "stem", "filters": 4, "kernel_regularizer": {"kind": "L2"}},
                    {"kind": "Flatten", "name": "early"},
                    {"kind": "Dense", "name": "early_answer", "activation": "softmax"},
                    {
                        "kind": "Output", "name": "first", "loss_weight": 0.5,
                        "loss": {"kind": "CategoricalCrossentropy", "label_smoothing": 0.1},
                    },
                    {"kind": "Conv2D", "name": "middle", "filters": 4, "inputs": ["stem"]},
                    {"kind": "Flatten", "name": "late"},
                    {"kind": "Dense", "name": "late_answer"},
                    {"kind": "Output", "name": "second"},
                    {"kind": "Dropout", "name": "dropout", "rate": 0.2, "inputs": ["late"]},
                    {"kind": "Dense", "name": "answer"},
                ]
            },
            "training": {"epochs": 1, "batch_size": 16, "deterministic": True, **training},
            "seed": 7,
        }
    )  # fmt: skip


def in_keras(model: ModelSpec) -> tuple[Any, Any]:
    """Our network, and the same as Keras' own `compile` and `train_on_batch` have it."""
    network = build_model(model, (8, 8, 1), 10)
    own = network.plain
    own.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=[
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ],
        loss_weights=[1.0, 0.5, 0.3],
        metrics=[["sparse_categorical_accuracy"], ["categorical_accuracy"], ["sparse_categorical_accuracy"]],
    )
    return network, own


def test_the_loss_the_gradients_and_the_metrics_are_those_of_keras() -> None:
    network, own = in_keras(inception().model)
    meters = compile_model(
        network, inception().model, TrainingSpec(optimizer={"kind": "SGD", "learning_rate": 0.1}),
        task=Task.MULTICLASS, steps_per_epoch=1, epochs=1,
    )  # fmt: skip
    generator = np.random.default_rng(0)
    x, y = generator.random((32, 8, 8, 1), np.float32), generator.integers(0, 10, 32)
    before = network.get_weights()
    given = [y, keras.utils.to_categorical(y, 10), y]
    expected = own.test_on_batch(x, given, return_dict=True)
    outputs = network(x)
    total = network.compute_loss(x, y, outputs)
    network.compute_metrics(x, y, outputs)

    found = {meter.name: float(meter.result()) for meter in meters}
    assert float(total) == pytest.approx(expected["loss"], rel=1e-5)
    assert found == {
        "accuracy": pytest.approx(expected["answer_sparse_categorical_accuracy"]),
        "first_accuracy": pytest.approx(expected["first_categorical_accuracy"]),
        "second_accuracy": pytest.approx(expected["second_sparse_categorical_accuracy"]),
        "answer_loss": pytest.approx(expected["answer_loss"], rel=1e-5),
        "first_loss": pytest.approx(expected["first_loss"], rel=1e-5),
        "second_loss": pytest.approx(expected["second_loss"], rel=1e-5),
    }
    # Without the dropout, which each of the two would draw for itself.
    network.get_layer("dropout").rate = 0.0
    network.train_on_batch(x, y)
    after = network.get_weights()
    network.set_weights(before)
    own.train_on_batch(x, given)
    for ours, theirs in zip(after, own.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_each_output_has_its_curves_across_a_stop_and_the_last_layer_is_the_answer(
    folder: Folder, digits_settings: Settings
) -> None:
    whole, first, rest = (
        MemoryHandle(folder("whole")), StoppingHandle(folder("parts"), stop_at=4), MemoryHandle(folder("parts"))
    )  # fmt: skip
    results = [train(inception(), handle, settings=digits_settings) for handle in (whole, first, rest)]

    for name in ("loss", "accuracy", "answer_loss", "first_loss", "first_accuracy", "second_accuracy"):
        for scope in (Scope.TRAIN, Scope.VALIDATION, Scope.TEST):
            points = curve(whole, name, scope, Axis.EPOCH)
            assert [x for x, _ in points] == [1], name
            assert curve(rest, name, scope, Axis.EPOCH) == points
    assert [result.stopped for result in results] == [False, True, False]
    tested, saved = results[0].summary["test"], load_trained(whole.folder)
    penalty = sum(float(keras.ops.sum(one)) for one in saved.losses)
    assert tested["loss"] == pytest.approx(
        tested["answer_loss"] + 0.5 * tested["first_loss"] + 0.3 * tested["second_loss"] + penalty, rel=1e-4
    )
    assert [one.shape for one in saved.outputs] == [(None, 10)] * 3
    x = np.random.default_rng(0).integers(0, 255, (8, 8, 1)).astype(np.uint8)
    said = Predictor.open(whole.folder, digits_settings).predict(x).answers[0]
    logits = np.asarray(saved(x[None].astype(np.float32) / 255)[0])[0]
    np.testing.assert_allclose(said, np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)


def two_heads(task: Task, scale: Affine | None = None) -> tuple[Any, dict[str, float], Any]:
    """A network with an answer of logits or numbers and an auxiliary output, and what it measures on four samples."""
    rows = [
        {"kind": "Dense", "name": "half", "activation": "sigmoid" if scale is None else "linear"},
        {"kind": "Output", "name": "aux", "loss_weight": 0.5},
        {"kind": "Dense", "name": "whole", "inputs": ["input"]},
    ]
    model = ModelSpec.model_validate({"layers": rows})
    keras.utils.set_random_seed(0)
    network = build_model(model, (4,), 1, target_scale=scale)
    meters = compile_model(network, model, TrainingSpec(), task=task, steps_per_epoch=1, epochs=1)
    x = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    y = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32) * (1 if scale is None else 10)
    outputs = network(x)
    total = float(network.compute_loss(x, y, outputs))
    network.compute_metrics(x, y, outputs)
    found = {meter.name: float(meter.result()) for meter in meters}
    assert total == pytest.approx(found["whole_loss"] + 0.5 * found["aux_loss"], rel=1e-6)
    return y, found, [np.asarray(one, np.float64) for one in outputs]


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTILABEL])
def test_metrics_see_probabilities_of_each_output(task: Task) -> None:
    y, found, (logits, chances) = two_heads(task)

    whole = 1 / (1 + np.exp(-logits))
    for name, said in (("whole", whole), ("aux", chances)):
        entropy = -(y * np.log(said) + (1 - y) * np.log(1 - said)).mean()
        assert found[f"{name}_loss"] == pytest.approx(entropy, rel=1e-4)
    assert found["accuracy"] == pytest.approx(((whole >= 0.5) == y).mean())
    assert found["aux_accuracy"] == pytest.approx(((chances >= 0.5) == y).mean())


def test_each_output_learns_standardised_targets_and_is_measured_in_their_units() -> None:
    scale = Affine(np.array([4.0], np.float32), np.array([5.0], np.float32))
    y, found, (whole, aux) = two_heads(Task.REGRESSION, scale)

    assert found["whole_loss"] == pytest.approx((((whole - y) / 4) ** 2).mean(), rel=1e-4)
    assert found["aux_loss"] == pytest.approx((((aux - y) / 4) ** 2).mean(), rel=1e-4)
    assert found["mae"] == pytest.approx(np.abs(whole - y).mean(), rel=1e-4)
    assert found["aux_rmse"] == pytest.approx(np.sqrt(((aux - y) ** 2).mean()), rel=1e-4)


def test_every_output_of_a_mixed_model_computes_in_full_precision() -> None:
    network = build_model(inception().model, (8, 8, 1), 10, "mixed_bfloat16")

    full = {layer.name for layer in network.layers if layer.compute_dtype == "float32"}
    assert full - {"input"} == {"early_answer", "first", "late_answer", "second", "answer"}
