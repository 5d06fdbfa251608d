"""Every registered kind keeps its word: shapes, counts, one training step, save and reload."""

from __future__ import annotations

import inspect
import warnings
from functools import reduce
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.engine.build import build_model, compile_model, make
from dlcore.engine.randomness import reseed
from dlcore.spec.base import Kind
from dlcore.spec.blocks import BLOCKS
from dlcore.spec.calls import call_of
from dlcore.spec.data import Task
from dlcore.spec.graph import infer
from dlcore.spec.layers import LAYERS, RECURRENTS, Application, Composite, Layer, Output, Shared, State
from dlcore.spec.losses import LOSSES, Loss
from dlcore.spec.metrics import VALUE_TASKS
from dlcore.spec.model import ModelSpec
from dlcore.spec.optimizers import OPTIMIZERS, Optimizer
from dlcore.spec.regularizers import REGULARIZERS
from dlcore.spec.schedules import SCHEDULES, ReduceLROnPlateau, Schedule
from dlcore.spec.signature import InputSpec, Signature
from dlcore.spec.training import TrainingSpec, metric_calls, optimizer_call, resolved_loss
from tests.engine.xla import check_xla

pytestmark = pytest.mark.keras

SHAPE, OUTPUTS = (8, 8, 3), 4
INPUTS: dict[str, tuple[int, ...]] = {
    "image": SHAPE,
    "sequence": (6, 4),
    "vector": (7,),
    "words": (5,),
    "volume": (4, 5, 4, 2),
    "volumes": (3, 3, 4, 3, 1),
}
"""What a layer may be given; words are whole numbers below 10."""

TAKES = {
    "RepeatVector": "vector", "Embedding": "words", "MultiHeadAttention": "sequence", "Permute": "sequence",
    "PositionEmbedding": "sequence", "SinePositionEncoding": "sequence", "RotaryEmbedding": "sequence",
    "GroupQueryAttention": "sequence", "Attention": "sequence", "AdditiveAttention": "sequence",
    "Masking": "sequence", "Discretization": "vector", "CategoryEncoding": "words",
    "Bidirectional": "sequence", "TimeDistributed": "sequence", "LSTM": "sequence", "GRU": "sequence",
    "SimpleRNN": "sequence", **{kind: "sequence" for kind in LAYERS.names() if kind.endswith(("1D", "1DTranspose"))},
    **{kind: "volume" for kind in LAYERS.names() if kind.endswith(("3D", "3DTranspose"))},
    "ConvLSTM1D": "image", "ConvLSTM2D": "volume", "ConvLSTM3D": "volumes",
}  # fmt: skip
"""Layers that need something else than an image."""

NEEDED: dict[str, dict[str, Any]] = {
    "Dense": {"units": 3},
    "Embedding": {"input_dim": 10},
    "GroupNormalization": {"groups": 3},
    "LayerScale": {"projection_dim": 3},
    "Dot": {"axes": 3},
    "Resizing": {"height": 5, "width": 4},
    "Conv2DTranspose": {"filters": 4},
    "GroupQueryAttention": {"head_dim": 3},
    "SpectralNormalization": {"layer": {"kind": "Dense", "units": 3}},
    **{f"ConvLSTM{rank}D": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    **{
        f"Adaptive{how}Pooling{rank}D": {"output_size": (2, 3, 2)[:rank] if rank > 1 else 4}
        for how in ("Average", "Max")
        for rank in (1, 2, 3)
    },
    "LSTM": {"units": 5},
    "GRU": {"units": 5},
    "SimpleRNN": {"units": 5},
}
"""Arguments without which a layer does not fit, or is needlessly large."""

EXTRAS: dict[str, list[dict[str, Any]]] = {
    "Conv2D": [
        {"strides": 2, "padding": "same", "activation": "gelu"},
        {"dilation_rate": 2, "use_bias": False, "kernel_regularizer": {"kind": "L1L2", "l1": 0.1}},
        {"filters": 6, "kernel_size": (1, 5), "activity_regularizer": "L2", "bias_regularizer": "L1"},
        {"trainable": False},
    ],
    "Conv1D": [{"padding": "causal", "dilation_rate": 2}, {"strides": 2, "groups": 2, "use_bias": False}],
    "SeparableConv2D": [{"strides": 2, "depth_multiplier": 2, "padding": "same"}, {"use_bias": False}],
    "SeparableConv1D": [{"strides": 2, "depth_multiplier": 2, "padding": "same"}, {"use_bias": False}],
    "DepthwiseConv2D": [{"depth_multiplier": 3, "padding": "same"}, {"strides": 2, "use_bias": False}],
    "DepthwiseConv1D": [{"depth_multiplier": 3, "padding": "same"}, {"strides": 2, "use_bias": False}],
    "PReLU": [{"shared_axes": (1, 2)}, {"alpha_initializer": "ones", "alpha_regularizer": "L2"}],
    "RMSNormalization": [{"epsilon": 0.125}],
    "Conv2DTranspose": [
        {"strides": 2, "padding": "same", "use_bias": False},
        {"strides": (3, 2), "kernel_size": (2, 3), "output_padding": (2, 0)},
        {"strides": 3, "kernel_size": 2, "padding": "same", "output_padding": 1},
    ],
    "Conv1DTranspose": [{"strides": 2, "padding": "same"}, {"strides": 3, "output_padding": 1}],
    "Conv3D": [
        {"strides": (1, 2, 1), "padding": "same", "groups": 2, "filters": 4},
        {"kernel_size": 2, "dilation_rate": (1, 2, 1), "use_bias": False},
    ],
    "Conv3DTranspose": [
        {"strides": 2, "padding": "same"},
        {"strides": (1, 2, 3), "output_padding": (0, 1, 2)},
    ],
    "MaxPooling3D": [{"pool_size": (1, 2, 3), "strides": 2, "padding": "same"}],
    "AveragePooling3D": [{"pool_size": 2, "strides": 1}],
    "UpSampling3D": [{"size": (1, 2, 3)}],
    "ZeroPadding3D": [{"padding": (0, 1, 2, 3, 0, 0)}],
    "Cropping3D": [{"cropping": (0, 1, 2, 0, 1, 1)}],
    "MaxPooling2D": [{"pool_size": 3, "strides": 2, "padding": "same"}],
    "AveragePooling2D": [{"pool_size": (2, 3), "padding": "same"}],
    "MaxPooling1D": [{"pool_size": 3, "strides": 2, "padding": "same"}],
    "AveragePooling1D": [{"pool_size": 3, "strides": 1}],
    **{
        f"Global{how}Pooling{rank}D": [{"keepdims": True}] for how in ("Average", "Max") for rank in (1, 2, 3)
    },
    "BatchNormalization": [{"center": False}, {"scale": False, "momentum": 0.5}, {"trainable": False}],
    "LayerNormalization": [{"center": False, "scale": False}],
    "GroupNormalization": [{"groups": 1, "center": False}],
    "Normalization": [
        {"mean": (0.5, 0.25, 1.0), "variance": (0.25, 4.0, 1.0)},
        {"mean": (0.5,), "variance": (0.25,), "invert": True},
    ],
    "LayerScale": [{"init_values": 0.5}, {"trainable": False}],
    "Dense": [{"units": 5, "activation": "softmax", "kernel_initializer": "he_normal", "use_bias": False}],
    "Embedding": [{"mask_zero": True, "embeddings_regularizer": "L2"}],
    "Concatenate": [{"axis": 1}],
    "Dot": [{"axes": (1, 2), "normalize": True}],
    "Activation": [{"activation": "mish"}],
    "Softmax": [{"axis": 1}],
    "Dropout": [{"noise_shape": (1, 1, -1)}],
    "AlphaDropout": [{"noise_shape": (1, -1, 3)}],
    "ReLU": [{"max_value": 6.0, "negative_slope": 0.1, "threshold": 0.2}],
    "LSTM": [
        {"return_sequences": True, "unit_forget_bias": False, "dropout": 0.2, "recurrent_dropout": 0.2},
        {"go_backwards": True, "use_bias": False, "recurrent_regularizer": "L2"},
    ],
    "GRU": [{"reset_after": False, "return_sequences": True}, {"use_bias": False}, {"trainable": False}],
    "SimpleRNN": [{"activation": "relu", "return_sequences": True}],
    "Bidirectional": [
        {"layer": {"kind": "GRU", "units": 3, "return_sequences": True}},
        {"layer": {"kind": "SimpleRNN", "units": 3}, "merge_mode": "sum", "trainable": False},
        {"layer": {"kind": "LSTM", "units": 3, "return_sequences": True}, "merge_mode": "mul"},
    ],
    "TimeDistributed": [{"layer": "Flatten"}, {"layer": {"kind": "Dense", "units": 2}, "trainable": False}],
    "MultiHeadAttention": [{"value_dim": 3, "use_bias": False, "dropout": 0.1}, {"use_causal_mask": True}],
    "PositionEmbedding": [
        {"sequence_length": 9, "embeddings_initializer": "glorot_uniform", "trainable": False},
    ],
    "RotaryEmbedding": [{"max_wavelength": 50}],
    "GroupQueryAttention": [{"num_key_value_heads": 1, "use_bias": False, "use_causal_mask": True}],
    "Attention": [{"use_scale": True, "score_mode": "concat", "dropout": 0.1}],
    "AdditiveAttention": [{"use_scale": False, "use_causal_mask": True}],
    "ConvLSTM2D": [
        {
            "strides": (1, 2),
            "padding": "same",
            "return_sequences": True,
            "dropout": 0.1,
            "recurrent_dropout": 0.1,
        },
        {"dilation_rate": 2, "use_bias": False, "go_backwards": True, "recurrent_regularizer": "L2"},
    ],
    "Masking": [{"mask_value": 1.0}],
    "SpectralNormalization": [
        {"layer": {"kind": "Conv2D", "filters": 2, "strides": 2}, "power_iterations": 2},
        {"layer": {"kind": "Dense", "units": 3, "use_bias": False}, "trainable": False},
    ],
    "EinsumDense": [
        {"equation": "abcd,cde->abe", "sizes": (8, 5), "bias_axes": "e", "activation": "relu"},
        {"equation": "...d,de->...de", "sizes": (3, 2), "bias_axes": "de", "trainable": False},
    ],
    "Discretization": [
        {"bin_boundaries": (0.25, 0.5, 0.75), "output_mode": "one_hot"},
        {"output_mode": "count"},
    ],
    "CategoryEncoding": [{"output_mode": "one_hot"}, {"output_mode": "count"}],
    "ActivityRegularization": [{"l1": 0.1, "l2": 0.1}],
    "Reshape": [{"target_shape": (4, -1, 6)}, {"target_shape": (16, 12)}],
    "Permute": [{"dims": (1, 2)}],
    "RepeatVector": [{"n": 3}],
    "UpSampling2D": [{"size": (1, 3), "interpolation": "bilinear"}],
    "UpSampling1D": [{"size": 3}],
    "ZeroPadding2D": [{"padding": (0, 2)}, {"padding": (0, 1, 2, 3)}],
    "ZeroPadding1D": [{"padding": (0, 2)}],
    "Cropping2D": [{"cropping": (0, 2)}, {"cropping": (0, 1, 2, 3)}],
    "Cropping1D": [{"cropping": (0, 2)}],
    "Resizing": [{"crop_to_aspect_ratio": True}],
    "RandomFlip": [{"mode": "vertical"}, {"mode": "horizontal_and_vertical"}],
    "RandomRotation": [{"factor": (0.1, 0.2), "fill_mode": "constant"}],
    "RandomZoom": [{"height_factor": (-0.3, 0.0), "width_factor": 0.2, "fill_mode": "nearest"}],
    "RandomTranslation": [{"height_factor": 0.5, "width_factor": (0.0, 0.5), "fill_mode": "wrap"}],
    "RandomContrast": [{"factor": (0.0, 1.0), "value_range": (0.0, 255.0)}],
    "RandomBrightness": [{"factor": (-1.0, 0.5), "value_range": (-1.0, 1.0)}],
    "Rescaling": [{"scale": 2.0, "offset": -1.0}],
}
"""Arguments beyond the defaults, which each layer is tried with as well."""

CASES = [
    (kind.__name__, extra)
    for kind in LAYERS
    # Whole networks have a contract of their own, and further outputs; a layer once more and a memory need another
    # layer before them.
    if not issubclass(kind, (Application, Output, Shared, State))
    for extra in [{}, *EXTRAS.get(kind.__name__, [])]
]
BRANCHES = {"image": {"kind": "Conv2D", "kernel_size": 1}, "sequence": {"kind": "Conv1D", "kernel_size": 1}}


def around(kind: str, arguments: dict[str, Any], branches: int | None = None) -> ModelSpec:
    """The layer behind the model's input, or behind as many branches as it joins, and before a Dense."""
    row = {"kind": kind, "name": "it", **NEEDED.get(kind, {}), **arguments}
    count = LAYERS.get(kind).fewest if branches is None else branches
    branch = {**BRANCHES[TAKES.get(kind, "image")], "filters": 2} if count > 1 else {}
    before = [{**branch, "name": name, "inputs": ["input"]} for name in "abc"[:count]] if count > 1 else []
    row["inputs"] = [one["name"] for one in before]
    return ModelSpec.model_validate({"layers": [*before, row, {"kind": "Flatten"}, {"kind": "Dense"}]})


def samples(kind: str, count: int = 6) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    generator, takes = np.random.default_rng(0), TAKES.get(kind, "image")
    shape = (count, *INPUTS[takes])
    x = generator.integers(0, 10, shape) if takes == "words" else generator.random(shape, np.float32)
    return x.astype(np.float32), generator.integers(0, OUTPUTS, count)


ENDS = {Task.MULTICLASS: "softmax", Task.BINARY: "sigmoid", Task.MULTILABEL: "sigmoid"}
"""How a model ends that gives probabilities."""


def labels_for(task: Task, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The class numbers as labels of a task; numbers are what a class is on average, and noise."""
    if task is Task.BINARY:
        return (y % 2).astype(np.float32)[:, None]
    one_hot: np.ndarray[Any, Any] = keras.utils.to_categorical(y, OUTPUTS)
    if task in VALUE_TASKS:
        return one_hot * 3 + np.random.default_rng(1).normal(size=one_hot.shape)
    return one_hot


def compiled(
    model: ModelSpec,
    shape: tuple[int, ...] = SHAPE,
    task: Task = Task.MULTICLASS,
    outputs: int = OUTPUTS,
    **training: Any,
) -> Any:
    keras.utils.set_random_seed(0)
    network = build_model(model, shape, outputs)
    compile_model(network, model, TrainingSpec(**training), task=task, steps_per_epoch=10, epochs=2)
    return network


def test_what_xla_cannot_compile_is_noticed() -> None:
    with pytest.raises(ValueError, match="StringFormat"):
        check_xla(lambda x: tf.strings.length(tf.strings.format("{}", x)), tf.constant([1.0]))


def keeps_its_word(model: ModelSpec, x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], folder: Path) -> None:
    """Shapes and counts are Keras' own, a training step changes weights, and what is saved is the same."""
    shape = x.shape[1:]
    network = compiled(model, shape, metrics=())
    report = infer(model, shape, OUTPUTS)
    assert report.problem is None
    for row in report.rows:
        layer = network.get_layer(row.name)
        assert (None, *row.output_shape) == layer.output.shape
        assert row.parameters.total == layer.count_params()
        assert row.parameters.trainable == sum(int(np.prod(w.shape)) for w in layer.trainable_weights)

    before = network.get_weights()
    batch = (tf.constant(x), tf.constant(y))
    if network.compiles:
        check_xla(network.train_step, batch)
    loss = network.train_step(batch)["loss"]
    assert np.isfinite(float(loss))
    assert any((old != new).any() for old, new in zip(before, network.get_weights(), strict=True))

    network.save(folder / "model.keras")
    with warnings.catch_warnings():
        # What Keras itself loads says so where a mask ends; what the engine builds does not.
        warnings.filterwarnings("ignore", message=".* mask attached")
        again = keras.saving.load_model(folder / "model.keras")
        # Layers that change images at random do so wherever nothing is said.
        found, expected = (np.asarray(one(x, training=False)) for one in (again, network))
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_a_layer_has_keras_shapes_and_counts_trains_and_is_saved(
    kind: str, arguments: dict[str, Any], tmp_path: Path
) -> None:
    keeps_its_word(around(kind, arguments), *samples(kind), tmp_path)


BLOCK_CASES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "Residual": [("image", {}), ("image", {"filters": 4, "strides": 2}), ("sequence", {})],
    "InvertedResidual": [("image", {"expansion": 2}), ("image", {"filters": 4, "strides": 2})],
    "Inception": [("image", {"filters": 16}), ("sequence", {"filters": 18})],
    "SqueezeExcite": [("image", {}), ("sequence", {"ratio": 2})],
    "Auxiliary": [("image", {}), ("sequence", {"units": 3})],
    "TokenAndPosition": [("words", {"input_dim": 10})],
    "TransformerEncoder": [("sequence", {}), ("sequence", {"key_dim": 3, "feed_forward": 5, "dropout": 0.0})],
}
"""What each block is tried behind, and with which arguments."""


LIKE = {"image": "Conv2D", "sequence": "LSTM", "words": "Embedding"}
"""A layer that is given the same."""


@pytest.mark.parametrize("kind", BLOCKS.names())
def test_a_block_has_keras_shapes_and_counts_trains_and_is_saved(kind: str, tmp_path: Path) -> None:
    for takes, arguments in BLOCK_CASES[kind]:
        block = BLOCKS.parse({"kind": kind, **arguments})
        rows = block.layers("it", "input", INPUTS[takes])
        model = ModelSpec.model_validate({"layers": [*rows, "Flatten", "Dense"]})
        keeps_its_word(model, *samples(LIKE[takes]), tmp_path)


@pytest.mark.parametrize("branches", [2, 3])
@pytest.mark.parametrize("kind", ["MultiHeadAttention", "GroupQueryAttention", "Attention"])
def test_attention_takes_a_query_a_value_and_a_key(kind: str, branches: int, tmp_path: Path) -> None:
    keeps_its_word(around(kind, {}, branches), *samples(kind), tmp_path)


LOSS_CASES = [
    (kind.__name__, task, activation)
    for kind in LOSSES
    for task in sorted(kind.tasks)
    for activation in (("linear",) if task in VALUE_TASKS else ("linear", ENDS[task]))
    if (kind.__name__, activation) != ("KLDivergence", "linear")  # it takes probabilities only
]


@pytest.mark.parametrize(("kind", "task", "activation"), LOSS_CASES)
def test_a_loss_gives_finite_gradients_and_learns(kind: str, task: Task, activation: str) -> None:
    loss: Loss = LOSSES.parse(kind)
    model = ModelSpec.model_validate({"layers": ["Flatten", {"kind": "Dense", "activation": activation}]})
    outputs = 1 if task is Task.BINARY else OUTPUTS
    network = compiled(
        model, SHAPE, task, outputs, loss=loss, optimizer={"kind": "Adam", "learning_rate": 0.05}
    )
    x, y = samples("Dense", 16)
    labels = labels_for(task, y) if task is not Task.MULTICLASS or loss.one_hot else y
    losses = [network.train_on_batch(x, labels, return_dict=True)["loss"] for _ in range(12)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_top_5_accuracy_counts_the_five_highest() -> None:
    training = TrainingSpec(metrics=("accuracy", "top_5_accuracy"))
    model = ModelSpec.model_validate({"layers": ["Flatten", "Dense"]})
    calls = metric_calls(training, resolved_loss(training, model, Task.MULTICLASS), Task.MULTICLASS)
    accuracy, top_5 = (make(call) for call in calls)
    outputs = np.array([[9.0, 8, 7, 6, 5, 4], [9.0, 8, 7, 6, 5, 4], [9.0, 8, 7, 6, 5, 4]], np.float32)
    for metric in (accuracy, top_5):
        metric.update_state(np.array([0, 4, 5]), outputs)
    assert float(accuracy.result()) == pytest.approx(1 / 3)
    assert float(top_5.result()) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", OPTIMIZERS.names())
@pytest.mark.parametrize("arguments", [{}, {"clipnorm": 1.0, "use_ema": True}, {"weight_decay": 0.01}])
def test_an_optimizer_lowers_the_loss_and_holds_the_slots_it_says(
    kind: str, arguments: dict[str, Any]
) -> None:
    optimizer: Optimizer = OPTIMIZERS.parse({"kind": kind, "learning_rate": 0.01, **arguments})
    model = ModelSpec.model_validate({"layers": ["Flatten", "Dense"]})
    network = compiled(model, optimizer=optimizer)
    x, y = samples("Dense", 16)
    losses = [network.train_on_batch(x, y, return_dict=True)["loss"] for _ in range(10)]
    assert losses[-1] < losses[0]

    weights = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    held = sum(int(np.prod(v.shape)) for v in network.optimizer.variables)
    assert held // weights == optimizer.slots


RATE = 0.1
SCHEDULED: dict[str, tuple[dict[str, Any], list[float]]] = {
    "Constant": ({}, [0.1, 0.1, 0.1]),
    "ExponentialDecay": ({"decay_rate": 0.25, "decay_epochs": 2.0}, [0.1, 0.05, 0.025]),
    "CosineDecay": ({"alpha": 0.2}, [0.1, 0.06, 0.02]),
    "PiecewiseConstantDecay": ({"boundaries": (0.5, 1.5), "factors": (0.1, 0.01)}, [0.1, 0.01, 0.001]),
    "ReduceLROnPlateau": ({}, [0.1, 0.1, 0.1]),
}
"""Arguments, and the rate after 0, 1 and 2 epochs of 10 batches, by hand."""


@pytest.mark.parametrize("kind", SCHEDULES.names())
def test_a_schedule_gives_these_rates(kind: str) -> None:
    arguments, expected = SCHEDULED[kind]
    schedule: Schedule = SCHEDULES.parse({"kind": kind, **arguments})
    training = TrainingSpec(optimizer={"kind": "SGD", "learning_rate": RATE}, schedule=schedule)
    rate = make(optimizer_call(training, steps_per_epoch=10, epochs=2))._learning_rate
    got = [float(rate(step)) if callable(rate) else float(rate) for step in (0, 10, 20)]
    assert got == pytest.approx(expected, rel=1e-5)


def test_a_warm_up_rises_in_a_line_and_then_falls_to_zero() -> None:
    training = TrainingSpec(
        optimizer={"kind": "SGD", "learning_rate": RATE},
        schedule={"kind": "CosineDecay", "warmup_epochs": 1.0},
    )
    rate = make(optimizer_call(training, steps_per_epoch=10, epochs=3))._learning_rate
    assert [float(rate(step)) for step in (0, 5, 10, 20, 30)] == pytest.approx(
        [0, 0.05, 0.1, 0.05, 0], abs=1e-7
    )


def every_kind() -> list[type[Kind]]:
    return [*LAYERS, *LOSSES, *OPTIMIZERS, *REGULARIZERS, ReduceLROnPlateau]


@pytest.mark.parametrize(
    "kind",
    # What Keras lacks has no defaults of Keras.
    [kind for kind in every_kind() if not issubclass(kind, (Composite, Shared))],
    ids=lambda kind: kind.__name__,
)
def test_what_scripts_leave_out_is_the_default_of_keras(kind: type[Kind]) -> None:
    constructor = reduce(getattr, f"{kind.namespace}.{kind.keras_name or kind.__name__}".split("."), keras)
    called = constructor if inspect.isfunction(constructor) else constructor.__init__
    known = {
        **inspect.signature(keras.layers.Layer.__init__).parameters,
        **inspect.signature(called).parameters,
    }
    instance = kind(**NEEDED.get(kind.__name__, {}))
    call = call_of(instance)
    for name in call.defaults - {"name", "from_logits"}:
        assert same(name, call.arguments[name], known[name].default), name
    for name, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and name in call.arguments:
            assert name in kind.shown, f"{name} has no default in Keras"


def same(name: str, ours: Any, theirs: Any) -> bool:
    if name.endswith("initializer"):
        # "uniform" is another name of "random_uniform".
        return type(keras.initializers.get(ours)) is type(keras.initializers.get(theirs))
    if isinstance(ours, tuple) and isinstance(theirs, int):
        theirs = (theirs,) * len(ours)
    return bool(ours == theirs or (ours == "linear" and theirs is None))


def test_every_layer_of_a_mixed_model_but_the_last_computes_in_half_precision() -> None:
    model = around("Conv2D", {})
    network = build_model(model, SHAPE, OUTPUTS, "mixed_bfloat16")
    dtypes = {layer.name: layer.compute_dtype for layer in network.layers[1:]}
    assert dtypes == {"it": "bfloat16", "flatten": "bfloat16", "dense": "float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_a_layer_is_always_one_of_keras_own_or_made_of_them() -> None:
    for kind in LAYERS:
        assert issubclass(kind, Layer)
        if issubclass(kind, Composite):
            shape = INPUTS[TAKES.get(kind.__name__, "image")]
            paths = [part.call.path for part in kind(**NEEDED.get(kind.__name__, {})).recipe([shape])]
            assert all(callable(reduce(getattr, path.split("."), keras)) for path in paths)
        elif not issubclass(kind, (Application, Shared)):
            assert issubclass(getattr(keras.layers, kind.keras_name or kind.__name__), keras.layers.Layer)


SIAMESE = ModelSpec.model_validate(
    {
        "inputs": ["left", "right"],
        "layers": [
            {"kind": "Conv2D", "name": "conv", "filters": 2, "inputs": ["left"]},
            {"kind": "Flatten", "name": "flat"},
            {"kind": "Dense", "name": "code", "units": 3},
            {"kind": "Shared", "name": "conv_again", "of": "conv", "inputs": ["right"]},
            {"kind": "Flatten", "name": "flat_again"},
            {"kind": "Shared", "name": "code_again", "of": "code"},
            {"kind": "Subtract", "name": "difference", "inputs": ["code", "code_again"]},
            {"kind": "Dense", "name": "answer", "units": 4},
        ],
    }
)
SIDES = Signature({name: InputSpec(SHAPE) for name in ("left", "right")}, 4)


def test_a_layer_called_again_has_the_same_weights(tmp_path: Path) -> None:
    network = build_model(SIAMESE, SIDES)
    report = infer(SIAMESE, SIDES)

    # 3·3·3·2 + 2, 72·3 + 3, 3·4 + 4: each once.
    assert [row.parameters.total for row in report.rows] == [56, 0, 219, 0, 0, 0, 0, 16]
    assert network.count_params() == report.parameters.total == 291
    assert report.rows[3].flops == report.rows[0].flops
    x = np.random.default_rng(0).random((2, *SHAPE), np.float32)
    answer = network.get_layer("answer")
    # Of two equal sides the difference is 0.
    alike, unlike = {"left": x, "right": x}, {"left": x, "right": 2 * x}
    np.testing.assert_allclose(network(alike), np.tile(answer.bias, (2, 1)), atol=1e-6)
    network.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.asarray(again(unlike)), np.asarray(network(unlike)))


def seq2seq(kind: str) -> ModelSpec:
    """A recurrent layer that starts with what another one remembers."""
    states = [f"state{number}" for number in range(RECURRENTS.get(kind).states)]
    return ModelSpec.model_validate(
        {
            "layers": [
                {"kind": kind, "name": "encoder", "units": 5, "return_state": True},
                *(
                    {"kind": "State", "name": name, "number": number, "inputs": ["encoder"]}
                    for number, name in enumerate(states)
                ),
                {"kind": "RepeatVector", "name": "again", "n": 3, "inputs": ["encoder"]},
                {"kind": kind, "name": "decoder", "units": 5, "inputs": ["again", *states]},
                {"kind": "Dense", "name": "answer"},
            ]
        }
    )


@pytest.mark.parametrize("kind", RECURRENTS.names())
def test_a_recurrent_layer_starts_with_the_memory_of_another(kind: str, tmp_path: Path) -> None:
    model = seq2seq(kind)
    network, report = build_model(model, (7, 2), OUTPUTS), infer(model, (7, 2), OUTPUTS)
    assert network.count_params() == report.parameters.total
    assert {row.name: row.output_shape for row in report.rows} == {
        "encoder": (5,), **{layer.name: (5,) for layer in model.layers if isinstance(layer, State)},
        "again": (3, 5), "decoder": (5,), "answer": (OUTPUTS,),
    }  # fmt: skip

    inputs = keras.Input((7, 2))
    layer = getattr(keras.layers, kind)
    last, *states = layer(5, return_state=True)(inputs)
    decoded = layer(5)(keras.layers.RepeatVector(3)(last), initial_state=states)
    by_hand = keras.Model(inputs, keras.layers.Dense(OUTPUTS)(decoded))
    by_hand.set_weights(network.get_weights())
    x = np.random.default_rng(0).random((4, 7, 2), np.float32)
    np.testing.assert_allclose(network(x), by_hand(x), rtol=1e-6)

    network.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(network(x)))


RANDOM_IMAGES = [kind.__name__ for kind in LAYERS if kind.__name__.startswith("Random")]


@pytest.mark.parametrize("kind", RANDOM_IMAGES)
def test_a_random_image_is_changed_in_training_alone_and_by_the_seed_of_its_epoch(kind: str) -> None:
    network = build_model(ModelSpec.model_validate({"layers": [kind]}), SHAPE)
    x = np.random.default_rng(0).random((8, *SHAPE), np.float32)
    (state,) = network.variables

    def changed(epoch: int) -> Any:
        reseed([state], seed=0, epoch=epoch)
        return np.asarray(network(x, training=True))

    np.testing.assert_array_equal(network.predict(x, verbose=0), x)
    first = changed(1)
    assert first.shape == x.shape
    assert (first != x).any()
    assert first.min() >= -1e-6
    assert first.max() <= 1 + 1e-6
    np.testing.assert_array_equal(changed(1), first)
    assert (changed(2) != first).any()


def test_fixed_positions_are_waves_of_growing_length() -> None:
    model = ModelSpec.model_validate({"layers": [{"kind": "SinePositionEncoding", "max_wavelength": 100}]})
    added = np.asarray(build_model(model, (3, 4))(np.zeros((1, 3, 4), np.float32)))[0]

    # Speeds are 1 and 100^(-1/2) = 0.1, each as a sine and a cosine.
    expected = [
        [0.0, 1.0, 0.0, 1.0],
        [0.841471, 0.540302, 0.099833, 0.995004],
        [0.909297, -0.416147, 0.198669, 0.980067],
    ]
    np.testing.assert_allclose(added, expected, atol=1e-5)


def test_rotary_positions_turn_each_pair_of_channels() -> None:
    model = ModelSpec.model_validate({"layers": [{"kind": "RotaryEmbedding", "max_wavelength": 100}]})
    x = np.tile(np.array([1.0, 1.0, 0.0, 0.0], np.float32), (1, 3, 1))
    turned = np.asarray(build_model(model, (3, 4))(x))[0]

    # The pairs are (0, 2) and (1, 3); they turn by 1 and by 0.1 a step.
    expected = [
        [1.0, 1.0, 0.0, 0.0],
        [0.540302, 0.995004, 0.841471, 0.099833],
        [-0.416147, 0.980067, 0.909297, 0.198669],
    ]
    np.testing.assert_allclose(turned, expected, atol=1e-5)
