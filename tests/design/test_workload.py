"""What a run has to do follows from its layers, its parts, and what of it learns."""

import pytest

from dlcore.datasets import dataset_facts
from dlcore.design.workload import Work, Workload, workload
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import report

DENSE = 1_290
"""Operations of Dense(10) on 64 pixels: (2 · 64 + 1) · 10."""


def load_of(data, **values):
    spec = ExperimentSpec.from_dict({"dataset": {"name": "digits"}, **data}).with_values(values)
    facts = dataset_facts(spec.dataset, Settings())
    return workload(spec, facts, report(spec, facts))


LINEAR = {"model": {"layers": ["Flatten", "Dense"]}}


def test_a_batch_is_a_forward_pass_the_gradients_and_the_optimizer():
    (step,) = load_of(LINEAR).steps

    # Flatten is called forward alone; nothing before the Dense layer wants a gradient.
    assert step.operations == 1 + 2
    assert step.flops == 32 * 2 * DENSE
    assert step.values == 32 * (64 + 2 * 10)
    # Adam holds two numbers for each weight.
    assert step.weights == 650 * 3


def test_each_step_of_an_attack_is_a_pass_forward_and_one_back_on_its_share_of_the_batch():
    adversarial = {"attack": "pgd", "strength": 8, "share": 0.25}
    (step,) = load_of(LINEAR, **{"training.adversarial": adversarial}).steps

    # Seven steps on 8 of 32 samples, over both layers.
    assert step.operations == 3 + 7 * 2 * 2
    assert step.flops == 32 * 2 * DENSE + 7 * 2 * 8 * DENSE
    assert step.weights == 650 * 3


def test_a_layer_behind_one_that_learns_passes_its_gradient_on():
    (step,) = load_of({"model": {"layers": ["Flatten", {"kind": "Dense", "units": 10}, "Dense"]}}).steps

    # The second one, of 10 · 10 weights, is a third of the work more expensive than the first.
    assert step.flops == 32 * (2 * DENSE + 3 * (2 * 10 + 1) * 10)


def test_parts_of_the_data_are_evaluated_in_batches_four_times_as_large():
    # 1,797 digits: 359 to test, 144 to validate, 1,294 to train.
    load = load_of(LINEAR)

    assert (load.samples, load.steps_per_epoch) == (1294, 41)
    assert load.validation == Work(operations=2 * 2, flops=144 * DENSE, values=144 * (64 + 64 + 10))
    assert load.test == Work(operations=3 * 2, flops=359 * DENSE, values=359 * (64 + 64 + 10))
    assert load_of(LINEAR, **{"dataset.validation_fraction": 0}).validation is None


def test_a_batch_is_never_larger_than_the_data():
    load = load_of(LINEAR, **{"dataset.train_samples": 50, "training.batch_size": 4096})

    assert (load.batch_size, load.steps_per_epoch) == (50, 1)


def test_a_recurrent_layer_is_called_once_a_step():
    rows = {"kind": "Reshape", "target_shape": [8, 8]}
    (step,) = load_of({"model": {"layers": [rows, {"kind": "LSTM", "units": 4}, "Dense"]}}).steps

    assert step.operations == 1 + 8 * 2 + 2


def test_augmentation_changes_every_value_of_a_batch_once_a_kind():
    augmentation = [{"kind": "RandomRotation"}, {"kind": "RandomZoom"}]
    load = load_of({**LINEAR, "augmentation": augmentation})

    assert load.steps[0].augmented == 2 * 64 * 32
    assert load.parts == 2 + 2


BACKBONE = {
    "preprocessing": [
        {"kind": "Resizing", "height": 32, "width": 32},
        {"kind": "ColorMode", "mode": "rgb"},
    ],
    "model": {"layers": [{"kind": "MobileNetV3Small", "name": "body"}, {"kind": "Dense", "name": "head"}]},
}


def test_while_a_backbone_is_frozen_only_its_forward_pass_counts():
    load = load_of({**BACKBONE, "fine_tuning": {"head_epochs": 2, "backbone_share": 0.5}})
    first, second = load.steps

    head = 2 * 576 * 10 + 10
    body = first.flops / 32 - 2 * head
    assert first.weights == (576 * 10 + 10) * 3
    # Half of the backbone learns: half of both gradients, and a gradient for what it gives to the head.
    assert second.flops == pytest.approx(32 * (2 * body + 3 * head))
    assert second.weights == pytest.approx((0.5 * 927_008 + 576 * 10 + 10) * 3)
    assert load.epochs_by_phase(0, 5) == {0: 2, 1: 3}
    assert load.epochs_by_phase(2.5, 5) == {1: 2.5}


def test_without_a_new_layer_there_is_no_first_phase():
    tuning = {"source": {"kind": "FromRun", "run": "abc"}, "head_epochs": 2}
    names = [{"kind": "Flatten", "name": "flat"}, {"kind": "Dense", "name": "answer"}]

    assert load_of({"model": {"layers": names}, "fine_tuning": tuning}).epochs_by_phase(0, 5) == {1: 5}


def test_a_draft_has_the_recipe_of_the_run_that_it_becomes():
    kept = load_of(LINEAR)

    assert load_of(LINEAR, **{"training.batch_size": 8, "seed": 5}).recipe == kept.recipe
    assert load_of(LINEAR, **{"dataset.test_fraction": 0.5}).recipe != kept.recipe


def test_what_is_kept_comes_back_unless_another_version_has_kept_it():
    load = load_of(LINEAR)
    data = load.to_dict()

    assert Workload.from_dict(data) == load
    assert Workload.from_dict({**data, "version": 0}) is None
    assert Workload.from_dict({}) is None
