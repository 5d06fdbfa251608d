"""What Keras writes down is read back as the same model: the same layers, the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.applications import convnext, inception_resnet_v2

from dlcore.datasets.prepare.values import Affine
from dlcore.design.keras_import import ImportedModel, import_json
from dlcore.design.keras_import.arguments import DEFAULTS
from dlcore.design.keras_import.links import ONLY_IN_TRAINING
from dlcore.design.templates import template, templates_for
from dlcore.engine.build import build_model
from dlcore.engine.weights import load_weights, settle_constants
from dlcore.errors import SpecError
from dlcore.models.keras_file import read_model_file
from dlcore.models.weights import read_weights
from dlcore.spec.data import DataKind
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import InputSpec, Signature
from tests.design.test_templates import SIGHTS
from tests.engine.test_layers_contract import CASES, INPUTS, TAKES, around

pytestmark = pytest.mark.keras

SHAPE = (8, 8, 3)


def randomised(network: Any) -> Any:
    """The same with weights that no initializer gives, so that a mistaken one shows."""
    generator = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(generator.uniform(0.1, 0.6, weight.shape))
    settle_constants(network)
    return network


def samples(network: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Three for each input, by its name with Keras."""
    generator = np.random.default_rng(1)

    def drawn(one: Any) -> np.ndarray[Any, Any]:
        shape = (3, *[size or 9 for size in one.shape[1:]])
        return (
            generator.integers(0, 5, shape) if one.dtype == "int32" else generator.random(shape, np.float32)
        )

    return {one.name: drawn(one) for one in network.inputs}


def assert_same_predictions(network: Any, folder: Path, tolerance: float = 0.0) -> ImportedModel:
    """Saved, imported and rebuilt, it predicts the very same, or as near as said."""
    path = folder / "model.keras"
    randomised(network).save(path)
    imported = read_model_file(path)
    x = samples(network)
    arrays = dict(x) if len(x) > 1 else {"input": next(iter(x.values()))}
    seen = {name: InputSpec(array.shape[1:], imported.inputs[name].dtype) for name, array in arrays.items()}
    again = build_model(imported.model, Signature(seen))
    load_weights(again, imported.model, read_weights(path, imported))
    np.testing.assert_allclose(predicted(again, arrays), predicted(network, x), rtol=tolerance, atol=0)
    return imported


def predicted(network: Any, x: dict[str, np.ndarray[Any, Any]]) -> Any:
    return np.asarray(network(x if len(x) > 1 else next(iter(x.values())), training=False))


def linked(model: ModelSpec) -> dict[str, Layer]:
    """The layers by name, each with its inputs spelled out; the order is left aside."""
    return {
        layer.name: layer.model_copy(update={"inputs": model.sources(index)})
        for index, layer in enumerate(model.layers)
    }


IMAGES = Signature.of((16, 16, 3), 7)
SEEN = [
    (one.name, SIGHTS.get(kind, IMAGES))
    for kind in (*SIGHTS, DataKind.IMAGE)
    for one in templates_for(kind)
    if one.name not in ("empty", "backbone")
]


@pytest.mark.parametrize(("name", "seen"), SEEN, ids=[name for name, _ in SEEN])
def test_a_template_saved_by_keras_is_imported_as_itself(name: str, seen: Signature, tmp_path: Path) -> None:
    model = template(name).build(seen)
    network = build_model(model, seen)

    imported = assert_same_predictions(network, tmp_path)

    expected = model.resolved(seen)
    assert set(imported.model.inputs) == set(expected.inputs)  # Keras writes them down by their names
    assert linked(imported.model) == linked(expected)
    assert linked(import_json(network.to_json()).model) == linked(expected)
    taken = {name: (seen.inputs[name].shape, seen.inputs[name].dtype) for name in model.inputs}
    assert {name: (one.shape, one.dtype) for name, one in imported.inputs.items()} == taken
    # What a template scales itself is told apart from what the preprocessing does.
    scaled = {layer.name for layer in expected.layers if layer.kind == "Normalization"}
    assert {note.where for note in imported.notes} == scaled


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_a_layer_saved_by_keras_is_imported_as_itself(
    kind: str, arguments: dict[str, Any], tmp_path: Path
) -> None:
    model, shape = around(kind, arguments), INPUTS[TAKES.get(kind, "image")]

    imported = assert_same_predictions(build_model(model, shape, 4), tmp_path)

    assert linked(imported.model) == linked(model.resolved(Signature.of(shape, 4)))


@pytest.mark.parametrize("kind", LAYERS.names())
def test_every_argument_that_a_layer_lacks_is_held_to_the_default_of_keras(kind: str) -> None:
    if LAYERS.get(kind).namespace != "layers":
        pytest.skip("no single layer of Keras")
    if LAYERS.get(kind).keras_name:
        pytest.skip("another layer of Keras, whose arguments have a rule of their own")
    shape = INPUTS[TAKES.get(kind, "image")]
    config = build_model(around(kind, {}), shape, 4).get_layer("it").get_config()
    for key in set(config) & set(DEFAULTS) - {*LAYERS.get(kind).model_fields, *LAYERS.get(kind).shown}:
        assert config[key] == DEFAULTS[key], key


def test_the_first_mnist_network_written_by_hand_is_imported(tmp_path: Path) -> None:
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D((2, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation=keras.activations.relu),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(np.zeros((4, 28, 28, 1)), np.zeros(4), verbose=0)

    imported = assert_same_predictions(network, tmp_path)

    assert [layer.kind for layer in imported.model.layers] == [
        "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense",
    ]  # fmt: skip
    assert imported.model.is_stack
    assert imported.report.parameters.total == 693_962


def test_an_activation_that_is_a_layer_is_taken_by_its_name(tmp_path: Path) -> None:
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(4, activation=layers.ReLU(max_value=6.0)),
            layers.ReLU(),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )

    imported = assert_same_predictions(network, tmp_path)

    assert imported.model.layers[0].activation == "relu6"
    assert [layer.kind for layer in imported.model.layers[1:]] == ["ReLU", "Dense", "Softmax"]


def residual() -> Any:
    layers = keras.layers
    inputs = keras.Input((9, 9, 3), name="pixels")
    x = layers.Conv2D(4, 3, padding="same", name="stem.conv")(inputs)
    y = layers.BatchNormalization(axis=3, name="bn-1")(x)
    y = layers.Activation("relu", name="1")(y)
    y = layers.Conv2D(4, 3, padding="same", kernel_initializer="he_normal", name="input")(y)
    x = layers.Add(name="add")([x, y])
    x = layers.GlobalAveragePooling2D(name="global_average_pooling2d")(x)
    return keras.Model(inputs, layers.Dense(2, name="x" * 90)(x))


def test_a_functional_residual_network_written_by_hand_is_imported(tmp_path: Path) -> None:
    imported = assert_same_predictions(residual(), tmp_path)

    assert [layer.name for layer in imported.model.layers] == [
        "stem_conv", "bn_1", "layer_1", "input_1", "add", "global_average_pooling2d", "x" * 60,
    ]  # fmt: skip
    assert imported.model.layers[4].inputs == ("stem_conv", "input_1")


def test_nested_models_are_laid_flat_with_names_of_their_own(tmp_path: Path) -> None:
    layers = keras.layers
    block = keras.Sequential([layers.Dense(4, name="dense"), layers.Dropout(0.5, name="drop")], name="block")
    inner_input = keras.Input((4,))
    inner = keras.Model(inner_input, layers.Dense(4, name="dense")(block(inner_input)), name="inner")
    inputs = keras.Input((6,))
    x = layers.Dense(4, name="dense")(inputs)
    skip = x
    x = inner(x, training=False)
    network = keras.Model(inputs, layers.Dense(2, name="head")(layers.Add(name="add")([x, skip])))

    imported = assert_same_predictions(network, tmp_path)

    assert [(layer.name, layer.inputs) for layer in imported.model.layers] == [
        ("dense", ()),
        ("inner_block_dense", ()),
        ("drop", ()),
        ("inner_dense", ()),
        ("add", ("inner_dense", "dense")),
        ("head", ()),
    ]


def test_a_model_at_the_head_of_a_sequential_one_is_laid_flat(tmp_path: Path) -> None:
    network = keras.Sequential([residual(), keras.layers.Dense(3)])

    imported = assert_same_predictions(network, tmp_path)

    assert imported.inputs["input"].shape == (9, 9, 3)
    assert imported.model.layers[-1].units == 3


def test_a_functional_model_with_augmentation_and_resizing_is_imported(tmp_path: Path) -> None:
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    x = layers.Resizing(4, 4)(layers.RandomSharpness(0.5)(layers.RandomFlip()(inputs)))
    network = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x)))

    imported = assert_same_predictions(network, tmp_path)

    kinds = [layer.kind for layer in imported.model.layers]
    assert kinds == ["RandomFlip", "Resizing", "Flatten", "Dense"]


def test_a_frozen_layer_stays_frozen(tmp_path: Path) -> None:
    network = residual()
    network.get_layer("bn-1").trainable = False

    imported = assert_same_predictions(network, tmp_path)

    assert [layer.name for layer in imported.model.layers if not layer.trainable] == ["bn_1"]


def test_rescaling_and_random_images_are_kept_and_other_augmentation_left_out(tmp_path: Path) -> None:
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip("horizontal", name="flip"),
            layers.RandomZoom((-0.3, -0.2), name="zoom"),
            layers.RandomContrast(0.3, name="contrast"),
            layers.RandomSharpness(0.3, name="sharpness"),
            layers.Rescaling(1 / 255, offset=-0.5, name="scale"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )

    imported = assert_same_predictions(network, tmp_path)

    flip, zoom, contrast, scale, *_ = imported.model.layers
    assert (flip.mode, zoom.height_factor, zoom.width_factor) == ("horizontal", (-0.3, -0.2), None)
    # Of one number, Keras makes a contrast that only rises.
    assert (contrast.factor, contrast.value_range) == ((0.0, 0.3), (0.0, 255.0))
    assert (scale.scale, scale.offset) == (1 / 255, -0.5)
    assert [layer.kind for layer in imported.model.layers][4:] == ["Flatten", "Dense"]
    assert [note.where for note in imported.notes] == ["sharpness", "scale"]


def squeeze_excite(x: Any, y: Any) -> Any:
    gate = keras.ops.mean(x, axis=[1, 2], keepdims=True)
    return x * keras.ops.sigmoid(gate) + keras.ops.relu(y - 0.3) / 3


def hard_swish(x: Any, y: Any) -> Any:
    return x * keras.layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0) - y


def scores(x: Any, y: Any) -> Any:
    ops = keras.ops
    joined = ops.transpose(ops.concatenate([x, 1 - y], axis=-1), (0, 1, 3, 2))
    return ops.softmax(ops.reshape(joined, (-1, 12, 6)), axis=1) ** 2


def patches(x: Any, y: Any) -> Any:
    return keras.ops.image.extract_patches(x, (2, 3)) + keras.ops.image.extract_patches(y, (2, 3))


def some_steps(x: Any, y: Any) -> Any:
    steps = keras.layers.Reshape((12, 3))(x)
    several = keras.layers.Flatten()(steps[:, 2:5])
    return keras.layers.Concatenate()([steps[:, 0], steps[:, -2], several])


@pytest.mark.parametrize("compute", [squeeze_excite, hard_swish, scores, patches, some_steps])
def test_operations_on_tensors_are_imported_as_layers(
    compute: Callable[[Any, Any], Any], tmp_path: Path
) -> None:
    x, y = keras.Input((4, 3, 3), name="x"), keras.Input((4, 3, 3), name="y")
    result = keras.layers.Dense(2)(compute(keras.layers.Dense(3)(x), y))
    network = keras.Model([x, y] if compute is not some_steps else x, result)

    assert_same_predictions(network, tmp_path, 1e-6)


@pytest.mark.parametrize(
    "normalization",
    [
        {"mean": [0.5, 0.25, 1.0], "variance": [0.25, 4.0, 1.0]},
        {"mean": 0.5, "variance": 0.25, "axis": None},
        {"mean": np.array([0.5, 0.25, 1.0]), "variance": np.array([0.25, 4.0, 1.0]), "invert": True},
        {},
    ],
    ids=range(4),
)
def test_a_normalization_is_imported_with_its_numbers(normalization: dict[str, Any], tmp_path: Path) -> None:
    layer = keras.layers.Normalization(**normalization)
    network = keras.Sequential([keras.Input((8, 8, 3)), layer, keras.layers.Flatten(), keras.layers.Dense(2)])

    imported = assert_same_predictions(network, tmp_path)

    assert imported.report.parameters.total == network.count_params()


def test_a_normalization_adapted_to_data_is_imported_as_it_was_learned(tmp_path: Path) -> None:
    layer = keras.layers.Normalization(name="learned")
    layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]], np.float32))
    network = keras.Sequential([keras.Input((2,)), layer, keras.layers.Dense(1)])
    network.save(tmp_path / "model.keras")

    imported = read_model_file(tmp_path / "model.keras")
    again = build_model(imported.model, (2,))
    load_weights(again, imported.model, read_weights(tmp_path / "model.keras", imported))

    inner = keras.Model(again.inputs, again.get_layer("learned").output)
    np.testing.assert_allclose(inner.predict(np.array([[3.0, 10.0]]), verbose=0), [[1.0, -1.0]], rtol=1e-6)


def test_the_layers_that_only_applications_have_are_imported(tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 3))
    x = convnext.LayerScale(0.5, 3)(inputs)
    x = convnext.StochasticDepth(0.25)(x)
    x = inception_resnet_v2.CustomScaleLayer(0.125)([inputs, x])
    network = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))

    imported = assert_same_predictions(network, tmp_path)

    assert [layer.kind for layer in imported.model.layers] == [
        "LayerScale", "Dropout", "Rescaling", "Add", "Flatten", "Dense",
    ]  # fmt: skip


def embedded(length: int, size: int) -> Any:
    return keras.layers.Embedding(length, size)(keras.ops.arange(length))


def waves(length: int, size: int) -> Any:
    position, channel = np.arange(length)[:, None], np.arange(size)[None]
    angles = position / 10_000 ** (2 * (channel // 2) / size)
    return np.where(channel % 2, np.cos(angles), np.sin(angles)).astype("float32")


@pytest.mark.parametrize(
    ("add", "kind", "tolerance"),
    [
        (lambda x: x + embedded(5, 4), "PositionEmbedding", 1e-6),
        (lambda x: keras.layers.Add()([x, embedded(5, 4)[None]]), "PositionEmbedding", 1e-6),
        (
            lambda x: x + keras.Variable(np.linspace(-1, 1, 20).reshape(1, 5, 4), dtype="float32"),
            "PositionEmbedding",
            1e-6,
        ),
        (lambda x: x + waves(5, 4), "SinePositionEncoding", 1e-5),
    ],
    ids=["an embedding of a range", "within an Add", "a variable", "sines and cosines"],
)
def test_fixed_numbers_added_to_each_step_are_imported_as_positions(
    add: Callable[[Any], Any], kind: str, tolerance: float, tmp_path: Path
) -> None:
    inputs = keras.Input((5,), dtype="int32")
    x = add(keras.layers.Embedding(9, 4)(inputs))
    network = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))

    imported = assert_same_predictions(network, tmp_path, tolerance)

    assert [layer.kind for layer in imported.model.layers] == ["Embedding", kind, "Flatten", "Dense"]
    assert imported.report.parameters.trainable == network.count_params()


def test_the_layers_of_an_hdf5_file_that_keras_saved_are_imported(tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 3), name="pixels")
    x = keras.layers.BatchNormalization(name="normal")(keras.layers.Conv2D(4, 3, name="conv")(inputs)) * 2.0
    inner = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, activation="relu")], name="inner")
    network = keras.Model(inputs, keras.layers.Dense(2, name="last")(inner(x)))
    network.save(tmp_path / "model.h5")

    imported = read_model_file(tmp_path / "model.h5")

    today = import_json(network.to_json())
    assert imported.model == today.model
    assert imported.report.parameters == today.report.parameters


def test_a_layer_without_weights_that_is_called_often_is_imported(tmp_path: Path) -> None:
    rectify, shrink = keras.layers.ReLU(), keras.layers.MaxPooling2D()
    x = inputs = keras.Input((8, 8, 3))
    for filters in (4, 5, 6):
        x = shrink(rectify(keras.layers.Conv2D(filters, 3, padding="same")(x)))
    network = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))

    imported = assert_same_predictions(network, tmp_path)

    assert [layer.kind for layer in imported.model.layers].count("ReLU") == 3


def test_a_layer_with_weights_that_is_called_again_shares_them(tmp_path: Path) -> None:
    layers = keras.layers
    pixels = keras.Input((8, 8, 3))
    flat = layers.Flatten()(layers.MaxPooling2D()(layers.BatchNormalization(name="norm")(pixels)))
    encoder = keras.Model(pixels, layers.Dense(4, name="inner")(flat), name="encoder")
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    code = layers.Dense(4, activation="tanh", name="code")
    difference = layers.Subtract()([code(code(encoder(left))), code(encoder(right))])
    network = keras.Model([left, right], layers.Dense(1)(layers.Multiply()([difference, difference])))

    imported = assert_same_predictions(network, tmp_path, 1e-6)

    assert imported.report.parameters.total == network.count_params()
    again = [layer.of for layer in imported.model.layers if layer.kind == "Shared"]
    assert sorted(again) == ["code", "code", "inner", "norm"]


def test_a_summation_with_open_sizes_is_imported_with_those_of_its_input(tmp_path: Path) -> None:
    inputs = keras.Input((5, 4))
    x = keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d")(inputs)
    network = keras.Model(inputs, keras.layers.LSTM(2)(x))

    imported = assert_same_predictions(network, tmp_path)

    assert (imported.model.layers[0].kind, imported.model.layers[0].sizes) == ("EinsumDense", (5, 3))


def test_a_factor_for_each_channel_is_imported_as_a_normalization(tmp_path: Path) -> None:
    scale = keras.layers.Rescaling([0.5, 2.0, 1.5], offset=[1.0, -4.0, 0.0])
    network = keras.Sequential([keras.Input((8, 8, 3)), scale, keras.layers.Flatten(), keras.layers.Dense(2)])

    assert_same_predictions(network, tmp_path, 1e-5)


_NEED_FACTOR = (
    "RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomHue", "RandomRotation",
    "RandomSaturation", "RandomSharpness",
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(ONLY_IN_TRAINING))
def test_an_augmentation_that_is_left_out_does_nothing_outside_of_training(kind: str) -> None:
    arguments: dict[str, Any] = {
        "RandomZoom": {"height_factor": 0.2},
        "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
        "RandomPosterization": {"factor": 2},
        **{name: {"factor": 0.5} for name in _NEED_FACTOR},
    }.get(kind, {})
    layer = getattr(keras.layers, kind)(**arguments)
    x = np.random.default_rng(0).random((2, 8, 8, 3), np.float32) * 255

    np.testing.assert_array_equal(np.asarray(layer(x, training=False)), x)


def test_a_model_for_images_of_any_size_is_imported(tmp_path: Path) -> None:
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input((None, None, 3)), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(2)]
    )

    imported = assert_same_predictions(network, tmp_path)

    assert imported.inputs["input"].shape == (None, None, 3)


def test_a_model_in_half_precision_keeps_its_weights_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    build_model(around("Dense", {}), SHAPE, 4, "mixed_bfloat16").save(path)

    imported = read_model_file(path)

    assert read_weights(path, imported)["it"][0].dtype == np.float32
    assert {note.params["policy"] for note in imported.notes} == {"mixed_bfloat16"}


@keras.saving.register_keras_serializable(package="mine")
class Doubling(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return 2 * x


@keras.saving.register_keras_serializable(package="mine")
def cubed(x: Any) -> Any:
    return x**3


REFUSED: list[tuple[str, Callable[[Any], Any], str]] = [
    ("lambda", keras.layers.Lambda(lambda x: x + 1), "holds program code, which is never run"),
    ("class", Doubling(), r"'mine>Doubling' of 'tests.engine.test_keras_import' is not part of Keras"),
    ("function", keras.layers.Dense(5, activation=cubed), r"d\w*.activation: 'mine>cubed' is not a Keras activation"),
    ("constraint", keras.layers.Dense(5, kernel_constraint="non_neg"), r"kernel_constraint: Dense can have"),
    ("regularizer", keras.layers.Dense(5, kernel_regularizer=keras.regularizers.OrthogonalRegularizer()),
     r"kernel_regularizer.kind: there is no regularizer 'OrthogonalRegularizer'"),
    ("axis", keras.layers.BatchNormalization(axis=1), "axis: BatchNormalization can have only -1 here, got 1"),
    ("layer", keras.layers.StringLookup(vocabulary=["a"]), "StringLookup can be imported only where"),
    ("format", keras.layers.Dense(5, dtype="float64"), "dtype: weights of type 'float64'"),
    ("operation", lambda x: keras.ops.sort(x), "the operation Sort, as it is called here, has no counterpart"),
    ("normalization", keras.layers.Normalization(axis=1), r"axis: Normalization can have only -1 here, got "),
]  # fmt: skip


@pytest.mark.parametrize(("what", "layer", "message"), REFUSED, ids=[what for what, _, _ in REFUSED])
def test_what_cannot_be_rebuilt_is_refused_by_name(
    what: str, layer: Callable[[Any], Any], message: str
) -> None:
    inputs = keras.Input((5, 5))
    network = keras.Model(inputs, keras.layers.Dense(2)(layer(inputs)))

    with pytest.raises(SpecError, match=message):
        import_json(network.to_json())


def encoded(*inputs: Any) -> Any:
    """A model behind encoded inputs, which it joins."""
    flat = [keras.layers.Flatten()(keras.layers.Embedding(20, 4)(one)) for one in inputs]
    joined = keras.layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    return keras.layers.Dense(2)(joined)


def test_what_makes_ids_of_texts_becomes_preprocessing(tmp_path: Path) -> None:
    texts = np.array([["the cat sat"], ["a dog ran off"], ["the the"]])
    vectorize = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    vectorize.adapt(texts)
    given = keras.Input((1,), dtype="string", name="text")
    network = keras.Model(given, encoded(vectorize(given)))
    path = tmp_path / "model.keras"
    randomised(network).save(path)

    imported = read_model_file(path)

    assert [layer.kind for layer in imported.model.layers] == ["Embedding", "Flatten", "Dense"]
    assert {name: (one.shape, one.dtype) for name, one in imported.inputs.items()} == {
        "input": ((4,), "int32")
    }
    (note,) = imported.notes
    assert note.text() == (
        "text_vectorization: TextVectorization was left out, for the preprocessing does it: give its step"
        " TextVectorization max_tokens=20, standardize=lower_and_strip_punctuation, split=whitespace,"
        " output_mode=int, output_sequence_length=4."
    )
    again = build_model(imported.model, Signature({"input": InputSpec((4,), "int32")}))
    load_weights(again, imported.model, read_weights(path, imported))
    # The same answers, once the preprocessing has made the same ids.
    expected = network(keras.ops.convert_to_tensor(texts))
    np.testing.assert_allclose(again(np.asarray(vectorize(texts))), expected, rtol=1e-6)


def test_categories_of_several_inputs_become_preprocessing() -> None:
    town, number = (
        keras.Input((1,), dtype="string", name="town"),
        keras.Input((1,), dtype="int64", name="code"),
    )
    lookup = keras.layers.StringLookup(vocabulary=["Oslo", "Rome"])
    network = keras.Model([town, number], encoded(lookup(town), keras.layers.Hashing(num_bins=8)(number)))

    imported = import_json(network.to_json())

    assert {name: (one.shape, one.dtype) for name, one in imported.inputs.items()} == {
        "town": ((1,), "int32"), "code": ((1,), "int32"),
    }  # fmt: skip
    assert [note.params["settings"] for note in imported.notes] == [
        "output_mode=int",
        "output_mode=int, num_bins=8",
    ]


def test_words_as_zeros_and_ones_are_as_many_as_the_config_says() -> None:
    town = keras.Input((1,), dtype="string")
    lookup = keras.layers.StringLookup(vocabulary=["Oslo", "Rome"], output_mode="multi_hot")
    network = keras.Model(town, keras.layers.Dense(2)(lookup(town)))

    # Two words, and one place for all others.
    assert import_json(network.to_json()).inputs["input"].shape == (3,)


def test_texts_that_nothing_makes_numbers_of_are_refused() -> None:
    town = keras.Input((1,), dtype="string")
    lookup = keras.layers.StringLookup(vocabulary=["Oslo"])
    twice = keras.Model(town, encoded(lookup(town), keras.layers.Hashing(num_bins=8)(town)))

    with pytest.raises(SpecError, match="only where it alone takes an input of the model"):
        import_json(twice.to_json())


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_an_encoder_and_a_decoder_are_imported_with_their_memory(
    kind: str, named: bool, tmp_path: Path
) -> None:
    layer = getattr(keras.layers, kind)
    past, future = keras.Input((7, 2), name="past"), keras.Input((3, 4), name="future")
    _, *states = layer(5, return_state=True, name="encoder")(past)
    decoder = layer(5, name="decoder")
    decoded = decoder(future, initial_state=states) if named else decoder(future, states)
    network = keras.Model([past, future], keras.layers.Dense(2)(decoded))

    imported = assert_same_predictions(network, tmp_path, 1e-6)

    names = ["encoder_state", "encoder_state_1"][: len(states)]
    assert [layer.name for layer in imported.model.layers] == [
        "encoder",
        *names,
        "decoder",
        imported.model.layers[-1].name,
    ]
    assert imported.model.layers[-2].inputs == ("future", *names)
    # What is built of it is read again.
    seen = imported.signature
    assert seen is not None
    kinds = [layer.kind for layer in import_json(build_model(imported.model, seen).to_json()).model.layers]
    assert kinds == [layer.kind for layer in imported.model.layers]


def test_other_results_of_a_layer_are_refused() -> None:
    inputs = keras.Input((7, 2))
    (_, weights) = keras.layers.MultiHeadAttention(1, 2)(inputs, inputs, return_attention_scores=True)
    network = keras.Model(inputs, keras.layers.Flatten()(weights))

    with pytest.raises(SpecError):
        import_json(network.to_json())


def test_further_outputs_come_in_and_answer_as_before(tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 1))
    trunk = keras.Model(inputs, [keras.layers.Conv2D(2, 3)(inputs), keras.layers.Conv2D(3, 3)(inputs)])
    early, late = trunk(inputs)
    aux = keras.layers.Dense(4, name="aux", activation="softmax")(keras.layers.Flatten()(early))
    deep = keras.layers.Dense(5)(keras.layers.Flatten()(late))
    network = keras.Model(inputs, [aux, keras.layers.Dense(4, name="answer")(deep)])
    network.compile(loss="mse", loss_weights=[0.1, 0.5])
    network.save(tmp_path / "model.keras")

    imported = read_model_file(tmp_path / "model.keras")
    seen = imported.signature
    assert seen is not None
    ours = build_model(imported.model, seen)
    load_weights(ours, imported.model, read_weights(tmp_path / "model.keras", imported))
    x = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    theirs_aux, theirs = network(x)
    main, further = ours(x)
    np.testing.assert_allclose(main, theirs, atol=1e-6)
    np.testing.assert_allclose(further, theirs_aux, atol=1e-6)
    weights = [layer.loss_weight for layer in imported.model.layers if layer.kind == "Output"]
    assert weights == [pytest.approx(0.2)]
    # What is built of it is read again, under the same names.
    again = import_json(ours.to_json())
    assert [layer.kind for layer in again.model.layers] == [layer.kind for layer in imported.model.layers]


def test_weights_of_other_shapes_are_refused_and_change_nothing_or_are_left_aside() -> None:
    model = around("Dense", {"units": 3})
    network = build_model(model, SHAPE, 4)
    before = [weight.copy() for weight in network.get_weights()]
    arrays = {layer.name: layer.get_weights() for layer in build_model(model, SHAPE, 5).layers}

    with pytest.raises(SpecError, match=r"dense: expected weights of the shapes \(192, 4\), \(4,\), got"):
        load_weights(network, model, arrays)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)

    done = load_weights(network, model, arrays, partial=True)

    assert (done.loaded, done.kept) == (("it",), ("dense",))
    np.testing.assert_array_equal(network.get_layer("it").get_weights()[0], arrays["it"][0])
    np.testing.assert_array_equal(network.get_weights()[-2], before[-2])


def test_a_masked_sequence_model_written_by_hand_is_imported(tmp_path: Path) -> None:
    layers = keras.layers
    words = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 6, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True, dropout=0.1))(x)
    x = layers.TimeDistributed(layers.Dense(5, activation="tanh"))(x)
    x = layers.Add()([x, layers.Dense(5)(layers.Dropout(0.1)(x))])
    network = keras.Model(words, layers.Dense(2)(layers.GRU(3)(x)))

    imported = assert_same_predictions(network, tmp_path)

    assert imported.inputs["input"].dtype == "int32"
    assert [layer.kind for layer in imported.model.layers] == [
        "Embedding", "Bidirectional", "TimeDistributed", "Dropout", "Dense", "Add", "GRU", "Dense",
    ]  # fmt: skip


def test_a_transformer_block_written_by_hand_is_imported(tmp_path: Path) -> None:
    layers = keras.layers
    inputs = keras.Input((6, 8))
    seen = layers.MultiHeadAttention(2, 3, name="self")(inputs, inputs, training=False)
    x = layers.LayerNormalization(epsilon=1e-6, name="normal")(layers.Add()([inputs, seen]))
    crossed = layers.MultiHeadAttention(2, 3, value_dim=5, name="crossed")(query=x, value=inputs, key=seen)
    x = layers.Concatenate()([x, layers.Dense(8, activation="gelu")(crossed)])
    network = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))

    imported = assert_same_predictions(network, tmp_path)

    by_name = {layer.name: layer for layer in imported.model.layers}
    assert by_name["self"].inputs == ()
    assert by_name["crossed"].inputs == ("normal", "input", "self")
    assert by_name["crossed"].value_dim == 5


def test_attention_that_looks_only_back_is_imported_and_does(tmp_path: Path) -> None:
    inputs = keras.Input((6, 8))
    attention = keras.layers.MultiHeadAttention(2, 3, name="back")
    network = keras.Model(inputs, attention(inputs, inputs, use_causal_mask=True))

    imported = assert_same_predictions(network, tmp_path)

    again = build_model(imported.model, (6, 8))
    x = np.random.default_rng(0).random((1, 6, 8), np.float32)
    later = x.copy()
    later[0, 3:] = 0
    before, after = again.predict(x, verbose=0), again.predict(later, verbose=0)
    np.testing.assert_allclose(before[0, :3], after[0, :3], rtol=1e-6)
    assert (before[0, 3:] != after[0, 3:]).any()


PASSING = [kind.__name__ for kind in LAYERS if kind.fewest == 1 and kind().mask(["words"], "ids") == "words"]


# Within Keras' own attention with shared keys.
@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask:UserWarning")
@pytest.mark.parametrize("kind", PASSING)
def test_a_layer_that_passes_a_mask_on_does_so_in_keras(kind: str) -> None:
    model = around(kind, {"layer": {"kind": "Dense", "units": 3}} if kind == "TimeDistributed" else {})
    layer = build_model(model, (6, 4), 4).get_layer("it")
    x, mask = np.ones((2, 6, 4), np.float32), np.array([[True] * 3 + [False] * 3] * 2)
    inputs = keras.ops.convert_to_tensor(x)
    keras.src.backend.common.masking.set_keras_mask(inputs, keras.ops.convert_to_tensor(mask))

    result = layer(*LAYERS.get(kind)().called_with([inputs]))

    np.testing.assert_array_equal(np.asarray(result._keras_mask), mask)


@pytest.mark.filterwarnings("ignore:Layer 'reshape:UserWarning")
def test_a_mask_given_by_hand_is_refused() -> None:
    layers = keras.layers
    words = keras.Input((7,), dtype="int32")
    embedding = layers.Embedding(20, 6, mask_zero=True)
    x = layers.Reshape((7, 6))(embedding(words))
    x = layers.LSTM(4, name="last")(x, mask=embedding.compute_mask(words))

    with pytest.raises(SpecError, match="last: is called with a mask of its own"):
        import_json(keras.Model(words, x).to_json())


def test_a_model_with_several_inputs_written_by_hand_is_imported(tmp_path: Path) -> None:
    layers = keras.layers
    size, input_one = keras.Input((3,), name="size"), keras.Input((3,), name="input")
    x = layers.Concatenate(name="joined")([input_one, layers.Dense(3, name="first")(size)])
    network = keras.Model({"size": size, "input": input_one}, layers.Dense(2, name="last")(x))

    imported = assert_same_predictions(network, tmp_path)

    assert set(imported.model.inputs) == {"size", "input"}
    by_name = linked(imported.model)
    assert by_name["first"].inputs == ("size",)
    assert by_name["joined"].inputs == ("input", "first")


def test_a_model_in_the_units_of_one_target_is_imported(tmp_path: Path) -> None:
    model = ModelSpec.model_validate({"layers": ["Dense"]})
    scale = Affine(np.array([2.5], np.float32), np.array([7.0], np.float32))

    imported = assert_same_predictions(build_model(model, (3,), 1, target_scale=scale), tmp_path)

    assert (imported.model.layers[-1].scale, imported.model.layers[-1].offset) == (2.5, 7.0)


def test_a_model_on_a_backbone_whose_pixels_are_turned_by_an_operation_is_refused() -> None:
    rows = [{"kind": "ResNet50", "weights": None}, {"kind": "Dense"}]
    network = build_model(ModelSpec.model_validate({"layers": rows}), (32, 32, 3), 2)

    with pytest.raises(SpecError, match="the operation Flip, as it is called here, has no"):
        import_json(network.to_json())
