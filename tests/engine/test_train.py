"""Training reports, evaluates, saves, and says in words why it could not."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore import datasets
from dlcore.datasets.parts import Part, PreparedData
from dlcore.engine import backend, checkpoint
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.data import TrainingData, class_weights, epoch_order
from dlcore.engine.entry import train, train_on
from dlcore.engine.handle import MemoryHandle
from dlcore.errors import DatasetError, DlcoreError, SpecError
from dlcore.records import Axis, Evaluation, Scope, SeriesKey
from dlcore.records.artifacts import CHECKPOINT_FILE
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT
from dlcore.spec.training import Balanced
from tests.engine.conftest import StoppingHandle, small_spec

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]
STEPS = 15
"""240 training samples in batches of 16."""


def curve(handle: MemoryHandle, name: str, scope: Scope, axis: Axis) -> list[tuple[float, float]]:
    key = SeriesKey(name, scope, axis)
    return [(point.step, point.value) for point in handle.metrics if point.key == key]


def test_a_run_leaves_its_curves_its_model_and_its_evaluation(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    result = train(small_spec(epochs=2), handle, settings=digits_settings)

    assert (result.stopped, result.epoch, result.reason) == (False, 2, None)
    assert (handle.epoch, handle.step, handle.steps) == (2, 2 * STEPS, 2 * STEPS)
    for scope in (Scope.TRAIN, Scope.VALIDATION):
        for name in ("loss", "accuracy"):
            assert [x for x, _ in curve(handle, name, scope, Axis.EPOCH)] == [1, 2]
    assert curve(handle, "learning_rate", Scope.TRAIN, Axis.EPOCH) == [
        (1, pytest.approx(0.001)),
        (2, pytest.approx(0.001)),
    ]
    batches = [x for x, _ in curve(handle, "loss", Scope.TRAIN, Axis.BATCH)]
    assert batches == [float(step) for step in range(1, 2 * STEPS + 1)]
    last = {name: curve(handle, name, Scope.TEST, Axis.EPOCH) for name in ("loss", "accuracy")}
    assert last == {name: [(2, result.summary["test"][name])] for name in last}
    assert {path.name for path in handle.folder.iterdir()} == {
        "checkpoint.npz", "evaluation.json", "mistakes.npz", "model.keras", "predictions.npz",
        "preparation.json", "validation_predictions.npz",
    }  # fmt: skip
    assert any(line.startswith("epoch 2/2: train loss ") for line in handle.lines)


def test_the_mean_of_the_batches_is_the_epochs_value(folder: Folder, digits_settings: Settings) -> None:
    handle = MemoryHandle(folder("run"))
    train(small_spec(epochs=1), handle, settings=digits_settings)
    losses = [value for _, value in curve(handle, "loss", Scope.TRAIN, Axis.BATCH)]
    ((_, whole),) = curve(handle, "loss", Scope.TRAIN, Axis.EPOCH)
    assert sum(losses) / STEPS == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("resident_bytes", [0, 2**30])
def test_the_loss_of_every_batch_is_that_of_a_plain_loop(
    resident_bytes: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "CHUNK_BYTES", 1)
    data = arrays()
    spec = dense_spec(epochs=2, batch_size=5, optimizer={"kind": "SGD", "learning_rate": 0.1})
    handle = MemoryHandle(folder("run"))
    train_on(data, spec, handle, resident_bytes=resident_bytes)

    keras.utils.set_random_seed(spec.seed)
    network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    network.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = data.train.inputs[INPUT].astype(np.float64)
    seen = x[data.train.indices]
    x = (x - seen.mean(axis=(0, 1, 2))) / seen.std(axis=(0, 1, 2))
    expected = []
    for epoch in range(2):
        order = epoch_order(data.train, seed=spec.seed, epoch=epoch)
        for first in range(0, 32, 5):
            index = order[first : first + 5]
            network.reset_metrics()
            expected.append(network.train_on_batch(x[index], data.train.y[index]))
    points = curve(handle, "loss", Scope.TRAIN, Axis.BATCH)
    assert [step for step, _ in points] == [float(step) for step in range(1, 15)]
    assert [loss for _, loss in points] == pytest.approx(expected, rel=1e-4)


def test_validation_and_test_stand_at_the_batch_after_which_they_were_measured(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    result = train(small_spec(epochs=2), handle, settings=digits_settings)
    for name in ("loss", "accuracy"):
        by_epoch = curve(handle, name, Scope.VALIDATION, Axis.EPOCH)
        by_batch = curve(handle, name, Scope.VALIDATION, Axis.BATCH)
        assert [step for step, _ in by_batch] == [STEPS, 2 * STEPS]
        assert [value for _, value in by_batch] == [value for _, value in by_epoch]
        assert curve(handle, name, Scope.TEST, Axis.BATCH) == [(2 * STEPS, result.summary["test"][name])]


def test_the_evaluation_is_that_of_the_saved_model(folder: Folder, digits_settings: Settings) -> None:
    handle = MemoryHandle(folder("run"))
    result = train(small_spec(epochs=2), handle, settings=digits_settings)
    text = (handle.folder / "evaluation.json").read_text(encoding="utf-8")
    evaluation = Evaluation.from_dict(json.loads(text))
    data = datasets.load("digits", digits_settings)
    network = keras.saving.load_model(handle.folder / "model.keras")
    predicted = np.argmax(network.predict(data.x_test / np.float32(255), verbose=0), axis=1)

    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (data.y_test, predicted), 1)
    assert np.array(evaluation.confusion).tolist() == confusion.tolist()
    assert evaluation.metrics == result.summary["test"]
    assert evaluation.metrics["accuracy"] == pytest.approx(confusion.trace() / 359)
    assert sum(score.support for score in evaluation.scores) == 359
    confidences = [mistake.confidence for mistake in evaluation.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == min(48, 359 - confusion.trace())
    with np.load(handle.folder / "mistakes.npz") as file:
        expected = data.x_test[[mistake.index for mistake in evaluation.mistakes]]
        np.testing.assert_array_equal(file["images"], expected)


def test_a_run_stopped_before_its_first_epoch_has_no_evaluation(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = StoppingHandle(folder("run"), stop_at=1)
    result = train(small_spec(), handle, settings=digits_settings)
    assert (result.stopped, result.epoch, result.summary) == (True, 0, {})
    assert [path.name for path in handle.folder.iterdir()] == ["checkpoint.npz"]


def test_a_stopped_run_with_an_epoch_done_is_evaluated(folder: Folder, digits_settings: Settings) -> None:
    handle = StoppingHandle(folder("run"), stop_at=STEPS)
    result = train(small_spec(), handle, settings=digits_settings)
    assert (result.stopped, result.epoch) == (True, 1)
    assert set(result.summary) == {"train", "validation", "test"}
    assert (handle.folder / "evaluation.json").exists()


def test_a_loss_that_is_no_number_ends_the_run_and_names_the_batch(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    optimizer = {"kind": "SGD", "learning_rate": 100.0, "momentum": 0.99}
    spec = small_spec(optimizer=optimizer, loss="MeanSquaredError", epochs=60)
    with pytest.raises(DlcoreError, match=r"no longer a finite number, at batch \d+ \(epoch \d+\)") as caught:
        train(spec, handle, settings=digits_settings)
    assert caught.value.message.where == "training.optimizer.learning_rate"
    assert "Lower the learning rate, now 100," in str(caught.value)
    saved = checkpoint.load(handle.folder)
    assert saved is None or all(np.isfinite(values).all() for values in saved.variables)
    assert all(math.isfinite(point.value) for point in handle.metrics)


@pytest.mark.parametrize("place", [0, 11, 31])
@pytest.mark.parametrize("resident_bytes", [0, 2**30])
def test_a_loss_that_is_no_number_is_found_at_its_very_batch(
    place: int, resident_bytes: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dlcore.engine.pace.FIRST", 32)  # all in one call
    data = arrays()
    spec = dense_spec(epochs=1, batch_size=1)
    x = data.train.inputs[INPUT].astype(np.float32)
    x[epoch_order(data.train, seed=spec.seed, epoch=0)[place]] = np.nan
    parts = {
        name: Part.whole({INPUT: x}, part.y).take(part.indices)
        for name in ("train", "validation", "test")
        if (part := getattr(data, name))
    }
    handle = MemoryHandle(folder("run"))
    with pytest.raises(DlcoreError, match=rf"at batch {place + 1} \(epoch 1\)"):
        train_on(replace(data, **parts), spec, handle, resident_bytes=resident_bytes)
    points = curve(handle, "loss", Scope.TRAIN, Axis.BATCH)
    assert [step for step, _ in points] == [float(step) for step in range(1, place + 1)]
    assert all(math.isfinite(loss) for _, loss in points)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("rows", "part"), [((3, 5), "training"), ((33,), "validation")])
def test_data_that_is_not_finite_is_refused_though_a_network_might_hide_it(
    value: float, rows: tuple[int, ...], part: str
) -> None:
    data = arrays()
    x = data.train.inputs[INPUT].astype(np.float32)
    x[list(rows), 1, 2, 0] = value
    whole = Part.whole({INPUT: x}, data.train.y)
    train_, validation = whole.take(np.arange(32)), whole.take(np.arange(32, 40))
    with pytest.raises(DatasetError, match=rf"in samples of the {part} part: {len(rows)}\."):
        TrainingData.of(PreparedData(data.facts, train_, validation, validation), ExperimentSpec())


HUNGRY = """
import resource, sys
from pathlib import Path
import keras
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.entry import train
from dlcore.errors import DlcoreError
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT
from dlcore.spec.training import Balanced

doubling = [{"kind": "Concatenate", "name": f"d{n}", "inputs": [f"d{n - 1}"] * 2} for n in range(1, 15)]
layers = [{"kind": "Flatten", "name": "d0"}, *doubling, "Dense"]
training = {"batch_size": 240, "optimizer": "SGD"}
spec = ExperimentSpec.from_dict({"model": {"layers": layers}, "training": training})
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 2**30,) * 2)
try:
    train(spec, MemoryHandle(Path(sys.argv[1])), settings=Settings(home=sys.argv[1]))
except DlcoreError as error:
    print("said:", error)
"""
"""Two gigabytes of activations in a process that may take one more."""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits memory in the way of Linux")
def test_out_of_memory_names_the_batch_size_and_half_of_it(folder: Folder) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY, str(folder("run"))], capture_output=True, text=True, timeout=200
    )
    said = "said: training.batch_size: out of memory with a batch size of 240. Try 120, or a smaller model."
    assert said in done.stdout.splitlines(), done.stderr[-2000:]


def test_a_full_disk_leaves_the_last_checkpoint_and_no_half_file(
    folder: Folder, digits_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = StoppingHandle(folder("run"), stop_at=STEPS)
    train(small_spec(), handle, settings=digits_settings)
    before = (handle.folder / CHECKPOINT_FILE).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("dlcore.durable.os.fsync", full)
    with pytest.raises(DlcoreError, match="No space left on device") as caught:
        train(small_spec(), MemoryHandle(handle.folder), settings=digits_settings)
    assert "Free disk space" in str(caught.value)
    assert (handle.folder / CHECKPOINT_FILE).read_bytes() == before
    assert not [path for path in handle.folder.iterdir() if ".part" in path.name]


def test_a_damaged_checkpoint_is_named(folder: Folder, digits_settings: Settings) -> None:
    path = folder("run") / CHECKPOINT_FILE
    path.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(DlcoreError, match="the checkpoint is damaged"):
        train(small_spec(), MemoryHandle(folder("run")), settings=digits_settings)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_and_is_over_afterwards(
    precision: str, folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    result = train(small_spec(precision=precision, epochs=1), handle, settings=digits_settings)
    assert result.epoch == 1
    assert math.isfinite(result.summary["test"]["loss"])
    assert keras.config.dtype_policy().name == "float32"
    longer = train(small_spec(precision=precision), MemoryHandle(folder("run")), settings=digits_settings)
    assert longer.epoch == 3


def test_early_stopping_ends_with_the_weights_of_the_best_epoch(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    watched = {"monitor": "val_loss", "patience": 1, "min_delta": 100.0}
    result = train(small_spec(early_stopping=watched, epochs=9), handle, settings=digits_settings)
    one_epoch = train(small_spec(epochs=1), MemoryHandle(folder("one")), settings=digits_settings)
    assert result.epoch == 2
    assert result.summary == one_epoch.summary


def test_a_plateau_lowers_the_rate_by_its_factor(folder: Folder, digits_settings: Settings) -> None:
    handle = MemoryHandle(folder("run"))
    schedule = {"kind": "ReduceLROnPlateau", "patience": 1, "factor": 0.1, "min_delta": 100.0}
    train(small_spec(schedule=schedule), handle, settings=digits_settings)
    rates = [value for _, value in curve(handle, "learning_rate", Scope.TRAIN, Axis.EPOCH)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4])


@pytest.mark.parametrize(
    ("training", "fraction", "message"),
    [
        (
            {"early_stopping": {"monitor": "val_loss"}},
            0.0,
            "expected a validation part to monitor val_loss on",
        ),
        (
            {"early_stopping": {"monitor": "top_5_accuracy"}},
            0.2,
            "top_5_accuracy is monitored but not measured",
        ),
        ({"schedule": "ReduceLROnPlateau"}, 0.0, "expected a validation part"),
        (
            {"class_weight": {"kind": "PerClass", "weights": {"eleven": 1.0}}},
            0.2,
            "there is no class 'eleven'",
        ),
        ({"device": "gpu:0"}, 0.2, "no GPU was found"),
    ],
)
def test_what_cannot_be_run_is_said_before_it_starts(
    training: dict[str, Any], fraction: float, message: str, folder: Folder, digits_settings: Settings
) -> None:
    if training.get("device") and tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    spec = small_spec(**training).with_values({"dataset.validation_fraction": fraction})
    with pytest.raises(DlcoreError, match=message):
        train(spec, MemoryHandle(folder("run")), settings=digits_settings)


def arrays(classes: int = 2, count: int = 40) -> TrainingData:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (count, 4, 4, 3), np.uint8)
    y = (np.arange(count) % 4 == 0).astype(np.int64)
    whole = Part.whole({INPUT: x}, y)
    facts = replace(
        datasets.CATALOGUE.get("digits").facts, input_shape=(4, 4, 3), classes=tuple("abcdef"[:classes])
    )
    prepared = PreparedData(
        facts,
        train=whole.take(np.arange(0, count - 8)),
        validation=whole.take(np.arange(count - 8, count)),
        test=whole.take(np.arange(8)),
    )
    return TrainingData.of(prepared, ExperimentSpec.from_dict({"preprocessing": ["Normalization"]}))


def dense_spec(**training: Any) -> ExperimentSpec:
    return ExperimentSpec.from_dict({"model": {"layers": ["Flatten", "Dense"]}, "training": training})


def test_what_the_model_answers_on_the_validation_part_is_kept(folder: Folder) -> None:
    handle = MemoryHandle(folder("run"))
    train_on(arrays(), dense_spec(epochs=2, batch_size=32), handle)

    with np.load(handle.folder / "validation_predictions.npz") as found:
        answers, targets, rows = found["answers"], found["targets"], found["rows"]
    assert rows.tolist() == list(range(32, 40))
    assert targets.tolist() == [1, 0, 0, 0, 1, 0, 0, 0]
    ((_, told),) = curve(handle, "accuracy", Scope.VALIDATION, Axis.EPOCH)[1:]
    assert (answers.argmax(axis=1) == targets).mean() == pytest.approx(told)


def test_class_weights_count_in_the_loss_as_in_keras(folder: Folder) -> None:
    data = arrays()
    weights = {"kind": "PerClass", "weights": {"a": 0.5, "b": 3.0}}
    spec = dense_spec(epochs=1, batch_size=32, class_weight=weights)
    handle = MemoryHandle(folder("run"))
    train_on(data, spec, handle)
    ((_, ours),) = curve(handle, "loss", Scope.TRAIN, Axis.EPOCH)

    keras.utils.set_random_seed(spec.seed)
    network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    network.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = data.train.inputs[INPUT][data.train.indices].astype(np.float64)
    x = (x - x.mean(axis=(0, 1, 2))) / x.std(axis=(0, 1, 2))
    logs = network.train_on_batch(x, data.train.labels, class_weight={0: 0.5, 1: 3.0}, return_dict=True)
    assert ours == pytest.approx(logs["loss"], rel=1e-5)


def test_balanced_weights_let_each_class_count_alike() -> None:
    part = Part.whole({INPUT: np.zeros((8, 1, 1, 1), np.uint8)}, np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    weights = class_weights(Balanced(), part, ("a", "b"))
    assert weights is not None
    assert weights.tolist() == pytest.approx([8 / 12, 8 / 4])


def test_an_empty_training_part_is_refused(folder: Folder) -> None:
    data = arrays()
    empty = replace(data, train=data.train.take(data.train.indices[:0]))
    with pytest.raises(SpecError, match="no samples are left to train on"):
        train_on(empty, dense_spec(), MemoryHandle(folder("run")))


@pytest.mark.parametrize("resident_bytes", [0, 2**30])
def test_the_compiled_loop_is_traced_once_however_long_its_chunks_are(resident_bytes: int) -> None:
    data = arrays()
    traces = []
    loop = backend.Steps._train_loop

    class Counting(backend.Steps):
        def _train_loop(self, *arguments: Any) -> Any:
            traces.append(1)
            return loop(self, *arguments)

    spec = dense_spec(batch_size=4)
    network = build_model(spec.model, data.signature)
    compile_model(network, spec.model, spec.training, task=Task.MULTICLASS, steps_per_epoch=8, epochs=1)
    steps = Counting(
        network,
        data,
        batch_size=4,
        one_hot=False,
        class_weights=None,
        on_gpu=False,
        resident_bytes=resident_bytes,
    )
    order = steps.order(data.train, data.train.indices[:30])
    for start, stop in ((0, 1), (1, 3), (3, 8)):
        assert len(steps.train(data.train, order, start, stop)) == stop - start
    assert len(traces) == 1
    assert int(network.optimizer.iterations) == 8
