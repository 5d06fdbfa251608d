"""An experiment on another dataset: what a person built stays as far as it fits, and what changed is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.datasets import CATALOGUE
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.moving import changed_parts, move_to_dataset
from dlcore.design.templates import proposal
from dlcore.settings import Settings
from dlcore.spec.checks import check
from dlcore.spec.preprocessing import Resizing
from tests.datasets import makers
from tests.spec.strategies import experiments

DIGITS, MNIST, CIFAR = (CATALOGUE.get(name).facts for name in ("digits", "mnist", "cifar10"))
BUILT = ["Flatten", {"kind": "Dense", "units": 77, "activation": "relu"}, "Dense"]
LARGE_WINDOW = [{"kind": "Conv2D", "kernel_size": 20, "filters": 5}, "Flatten", "Dense"]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """What is known of a table of classes and of one of numbers."""
    folder = tmp_path_factory.mktemp("files")
    own = Settings(home=folder / "home")
    shops = ingest(makers.shops(folder / "shops.csv"), own, Choices(name="shops"), owner="me").facts
    series = ingest(makers.wave_series(folder / "wave.csv"), own, Choices(name="wave"), owner="me").facts
    return {"digits": DIGITS, "mnist": MNIST, "cifar10": CIFAR, "shops": shops, "wave": series}


def test_what_fits_stays_to_the_last_setting():
    spec = proposal(DIGITS).with_values({"model.layers": BUILT, "training.epochs": 77, "seed": 5})
    moved = move_to_dataset(spec, MNIST, DIGITS)
    assert moved == spec.with_values({"dataset.name": "mnist"})
    assert changed_parts(spec, moved) == ()


def test_images_are_brought_to_the_size_of_a_network_that_a_person_built():
    spec = proposal(MNIST).with_values({"model.layers": LARGE_WINDOW})
    moved = move_to_dataset(spec, DIGITS, MNIST)
    assert moved.model == spec.model
    assert moved.preprocessing[0] == Resizing(height=28, width=28)
    assert changed_parts(spec, moved) == ("Preprocessing",)
    check(moved, DIGITS)


def test_a_network_that_cannot_fit_goes_and_the_settings_of_training_stay(facts):
    settings = {
        "training.epochs": 77,
        "training.optimizer": {"kind": "SGD", "learning_rate": 0.5},
        "training.loss": {"kind": "SparseCategoricalCrossentropy"},
    }
    spec = proposal(DIGITS).with_values({"model.layers": LARGE_WINDOW, **settings})
    moved = move_to_dataset(spec, facts["wave"], DIGITS)
    assert moved.model == proposal(facts["wave"]).model
    assert moved.training.loss is None
    assert moved.training.updated(loss=spec.training.loss) == spec.training
    assert {"Model", "Preprocessing", "Loss"} <= set(changed_parts(spec, moved))
    assert "Training" not in changed_parts(spec, moved)


def test_only_the_augmentation_that_does_not_fit_goes():
    spec = proposal(CIFAR).with_values({"augmentation": ["RandomFlip", "RandomHue", "RandomZoom"]})
    moved = move_to_dataset(spec, DIGITS, CIFAR)
    assert [step.kind for step in moved.augmentation] == ["RandomFlip", "RandomZoom"]


def test_what_was_proposed_and_not_touched_follows_the_data(facts):
    moved = move_to_dataset(proposal(DIGITS), facts["shops"], DIGITS)
    fresh = proposal(facts["shops"])
    assert moved == fresh.updated(seed=moved.seed)


def test_a_part_and_the_rest_of_what_it_stands_in_are_both_named():
    spec = proposal(DIGITS)
    other = spec.with_values(
        {"training.metrics": ["accuracy"], "training.epochs": 3, "dataset.name": "mnist"}
    )
    assert changed_parts(spec, other) == ("Metrics", "Training")


@settings(max_examples=60)
@given(experiments, st.sampled_from(["digits", "cifar10", "shops", "wave"]))
def test_whatever_is_moved_fits_and_keeps_its_name_and_seed(facts, spec, name):
    moved = move_to_dataset(spec, facts[name], DIGITS)
    check(moved, facts[name])
    assert (moved.name, moved.seed, moved.dataset.name) == (spec.name, spec.seed, facts[name].name)
