"""A resumed run ends as if it had never stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.datasets.parts import Part
from dlcore.engine import checkpoint
from dlcore.engine.data import epoch_order
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.errors import DlcoreError
from dlcore.records import Axis, Scope, SeriesKey
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, Task
from dlcore.spec.experiment import ExperimentSpec
from tests.datasets.makers import stored
from tests.engine.conftest import StoppingHandle, small_spec

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]

SGD = {"kind": "SGD", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True}
TRAININGS: dict[str, dict[str, Any]] = {
    "momentum, plateau and early stopping": {
        "optimizer": SGD,
        "schedule": {"kind": "ReduceLROnPlateau", "patience": 1, "min_delta": 1.0},
        "early_stopping": {"patience": 2, "monitor": "val_accuracy"},
        "epochs": 4,
    },
    "accumulation and cosine": {
        "optimizer": {"kind": "AdamW", "gradient_accumulation_steps": 4, "use_ema": True},
        "schedule": {"kind": "CosineDecay", "warmup_epochs": 1.0},
    },
    "deterministic": {"optimizer": SGD, "deterministic": True},
    "attacks from random points": {"adversarial": {"attack": "pgd", "strength": 16}, "epochs": 2},
}
"""What each must carry across a stop."""

STEPS = 15
"""240 training samples in batches of 16."""


def batch_losses(handles: list[MemoryHandle]) -> list[tuple[float, float]]:
    return [
        (p.step, p.value)
        for handle in handles
        for p in handle.metrics
        if p.key == SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
    ]


def epoch_points(handles: list[MemoryHandle]) -> dict[tuple[str, str, float], float]:
    return {
        (p.key.scope, p.key.name, p.step): p.value
        for handle in handles
        for p in handle.metrics
        if p.key.axis is Axis.EPOCH
    }


@pytest.mark.parametrize("name", TRAININGS)
def test_a_run_stopped_twice_gives_the_curves_of_an_undisturbed_one(
    name: str, folder: Folder, digits_settings: Settings
) -> None:
    spec = small_spec(**TRAININGS[name])
    assert_stopping_changes_nothing(spec, folder, digits_settings)


AUGMENTATION = [
    {"kind": "RandomRotation", "factor": 0.05},
    {"kind": "RandomErasing", "factor": 0.5},
    "CutMix",
]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(AUGMENTATION, id="three steps"),
        pytest.param(["RandomTranslation"], id="one step"),
        pytest.param(
            ["RandAugment", *AUGMENTATION], id="one that draws its steps", marks=pytest.mark.acceptance
        ),
    ],
)
def test_augmentation_goes_on_where_it_was(
    steps: list[Any], folder: Folder, digits_settings: Settings
) -> None:
    spec = small_spec().with_values({"augmentation": steps})
    assert_stopping_changes_nothing(spec, folder, digits_settings)


SEQUENCES: dict[str, list[Any]] = {
    "recurrent": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {
            "kind": "Bidirectional",
            "layer": {"kind": "GRU", "units": 4, "dropout": 0.2, "recurrent_dropout": 0.2},
        },
    ],
    "recurrent, one behind the other": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {
            "kind": "Bidirectional",
            "layer": {"kind": "GRU", "units": 4, "dropout": 0.2, "return_sequences": True},
        },
        {"kind": "LSTM", "units": 4, "recurrent_dropout": 0.2},
    ],
    "attention over masked words": [
        {"kind": "Flatten"},
        {"kind": "Embedding", "input_dim": 2, "output_dim": 4, "mask_zero": True},
        {"kind": "MultiHeadAttention", "num_heads": 1, "key_dim": 4, "dropout": 0.1},
        {"kind": "GaussianNoise"},
        {"kind": "Conv1D", "filters": 3, "trainable": False},
        {"kind": "SpatialDropout1D", "rate": 0.2},
        {"kind": "GlobalMaxPooling1D"},
    ],
}


SLOW = "recurrent, one behind the other"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.acceptance] * (name == SLOW)) for name in SEQUENCES]
)
def test_models_of_sequences_go_on_where_they_were(
    name: str, folder: Folder, digits_settings: Settings
) -> None:
    spec = small_spec().with_values({"model.layers": [*SEQUENCES[name], {"kind": "Dense"}]})
    assert_stopping_changes_nothing(spec, folder, digits_settings)


def halves(path: Path) -> Path:
    """Whether the sum of two numbers is positive, and the sum itself."""
    x = np.random.default_rng(0).normal(size=(400, 2)).round(3)
    rows = [f"{a},{b},{('no', 'yes')[a + b > 0]},{a + b:.3f}" for a, b in x.tolist()]
    path.write_text("\n".join(["a,b,sign,sum", *rows]))
    return path


def tags(path: Path) -> Path:
    """Which of two numbers are positive."""
    x = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
    np.savez(path, x=x, y=(x > 0).astype(np.uint8))
    return path


@pytest.mark.parametrize(
    ("make", "choices", "metrics"),
    [
        (halves, {"roles": {"sign": "target", "sum": "ignored"}}, ["accuracy", "f1", "auc"]),
        (halves, {"roles": {"sum": "target", "sign": "ignored"}}, ["rmse", "r2"]),
        pytest.param(tags, {"task": Task.MULTILABEL}, ["f1", "auc"], marks=pytest.mark.acceptance),
    ],
    ids=["binary", "regression", "multilabel"],
)
def test_metrics_that_make_their_state_late_go_on_where_they_were(
    make: Callable[[Path], Path],
    choices: dict[str, Any],
    metrics: list[str],
    folder: Folder,
    settings: Settings,
    tmp_path: Path,
) -> None:
    roles = {name: ColumnRole(role) for name, role in choices.pop("roles", {}).items()}
    stored(make(tmp_path / ("it.npz" if make is tags else "it.csv")), settings, roles=roles, **choices)
    spec = small_spec(metrics=metrics).with_values(
        {"model.layers": [{"kind": "Dense"}], "dataset.name": "it"}
    )
    assert_stopping_changes_nothing(spec, folder, settings)


def assert_stopping_changes_nothing(spec: ExperimentSpec, folder: Folder, digits_settings: Settings) -> None:
    whole = MemoryHandle(folder("whole"))
    expected = train(spec, whole, settings=digits_settings)
    # Once at the end of the first epoch, once in the middle of the second.
    parts = [StoppingHandle(folder("parts"), stop_at=at) for at in (STEPS, STEPS + 4, 10**6)]
    results = [train(spec, part, settings=digits_settings) for part in parts]

    assert [result.stopped for result in results] == [True, True, False]
    assert [result.epoch for result in results] == [1, 1, expected.epoch]
    tests = {key: value for key, value in epoch_points([whole]).items() if key[0] != Scope.TEST}
    resumed = epoch_points(list(parts))
    assert {key: resumed[key] for key in tests} == tests
    assert batch_losses(list(parts)) == batch_losses([whole])
    assert len(batch_losses([whole])) == expected.epoch * STEPS
    assert results[-1].summary == expected.summary


def test_in_mid_epoch_the_position_within_the_epoch_is_kept(
    folder: Folder, digits_settings: Settings
) -> None:
    handle = StoppingHandle(folder("run"), stop_at=4)
    result = train(small_spec(), handle, settings=digits_settings)

    saved = checkpoint.load(handle.folder)
    assert result.stopped
    assert result.epoch == 0
    assert result.reason is not None
    assert result.reason.text() == "stopped on request in epoch 1 of 3. Resume it to continue from there."
    assert saved is not None
    assert (saved.position.epoch, saved.position.batch) == (0, handle.step)
    assert 4 <= handle.step < STEPS
    assert handle.steps == 3 * STEPS


class Killed(BaseException):
    """Ends a run as SIGKILL would: nothing can be saved any more."""


class KillingHandle(MemoryHandle):
    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        super().progress(epoch=epoch, step=step, steps=steps)
        if step > STEPS + 4:
            raise Killed


def test_within_a_long_epoch_only_the_last_minute_is_at_stake(
    folder: Folder, digits_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dlcore.engine.training.SAVE_SECONDS", 0.0)
    monkeypatch.setattr("dlcore.engine.pace.REPORT_SECONDS", 0.0)
    with pytest.raises(Killed):
        train(small_spec(), KillingHandle(folder("run")), settings=digits_settings)
    saved = checkpoint.load(folder("run"))
    assert saved is not None
    assert (saved.position.epoch, saved.position.batch) == (1, 4)
    result = train(small_spec(), MemoryHandle(folder("run")), settings=digits_settings)
    undisturbed = train(small_spec(), MemoryHandle(folder("whole")), settings=digits_settings)
    assert result.summary == undisturbed.summary


def test_a_finished_run_goes_on_when_more_epochs_are_wanted(
    folder: Folder, digits_settings: Settings
) -> None:
    spec = small_spec(epochs=1)
    train(spec, MemoryHandle(folder("run")), settings=digits_settings)
    longer = MemoryHandle(folder("run"))
    result = train(spec, longer, epochs=3, settings=digits_settings)
    undisturbed = train(spec, MemoryHandle(folder("whole")), epochs=3, settings=digits_settings)

    assert result.epoch == 3
    assert result.summary == undisturbed.summary
    assert min(p.step for p in longer.metrics if p.key.axis is Axis.BATCH) == STEPS + 1


def test_a_run_that_was_enough_goes_on_only_for_more_epochs(
    folder: Folder, digits_settings: Settings
) -> None:
    never_better = {"monitor": "val_loss", "patience": 1, "min_delta": 100.0}
    spec = small_spec(early_stopping=never_better, epochs=5)
    first = train(spec, MemoryHandle(folder("run")), settings=digits_settings)
    again = train(spec, MemoryHandle(folder("run")), settings=digits_settings)
    more = train(spec, MemoryHandle(folder("run")), epochs=8, settings=digits_settings)

    assert (first.stopped, first.epoch, again.epoch, more.epoch) == (False, 2, 2, 3)
    assert first.reason is not None
    assert first.reason.text() == ("early stopping: val_loss was best in epoch 1; epochs since then: 1.")
    assert again.summary == first.summary == more.summary


def test_the_checkpoint_of_another_model_is_refused(folder: Folder, digits_settings: Settings) -> None:
    spec = small_spec(epochs=1)
    train(spec, MemoryHandle(folder("run")), settings=digits_settings)
    other = spec.with_values({"model.layers[0].filters": 5})
    with pytest.raises(DlcoreError, match="of another model"):
        train(other, MemoryHandle(folder("run")), settings=digits_settings)


def test_data_order_depends_on_seed_and_epoch_alone() -> None:
    part = Part.whole({"input": np.zeros((60, 1, 1, 1), np.uint8)}, np.arange(60)).take(np.arange(0, 60, 2))
    orders = {
        (seed, epoch): tuple(epoch_order(part, seed=seed, epoch=epoch)) for seed in (0, 1) for epoch in (0, 1)
    }
    assert all(sorted(order) == list(range(0, 60, 2)) for order in orders.values())
    assert len(set(orders.values())) == 4
    assert tuple(epoch_order(part, seed=1, epoch=1)) == orders[1, 1]
