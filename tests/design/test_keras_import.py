"""A Keras config is data: known layers are rebuilt, anything else is refused in a sentence."""

import json
import subprocess
import sys
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.design.keras_import import import_config, import_json
from dlcore.errors import Message, SpecError
from tests.conftest import ROOT
from tests.models.samples import called, dense, functional, layer, sequential, small, tensor
from tests.spec.strategies import json_values


def refusal(config: Any) -> str:
    with pytest.raises(SpecError) as caught:
        import_config(config)
    return str(caught.value)


def test_a_plain_stack_is_rebuilt():
    imported = import_config(small(activation="softmax"))

    assert [(row.kind, row.output_shape) for row in imported.report.rows] == [
        ("Flatten", (4,)),
        ("Dense", (2,)),
    ]
    assert imported.report.parameters.total == 10
    assert imported.model.layers[1].activation == "softmax"
    assert imported.inputs["input"].shape == (2, 2, 1)
    assert imported.groups == {"flatten": "layers/flatten", "dense": "layers/dense"}


def test_layers_of_one_class_are_numbered_as_keras_numbers_their_weights():
    names = ["b", "a", "c"]
    imported = import_config(sequential(*[dense(name=name) for name in names]))

    assert imported.groups == {"b": "layers/dense", "a": "layers/dense_1", "c": "layers/dense_2"}


def test_a_config_without_a_shape_is_a_model_whose_input_is_not_known():
    config = small()
    del config["config"]["layers"][0]

    imported = import_config(config)

    assert (imported.signature, imported.report, len(imported.model.layers)) == (None, None, 2)


def test_entries_in_any_order_are_put_into_that_of_the_graph():
    imported = import_config(
        functional(
            called(dense(name="last"), tensor("sum")),
            called(layer("Add", name="sum"), [tensor("first"), tensor("first")]),
            called(dense(name="first"), tensor("pixels")),
            output=["last", 0, 0],
        )
    )

    assert [(one.name, one.inputs) for one in imported.model.layers] == [
        ("first", ()),
        ("sum", ("first", "first")),
        ("last", ()),
    ]


def test_a_long_graph_written_backwards_is_put_in_order():
    names = ["pixels", *(f"d{number}" for number in range(1200))]
    entries = [called(dense(name=name), tensor(before)) for before, name in pairwise(names)]

    imported = import_config(functional(*reversed(entries), output=[names[-1], 0, 0]))

    assert [one.name for one in imported.model.layers] == names[1:]


@pytest.mark.parametrize(
    ("padding", "expected", "shape"),
    [
        ([[1, 1], [2, 2]], (1, 2), (4, 6, 1)),
        ([[0, 1], [2, 3]], (0, 1, 2, 3), (3, 7, 1)),
        (2, (2, 2), (6, 6, 1)),
    ],
)
def test_zeros_around_an_image_are_read_side_by_side(padding, expected, shape):
    imported = import_config(sequential(layer("ZeroPadding2D", padding=padding)))

    assert imported.model.layers[0].padding == expected
    assert imported.report.output_shape == shape


NUMPY, NN = "keras.src.ops.numpy", "keras.src.ops.nn"


def operation(kind: str, *args: Any, module: str = NUMPY, **config: Any) -> dict[str, Any]:
    """A model of one operation on its input of the shape (4,), as Keras writes it."""
    entry = {
        "module": module,
        "class_name": kind,
        "config": {"name": "it", **config},
        "registered_name": kind,
    }
    return functional(called(entry, *args), output=["it", 0, 0])


X = tensor("pixels")

OPERATIONS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (operation("Add", X, 3.0), "Rescaling", {"scale": 1.0, "offset": 3.0}),
    (operation("Add", 3, X), "Rescaling", {"scale": 1.0, "offset": 3.0}),
    (operation("Add", X, {"class_name": "__numpy__", "config": {"value": 3.0, "dtype": "float32"}}),
     "Rescaling", {"scale": 1.0, "offset": 3.0}),
    (operation("Subtract", X, 3), "Rescaling", {"scale": 1.0, "offset": -3.0}),
    (operation("Subtract", 3, X), "Rescaling", {"scale": -1.0, "offset": 3.0}),
    (operation("Multiply", X, 0.5), "Rescaling", {"scale": 0.5, "offset": 0.0}),
    (operation("TrueDivide", X, 4), "Rescaling", {"scale": 0.25, "offset": 0.0}),
    (operation("Negative", X), "Rescaling", {"scale": -1.0, "offset": 0.0}),
    (operation("Add", X, X), "Add", {"inputs": ("input", "input")}),
    (operation("Subtract", X, X), "Subtract", {"inputs": ("input", "input")}),
    (operation("Square", X), "Multiply", {"inputs": ("input", "input")}),
    (operation("Power", X, 2), "Multiply", {"inputs": ("input", "input")}),
    (operation("Power", X, 2.0), "Multiply", {"inputs": ("input", "input")}),
    (operation("Maximum", X, X), "Maximum", {"inputs": ("input", "input")}),
    (operation("Minimum", X, X), "Minimum", {"inputs": ("input", "input")}),
    (operation("Maximum", X, 0), "ReLU", {"max_value": None}),
    (operation("Maximum", 0.0, X), "ReLU", {"max_value": None}),
    (operation("Clip", X, x_min=0, x_max=6), "ReLU", {"max_value": 6.0}),
    (operation("Relu", X, module=NN), "Activation", {"activation": "relu"}),
    (operation("Gelu", X, module=NN, approximate=False), "Activation", {"activation": "gelu"}),
    (operation("Softmax", X, module=NN, axis=-1), "Activation", {"activation": "softmax"}),
    (operation("LeakyRelu", X, module=NN, negative_slope=0.2), "LeakyReLU", {"negative_slope": 0.2}),
    (operation("Elu", X, module=NN, alpha=2.0), "ELU", {"alpha": 2.0}),
    (operation("Tanh", X), "Activation", {"activation": "tanh"}),
    (operation("Concatenate", [X, X], axis=1), "Concatenate", {"axis": 1, "inputs": ("input", "input")}),
    (operation("Reshape", X, newshape=[-1, 2, 2]), "Reshape", {"target_shape": (2, 2)}),
    (operation("ReLU", X, module="keras.src.activations.activations", max_value=6.0, threshold=0.0),
     "ReLU", {"max_value": 6.0}),
    (operation("LayerScale", X, module="keras.src.applications.convnext", init_values=0.5, projection_dim=4),
     "LayerScale", {"init_values": 0.5, "projection_dim": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("config", "kind", "fields"), OPERATIONS, ids=range(len(OPERATIONS)))
def test_an_operation_becomes_the_layer_that_computes_the_same(config, kind, fields):
    (found,) = import_config(config).model.layers

    assert (found.kind, found.name) == (kind, "it")
    assert {name: getattr(found, name) for name in fields} == fields


def deep(*sizes: int | None) -> dict[str, Any]:
    """The input as a tensor of that shape, without the batch axis."""
    return {**X, "config": {**X["config"], "shape": [None, *sizes]}}


SHAPED: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (operation("Mean", deep(4, 5, 3), axis=[1, 2], keepdims=True), "GlobalAveragePooling2D", {"keepdims": True}),
    (operation("Mean", deep(4, 3), axis=-2, keepdims=False), "GlobalAveragePooling1D", {"keepdims": False}),
    (operation("Max", deep(4, 3), axis=1), "GlobalMaxPooling1D", {}),
    (operation("Transpose", deep(4, 3), axes=[0, 2, 1]), "Permute", {"dims": (2, 1)}),
    (operation("ExpandDims", deep(4, 3), axis=-1), "Reshape", {"target_shape": (4, 3, 1)}),
    (operation("ExpandDims", deep(None, 3), axis=1), "Reshape", {"target_shape": (1, -1, 3)}),
    (operation("Squeeze", deep(4, 1, 3), axis=2), "Reshape", {"target_shape": (4, 3)}),
    (operation("Softmax", deep(4, 3), module=NN, axis=1), "Softmax", {"axis": 1}),
    (operation("Softmax", deep(4, 3), module=NN, axis=2), "Activation", {"activation": "softmax"}),
    (operation("StochasticDepth", deep(4, 4, 3), module="keras.src.applications.convnext", drop_path_rate=0.25),
     "Dropout", {"rate": 0.25, "noise_shape": (1, 1, 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("config", "kind", "fields"), SHAPED, ids=range(len(SHAPED)))
def test_an_operation_along_axes_becomes_the_layer_for_that_shape(config, kind, fields):
    node = config["config"]["layers"][1]["inbound_nodes"][0]
    config["config"]["layers"][0]["config"]["batch_shape"] = node["args"][0]["config"]["shape"]

    (found,) = import_config(config).model.layers

    assert (found.kind, {name: getattr(found, name) for name in fields}) == (kind, fields)


UNLIKE = [
    operation("Sort", X), operation("Power", X, 3), operation("Power", X, 1.0), operation("TrueDivide", 1, X), operation("TrueDivide", X, 0),
    operation("Add", X, 10**400), operation("Add", 1, 2), operation("Add", X), operation("Maximum", X, 1),
    operation("Clip", X, x_min=-1, x_max=1), operation("Gelu", X, module=NN, approximate=True),
    operation("Mean", deep(4, 3), axis=2), operation("Mean", deep(4, 3), axis=None), operation("Mean", X, axis=0),
    operation("Transpose", deep(4, 3), axes=[1, 0, 2]), operation("Transpose", deep(4, 3), axes=None),
    operation("Reshape", X, newshape=[4, -1]), operation("Reshape", X, newshape=[-1]),
    operation("Squeeze", deep(4, 3), axis=1), operation("ExpandDims", X, axis=0), operation("Negative", X, 3),
    operation("Concatenate", X, 3), operation("CustomScaleLayer", X), operation("Max", deep(4, 3), axis=1, initial=5),
]  # fmt: skip


@pytest.mark.parametrize("config", UNLIKE, ids=range(len(UNLIKE)))
def test_an_operation_that_no_layer_computes_is_refused_by_name(config):
    message = refusal(config)

    assert message.startswith("it: ")
    assert "has no counterpart among the layers" in message or "this is not the config" in message


def test_a_product_of_einstein_is_a_factor_for_each_channel_or_a_layer_of_its_own():
    start = {"class_name": "Constant", "module": "keras.initializers", "config": {"value": 0.5}}
    config = {"equation": "...x,x->...x", "output_shape": [4], "kernel_initializer": start, "name": "it"}

    (found,) = import_config(
        functional(called(layer("EinsumDense", **config), X), output=["it", 0, 0])
    ).model.layers

    assert (found.kind, found.projection_dim, found.init_values) == ("LayerScale", 4, 0.5)
    for more in (
        {"equation": "ab,bc->ac"},
        {"bias_axes": "x"},
        {"activation": "relu"},
        {"kernel_regularizer": "l2"},
    ):
        entry = called(layer("EinsumDense", **{**config, **more}), X)
        (other,) = import_config(functional(entry, output=["it", 0, 0])).model.layers
        assert (other.kind, other.sizes) == ("EinsumDense", (4,))


def test_the_scaled_sum_of_inception_becomes_two_layers():
    module = "keras.src.applications.inception_resnet_v2"
    entry = operation("CustomScaleLayer", [tensor("pixels"), tensor("pixels")], module=module, scale=0.25)

    imported = import_config(entry)

    assert [(one.kind, one.name, one.inputs) for one in imported.model.layers] == [
        ("Rescaling", "it", ()),
        ("Add", "it_1", ("input", "it")),
    ]
    assert imported.model.layers[0].scale == 0.25


def test_an_operation_that_ends_a_mask_is_refused_where_its_layer_would_keep_it():
    words = layer("Embedding", input_dim=5, output_dim=3, mask_zero=True, name="words")
    doubled = {
        "module": NUMPY,
        "class_name": "Multiply",
        "config": {"name": "twice"},
        "registered_name": "Multiply",
    }
    entries = [called(words, X), called(doubled, tensor("words"), 2.0)]

    assert refusal(functional(*entries, output=["twice", 0, 0])).startswith(
        "twice: this operation ends the mask"
    )


@pytest.mark.parametrize(
    ("config", "mean", "variance"),
    [
        ({"mean": [1.0, 2.0], "variance": [4.0, 9.0], "axis": [-1]}, (1, 2), (4, 9)),
        ({"mean": 1.0, "variance": 4.0, "axis": []}, (1,), (4,)),
        (
            {"mean": {"class_name": "__numpy__", "config": {"value": [1.0]}}, "variance": [4], "axis": -1},
            (1,),
            (4,),
        ),
        ({"mean": None, "variance": None, "axis": [-1]}, (), ()),
    ],
)
def test_a_normalization_comes_with_its_numbers(config, mean, variance):
    imported = import_config(sequential(layer("Normalization", invert=False, **config), shape=(2,)))

    (found,) = imported.model.layers
    assert (found.mean, found.variance) == (mean, variance)
    assert [note.where for note in imported.notes] == ["normalization"]
    assert imported.report.parameters.fixed == (0 if mean else 5)


def test_a_factor_for_each_channel_becomes_a_normalization():
    imported = import_config(sequential(layer("Rescaling", scale=[0.5, 2.0], offset=[1.0, -4.0]), shape=(2,)))

    (found,) = imported.model.layers
    assert (found.kind, found.mean, found.variance) == ("Normalization", (-2.0, 2.0), (4.0, 0.25))


@pytest.mark.parametrize("scale", [[0.5, 0.0], [0.5, -1.0], [0.5, "x"], [0.5, 1e-300], [0.5, 1.0, 2.0]])
def test_factors_that_no_deviation_has_are_refused(scale):
    message = refusal(sequential(layer("Rescaling", scale=scale, offset=[1.0, 2.0]), shape=(2,)))

    assert message.startswith("rescaling: the operation Rescaling, as it is called here, has no")


def test_an_argument_that_a_rescaling_lacks_is_refused():
    one, each = ({"scale": scale, "offset": 0.0, "clip": True} for scale in (0.5, [0.5, 2.0]))

    assert "the argument clip of Rescaling is not known" in refusal(
        sequential(layer("Rescaling", **one), shape=(2,))
    )
    assert "Rescaling, as it is called here, has no" in refusal(
        sequential(layer("Rescaling", **each), shape=(2,))
    )


def test_what_keras_has_elsewhere_is_refused_as_its_own():
    assert refusal(operation("Cholesky", X, module="keras.src.ops.linalg")).startswith(
        "it: 'Cholesky' of Keras cannot be imported. Replace it"
    )


def test_an_axis_that_only_its_own_config_calls_the_last_is_refused():
    normal = {**layer("BatchNormalization", axis=[1]), "build_config": {"input_shape": [None, 3]}}

    assert refusal(sequential(normal, shape=(4, 4, 3))).startswith(
        "batchnormalization.axis: BatchNormalization can have only -1 here, got 1"
    )


def test_a_layer_without_weights_may_be_called_more_than_once():
    again = {**called(layer("ReLU"), tensor("pixels")), "inbound_nodes": [
        {"args": [tensor(*one)], "kwargs": {}} for one in [("pixels",), ("a",), ("relu", 1, 0)]
    ]}  # fmt: skip
    imported = import_config(
        functional(
            again,
            called(dense(name="a"), tensor("relu")),
            called(layer("Add", name="sum"), [tensor("relu", 1, 0), tensor("relu", 2, 0)]),
            output=["sum", 0, 0],
        )
    )

    assert [(one.kind, one.name, one.inputs) for one in imported.model.layers] == [
        ("ReLU", "relu", ()),
        ("Dense", "a", ()),
        ("ReLU", "relu_1", ()),
        ("ReLU", "relu_2", ()),
        ("Add", "sum", ("relu_1", "relu_2")),
    ]


def test_a_foreign_layer_of_positions_is_refused_with_the_way_out():
    foreign = {**layer("PositionEmbedding"), "module": "mine", "registered_name": "mine>PositionEmbedding"}

    assert refusal(sequential(foreign)).endswith("save the model again, and add a PositionEmbedding here.")


def test_a_layer_with_weights_is_called_again():
    twice = {**called(dense(units=4), tensor("pixels")), "inbound_nodes": [
        {"args": [tensor(one)], "kwargs": {}} for one in ("pixels", "dense")
    ]}  # fmt: skip
    imported = import_config(functional(twice, output=["dense", 1, 0]))

    first, again = imported.model.layers
    assert (first.kind, first.units, again.kind, again.of) == ("Dense", 4, "Shared", "dense")
    assert imported.report.parameters.total == 20


def test_a_layer_called_again_must_fit_its_weights():
    twice = {**called(dense(units=3), tensor("pixels")), "inbound_nodes": [
        {"args": [tensor(one)], "kwargs": {}} for one in ("pixels", "dense")
    ]}  # fmt: skip

    assert refusal(functional(twice, output=["dense", 1, 0])).startswith(
        "layers[1].inputs: the weights of 'dense' do not fit this input."
    )


@pytest.mark.parametrize("place", [[-1, 0], [True, 0], [10**9, 0], [0, 1], ["0", 0], [2, 0]])
def test_a_call_that_cannot_be_is_refused(place):
    twice = {**called(layer("ReLU"), tensor("pixels")), "inbound_nodes": [
        {"args": [tensor("pixels")], "kwargs": {}} for _ in range(2)
    ]}  # fmt: skip

    assert refusal(functional(twice, called(dense(), tensor("relu", *place)), output=["dense", 0, 0]))


def test_an_identity_leaves_no_trace():
    imported = import_config(sequential(layer("Identity"), dense(), shape=(4,)))

    assert [(one.name, one.inputs) for one in imported.model.layers] == [("dense", ())]


def test_a_mask_that_is_shared_along_axes_is_taken_over():
    shared = layer("Dropout", rate=0.25, noise_shape=[None, 1, None, 1])
    plain = layer("Dropout", rate=0.25, noise_shape=None, name="plain")

    imported = import_config(sequential(shared, plain))

    assert [one.noise_shape for one in imported.model.layers] == [(1, -1, 1), ()]


@pytest.mark.parametrize("shape", [[1, 1, 1, 1], [], "abc", 3])
def test_a_mask_that_is_the_same_for_all_samples_is_refused(shape):
    message = refusal(sequential(layer("Dropout", rate=0.25, noise_shape=shape)))

    assert message.startswith(
        "dropout.noise_shape: the same mask for all samples of a batch is not supported"
    )


def test_initializers_and_regularizers_are_taken_over_and_what_only_starts_weights_is_noted():
    he = {"module": "keras.initializers", "class_name": "HeNormal", "config": {"seed": 3}}
    narrow = {"module": "keras.initializers", "class_name": "RandomNormal", "config": {"stddev": 0.5}}
    l2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.25}}
    imported = import_config(
        small(kernel_initializer=he, bias_initializer=narrow, kernel_regularizer=l2, bias_constraint=None)
    )

    last = imported.model.layers[1]
    assert (last.kernel_initializer, last.bias_initializer) == ("he_normal", "zeros")
    assert (last.kernel_regularizer.kind, last.kernel_regularizer.l2) == ("L2", 0.25)
    assert [note.where for note in imported.notes] == ["dense.bias_initializer"]


CUSTOM = {"module": "keras.layers", "class_name": "Dense", "registered_name": "mine>Dense"}

ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"kernel_constraint": {"class_name": "NonNeg"}}, "dense.kernel_constraint: Dense can have only None"),
    ({"kernel_size": 3}, "dense.kernel_size: the argument kernel_size of Dense is not known"),
    ({"quantization_config": {"mode": "int8"}}, "dense.quantization_config: Dense can have only None"),
    ({"units": None}, "dense: the argument units is missing"),
    ({"units": -1}, "dense.units: expected a number of at least 1, got -1"),
    ({"units": "os.system('x')"}, "dense.units: expected a whole number"),
    ({"activation": "boom"}, "dense.activation: expected one of linear"),
    ({"activation": {"class_name": "function", "config": {"__lambda__": 1}}}, "is not a Keras activation"),
    ({"activation": {**CUSTOM, "config": {}}}, "'mine>Dense' of 'keras.layers' is not part of Keras"),
    ({"activation": 7}, "dense.activation: this is not the config of a Keras 3 model"),
    ({"kernel_regularizer": {"module": "os", "class_name": "system", "config": {}}},
     "dense.kernel_regularizer: 'system' of 'os' is not part of Keras"),
    ({"kernel_initializer": {"module": "os", "class_name": "system", "config": {}}},
     "dense.kernel_initializer: 'system' of 'os' is not part of Keras"),
    ({"kernel_initializer": 3}, "dense.kernel_initializer: this is not the config of a Keras 3 model"),
    ({"dtype": {"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {"name": "int8"}}},
     "dense.dtype: weights of type 'int8' are not supported"),
    ({"name": float("nan")}, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"), ARGUMENTS, ids=[str(number) for number in range(len(ARGUMENTS))]
)
def test_an_argument_that_cannot_be_is_refused_with_its_layer(arguments, message):
    if not message:
        imported = import_config(small(**arguments))
        assert imported.model.layers[1].name == "dense"
        return
    assert message in refusal(small(**arguments))


OBJECTS: list[tuple[Any, str]] = [
    (None, "this is not the config of a Keras 3 model"),
    ([], "this is not the config"),
    ({"class_name": "Sequential", "module": "keras"}, "this is not the config"),
    ({**small(), "class_name": "Dense"}, "Dense is not a model"),
    ({**small(), "module": "os"}, "'Sequential' of 'os' is not part of Keras"),
    ({**small(), "registered_name": "mine>Net"}, "'mine>Net' of 'keras' is not part of Keras"),
    ({**small(), "class_name": "__reduce__"}, "__reduce__ is not a model"),
    (sequential(layer("Lambda", function=["4wEAAA"], name="evil")), "evil: a Lambda layer holds program code"),
    (sequential({**layer("Dense"), "module": "os"}), "dense: 'Dense' of 'os' is not part of Keras"),
    (sequential({**layer("Dense"), "registered_name": "x>Dense"}), "dense: 'x>Dense' of 'keras.layers'"),
    (sequential(layer("TFSMLayer", filepath="/etc", name="t")), "t: there is no layer 'TFSMLayer'"),
    (sequential(layer("ResNet50", weights="imagenet")), "resnet50: there is no layer 'ResNet50'"),
    (sequential({"class_name": "Dense", "config": {}}), "was written by Keras 2"),
    (sequential(), "the model has no layers"),
    (sequential(layer("Flatten"), layer("Flatten"), layer("InputLayer", name="late")), "late: this is not"),
    (sequential(*[dense(name=f"d{number}") for number in range(1201)]), "more than 1200 layers"),
    (sequential(dense(units=1_000_000), dense(units=1_000_000), shape=(10,)), "parameters, more than"),
    (sequential(layer("MaxPooling2D", pool_size=[9, 9])), "the window of 9 is larger than its input of 2"),
    (sequential(dense(), shape=(0,)), "pixels: this is not the config"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "message"), OBJECTS, ids=[str(number) for number in range(len(OBJECTS))])
def test_a_config_that_is_none_or_holds_what_is_not_of_keras_is_refused(config, message):
    assert message in refusal(config)


GRAPHS: list[tuple[dict[str, Any], str]] = [
    (functional(called(dense(), tensor("dense")), output=["dense", 0, 0]), "dense: takes its input from a missing layer"),
    (functional(called(dense(), tensor("pixels")), output=["none", 0, 0]), "net: this is not the config"),
    (functional(called(dense(), tensor("pixels", 0, 1)), output=["dense", 0, 0]), "called more than once"),
    (functional(called(dense(), tensor("pixels")), called(dense(), tensor("pixels")), output=["dense", 0, 0]),
     "two layers have the same name"),
    (functional({**called(dense(), 1), "inbound_nodes": [[["pixels", 0, 0, {}]]]}, output=["dense", 0, 0]),
     "was written by Keras 2"),
    (functional(called(dense(), tensor("pixels"), training=True), output=["dense", 0, 0]),
     "dense: is called with training, which is not supported"),
    (functional(called(dense(), 3.5), output=["dense", 0, 0]), "is called with a fixed value"),
    (functional(called(dense(), tensor("pixels")), output=[["dense", 0, 0], ["dense", 0, 0]]),
     "dense: this output is the same as another one, or as an input."),
    (functional(called(dense(), tensor("pixels")), output=[["dense", 0, 0], ["pixels", 0, 0]]),
     "pixels: this output is the same as another one, or as an input."),
    (functional(called(dense(), tensor("pixels")), called(dense(name="b", units=5), tensor("dense")),
                output=[["dense", 0, 0], ["b", 0, 0]]), "its outputs differ in shape (2, 5), so they"),
    (functional(called(dense(), tensor("pixels")), called(dense(name="b"), tensor("pixels")),
                output=["dense", 0, 0]), "dense: its result is not that of its last layer, b"),
    (functional(called(dense(), tensor("pixels"), tensor("pixels"), [tensor("pixels")] * 1000),
                output=["dense", 0, 0]), "this is not the config"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "message"), GRAPHS, ids=[str(number) for number in range(len(GRAPHS))])
def test_a_graph_that_cannot_be_is_refused(config, message):
    assert message in refusal(config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested more than 100 levels"),
        ("[" * 200 + "]" * 200, "nested more than 100 levels"),
        ('{"a": NaN}', "is not JSON"),
        ("{", "is not JSON"),
        (b"\xff\xfe{}", "is not JSON"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "is not JSON"),
        (" " * 16_000_001, "larger than 16 MB"),
        ("[]", "this is not the config"),
    ],
    ids=range(8),
)
def test_text_that_is_no_config_is_refused_quickly(text, message):
    with pytest.raises(SpecError, match=message):
        import_json(text)


WORDS = [
    "Dense", "Lambda", "Flatten", "Sequential", "Functional", "keras", "keras.layers", "os", "pixels", "dense",
    "__class__", "{0}", "{what}", "mine>x", "\ud800", "<b>", "input", "../x", "", "x" * 1000, "mixed_float16",
]  # fmt: skip
JUNK = st.one_of(
    json_values,
    st.sampled_from([*WORDS, -1, 10**30, 1e308, True, [], {}, [None], [None, 4], ["dense", 0, 0]]),
    st.just(dense()),
)
STARTS = [
    small(),
    sequential(layer("Conv2D", filters=2, kernel_size=[1, 1], activation="relu"), small()),
    functional(
        called(dense(name="a"), tensor("pixels")),
        called(layer("Add"), [tensor("a"), tensor("a")]),
        output=["add", 0, 0],
    ),
]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A good config with junk put in one to three places."""
    data = deepcopy(draw(st.sampled_from(STARTS)))
    for _ in range(draw(st.integers(1, 3))):
        where: Any = data
        while True:
            keys = list(where) if isinstance(where, dict) else list(range(len(where)))
            key = draw(st.sampled_from([*keys, "new"] if isinstance(where, dict) else keys))
            inner = where.get(key) if isinstance(where, dict) else where[key]
            if not isinstance(inner, (dict, list)) or not inner or draw(st.integers(0, 5)) == 0:
                where[key] = deepcopy(draw(JUNK))
                break
            where = inner
    return data


@given(damaged())
def test_a_damaged_config_is_rebuilt_or_refused_in_a_sentence(data):
    try:
        imported = import_config(data)
    except SpecError as error:
        assert error.message.template != "{detail}"
        assert len(str(error)) < 2000
        assert Message.from_dict(json.loads(json.dumps(error.message.to_dict()))).text() == str(error)
    else:
        assert set(imported.groups) == {one.name for one in imported.model.layers}
        assert imported.report is None or imported.report.problem is None


def test_nothing_of_keras_is_imported_to_read_a_model():
    code = (
        "import sys, json; from dlcore.models.keras_file import read_model_file; from pathlib import Path;"
        "from tests.models.samples import small;"
        "from dlcore.design.keras_import import import_config; import_config(small());"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'keras', 'tensorflow', 'torch'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr


def test_of_several_outputs_the_deepest_is_the_main_one():
    chain = [("a", "pixels"), ("aux", "a"), ("b", "a"), ("answer", "b"), ("third", "b")]
    entries = [called(dense(name=name), tensor(before)) for name, before in chain]
    ends = [["aux", 0, 0], ["answer", 0, 0], ["third", 0, 0]]

    imported = import_config(functional(*entries, output=ends))

    # Of two that are as deep, the first.
    assert [(one.name, one.kind, one.inputs) for one in imported.model.layers] == [
        ("a", "Dense", ()),
        ("aux", "Dense", ()),
        ("aux_output", "Output", ()),
        ("b", "Dense", ("a",)),
        ("third", "Dense", ()),
        ("third_output", "Output", ()),
        ("answer", "Dense", ("b",)),
    ]
    assert imported.report.problem is None
    assert imported.notes[0].params["main"] == "answer"


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([2.0, 1.0], 0.5),
        ({"aux": 0.4, "b": 1}, 0.4),
        ([1.0], 0.3),
        ([1.0, -1.0], 0.3),
        ("many", 0.3),
        (None, 0.3),
    ],
)
def test_what_the_losses_count_is_taken_from_how_the_model_was_compiled(weights, expected):
    entries = [called(dense(name="a"), tensor("pixels")), called(dense(name="aux"), tensor("a")),
               called(dense(name="x"), tensor("a")), called(dense(name="b"), tensor("x"))]  # fmt: skip
    config = functional(*entries, output=[["b", 0, 0], ["aux", 0, 0]])

    imported = import_config({**config, "compile_config": {"loss_weights": weights}})

    (found,) = [layer.loss_weight for layer in imported.model.layers if layer.kind == "Output"]
    assert found == expected
