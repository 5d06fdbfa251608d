"""Remedies: what each changes, and that what they lead to can be run."""

import pytest

from dlcore.datasets import facts
from dlcore.design.templates import proposal, template, templates_of
from dlcore.diagnosis import REMEDIES, RULES, apply
from dlcore.errors import SpecError
from dlcore.settings import Settings
from dlcore.spec.checks import check
from tests.diagnosis.made import facts as made_facts
from tests.diagnosis.made import spec

DIGITS = facts("digits", Settings())


def test_each_remedy_of_a_rule_is_known_and_each_is_of_some_rule():
    named = [name for rule in RULES.values() for name in rule.remedies]
    assert set(named) == set(REMEDIES)


TEMPLATES = [one.name for one in templates_of(DIGITS) if one.name != "empty"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_remedy_of_each_template_gives_a_model_that_fits_the_data(name):
    experiment = proposal(DIGITS, template(name).name)
    changes = {one: apply(one, experiment, DIGITS) for one in REMEDIES}
    applied = {one: changed for one, changed in changes.items() if changed is not None}
    assert {"more_epochs", "lower_rate", "clip_gradients", "class_weights"} <= set(applied)
    for changed in applied.values():
        check(changed, DIGITS)
        assert changed != experiment


def changed(name, *, layers=None, **values):
    return apply(name, spec(*[layers] if layers else (), **values), made_facts())


def test_rates_are_multiplied():
    training = {"optimizer": {"kind": "SGD", "learning_rate": 0.03}}
    assert changed("much_lower_rate", training=training).training.optimizer.learning_rate == 0.003
    assert changed("higher_rate", training=training).training.optimizer.learning_rate == 0.3
    assert changed("lower_rate", training=training).training.optimizer.learning_rate == 0.01


def test_dropout_is_put_before_the_last_layer_or_raised():
    layers = changed("dropout").model.layers
    assert [(one.kind, getattr(one, "rate", None)) for one in layers[-2:]] == [
        ("Dropout", 0.3),
        ("Dense", None),
    ]
    before = ("Flatten", {"kind": "Dropout", "rate": 0.5}, "Dense")
    assert changed("dropout", layers=before).model.layers[1].rate == 0.6
    most = ("Flatten", {"kind": "Dropout", "rate": 0.6}, "Dense")
    assert changed("dropout", layers=most) is None


def test_sizes_of_hidden_layers_alone_change():
    layers = ("Flatten", {"kind": "Dense", "units": 8}, {"kind": "Dense", "units": 4})
    assert [one.units for one in changed("larger_model", layers=layers).model.layers[1:]] == [16, 4]
    assert [one.units for one in changed("smaller_model", layers=layers).model.layers[1:]] == [4, 4]


def test_batches_are_normalized_where_nothing_is_yet():
    kinds = [one.kind for one in changed("batch_normalization").model.layers]
    assert kinds == ["Flatten", "Dense", "BatchNormalization", "Dense"]
    assert changed("batch_normalization", layers=("Flatten", "LayerNormalization", "Dense")) is None


def test_activations_of_hidden_layers_are_replaced():
    assert changed("leaky_units").model.layers[1].activation == "leaky_relu"
    sigmoid = ("Flatten", {"kind": "Dense", "units": 8, "activation": "sigmoid"}, "Dense")
    layer = changed("rectifiers", layers=sigmoid).model.layers[1]
    assert (layer.activation, layer.kernel_initializer) == ("relu", "he_normal")


def test_half_of_the_layers_of_one_size_are_taken_away():
    layers = ("Flatten", *[{"kind": "Dense", "units": 8}] * 5, "Dense")
    assert [one.kind for one in changed("smaller_depth", layers=layers).model.layers] == [
        "Flatten",
        *["Dense"] * 4,
    ]


def test_one_limit_on_the_gradient_takes_the_place_of_another():
    optimizer = changed(
        "clip_gradients", training={"optimizer": {"kind": "Adam", "clipvalue": 5.0}}
    ).training.optimizer
    assert (optimizer.global_clipnorm, optimizer.clipvalue) == (1.0, None)


def test_what_is_there_already_is_no_remedy():
    assert changed("early_stopping", training={"early_stopping": {}}) is None
    assert changed("class_weights", training={"class_weight": "Balanced"}) is None
    assert changed("falling_rate", training={"schedule": "CosineDecay"}) is None
    assert changed("split_by_groups") is None


def test_a_part_that_is_not_there_is_not_watched():
    assert changed("early_stopping", dataset={"validation_fraction": 0}) is None


def test_an_unknown_remedy_names_those_that_are_near():
    with pytest.raises(SpecError, match="dropout"):
        apply("dropuot", spec())
