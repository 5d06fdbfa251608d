"""What the exported script says, read as text; that it runs is tested beside Keras."""

import ast
import dataclasses

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.design.code import keras_script
from dlcore.design.code.rendering import WIDTH, render
from dlcore.spec import ExperimentSpec
from dlcore.spec.calls import Call
from dlcore.spec.data import Task

DIGITS, MNIST = CATALOGUE.get("digits").facts, CATALOGUE.get("mnist").facts
BINARY = dataclasses.replace(DIGITS, task=Task.BINARY, classes=("no", "yes"))
LAYERS = ["Flatten", {"kind": "Dense"}]


def script(facts=DIGITS, *, dataset=None, layers=LAYERS, **training) -> str:
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": facts.name, **(dataset or {})},
            "model": {"layers": list(layers)},
            "training": training,
        }
    )
    written = keras_script(spec, facts)
    ast.parse(written)
    assert max(map(len, written.splitlines())) <= WIDTH
    return written


@pytest.mark.parametrize(
    ("facts", "dataset", "divides"),
    [
        (DIGITS, {"validation_fraction": 0}, True),
        (MNIST, {"validation_fraction": 0.1}, True),
        (MNIST, {"validation_fraction": 0, "train_samples": 500}, True),
        (MNIST, {"validation_fraction": 0}, False),
        # Keras has no such division: the arrays come out of a file.
        (MNIST, {"validation_fraction": 0.1, "split": "Random"}, False),
    ],
)
def test_only_a_script_that_divides_the_samples_imports_what_divides_them(facts, dataset, divides):
    written = script(facts, dataset=dataset)

    assert ("from sklearn.model_selection import train_test_split" in written) is divides
    assert ("= train_test_split(" in written) is divides


def test_a_limit_that_limits_nothing_divides_nothing_more():
    few = script(MNIST, dataset={"validation_fraction": 0.1, "train_samples": 53_999})
    all_of_them = script(MNIST, dataset={"validation_fraction": 0.1, "train_samples": 54_000})

    assert "train_size=53999" in few
    assert "train_size" not in all_of_them


def test_images_of_one_channel_get_an_axis_for_it():
    assert "x_train[..., None]" in script(MNIST)
    assert "x_train[..., None]" not in script(CATALOGUE.get("cifar10").facts)


def test_without_a_validation_part_nothing_validates():
    assert "validation_data=(x_validation, y_validation)," in script()
    assert "validation" not in script(dataset={"validation_fraction": 0})


@pytest.mark.parametrize(
    ("layers", "shows"),
    [
        (LAYERS, True),
        (["Flatten", {"kind": "Dense", "units": 1, "activation": "sigmoid"}], False),
    ],
)
def test_metrics_of_yes_and_no_see_probabilities(layers, shows):
    assert ("keras.ops.sigmoid(y_pred)" in script(BINARY, layers=layers)) is shows
    assert "keras.ops.sigmoid(y_pred)" not in script(DIGITS)


def test_classes_are_weighed_by_how_often_they_come():
    assert "np.bincount(y_train, minlength=10)" in script(class_weight="Balanced")
    assert "np.bincount(y_train[:, 0].astype(int), minlength=2)" in script(BINARY, class_weight="Balanced")
    weights = {"kind": "PerClass", "weights": {"3": 2.0}}
    assert "3: 2.0" in script(class_weight=weights) and "4: 1.0" in script(class_weight=weights)
    assert "class_weight" not in script()


@pytest.mark.parametrize(
    ("facts", "loss", "one_hot"),
    [
        (DIGITS, "CategoricalCrossentropy", True),
        (DIGITS, "SparseCategoricalCrossentropy", False),
        (BINARY, "BinaryCrossentropy", False),
    ],
)
def test_a_loss_over_shares_of_classes_gets_them(facts, loss, one_hot):
    written = script(facts, loss=loss)

    for part in ("train", "validation", "test"):
        told = f"y_{part} = keras.utils.to_categorical(y_{part}, 10)" in written
        assert told is one_hot


def test_metrics_stand_in_one_line_where_there_is_room():
    short = 'metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],'
    assert f"    {short}" in script(metrics=["accuracy"]).splitlines()
    assert "    metrics=[" in script(metrics=["accuracy", "top_5_accuracy"]).splitlines()


def test_a_list_of_inputs_is_given_as_a_list_and_several_as_several():
    layers = [
        {"kind": "Reshape", "target_shape": [8, 8], "name": "steps"},
        {"kind": "Dense", "units": 4, "name": "value"},
        {
            "kind": "MultiHeadAttention",
            "num_heads": 1,
            "key_dim": 3,
            "inputs": ["steps", "value"],
            "name": "seen",
        },
        {"kind": "Multiply", "name": "product", "inputs": ["seen", "steps"]},
        {"kind": "Flatten"},
        {"kind": "Dense"},
    ]
    written = script(layers=layers)

    assert "product = keras.layers.Multiply()([seen, steps])" in written
    assert "(steps, value)" in written


def test_names_that_the_script_uses_are_left_to_it():
    layers = [
        {"kind": "Flatten", "name": "class"},
        {"kind": "Dense", "units": 4, "name": "model"},
        {"kind": "Dense", "units": 4, "name": "match", "inputs": ["class"]},
        {"kind": "Dense", "units": 4, "name": "mean_2", "inputs": ["class"]},
        {"kind": "Add", "name": "sum", "inputs": ["model", "match", "mean_2"]},
        {"kind": "Dense", "name": "np"},
    ]
    written = script(layers=layers)

    assert "sum_ = keras.layers.Add()([model_, match_, mean_2_])" in written
    assert "model = keras.Model(inputs, np_)" in written


@pytest.mark.parametrize(
    ("training", "line"),
    [
        ({"deterministic": True}, "tf.config.experimental.enable_op_determinism()"),
        ({"precision": "mixed_float16"}, 'keras.config.set_dtype_policy("mixed_float16")'),
        ({"early_stopping": {"monitor": "val_loss"}}, "    callbacks=["),
    ],
)
def test_what_is_not_the_default_is_said(training, line):
    assert line in script(**training).splitlines()
    assert line not in script().splitlines()


def test_a_schedule_knows_how_many_steps_there_are():
    # 1438 samples without a tenth are 1294, in batches of 100: 13 steps an epoch, of which one epoch warms up.
    written = script(batch_size=100, epochs=5, schedule={"kind": "CosineDecay", "warmup_epochs": 1})

    assert "warmup_steps=13" in written
    assert "decay_steps=52" in written


def test_only_the_colours_that_are_to_jitter_do():
    written = keras_script(
        ExperimentSpec.from_dict(
            {
                "dataset": {"name": "cifar10"},
                "augmentation": [
                    {
                        "kind": "RandomColorJitter",
                        "brightness_factor": 0.2,
                        "hue_factor": None,
                        "contrast_factor": None,
                        "saturation_factor": [0.3, 0.6],
                    }
                ],
                "model": {"layers": LAYERS},
            }
        ),
        CATALOGUE.get("cifar10").facts,
    )

    assert "keras.layers.RandomBrightness(" in written and "keras.layers.RandomSaturation(" in written
    assert "keras.layers.RandomContrast(" not in written and "keras.layers.RandomHue(" not in written


def test_without_a_warm_up_the_rate_begins_where_it_should():
    written = script(batch_size=100, epochs=5, schedule={"kind": "CosineDecay", "warmup_epochs": 0})

    assert "warmup" not in written
    assert "decay_steps=65" in written


def test_a_call_stays_on_its_line_up_to_the_width_with_what_is_before_and_beside_it():
    short = Call("losses.It", {"name": "x" * (WIDTH - len('keras.losses.It(name="")'))})
    line = render(short)
    assert "\n" not in line and len(line) == WIDTH
    assert render(short, indent=1).startswith("keras.losses.It(\n     name=")
    assert render(short, beside=1).count("\n") == 2
    assert render(Call("losses.It", {"name": "x" * 20}), indent=4, beside=WIDTH - 48).count("\n") == 0
    assert render(Call("losses.It", {"name": "x" * 20}), indent=4, beside=WIDTH - 47).count("\n") == 2


FURTHER = [
    {"kind": "Flatten", "name": "flat"},
    {"kind": "Dense", "name": "half"},
    {"kind": "Output", "name": "aux", "loss_weight": 0.5, "loss": "CategoricalCrossentropy"},
    {"kind": "Dense", "name": "whole", "inputs": ["flat"]},
]


def test_each_output_has_its_target_its_loss_its_weight_and_its_metrics():
    written = script(layers=FURTHER)

    for line in (
        'aux = keras.layers.Identity(name="aux")(half)',
        'whole = keras.layers.Dense(units=10, activation="linear", name="whole")(flat)',
        "model = keras.Model(inputs, [whole, aux])",
        "        y,  # whole",
        "        keras.ops.one_hot(y, 10),  # aux",
        "        keras.losses.CategoricalCrossentropy(from_logits=True),",
        "    loss_weights=[1.0, 0.5],",
        '        [keras.metrics.CategoricalAccuracy(name="accuracy")],',
        "    for_outputs(y_train),",
        "    validation_data=(x_validation, for_outputs(y_validation)),",
        "print(model.evaluate(x_test, for_outputs(y_test), verbose=0, return_dict=True))",
    ):
        assert line in written.splitlines()


def test_classes_are_weighed_sample_by_sample_where_there_are_several_outputs():
    plain = script(layers=FURTHER, class_weight="Balanced")
    shares = script(layers=FURTHER, class_weight="Balanced", loss="CategoricalCrossentropy")

    assert "sample_weight=np.array([class_weight[label] for label in y_train])," in plain
    assert "for label in y_train.argmax(axis=1)])," in shares
    assert "    class_weight=class_weight," not in plain


def test_only_outputs_of_logits_are_squashed_for_their_metrics():
    half = {"kind": "Dense", "name": "half", "units": 1, "activation": "sigmoid"}
    aux = {"kind": "Output", "name": "aux"}
    written = script(BINARY, layers=[FURTHER[0], half, aux, FURTHER[3]])

    assert "        y_pred = [keras.ops.sigmoid(y_pred[0]), y_pred[1]]" in written.splitlines()


@pytest.mark.parametrize(
    ("monitor", "watched"),
    [("val_accuracy", "val_whole_accuracy"), ("loss", "loss"), ("val_loss", "val_loss")],
)
def test_what_is_watched_of_several_outputs_is_called_as_keras_calls_it(monitor, watched):
    written = script(layers=FURTHER, early_stopping={"monitor": monitor}, schedule="ReduceLROnPlateau")

    assert f'monitor="{watched}",' in written
    assert f'monitor="{monitor}",' in script(early_stopping={"monitor": monitor})


@pytest.mark.parametrize("facts", [one.facts for one in CATALOGUE], ids=lambda facts: facts.name)
def test_no_script_loads_data_in_a_way_that_deletes_a_file_packed_anew(facts):
    # Of Keras' functions, only that of Fashion-MNIST compares no hash.
    assert ("load_data()\n" in script(facts)) is (facts.name == "fashion_mnist")


TUNED = {
    "model": {
        "layers": [
            {"kind": "Conv2D", "name": "body"},
            {"kind": "Flatten"},
            {"kind": "Dense", "name": "head"},
        ]
    },
    "training": {"epochs": 5, "early_stopping": {"monitor": "val_loss"}},
}


def tuned_script(*, has_new=True, **tuning) -> str:
    source = {"kind": "FromRun", "run": "abc"}
    spec = ExperimentSpec.from_dict({**TUNED, "fine_tuning": {"source": source, **tuning}})
    written = keras_script(spec, DIGITS, experiment="run1", has_new=has_new)
    ast.parse(written)
    return written


def test_a_fine_tuning_lets_new_layers_learn_first():
    written = tuned_script(head_epochs=2)
    first, second = written.split("let_learn(brought)")[1].split("let_learn(set())")

    assert "python -m dlcore data export run1 --out data.npz" in written
    assert "learning_rate=0.001)" in first and "epochs=2," in first and "EarlyStopping" not in first
    assert "learning_rate=0.0001)" in second and "epochs=3," in second and "EarlyStopping" in second


@pytest.mark.parametrize("told", [{"head_epochs": 0}, {"has_new": False, "head_epochs": 2}])
def test_a_fine_tuning_in_which_nothing_is_to_learn_first_has_one_phase(told):
    written = tuned_script(**told)

    assert written.count("model.fit(") == 1 and "epochs=5," in written


def test_a_fine_tuning_of_the_head_alone_has_one_phase_which_may_end_early():
    written = tuned_script(head_epochs=9, frozen=["body"])

    assert written.count("model.fit(") == 1 and "epochs=5," in written and "EarlyStopping" in written
    assert 'let_learn({"body"} | brought)' in written


def test_layers_of_a_fine_tuning_are_found_by_their_names():
    assert 'name="body")' in tuned_script()


def test_a_part_of_a_backbone_may_stay_as_it_is():
    layers = [{"kind": "DenseNet121", "name": "base"}, {"kind": "Dense", "name": "head"}]
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": "cifar10"},
            "preprocessing": [],
            "model": {"layers": layers},
            "fine_tuning": {"backbone_share": 0.25},
        }
    )
    written = keras_script(spec, CATALOGUE.get("cifar10").facts)
    ast.parse(written)

    assert 'brought = {"base"}' in written and "data.npz" not in written
    assert "base_core = keras.applications.DenseNet121(" in written and 'weights="imagenet"' in written
    # Keras' own mean and deviation of ImageNet: 1 / (255 * 0.229).
    assert "base_scaled = keras.layers.Rescaling(" in written and "0.017124753831663668" in written
    assert "for part in parts[: round(len(parts) * 0.75)]:" in written
    assert "keep_statistics(layer)" in written
