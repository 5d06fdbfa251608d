"""What is recorded of layers: against Keras itself, and across stops, phases, outputs and number formats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.signals import is_recorded
from dlcore.records import Axis
from dlcore.records.signals import Signal, SignalKind
from dlcore.spec.experiment import ExperimentSpec
from tests.engine.conftest import StoppingHandle, small_spec

pytestmark = pytest.mark.keras


def recorded(handle: MemoryHandle) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The signals by kind and layer: epochs and values."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for metric in handle.metrics:
        if metric.key.axis is Axis.PROBE:
            signal = Signal.parse(metric.key.name)
            assert signal is not None
            found.setdefault((signal.kind.value, signal.layer), []).append((metric.step, metric.value))
    return found


def spec_of(layers: list[Any], **values: Any) -> ExperimentSpec:
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 64, "validation_fraction": 0.05},
            "model": {"layers": layers},
            **values,
        }
    )


DENSE = {"kind": "Dense", "units": 8, "activation": "relu"}
ONE_STEP = {"epochs": 1, "batch_size": 64, "optimizer": {"kind": "SGD", "learning_rate": 0.1}}


def test_the_signals_of_a_step_of_gradient_descent_follow_from_its_weights(folder, digits_settings):
    import keras

    handle = MemoryHandle(folder("run"))
    dead = {**DENSE, "bias_initializer": "zeros"}
    train(spec_of(["Flatten", dead, "Dense"], training=ONE_STEP), handle, settings=digits_settings)
    found = {key: rows[0][1] for key, rows in recorded(handle).items()}
    after = keras.models.load_model(handle.folder / "model.keras")
    for layer in ("dense", "dense_1"):
        weights = np.concatenate([one.ravel() for one in after.get_layer(layer).get_weights()])
        assert found["weight_norm", layer] == pytest.approx(float(np.linalg.norm(weights)), rel=1e-5)
        # W' = W - 0.1 g: the step is a tenth of the gradient.
        before = 0.1 * found["gradient_norm", layer] / found["update_ratio", layer]
        assert before == pytest.approx(found["weight_norm", layer], rel=0.1)


def test_dead_units_are_those_that_are_zero_for_every_validation_sample(folder, digits_settings):
    handle = MemoryHandle(folder("run"))
    layers = ["Flatten", {**DENSE, "kernel_initializer": "zeros"}, "Dense"]
    none = {**ONE_STEP, "optimizer": {"kind": "SGD", "learning_rate": 1e-9}}
    train(spec_of(layers, training=none), handle, settings=digits_settings)
    found = recorded(handle)
    assert found["dead_share", "dense"] == [(1.0, 1.0)]
    assert found["activation_mean", "dense"][0][1] == found["activation_std", "dense"][0][1] == 0.0
    assert ("dead_share", "dense_1") not in found


def test_a_run_that_was_stopped_within_an_epoch_records_each_epoch_once(folder, digits_settings):
    spec = small_spec()
    first = StoppingHandle(folder("run"), stop_at=20)
    train(spec, first, settings=digits_settings)
    second = MemoryHandle(folder("run"))
    train(spec, second, settings=digits_settings)
    whole = MemoryHandle(folder("whole"))
    train(spec, whole, settings=digits_settings)
    parts, at_once = [recorded(first), recorded(second)], recorded(whole)
    for key, rows in at_once.items():
        again = [row for part in parts for row in part.get(key, [])]
        assert [step for step, _value in again] == [1.0, 2.0, 3.0]
        if key[0] != "gradient_norm":  # in the second epoch it is of the steps after the stop
            values = [value for _step, value in again]
            assert values == pytest.approx([value for _step, value in rows], rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_gradients_of_mixed_precision_are_those_without_the_scale_of_the_loss(
    folder, digits_settings, precision
):
    norms = []
    for name in ("float32", precision):
        handle = MemoryHandle(folder(name))
        training = {**ONE_STEP, "precision": name}
        train(spec_of(["Flatten", DENSE, "Dense"], training=training), handle, settings=digits_settings)
        norms.append(recorded(handle)["gradient_norm", "dense"][0][1])
    assert norms[1] == pytest.approx(norms[0], rel=0.05)


def test_frozen_layers_have_activations_alone_and_sums_of_gradients_no_steps(folder, digits_settings):
    handle = MemoryHandle(folder("run"))
    training = {"epochs": 1, "optimizer": {"kind": "Adam", "gradient_accumulation_steps": 2}}
    layers = ["Flatten", {**DENSE, "trainable": False}, "Dense"]
    train(spec_of(layers, training=training), handle, settings=digits_settings)
    kinds = {
        name: {kind for kind, layer in recorded(handle) if layer == name} for name in ("dense", "dense_1")
    }
    assert kinds["dense"] == {"activation_mean", "activation_std", "dead_share"}
    assert kinds["dense_1"] == {"gradient_norm", "weight_norm", "activation_mean", "activation_std"}


def test_several_outputs_and_recurrent_layers_are_recorded(folder, digits_settings):
    handle = MemoryHandle(folder("run"))
    layers = [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {"kind": "LSTM", "units": 4},
        {"kind": "Dense", "name": "aside", "inputs": ["lstm"]},
        {"kind": "Output", "name": "aux", "inputs": ["aside"]},
        {"kind": "Dense", "name": "main", "inputs": ["lstm"]},
    ]
    train(spec_of(layers, training={"epochs": 1}), handle, settings=digits_settings)
    found = recorded(handle)
    assert {layer for kind, layer in found if kind == "gradient_norm"} == {"lstm", "aside", "main"}
    assert all(
        value > 0 for kind, layer in found if kind == "gradient_norm" for _at, value in found[kind, layer]
    )


def test_nothing_of_the_training_changes_by_it(folder, digits_settings):
    losses = []
    for wanted in (True, False):
        handle = MemoryHandle(folder(str(wanted)))
        train(small_spec(record_signals=wanted, epochs=2), handle, settings=digits_settings)
        losses.append([m.value for m in handle.metrics if m.key.name == "loss" and m.key.axis is Axis.EPOCH])
        assert bool(recorded(handle)) is wanted
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_training_of_very_many_epochs_records_200_of_them_and_the_last():
    epochs = [epoch for epoch in range(1_001) if is_recorded(epoch, 1_001)]
    assert len(epochs) <= 201
    assert epochs[-1] == 1_000
    assert all(is_recorded(epoch, 200) for epoch in range(200))


def test_each_kind_of_signal_is_recorded(folder, digits_settings):
    handle = MemoryHandle(folder("run"))
    train(spec_of(["Flatten", DENSE, "Dense"], training={"epochs": 2}), handle, settings=digits_settings)
    found = recorded(handle)
    assert {kind for kind, _layer in found} == {kind.value for kind in SignalKind}
    assert all([step for step, _value in rows] == [1.0, 2.0] for rows in found.values())
