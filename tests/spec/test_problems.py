"""Each sentence a spec can be refused with: where, what was expected, what was got, what to do."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.base import SpecModel
from dlcore.spec.fields import arg
from dlcore.spec.problems import parse, path_of


def sentence(data):
    with pytest.raises(SpecError) as caught:
        ExperimentSpec.from_dict(data)
    return str(caught.value)


def training(**fields):
    return {"training": fields}


def layer(**fields):
    return {"model": {"layers": ["Conv2D", fields]}}


SENTENCES = [
    (None, "expected an object with fields, got None."),
    ([], "expected an object with fields, got []."),
    ("spec", "expected an object with fields, got 'spec'."),
    ({"schema_version": 2}, "schema_version: expected one of 1, got 2. Choose one of them."),
    (
        {"trainning": {}},
        "trainning: there is no field 'trainning'. Nearest: training, fine_tuning.",
    ),
    ({7: 1}, "7: there is no field '7'. Nearest: augmentation, dataset, fine_tuning, model, "),
    (
        training(epoch=3),
        "training.epoch: there is no field 'epoch'. Nearest: epochs.",
    ),
    (training(epochs=0), "training.epochs: expected a number of at least 1, got 0. Raise it."),
    (training(epochs=100_001), "training.epochs: expected a number of at most 100000, got 100001. Lower it."),
    (training(epochs=2.5), "training.epochs: expected a whole number, got 2.5."),
    (training(epochs="many"), "training.epochs: expected a whole number, got 'many'."),
    (training(epochs=[3]), "training.epochs: expected a whole number, got [3]."),
    (training(epochs=None), "training.epochs: expected a whole number, got None."),
    (training(epochs="9" * 5000), "training.epochs: expected a whole number, got '99"),
    (training(deterministic="perhaps"), "training.deterministic: expected true or false, got 'perhaps'."),
    (training(deterministic=[]), "training.deterministic: expected true or false, got []."),
    (
        training(precision="mixed_fp16"),
        "training.precision: expected one of float32, mixed_float16, mixed_bfloat16, got 'mixed_fp16'. "
        "Did you mean 'mixed_float16'?",
    ),
    (training(metrics="accuracy"), "training.metrics: expected a list, got 'accuracy'."),
    (
        training(metrics=["f2"]),
        "training.metrics[0]: expected one of accuracy, top_5_accuracy, precision, recall, f1, auc, rmse, "
        "mae, r2, got 'f2'.",
    ),
    (training(early_stopping=3), "training.early_stopping: expected an object with fields, got 3."),
    (
        training(early_stopping={"kind": "EarlyStopping"}),
        "training.early_stopping.kind: there is no field 'kind'.",
    ),
    (
        training(device="gpu:x"),
        "training.device: expected auto, cpu, or gpu: and a number, got 'gpu:x'. Write `gpu:0` for the first GPU.",
    ),
    (
        training(optimizer="adm"),
        "training.optimizer.kind: there is no optimizer 'adm'. Nearest: ",
    ),
    (
        training(optimizer={"learning_rate": 0.1}),
        "training.optimizer: expected the `kind` of one optimizer, got {'learning_rate': 0.1}. "
        "Give an object such as {kind: Adam}.",
    ),
    (training(optimizer=None), "training.optimizer: expected the `kind` of one optimizer, got None."),
    (
        training(optimizer={"kind": "Adam", "lr": 0.1}),
        "training.optimizer.lr: there is no field 'lr'. Nearest: ",
    ),
    (
        training(optimizer={"kind": "Adam", "learning_rate": 0}),
        "training.optimizer.learning_rate: expected a number greater than 0.0, got 0. Raise it.",
    ),
    (
        training(optimizer={"kind": "Adam", "learning_rate": "fast"}),
        "training.optimizer.learning_rate: expected a number, got 'fast'.",
    ),
    (
        training(optimizer={"kind": "Adam", "learning_rate": {}}),
        "training.optimizer.learning_rate: expected a number, got {}.",
    ),
    (
        training(optimizer={"kind": "Adam", "learning_rate": float("nan")}),
        "training.optimizer.learning_rate: expected a finite number, got nan.",
    ),
    (
        training(optimizer={"kind": "Adam", "learning_rate": float("inf")}),
        "training.optimizer.learning_rate: expected a finite number, got inf.",
    ),
    (
        training(optimizer={"kind": "SGD", "momentum": 1}),
        "training.optimizer.momentum: expected a number less than 1.0, got 1. Lower it.",
    ),
    (
        training(optimizer={"kind": "Adam", "clipnorm": 1, "global_clipnorm": 1}),
        "training.optimizer.global_clipnorm: only one limit on the gradient can be set, "
        "got clipnorm, global_clipnorm. Leave all but one empty.",
    ),
    (
        training(schedule={"kind": "PiecewiseConstantDecay", "boundaries": [1, 2], "factors": [0.1]}),
        "training.schedule.factors: expected one factor per boundary, 2 in all, got 1. "
        "Give as many factors as boundaries.",
    ),
    (
        training(schedule={"kind": "PiecewiseConstantDecay", "boundaries": [2, 1]}),
        "training.schedule.boundaries: the boundaries are not in ascending order. Order them from small to large, each once.",
    ),
    (
        training(schedule={"kind": "PiecewiseConstantDecay", "boundaries": []}),
        "training.schedule.boundaries: too few values: expected at least 1, got 0.",
    ),
    (
        training(schedule={"kind": "PiecewiseConstantDecay", "boundaries": [1.0] * 51}),
        "training.schedule.boundaries: too many values: expected at most 50, got 51",
    ),
    (
        training(class_weight={"kind": "PerClass", "weights": [1, 2]}),
        "training.class_weight.weights: expected an object with fields, got [1, 2].",
    ),
    (
        training(class_weight={"kind": "PerClass", "weights": {"cat": -1}}),
        "training.class_weight.weights.cat: expected a number of at least 0.0, got -1. Raise it.",
    ),
    ({"name": 3}, "name: expected text, got 3."),
    ({"name": "\ud800"}, "name: expected text, got '\\ud800'."),
    (
        {"name": "two\nlines"},
        "name: expected one line of text without control characters, got 'two\\nlines'. Remove line breaks",
    ),
    ({"dataset": {"name": "\0"}}, "dataset.name: expected one line of text without control characters, got"),
    (
        training(class_weight={"kind": "PerClass", "weights": {"\x85": 1}}),
        "training.class_weight.weights.\\x85: expected one line of text",
    ),
    ({"name": "x" * 201}, "name: expected at most 200 characters. Shorten it."),
    ({"seed": 2**31}, "seed: expected a number less than 2147483648, got 2147483648. Lower it."),
    ({"seed": 10**30}, "seed: expected a number less than 2147483648, got 1000000000000000000000000000000."),
    (
        {"dataset": {"validation_fraction": 1}},
        "dataset.validation_fraction: expected a number of at most 0.9,",
    ),
    ({"preprocessing": ["Rescale"]}, "preprocessing[0].kind: there is no preprocessing step 'Rescale'."),
    ({"model": {"layers": [3]}}, "model.layers[0]: expected the `kind` of one layer, got 3."),
    ({"model": {"layers": 3}}, "model.layers: expected a list, got 3."),
    (
        {"model": {"layers": [1] * 10_001}},
        "model.layers: too many values: expected at most 10000, got 10001. Remove some.",
    ),
    (layer(kind="MaxPool2D"), "model.layers[1].kind: there is no layer 'MaxPool2D'. Nearest: MaxPooling2D"),
    (layer(kind="L2"), "model.layers[1].kind: there is no layer 'L2'."),
    (layer(kind=["Dense"]), "model.layers[1]: expected the `kind` of one layer, got {'kind': ['Dense']}."),
    (
        layer(kind="Conv2D", kernel_size=256),
        "model.layers[1].kernel_size[0]: expected a number of at most 255, got 256. Lower it.",
    ),
    (
        layer(kind="Conv2D", strides=[1, 0]),
        "model.layers[1].strides[1]: expected a number of at least 1, got 0. Raise it.",
    ),
    (
        layer(kind="Conv2D", strides=[1, 2, 3]),
        "model.layers[1].strides: too many values: expected at most 2, got 3.",
    ),
    (
        layer(kind="Conv2D", strides=[1]),
        "model.layers[1].strides[1]: this field is required. Enter a value.",
    ),
    (layer(kind="Conv2D", strides=True), "model.layers[1].strides: expected a list, got True."),
    (
        layer(kind="Dense", activation="Relu"),
        "model.layers[1].activation: expected one of linear, relu, relu6, ",
    ),
    (
        layer(kind="Dense", name="my layer"),
        "model.layers[1].name: expected letters, digits and underscores that begin with a letter, "
        "got 'my layer'. Choose another name.",
    ),
    (
        layer(kind="Dense", kernel_regularizer={"kind": "L2", "l2": -1}),
        "model.layers[1].kernel_regularizer.l2: expected a number of at least 0.0, got -1. Raise it.",
    ),
]


@pytest.mark.parametrize(("data", "expected"), SENTENCES)
def test_a_spec_is_refused_with_the_path_and_a_sentence(data, expected):
    assert sentence(data).startswith(expected)


def test_a_choice_that_is_nearly_right_is_suggested():
    assert sentence(layer(kind="Dense", activation="Relu")).endswith("Did you mean 'relu'?")


def test_the_first_problem_is_the_first_field_in_the_order_of_the_class():
    both = {"seed": -1, "model": {"layers": ["Conv2D", "Nothing"]}}

    assert sentence(both).startswith("model.layers[1].kind:")


def test_a_prefix_stands_before_the_path():
    class Box(SpecModel):
        size: int = arg(..., "How large.")

    with pytest.raises(SpecError) as caught:
        parse(Box, {}, where="boxes[3]")

    assert str(caught.value) == "boxes[3].size: this field is required. Enter a value."


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ((), ""),
        (("model", "layers", 2, "strides"), "model.layers[2].strides"),
        ((0, "name"), "[0].name"),
        (("weights", "a b"), "weights.a b"),
        (("\ud800",), "\\ud800"),
    ],
)
def test_a_path_is_written_as_people_write_it(parts, path):
    assert path_of(parts) == path
