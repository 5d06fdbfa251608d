"""Configs of Keras 2, as files of that time have them, are read like those of today or refused in a sentence."""

from typing import Any

import pytest
from hypothesis import given

from dlcore.design.keras_import import import_config, newer_config
from dlcore.errors import SpecError
from tests.spec.strategies import json_values


def old(kind: str, *nodes: Any, **config: Any) -> dict[str, Any]:
    """An entry as Keras 2.15 writes it; each node lists what the layer takes."""
    config = {"name": kind.lower(), "trainable": True, "dtype": "float32", **config}
    return {"class_name": kind, "config": config, "name": config["name"], "inbound_nodes": list(nodes)}


def pixels(*shape: int) -> dict[str, Any]:
    entry = old("InputLayer", batch_input_shape=[None, *shape], sparse=False, ragged=False, name="pixels")
    del entry["config"]["trainable"]
    return entry


def functional(
    *entries: dict[str, Any],
    output: str,
    shape: tuple[int, ...] = (4, 4, 3),
    kind: str = "Functional",
    number: int = 0,
) -> Any:
    config = {
        "name": "net",
        "trainable": True,
        "layers": [pixels(*shape), *entries],
        "input_layers": [["pixels", 0, 0]],
        "output_layers": [[output, number, 0]],
    }
    return {"class_name": kind, "config": config}


def place(name: str, **arguments: Any) -> list[Any]:
    return [name, 0, 0, arguments]


HE = {"class_name": "HeNormal", "config": {"seed": None}}
L2 = {"class_name": "L2", "config": {"l2": 0.25}}
CONV = {"filters": 3, "kernel_size": [1, 1], "strides": [1, 1], "padding": "same", "data_format": "channels_last",
        "dilation_rate": [1, 1], "groups": 1, "activation": "relu", "use_bias": True, "kernel_initializer": HE,
        "kernel_regularizer": L2, "kernel_constraint": None}  # fmt: skip


@pytest.mark.parametrize("kind", ["Functional", "Model"])
def test_a_residual_network_of_keras_2_is_rebuilt(kind):
    config = functional(
        old("Conv2D", [place("pixels")], name="conv", **CONV),
        old("BatchNormalization", [place("conv", training=False)], name="bn", axis=[3], momentum=0.99, epsilon=0.001),
        old("LeakyReLU", [place("bn")], name="leaky", alpha=0.25),
        old("Add", [place("leaky"), place("pixels")], name="sum"),
        old("Flatten", [place("sum")], name="flat", data_format="channels_last"),
        old("Dense", [place("flat")], name="out", units=2, activation="softmax"),
        output="out", kind=kind,
    )  # fmt: skip

    imported = import_config(newer_config(config))

    assert [(one.kind, one.name, one.inputs) for one in imported.model.layers] == [
        ("Conv2D", "conv", ()),
        ("BatchNormalization", "bn", ()),
        ("LeakyReLU", "leaky", ()),
        ("Add", "sum", ("leaky", "input")),
        ("Flatten", "flat", ()),
        ("Dense", "out", ()),
    ]
    conv, leaky = imported.model.layers[0], imported.model.layers[2]
    assert (conv.kernel_initializer, conv.kernel_regularizer.l2) == ("he_normal", 0.25)
    assert leaky.negative_slope == 0.25
    # 3 · 3 + 3 for the convolution, 2 · 3 learned and 2 · 3 kept ones, 48 · 2 + 2 at the end.
    assert imported.report.parameters.total == 12 + 12 + 98


def test_a_stack_whose_first_layer_tells_the_input_is_rebuilt():
    first = old(
        "Embedding", batch_input_shape=[None, 7], input_dim=9, output_dim=4, mask_zero=True, input_length=7
    )
    forward = {
        "class_name": "LSTM",
        "config": {
            "name": "lstm",
            "units": 3,
            "activation": "tanh",
            "time_major": False,
            "implementation": 2,
        },
    }
    both = old("Bidirectional", layer=forward, merge_mode="concat")
    config = {
        "class_name": "Sequential",
        "config": {"name": "net", "layers": [first, both, old("Dense", units=1, activation="linear")]},
    }

    imported = import_config(newer_config(config))

    assert [one.kind for one in imported.model.layers] == ["Embedding", "Bidirectional", "Dense"]
    assert (imported.inputs["input"].shape, imported.inputs["input"].dtype) == ((7,), "int32")
    assert imported.report.output_shape == (1,)


def test_attention_of_keras_2_takes_its_value_by_name():
    config = functional(
        old("Dense", [place("pixels")], name="keys", units=3, activation="linear"),
        old(
            "MultiHeadAttention", [place("pixels", value=["keys", 0, 0])], name="look", num_heads=1, key_dim=2
        ),
        output="look",
        shape=(5, 3),
    )

    assert import_config(newer_config(config)).model.layers[1].inputs == ("input", "keys")


def test_a_nested_model_of_keras_2_is_laid_flat():
    inner = {
        "class_name": "Sequential",
        "config": {"name": "inner", "layers": [pixels(6), old("Dense", units=2, activation="linear")]},
    }
    config = functional(
        old("Flatten", [place("pixels")], name="flat"),
        {**inner, "name": "inner", "inbound_nodes": [[place("flat")]]},
        output="inner",
        shape=(2, 3),
    )

    assert [one.kind for one in import_config(newer_config(config)).model.layers] == ["Flatten", "Dense"]


REFUSED = [
    (functional(old("BatchNormalization", [place("pixels")], name="bn", axis=[1]), output="bn"),
     "bn.axis: BatchNormalization can have only -1 here, got 1"),
    (functional(old("mine>Twice", [place("pixels")], name="it"), output="it"), "'mine>Twice' of 'keras.layers' is not"),
    (functional(old("LayerScale", [place("pixels")], name="it", init_values=1, projection_dim=3), output="it"),
     "'LayerScale' of 'keras.layers' is not part of Keras"),
    (functional(old("Lambda", [place("pixels")], name="it"), output="it"), "it: a Lambda layer holds program code"),
    (functional(old("TFOpLambda", ["pixels", 0, 0, {"y": 2}], name="it", function="math.multiply"), output="it"),
     "it: is called with y, which is not supported"),
    ({"class_name": "Sequential", "config": {"name": "net", "layers": 3}}, "net: this is not the config"),
    ({"class_name": "Wide", "config": {}}, "was written by Keras 2, or by hand"),
    ("text", "this is not the config"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "message"), REFUSED, ids=range(len(REFUSED)))
def test_an_older_model_that_cannot_be_rebuilt_is_refused_by_name(config, message):
    with pytest.raises(SpecError) as caught:
        import_config(newer_config(config))

    assert message in str(caught.value)


@given(json_values)
def test_whatever_stands_in_an_older_config_is_refused_in_a_sentence(data):
    for config in (data, {"class_name": "Sequential", "config": {"name": "net", "layers": data}},
                   functional(old("Dense", data, name="it", units=2, activation="linear", axis=data), output="it")):  # fmt: skip
        try:
            import_config(newer_config(config))
        except SpecError as error:
            assert error.message.template != "{detail}"
