"""The exported script runs on its own and does what the engine does."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.datasets import CATALOGUE
from dlcore.design.code import keras_script
from dlcore.design.templates import template
from dlcore.design.templates.images import IMAGE_TEMPLATES
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.data import load
from dlcore.errors import SpecError
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from tests.engine.test_outputs import inception

pytestmark = pytest.mark.keras

TRAININGS: dict[str, dict[str, Any]] = {
    "cnn": {"epochs": 1},
    "resnet": {
        "epochs": 1,
        "batch_size": 128,
        "loss": {"kind": "CategoricalCrossentropy", "label_smoothing": 0.1},
        "optimizer": {"kind": "SGD", "momentum": 0.9, "clipnorm": 1.0},
        "schedule": {"kind": "CosineDecay", "warmup_epochs": 0.5},
        "early_stopping": {"monitor": "val_accuracy"},
        "class_weight": {"kind": "PerClass", "weights": {"3": 2.0}},
    },
}


def experiment(name: str, dataset: str = "digits", **training: Any) -> ExperimentSpec:
    model = template(name).build(CATALOGUE.get(dataset).facts.input_shape).model_dump()
    return ExperimentSpec.from_dict(
        {"dataset": {"name": dataset}, "model": model, "training": training, "seed": 3}
    )


@pytest.mark.parametrize(
    ("name", "training"),
    [
        ("cnn", "resnet"),
        pytest.param("cnn", "cnn", marks=pytest.mark.acceptance),
        pytest.param("resnet", "resnet", marks=pytest.mark.acceptance),
    ],
)
def test_the_script_runs_on_its_own(name: str, training: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        keras_script(experiment(name, **TRAININGS[training]), CATALOGUE.get("digits").facts), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-I", str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "dlcore" not in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TRAININGS)
def test_the_script_starts_from_the_same_model_and_loss(name: str, tmp_path: Path) -> None:
    import keras

    spec = experiment(name, **TRAININGS[name])
    data = load(spec, Settings(home=tmp_path), print)
    before_training, _, _ = keras_script(spec, CATALOGUE.get("digits").facts).partition("model.fit(")
    there: dict[str, Any] = {}
    exec(before_training, there)

    keras.utils.set_random_seed(spec.seed)
    network = build_model(spec.model, data.signature)
    compile_model(network, spec.model, spec.training, task=Task.MULTICLASS, steps_per_epoch=1, epochs=1)
    theirs = there["model"].evaluate(there["x_test"], there["y_test"], verbose=0)
    ours = network.evaluate(there["x_test"], there["y_test"], verbose=0)

    assert there["model"].count_params() == network.count_params()
    assert theirs[0] == pytest.approx(ours[0], rel=1e-6)
    optimizers = [model.optimizer.get_config() for model in (there["model"], network)]
    for config in optimizers:
        # The schedule's steps come from the size of the dataset; names count up within a process.
        del config["name"], config["learning_rate"]
    assert optimizers[0] == optimizers[1]


@pytest.mark.parametrize("dataset", ["digits", "mnist", "fashion_mnist", "cifar10", "cifar100"])
@pytest.mark.parametrize("name", [one.name for one in IMAGE_TEMPLATES])
def test_every_template_on_every_dataset_gives_python(name: str, dataset: str) -> None:
    script = keras_script(experiment(name, dataset), CATALOGUE.get(dataset).facts)
    compile(script, "script", "exec")
    assert max(len(line) for line in script.splitlines()) <= 110


def test_a_name_cannot_smuggle_code_into_the_script() -> None:
    with pytest.raises(SpecError, match="one line of text"):
        experiment("cnn").with_values({"name": "x\nimport os"})
    spec = experiment("cnn").with_values({"name": 'x"""; import os  # \\nimport os'})
    script = keras_script(spec, CATALOGUE.get("digits").facts)
    imported = {
        alias.name
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"keras", "numpy"}


def test_layer_names_that_python_knows_are_changed() -> None:
    spec = ExperimentSpec.from_dict(
        {
            "model": {
                "layers": [
                    {"kind": "Flatten", "name": "class"},
                    {"kind": "Dense", "units": 4, "name": "model"},
                    {"kind": "Dense", "units": 4, "name": "keras", "inputs": ["class"]},
                    {"kind": "Add", "name": "sum", "inputs": ["model", "keras"]},
                    {"kind": "Dense", "name": "np"},
                ]
            }
        }
    )
    script = keras_script(spec, CATALOGUE.get("digits").facts)
    there: dict[str, Any] = {}
    exec(script.partition("# Training")[0], there)
    # 64 · 4 + 4, twice, then 4 · 10 + 10.
    assert there["model"].count_params() == 570


NEW_LAYERS: dict[str, list[dict[str, Any]]] = {
    "a sequence read both ways": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {"kind": "Bidirectional", "layer": {"kind": "LSTM", "units": 5, "return_sequences": True}},
        {"kind": "TimeDistributed", "layer": {"kind": "Dense", "units": 3, "activation": "relu"}},
        {"kind": "GRU", "units": 4, "reset_after": False, "trainable": False},
    ],
    "attention to itself": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {"kind": "Conv1D", "filters": 6, "padding": "causal", "name": "conv"},
        {"kind": "MultiHeadAttention", "num_heads": 2, "key_dim": 3, "use_causal_mask": True},
        {"kind": "GlobalAveragePooling1D"},
    ],
    "positions": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {"kind": "PositionEmbedding", "sequence_length": 9},
        {"kind": "SinePositionEncoding"},
        {"kind": "RotaryEmbedding", "name": "turned"},
        {"kind": "LSTM", "units": 4},
    ],
    "volumes": [
        {"kind": "Reshape", "target_shape": [4, 4, 4, 1]},
        {"kind": "ZeroPadding3D", "padding": [0, 1, 2, 0, 1, 1]},
        {"kind": "Conv3D", "filters": 4, "strides": [1, 2, 1], "padding": "same"},
        {"kind": "MaxPooling3D"},
        {"kind": "Conv3DTranspose", "filters": 2, "kernel_size": 2, "strides": 2},
        {"kind": "Cropping3D", "cropping": [1, 0, 1]},
        {"kind": "AveragePooling3D", "pool_size": [1, 1, 2]},
        {"kind": "UpSampling3D", "size": [1, 2, 3]},
        {"kind": "GlobalMaxPooling3D", "keepdims": True},
        {"kind": "GlobalAveragePooling3D"},
    ],
    "a layer called again": [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 64, "name": "code", "activation": "tanh"},
        {"kind": "Shared", "of": "code", "name": "again"},
        {"kind": "Subtract", "inputs": ["again", "code"]},
    ],
    "the memory of another layer": [
        {"kind": "Reshape", "target_shape": [8, 8]},
        {"kind": "LSTM", "units": 4, "return_state": True, "name": "encoder"},
        {"kind": "State", "name": "encoder_states", "inputs": ["encoder"]},
        {"kind": "State", "name": "cell", "number": 1, "inputs": ["encoder"]},
        {"kind": "RepeatVector", "n": 3, "inputs": ["encoder"]},
        {"kind": "LSTM", "units": 4, "inputs": ["repeat_vector", "encoder_states", "cell"]},
    ],
    "images at random": [
        {"kind": "RandomFlip"},
        {"kind": "RandomRotation", "factor": 0.2},
        {"kind": "RandomZoom", "height_factor": [-0.2, 0.1]},
        {"kind": "RandomTranslation", "fill_mode": "wrap"},
        {"kind": "RandomContrast"},
        {"kind": "RandomBrightness", "value_range": [0, 255]},
        {"kind": "Flatten"},
    ],
    "several inputs": [
        {"kind": "Reshape", "target_shape": [8, 8], "name": "steps"},
        {"kind": "Dense", "units": 4, "name": "value"},
        {"kind": "MultiHeadAttention", "num_heads": 1, "key_dim": 3, "inputs": ["steps", "value"]},
        {"kind": "Multiply", "name": "product", "inputs": ["multi_head_attention", "steps"]},
        {"kind": "Dot", "axes": [2, 2], "inputs": ["product", "steps"]},
        {"kind": "Flatten"},
    ],
    "what applications are made of": [
        {"kind": "Normalization", "mean": [0.5], "variance": [0.25]},
        {"kind": "ZeroPadding2D", "padding": [0, 1, 2, 0]},
        {"kind": "Conv2D", "filters": 4, "activation": "hard_silu"},
        {"kind": "LayerScale", "projection_dim": 4, "init_values": 0.5},
        {"kind": "Dropout", "rate": 0.25, "noise_shape": [1, 1, 1]},
        {"kind": "Softmax", "axis": 1},
        {"kind": "Flatten"},
        {"kind": "AlphaDropout"},
        {"kind": "GaussianDropout"},
    ],
    "an image larger and smaller": [
        {"kind": "Rescaling", "scale": 0.5},
        {"kind": "Conv2DTranspose", "filters": 4, "strides": 2},
        {"kind": "ZeroPadding2D"},
        {"kind": "Cropping2D", "cropping": 2},
        {"kind": "Resizing", "height": 6, "width": 5},
        {"kind": "GroupNormalization", "groups": 2},
        {"kind": "GaussianNoise"},
        {"kind": "SpatialDropout2D", "trainable": False},
        {"kind": "Flatten"},
        {"kind": "RepeatVector", "n": 2},
        {"kind": "Permute", "dims": [2, 1]},
        {"kind": "Flatten"},
    ],
}


@pytest.mark.parametrize("name", NEW_LAYERS)
def test_the_script_makes_every_sort_of_layer_as_the_engine_does(name: str) -> None:
    import keras

    spec = ExperimentSpec.from_dict({"model": {"layers": [*NEW_LAYERS[name], {"kind": "Dense"}]}, "seed": 3})
    shape = CATALOGUE.get("digits").facts.input_shape
    there: dict[str, Any] = {}
    exec(keras_script(spec, CATALOGUE.get("digits").facts).partition("# Training")[0], there)
    keras.utils.set_random_seed(3)
    network = build_model(spec.model, shape, 10)

    counts = [
        (
            model.count_params(),
            sum(weight.size for weight in model.get_weights()),
            len(model.trainable_weights),
        )
        for model in (there["model"], network)
    ]
    assert counts[0] == counts[1]
    x = there["x_test"][:4]
    # The same seed gave them the same weights.
    answers = [np.asarray(model(x, training=False)) for model in (there["model"], network)]
    np.testing.assert_allclose(*answers, rtol=1e-4, atol=1e-5)


def test_a_model_that_does_not_fit_has_no_script() -> None:
    spec = ExperimentSpec.from_dict({"model": {"layers": [{"kind": "Conv2D", "kernel_size": 9}]}})
    with pytest.raises(SpecError, match=r"model\.layers\[0\]\.kernel_size"):
        keras_script(spec, CATALOGUE.get("digits").facts)


def test_the_script_of_the_first_cnn_reads_like_the_article() -> None:
    script = keras_script(experiment("cnn", "mnist"), CATALOGUE.get("mnist").facts)
    assert (
        """model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(filters=32, kernel_size=(3, 3), activation="relu"),
        keras.layers.MaxPooling2D(pool_size=(2, 2)),
        keras.layers.Flatten(),
        keras.layers.Dense(units=128, activation="relu"),
        keras.layers.Dense(units=10, activation="linear"),
    ]
)"""
        in script
    )


def test_a_script_of_several_outputs_starts_with_the_loss_of_the_engine() -> None:
    import keras

    spec = inception()
    before_training = keras_script(spec, CATALOGUE.get("digits").facts).partition("model.fit(")[0]
    there: dict[str, Any] = {}
    exec(before_training, there)
    network = build_model(spec.model, (8, 8, 1), 10)
    compile_model(network, spec.model, spec.training, task=Task.MULTICLASS, steps_per_epoch=1, epochs=1)
    network.set_weights(there["model"].get_weights())
    given = there["for_outputs"](there["y_test"])
    theirs = there["model"].evaluate(there["x_test"], given, batch_size=359, verbose=0, return_dict=True)
    ours = network.compute_loss(None, there["y_test"], network(there["x_test"]))

    assert theirs["loss"] == pytest.approx(float(keras.ops.convert_to_numpy(ours)), rel=1e-5)
    assert {"answer_accuracy", "first_accuracy", "second_loss"} <= set(theirs)
