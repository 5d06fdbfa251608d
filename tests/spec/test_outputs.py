"""Several outputs: what each learns by, what is measured on it, and what cannot be."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec, ModelSpec, TrainingSpec
from dlcore.spec.checks import check
from dlcore.spec.data import Task
from dlcore.spec.fine_tuning import with_new_head
from dlcore.spec.graph import infer
from dlcore.spec.heads import heads_of
from dlcore.spec.measure_name import KNOWN, MeasureName, can_be_output
from dlcore.spec.metrics import METRICS, metric_of
from dlcore.spec.training import gives_probabilities

DIGITS = CATALOGUE.get("digits").facts


def model(**changed):
    """An auxiliary output of probabilities, and an answer of logits."""
    aux = {"kind": "Output", "name": "aux", **changed.pop("output", {})}
    half = {"kind": "Dense", "name": "half", "activation": "softmax", **changed.pop("half", {})}
    return {
        "layers": [
            {"kind": "Flatten", "name": "flat"},
            half,
            aux,
            {"kind": "Dense", "name": "whole", "inputs": ["flat"]},
        ]
    }


def experiment(training=None, augmentation=(), **changed):
    return ExperimentSpec.from_dict(
        {"model": model(**changed), "training": training or {}, "augmentation": list(augmentation)}
    )


def test_a_further_output_fills_open_units_and_gives_what_it_takes():
    report = check(experiment(), DIGITS)

    assert [(row.name, row.output_shape) for row in report.rows] == [
        ("flat", (64,)), ("half", (10,)), ("aux", (10,)), ("whole", (10,)),
    ]  # fmt: skip
    assert report.parameters.total == 2 * 650
    assert (report.rows[2].parameters.total, report.rows[2].flops) == (0, 0)


def test_each_output_has_its_own_loss_or_that_of_the_last_layer():
    spec = experiment({"loss": "CategoricalCrossentropy"}, output={"loss_weight": 0.2})
    own = experiment(output={"loss": {"kind": "MeanSquaredError"}})

    heads = heads_of(spec.training, spec.model, Task.MULTICLASS)
    assert [(head.name, head.weight, head.loss.kind, head.loss.from_logits) for head in heads] == [
        ("whole", 1.0, "CategoricalCrossentropy", True),
        ("aux", 0.2, "CategoricalCrossentropy", False),
    ]
    kinds = [head.loss.kind for head in heads_of(own.training, own.model, Task.MULTICLASS)]
    assert kinds == ["SparseCategoricalCrossentropy", "MeanSquaredError"]
    alone = ModelSpec(layers=("Flatten", "Dense"))
    assert len(heads_of(TrainingSpec(), alone, Task.MULTICLASS)) == 1


PROBLEMS = [
    ({"half": {"units": 3}}, {}, "model.layers[2].inputs: wrong number of outputs: the layer it takes gives 3"),
    ({"output": {"inputs": ["input"]}}, {}, "model.layers[1].name: the output of 'half' is not used."),
    ({"output": {"name": "top_5"}}, {}, "model.layers[2].name: 'top_5' cannot be the name of an output"),
    ({"output": {"name": "val_aux"}}, {}, "model.layers[2].name: 'val_aux' cannot be the name of an output"),
    ({"output": {"loss": "BinaryFocalCrossentropy"}}, {},
     "model.layers[2].loss: BinaryFocalCrossentropy is not for multiclass classification."),
    ({"output": {"loss": "KLDivergence"}, "half": {"activation": "linear"}}, {},
     "model.layers[2].loss: this loss takes probabilities"),
    ({"output": {"loss": "SparseCategoricalCrossentropy"}}, {"augmentation": ["MixUp"]},
     "model.layers[2].loss: this loss takes class numbers, but MixUp mixes labels."),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "more", "sentence"), PROBLEMS)
def test_what_cannot_be_is_said_by_its_field(changed, more, sentence):
    with pytest.raises(SpecError) as caught:
        check(experiment(**changed, **more), DIGITS)

    assert str(caught.value).startswith(sentence)


def test_the_last_layer_is_the_answer_and_no_further_output():
    rows = ["Flatten", "Dense", "Output"]
    problem = infer(ModelSpec(layers=tuple(rows)), (8, 8, 1), 10).problem

    assert str(problem).startswith("layers[2]: the last layer gives the main answer")


@pytest.mark.parametrize("weight", [0, -1, 2e6])
def test_a_loss_counts_more_than_nothing(weight):
    with pytest.raises(SpecError, match=r"model.layers\[2\].loss_weight: expected a number"):
        experiment(output={"loss_weight": weight})


@pytest.mark.parametrize(
    ("name", "metric", "output", "on_validation"),
    [
        ("aux_accuracy", "accuracy", "aux", False),
        ("val_aux_loss", "loss", "aux", True),
        ("aux_top_5_accuracy", "top_5_accuracy", "aux", False),
        ("top_5_accuracy", "top_5_accuracy", "", False),
        ("my_f1", "f1", "my", False),
        ("learning_rate", "learning_rate", "", False),
        ("latency_ms", "latency_ms", "", False),
    ],
)
def test_a_measure_on_an_output_begins_with_its_name_as_in_keras(name, metric, output, on_validation):
    assert MeasureName.parse(name) == MeasureName(metric, on_validation, output)
    assert str(MeasureName.parse(name)) == name


def test_what_is_measured_is_known_by_every_name():
    assert {"loss", *METRICS} == KNOWN
    assert metric_of("aux_rmse") is METRICS["rmse"]
    assert metric_of("aux_loss") is None
    assert [can_be_output(name) for name in ("aux", "dense_1", "top_5", "val_x")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_new_head_leaves_out_what_leads_to_further_outputs_alone():
    layers = [
        {"kind": "Flatten", "name": "flat"},
        {"kind": "Dense", "name": "half"},
        {"kind": "Output", "name": "aux"},
        {"kind": "Dense", "name": "taken", "units": 4},
        {"kind": "Dense", "name": "lost", "units": 5, "inputs": ["flat"]},
        {"kind": "Dense", "name": "lost_too"},
        {"kind": "Output", "name": "late"},
        {"kind": "Dense", "name": "whole", "inputs": ["taken"]},
    ]
    found = with_new_head(ModelSpec(layers=tuple(layers)))

    assert [(layer.name, layer.inputs) for layer in found.layers] == [
        ("flat", ("input",)), ("half", ("flat",)), ("taken", ("half",)), ("head", ("taken",)),
    ]  # fmt: skip
    assert infer(found, (8, 8, 1), 10).problem is None


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (["Flatten", "Dense", "Softmax"], True),
        (
            [
                "Flatten",
                {"kind": "Dense", "name": "a", "activation": "sigmoid"},
                {"kind": "Shared", "of": "a"},
            ],
            True,
        ),
        (["Flatten", {"kind": "Dense", "name": "a"}, {"kind": "Shared", "of": "a"}], False),
        ([{"kind": "Shared", "of": "shared"}], False),
    ],
)
def test_a_softmax_layer_and_a_layer_called_again_say_how_a_model_ends(layers, expected):
    assert gives_probabilities(ModelSpec(layers=tuple(layers))) is expected
