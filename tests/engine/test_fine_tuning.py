"""Weights from elsewhere are put in, stay where they shall stay, and learn as fast as they shall."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.design.timing import Stage
from dlcore.engine.build import build_model, compile_model, make
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.phases import Phases
from dlcore.engine.rates import with_rates
from dlcore.engine.transfer import SourceWeights, transfer, weights_of_run
from dlcore.engine.transfer import load as load_transfer
from dlcore.errors import SpecError
from dlcore.records import Axis, Scope, SeriesKey, Transfer
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning, FromRun, with_new_head
from dlcore.spec.model import ModelSpec
from dlcore.spec.optimizers import OPTIMIZERS, Optimizer
from dlcore.spec.signature import INPUT, InputSpec, Signature
from dlcore.spec.training import TrainingSpec, optimizer_call
from tests.engine.conftest import StoppingHandle, small_spec
from tests.engine.test_resume import STEPS, epoch_points

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]
SOURCE = FromRun(run="source")
SGD = {"kind": "SGD", "learning_rate": 0.05, "momentum": 0.9}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory, digits_settings: Settings) -> SourceWeights:
    """What a finished run has left."""
    folder = tmp_path_factory.mktemp("source")
    train(small_spec(epochs=1), MemoryHandle(folder), settings=digits_settings)
    return weights_of_run(folder)


def tuned_spec(tuning: dict[str, Any] | None = None, **training: Any) -> ExperimentSpec:
    """The same layers with a new head, and other random numbers."""
    spec = small_spec(**{"epochs": 4, "optimizer": SGD, **training})
    fine_tuning = FineTuning(source=SOURCE, head_epochs=2).updated(**tuning or {})
    return spec.updated(model=with_new_head(spec.model), fine_tuning=fine_tuning, seed=11)


def tuned(
    source: SourceWeights, spec: ExperimentSpec, folder: Path, settings: Settings
) -> dict[str, list[np.ndarray[Any, Any]]]:
    """The weights after a fine-tuning, by layer."""
    train(spec, MemoryHandle(folder), settings=settings, source=lambda: source)
    return dict(weights_of_run(folder).arrays)


def same(one: Any, other: Any) -> list[bool]:
    return [bool(np.array_equal(a, b)) for a, b in zip(one, other, strict=True)]


def test_each_phase_is_timed_for_itself(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    train(tuned_spec(), handle, settings=digits_settings, source=lambda: source)

    # Two epochs each; the first batch of each is compiled.
    counts = [handle.timing.of(Stage.STEPS, phase).count for phase in (0, 1)]
    assert counts == [2 * STEPS - 1, 2 * STEPS - 1]
    assert handle.timing.of(Stage.STARTING).count == 2


def test_a_run_begins_with_the_weights_of_the_other_and_tells_what_is_new(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    handle = StoppingHandle(folder("run"), stop_at=0)
    train(tuned_spec(), handle, settings=digits_settings, source=lambda: source)

    done = load_transfer(handle.folder)
    assert done == Transfer(loaded=("conv2d", "batch_normalization"), kept=("head",))
    assert "weights from the source: conv2d, batch_normalization" in handle.lines
    assert "starts anew: head" in handle.lines


def test_first_only_the_head_learns_then_all_but_the_statistics(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    first = tuned(source, tuned_spec({"head_epochs": 2}, epochs=2), folder("first"), digits_settings)
    assert same(first["conv2d"], source.arrays["conv2d"]) == [True, True]
    assert same(first["batch_normalization"], source.arrays["batch_normalization"]) == [True] * 4

    both = tuned(source, tuned_spec({"head_epochs": 2}, epochs=3), folder("both"), digits_settings)
    assert same(both["conv2d"], source.arrays["conv2d"]) == [False, False]
    assert same(both["batch_normalization"], source.arrays["batch_normalization"]) == [True] * 4
    assert not any(same(both["head"], first["head"]))


def test_batch_normalisation_goes_on_learning_where_it_is_told_to(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    spec = tuned_spec({"head_epochs": 0, "train_batch_norm": True}, epochs=1)
    after = tuned(source, spec, folder("run"), digits_settings)
    assert same(after["batch_normalization"], source.arrays["batch_normalization"]) == [False] * 4


@pytest.mark.parametrize(
    "tuning",
    [{"unfreeze_from": "head"}, {"frozen": ("conv2d", "batch_normalization")}, {"rates": {"conv*": 0.0}}],
    ids=["before a layer", "by name", "at no rate"],
)
def test_what_is_frozen_stays_in_both_phases(
    tuning: dict[str, Any], source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    after = tuned(source, tuned_spec({"head_epochs": 1, **tuning}, epochs=2), folder("run"), digits_settings)
    assert same(after["conv2d"], source.arrays["conv2d"]) == [True, True]
    assert set(after) == {"conv2d", "batch_normalization", "head"}


def test_the_second_phase_has_a_lower_rate_and_a_schedule_of_its_own(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    handle = MemoryHandle(folder("run"))
    spec = tuned_spec({"learning_rate_factor": 0.5}, schedule={"kind": "CosineDecay"})
    train(spec, handle, settings=digits_settings, source=lambda: source)

    key = SeriesKey("learning_rate", Scope.TRAIN, Axis.EPOCH)
    rates = [point.value for point in handle.metrics if point.key == key]
    # Half a cosine over two epochs, twice.
    assert rates == pytest.approx([0.025, 0.0, 0.0125, 0.0], abs=1e-7)
    phases = [line for line in handle.lines if line.startswith("phase ")]
    assert phases == [
        "phase 1, learning rate 0.05: head learn",
        "phase 2, learning rate 0.025: conv2d, head learn",
    ]


def test_early_stopping_watches_the_phase_that_ends_the_training(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    never_better = {"monitor": "val_loss", "patience": 1, "min_delta": 100.0}
    spec = tuned_spec({"head_epochs": 3}, epochs=9, early_stopping=never_better)
    result = train(spec, MemoryHandle(folder("two")), settings=digits_settings, source=lambda: source)
    assert result.epoch == 5
    assert result.reason is not None
    assert "val_loss was best in epoch 4; epochs since then: 1" in result.reason.text()

    head_only = tuned_spec({"head_epochs": 9}, epochs=9, early_stopping=never_better)
    result = train(head_only, MemoryHandle(folder("one")), settings=digits_settings, source=lambda: source)
    assert result.epoch == 2


STATES: dict[str, dict[str, Any]] = {
    "momentum": {},
    "average": {"optimizer": {"kind": "AdamW", "use_ema": True}, "schedule": {"kind": "CosineDecay"}},
    "early stopping": {"early_stopping": {"patience": 3, "monitor": "val_accuracy"}},
}
"""What a fine-tuning must carry across a stop."""

STOPS = {"between": (2 * STEPS,), "in the second": (2 * STEPS + 4, 3 * STEPS), "in the first": (4,)}
QUICK = set(zip(STATES, STOPS, strict=True))
"""Each state and each stop once; `make acceptance` tries all of them together."""


@pytest.mark.parametrize(
    ("training", "stops"),
    [
        pytest.param(
            STATES[state],
            STOPS[stop],
            id=f"{state} {stop}",
            marks=[] if (state, stop) in QUICK else [pytest.mark.acceptance],
        )
        for state in STATES
        for stop in STOPS
    ],
)
def test_a_fine_tuning_stopped_in_any_phase_gives_the_curves_of_an_undisturbed_one(
    training: dict[str, Any],
    stops: tuple[int, ...],
    source: SourceWeights,
    folder: Folder,
    digits_settings: Settings,
) -> None:
    spec = tuned_spec({"rates": {"conv2d": 0.5}}, **training)
    whole = MemoryHandle(folder("whole"))
    expected = train(spec, whole, settings=digits_settings, source=lambda: source)
    parts = [StoppingHandle(folder("parts"), stop_at=at) for at in stops]
    results = [train(spec, part, settings=digits_settings, source=lambda: source) for part in parts]
    last = StoppingHandle(folder("parts"))

    def gone() -> SourceWeights:
        raise AssertionError("a resumed run needs its source no more")

    result = train(spec, last, settings=digits_settings, source=gone)
    assert [one.stopped for one in results] == [True] * len(stops)
    tests = {key: value for key, value in epoch_points([whole]).items() if key[0] != Scope.TEST}
    resumed = epoch_points([*parts, last])
    assert {key: resumed[key] for key in tests} == tests
    assert result.summary == expected.summary


def test_a_run_that_was_to_train_its_head_alone_goes_on_with_the_others(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    spec = tuned_spec({"head_epochs": 1}, epochs=1)
    train(spec, MemoryHandle(folder("run")), settings=digits_settings, source=lambda: source)
    more = train(spec, MemoryHandle(folder("run")), epochs=2, settings=digits_settings)
    whole = train(
        spec, MemoryHandle(folder("whole")), epochs=2, settings=digits_settings, source=lambda: source
    )
    assert more.summary == whole.summary


def test_a_source_whose_layers_fit_nowhere_is_refused(
    source: SourceWeights, folder: Folder, digits_settings: Settings
) -> None:
    other = SourceWeights({"conv": source.arrays["conv2d"]})
    with pytest.raises(SpecError, match="no layer of the source fits"):
        train(tuned_spec(), MemoryHandle(folder("run")), settings=digits_settings, source=lambda: other)
    with pytest.raises(SpecError, match="were not given"):
        train(tuned_spec(), MemoryHandle(folder("run")), settings=digits_settings)


def test_where_no_layer_is_new_all_learn_from_the_start() -> None:
    spec = tuned_spec()
    everything = Transfer(loaded=("conv2d", "batch_normalization", "head"))
    phases = Phases(spec, everything, 4)
    assert (len(phases), phases.at(0).number, phases.at(0).epochs) == (1, 1, 4)
    assert "head" not in phases.at(0).frozen


def four_weights() -> tuple[Any, list[Any]]:
    layer = keras.layers.Dense(2)
    other = keras.layers.Dense(2)
    layer.build((None, 2))
    other.build((None, 2))
    variables = [*layer.trainable_variables, *other.trainable_variables]
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    return layer, variables


EXTRAS: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"weight_decay": 0.5}, {"momentum": 0.9, "nesterov": True}, {"gradient_accumulation_steps": 2}],
    "AdamW": [{"use_ema": True}],
    "Adam": [{"weight_decay": 0.1, "global_clipnorm": 1.0}],
}
CASES = [(kind, extra) for kind in OPTIMIZERS for extra in [{}, *EXTRAS.get(kind.__name__, [])]]


@pytest.mark.parametrize(("kind", "extra"), CASES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_share_of_the_rate_is_the_rate_itself_made_smaller(
    kind: type[Optimizer], extra: dict[str, Any]
) -> None:
    """With a share, a weight moves as one would with a smaller rate; with none it stays; others never mind."""

    def moved(rate: float, shares: dict[int, float]) -> list[np.ndarray[Any, Any]]:
        training = TrainingSpec(optimizer=kind(**{**extra, "learning_rate": rate}))
        _, variables = four_weights()
        optimizer = make(optimizer_call(training, steps_per_epoch=10, epochs=1))
        if shares:
            optimizer = with_rates(optimizer, variables, shares)
        optimizer.build(variables)
        generator = np.random.default_rng(0)
        for _ in range(4):
            gradients = [generator.normal(size=v.shape).astype(np.float32) for v in variables]
            optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients])
        return [keras.ops.convert_to_numpy(variable) for variable in variables]

    plain, smaller = moved(0.1, {}), moved(0.025, {})
    shared = moved(0.1, {0: 0.25, 1: 0.0})
    np.testing.assert_allclose(shared[0], smaller[0], rtol=1e-5)
    np.testing.assert_array_equal(shared[1], np.ones(2))
    np.testing.assert_array_equal(shared[2], plain[2])
    np.testing.assert_array_equal(shared[3], plain[3])
    assert not np.allclose(plain[0], smaller[0])


def test_the_shares_of_a_network_hold_for_its_layers_by_name() -> None:
    spec = small_spec()
    network = build_model(spec.model, (8, 8, 1), 10)
    training = TrainingSpec(optimizer="SGD")
    compile_model(
        network, spec.model, training, task=Task.MULTICLASS, steps_per_epoch=1, epochs=1,
        shares={"conv2d": 0.0},
    )  # fmt: skip
    before = {layer.name: layer.get_weights() for layer in network.layers}
    x, y = np.random.default_rng(0).random((4, 8, 8, 1), np.float32), np.arange(4)
    network.train_on_batch(x, y)
    assert all(same(network.get_layer("conv2d").get_weights(), before["conv2d"]))
    assert not any(same(network.get_layer("dense").get_weights(), before["dense"]))


WORDS: dict[str, Any] = {"vocabulary": ["", "[UNK]", "ham", "spam"]}


@pytest.mark.parametrize(
    ("state", "other"),
    [(WORDS, ()), ({"vocabulary": ["", "[UNK]", "good", "bad"]}, ("words",)), ({}, ("words",))],
)
def test_words_take_their_weights_only_where_the_numbers_stand_for_the_same_words(
    state: dict[str, Any], other: tuple[str, ...], tmp_path: Path
) -> None:
    signature = Signature({INPUT: InputSpec((3,), "int32", vocabulary=4)}, 2)
    layers = (
        {"kind": "Embedding", "name": "words", "output_dim": 2},
        {"kind": "Flatten"},
        {"kind": "Dense", "name": "body", "units": 2},
        {"kind": "Dense", "name": "head"},
    )
    model = ModelSpec(layers=layers)
    network = build_model(model, signature)
    arrays = {name: [w + 1 for w in network.get_layer(name).get_weights()] for name in ("words", "body")}
    before = network.get_layer("words").get_weights()
    data: Any = SimpleNamespace(state=WORDS, signature=signature)
    done = transfer(
        network, ExperimentSpec(model=model), data, SourceWeights(arrays, state), folder=tmp_path, log=print
    )
    assert done is not None
    assert (done.other_ids, done.kept) == (other, ("head",))
    assert same(network.get_layer("body").get_weights(), arrays["body"]) == [True, True]
    assert same(network.get_layer("words").get_weights(), before) == [bool(other)]
