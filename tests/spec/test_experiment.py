import json

import pytest
import yaml
from hypothesis import example, given, settings

from dlcore.design.templates import template
from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from tests.spec.strategies import experiments

FIRST = {
    "name": "first",
    "dataset": {"name": "mnist"},
    "model": {"layers": ["Flatten", {"kind": "Dense", "units": 128, "activation": "relu"}, "Dense"]},
    "training": {"epochs": 5},
}


@given(experiments)
def test_any_spec_survives_json_and_yaml_with_its_hash(spec):
    for again in (
        ExperimentSpec.from_dict(spec.to_dict()),
        ExperimentSpec.from_dict(json.loads(json.dumps(spec.to_dict()))),
        ExperimentSpec.from_text(spec.to_json()),
        ExperimentSpec.from_text(spec.to_yaml()),
    ):
        assert again == spec
        assert again.hash == spec.hash


@settings(max_examples=40)
@given(experiments, experiments)
@example(ExperimentSpec(name="a"), ExperimentSpec(name="b"))
def test_two_specs_have_the_same_hash_exactly_when_all_but_their_names_is_equal(one, other):
    same = one.updated(name="x") == other.updated(name="x")

    assert (one.hash == other.hash) is same


def test_the_hash_does_not_depend_on_how_a_spec_was_written():
    spelled_out = ExperimentSpec.from_dict(FIRST).to_dict()
    backwards = dict(reversed(spelled_out.items()))
    numbers = {**FIRST, "training": {"epochs": 5.0, "optimizer": {"kind": "Adam", "learning_rate": "1e-3"}}}

    assert {ExperimentSpec.from_dict(data).hash for data in (FIRST, spelled_out, backwards, numbers)} == {
        ExperimentSpec.from_dict(FIRST).hash
    }


@pytest.mark.parametrize(
    "name", ["", " a ", "a: b", "- x", "手写\u3000数字", "\u00a0", "😀", "\ufeff", "'\"", "#", "null"]
)
def test_a_name_that_yaml_could_misread_survives_it(name):
    assert ExperimentSpec.from_text(ExperimentSpec(name=name).to_yaml()).name == name


CHANGES = {
    "dataset.name": "digits",
    "dataset.validation_fraction": 0.2,
    "dataset.train_samples": 1000,
    "preprocessing": [],
    "preprocessing[0].scale": 0.5,
    "model.layers[1].units": 127,
    "model.layers[1].name": "hidden",
    "model.layers[1].kernel_regularizer": {"kind": "L2"},
    "training.epochs": 6,
    "training.batch_size": 64,
    "training.optimizer": "SGD",
    "training.optimizer.learning_rate": 0.002,
    "training.schedule": "CosineDecay",
    "training.loss": "Huber",
    "training.metrics": ["top_5_accuracy"],
    "training.early_stopping": {},
    "training.class_weight": "Balanced",
    "training.precision": "mixed_bfloat16",
    "training.device": "cpu",
    "training.deterministic": True,
    "seed": 1,
}


@pytest.mark.parametrize("path", CHANGES)
def test_the_hash_changes_with_everything_that_changes_the_result(path):
    spec = ExperimentSpec.from_dict(FIRST)

    assert spec.with_values({path: CHANGES[path]}).hash != spec.hash


def test_the_hash_does_not_change_with_the_name():
    spec = ExperimentSpec.from_dict(FIRST)

    assert spec.with_values({"name": "second"}).hash == spec.hash


def test_yaml_for_people_leaves_out_what_is_default():
    spec = ExperimentSpec.from_dict(FIRST)

    assert yaml.safe_load(spec.to_yaml()) == {
        "name": "first",
        "dataset": {"name": "mnist"},
        "model": {
            "layers": [
                {"kind": "Flatten"},
                {"kind": "Dense", "units": 128, "activation": "relu"},
                {"kind": "Dense"},
            ]
        },
        "training": {"epochs": 5, "batch_size": 32, "optimizer": {"kind": "Adam"}},
        "seed": 0,
    }


def test_yaml_keeps_the_order_of_the_fields_and_chinese_as_it_is():
    text = ExperimentSpec.from_dict({**FIRST, "name": "手写数字"}).to_yaml()

    assert text.startswith("name: 手写数字\n")
    assert [line.split(":")[0] for line in text.splitlines() if line[0].isalpha()] == [
        "name", "dataset", "model", "training", "seed",
    ]  # fmt: skip


def test_a_graph_keeps_its_names_and_links_in_yaml():
    model = template("resnet").build((32, 32, 3))
    spec = ExperimentSpec(model=model)

    assert "inputs: [block1_norm2, stem_out]" in spec.to_yaml()
    assert ExperimentSpec.from_text(spec.to_yaml()).model == model


def test_links_that_a_person_spelled_out_are_kept_even_in_a_stack():
    layers = [{"kind": "Flatten", "name": "flat"}, {"kind": "Dense", "inputs": ["flat"]}]
    spec = ExperimentSpec.from_dict({"model": {"layers": layers}})

    assert ExperimentSpec.from_text(spec.to_yaml()).model.layers[1].inputs == ("flat",)


def test_json_spells_out_every_default():
    data = json.loads(ExperimentSpec.from_dict(FIRST).to_json())

    assert data["schema_version"] == 1
    assert data["training"]["optimizer"]["beta_1"] == 0.9
    assert data["model"]["layers"][1]["kernel_regularizer"] is None
    assert data["preprocessing"] == [{"kind": "Rescaling", "scale": 1 / 255, "offset": 0.0}]


def test_nothing_at_all_is_a_spec_with_every_default():
    spec = ExperimentSpec.from_dict({})

    assert spec == ExperimentSpec()
    assert spec.dataset.name == "digits"
    assert spec.training.optimizer.kind == "Adam"


def test_several_values_are_set_at_once():
    spec = ExperimentSpec.from_dict(FIRST).with_values(
        {
            "training.epochs": 7,
            "training.optimizer": {"kind": "SGD", "momentum": 0.9},
            "model.layers[1].units": 64,
            "training.early_stopping": {"patience": 2},
            "training.class_weight": {"kind": "PerClass", "weights": {}},
        }
    )

    assert spec.training.epochs == 7
    assert spec.training.optimizer.momentum == 0.9
    assert spec.model.layers[1].units == 64
    assert spec.training.early_stopping.patience == 2


def test_later_values_build_on_earlier_ones():
    spec = ExperimentSpec().with_values(
        {
            "training.class_weight": {"kind": "PerClass", "weights": {}},
            "training.class_weight.weights.3": 2,
            "training.class_weight.weights.cat": 0.5,
        }
    )

    assert spec.training.class_weight.weights == {"3": 2.0, "cat": 0.5}


def test_setting_values_leaves_the_spec_itself_alone():
    spec = ExperimentSpec.from_dict(FIRST)
    spec.with_values({"training.epochs": 7})

    assert spec.training.epochs == 5


WRONG_PATHS = [
    ("", 1, "this does not name a field. Write, for example, training.epochs."),
    ("[].", 1, "[].: this does not name a field."),
    ("traning.epochs", 1, "traning.epochs: there is no field 'traning'. Nearest: training"),
    ("training.epoch", 1, "training.epoch: there is no field 'epoch'. Nearest: epochs."),
    ("training.epochs", 0, "training.epochs: expected a number of at least 1, got 0."),
    ("model.layers[3].units", 1, "model.layers[3].units: there is no element 3; the list has 3."),
    ("model.layers[-1].units", 1, "model.layers[-1].units: there is no element -1; the list has 3."),
    ("model.layers.nothing.units", 1, "model.layers.nothing.units: there is no element nothing;"),
    ("model.layers[²]", 1, "model.layers[²]: there is no element ²;"),
    ("model.layers[" + "9" * 5000 + "]", 1, "model.layers["),
    (
        "training.early_stopping.patience",
        1,
        "training.early_stopping.patience: what comes before 'patience' has no fields, for it is None. "
        "Set it as a whole.",
    ),
    ("training.epochs.x.y", 1, "training.epochs.x.y: what comes before 'x' has no fields, for it is 5."),
]


@pytest.mark.parametrize(("path", "value", "sentence"), WRONG_PATHS)
def test_a_path_that_leads_nowhere_is_refused(path, value, sentence):
    with pytest.raises(SpecError) as caught:
        ExperimentSpec.from_dict(FIRST).with_values({path: value})

    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value)) < 400
