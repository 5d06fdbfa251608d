"""What can be searched in an experiment, and the values that each field begins with."""

from dataclasses import replace

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.search.dimensions import Choices, Presence, Range
from dlcore.search.offers import default_dimension, offers
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DataKind

FACTS = CATALOGUE.get("digits").facts
"""1438 samples to train on, and a test part of its own."""

LAYERS = [
    {"kind": "Conv2D", "name": "conv", "filters": 32, "kernel_size": 3, "activation": "relu"},
    {"kind": "Conv2D", "name": "wide", "filters": 12, "kernel_size": [5, 3], "strides": [2, 1]},
    {"kind": "Flatten", "name": "flat"},
    {"kind": "Dropout", "name": "drop", "rate": 0.3},
    {"kind": "Dense", "name": "head"},
]


def spec(**training):
    given = {"dataset": {"name": "digits"}, "model": {"layers": LAYERS}}
    return ExperimentSpec.from_dict({**given, "training": {"epochs": 10, **training}})


def begun(path, dimensions=None, **training):
    return default_dimension(offers(spec(**training), dimensions or {}, FACTS)[path], FACTS)


def between(low, high, *, log=False):
    return Range(low=low, high=high, log=log)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # Half of it and twice as much.
        ("training.epochs", between(5, 20)),
        ("dataset.validation_fraction", between(0.05, 0.2)),
        # Where the field is empty: half of what there is, and all of it.
        ("dataset.train_samples", between(359, 1438)),
        # A tenth and ten times as much, on a logarithmic scale.
        ("training.optimizer.learning_rate", between(1e-4, 1e-2, log=True)),
        ("training.optimizer.weight_decay", between(1e-5, 1e-3, log=True)),
        # What decays, by its distance from one.
        ("training.optimizer.beta_1", between(0, 0.99)),
        ("training.optimizer.beta_2", between(0.99, 0.9999)),
        ("model.layers[drop].rate", between(0, 0.5)),
        # Powers of two around it.
        ("training.batch_size", Choices(choices=(16, 32, 64, 128))),
        ("model.layers[conv].filters", Choices(choices=(16, 32, 64, 128))),
        # Kernels are odd.
        ("model.layers[conv].kernel_size", Choices(choices=(3, 5))),
        ("model.layers[conv].strides", Choices(choices=(1, 2))),
        ("model.layers[wide].kernel_size", Choices(choices=(5, 7))),
        ("model.layers[wide].strides", Choices(choices=(2, 3))),
        ("model.layers[conv].activation", Choices(choices=("relu", "gelu", "silu", "tanh"))),
        ("model.layers[conv].use_bias", Choices(choices=(True, False))),
        # Its own kind, and the next best one.
        ("training.optimizer", Choices(choices=("Adam", "AdamW"))),
        ("model.layers[flat]", Presence()),
        ("model", Choices(choices=("as drafted", "cnn"))),
    ],
)
def test_a_field_begins_with_a_sensible_neighbourhood_of_its_value(path, expected):
    assert begun(path, batch_size=32) == expected


@pytest.mark.parametrize(
    "path",
    [
        "seed",
        "name",
        # Left open, it becomes what the data asks for.
        "model.layers[head].units",
        # It has a test part of its own.
        "dataset.test_fraction",
        # What says where a layer stands.
        "model.layers[conv].name",
        "model.layers[conv].inputs",
    ],
)
def test_what_makes_no_better_experiment_is_not_offered(path):
    assert path not in offers(spec(), {}, FACTS)


@pytest.mark.parametrize(
    ("offset", "expected"), [(-1.0, (-2, 1, False)), (0.0, (0, 1, False)), (2.0, (0.2, 20, True))]
)
def test_around_nothing_or_less_lies_a_range_up_to_one(offset, expected):
    wanted = spec().with_values({"preprocessing": [{"kind": "Rescaling", "offset": offset}]})
    found = default_dimension(offers(wanted, {}, FACTS)["preprocessing[0].offset"], FACTS)

    assert (found.low, found.high, found.log) == expected


def test_a_share_that_may_not_be_nothing_begins_at_a_tenth_of_itself():
    wanted = spec().with_values({"augmentation": [{"kind": "CutMix", "factor": 0.5}]})
    found = offers(wanted, {}, FACTS)["augmentation[0].factor"]

    assert default_dimension(found, FACTS) == between(0.05, 1)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(0.2, between(0.02, 0.8)), (0.25, between(0.025, 1)), (0.02, between(0.002, 0.08))],
)
def test_a_share_that_may_be_all_ends_at_four_times_itself_or_there(factor, expected):
    wanted = spec().with_values({"augmentation": [{"kind": "CutMix", "factor": factor}]})
    assert default_dimension(offers(wanted, {}, FACTS)["augmentation[0].factor"], FACTS) == expected


@pytest.mark.parametrize(
    ("facts", "strength", "expected"),
    [
        # Of pictures levels of 255: 8 of them where nothing is said, or what is said.
        (FACTS, None, between(2, 32, log=True)),
        (FACTS, 100.0, between(25, 255, log=True)),
        # Of all else deviations.
        (replace(FACTS, kind=DataKind.SERIES, input_shape=(64,)), None, between(0.025, 0.4, log=True)),
        (replace(FACTS, kind=DataKind.AUDIO, input_shape=None), 4.0, between(1, 10, log=True)),
    ],
)
def test_the_strength_of_attacks_is_searched_in_the_unit_of_the_data(facts, strength, expected):
    found = offers(spec(adversarial={"strength": strength}), {}, facts)["training.adversarial.strength"]
    assert default_dimension(found, facts) == expected


def test_how_a_network_is_trained_against_attacks_is_searched_once_that_is_switched_on():
    assert begun("training.adversarial.attack", adversarial={}) == Choices(choices=("fgsm", "pgd"))
    assert begun("training.adversarial.share", adversarial={}) == between(0.25, 1)
    assert not [path for path in offers(spec(), {}, FACTS) if "adversarial" in path]


@pytest.mark.parametrize(
    ("filters", "choices"),
    [
        (1, (1, 2, 4)),
        (2, (1, 2, 4, 8)),
        (400_000, (200_000, 400_000, 800_000)),
        (1_000_000, (500_000, 1_000_000)),
    ],
)
def test_powers_stay_within_what_the_field_can_be(filters, choices):
    layers = [{"kind": "Conv2D", "name": "conv", "filters": filters}, "Flatten", "Dense"]
    found = offers(spec().with_values({"model": {"layers": layers}}), {}, FACTS)["model.layers[conv].filters"]
    assert default_dimension(found, FACTS) == Choices(choices=choices)


def test_units_that_are_given_are_offered():
    layers = [*LAYERS[:-1], {"kind": "Dense", "name": "broad", "units": 64}, LAYERS[-1]]
    found = offers(spec().with_values({"model": {"layers": layers}}), {}, FACTS)

    assert default_dimension(found["model.layers[broad].units"], FACTS) == Choices(choices=(32, 64, 128, 256))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("SGD", between(0, 0.5)), ({"kind": "SGD", "momentum": 0.9}, between(0, 0.99))],
)
def test_the_fields_of_another_choice_are_offered_with_its_values(choice, expected):
    assert "training.optimizer.momentum" not in offers(spec(), {}, FACTS)
    dimensions = {"training.optimizer": Choices(choices=("Adam", choice, "no such optimizer"))}

    assert begun("training.optimizer.momentum", dimensions) == expected


def test_the_layers_of_a_template_that_can_be_chosen_are_offered():
    names = {path for path in offers(spec(), {}, FACTS) if path.startswith("model.layers[")}
    found = offers(spec(), {"model": Choices(choices=("as drafted", "cnn"))}, FACTS)

    assert default_dimension(found["model.layers[dense].units"], FACTS) == Choices(
        choices=(64, 128, 256, 512)
    )
    assert names < set(found)
