"""Random valid models have the shapes and the counts that Keras gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcore.engine.build import build_model
from dlcore.spec.graph import infer
from dlcore.spec.layers import LAYERS, Layer, Shape
from dlcore.spec.model import INPUT, ModelSpec

pytestmark = pytest.mark.keras

PADDING = st.sampled_from(["valid", "same"])
ACTIVATION = st.sampled_from(["linear", "relu", "tanh"])
SMALL = st.integers(1, 3)


def _rows(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


CONVOLUTION = {"padding": PADDING, "activation": ACTIVATION, "use_bias": st.booleans()}
RECURRENT = {"return_sequences": st.booleans(), "go_backwards": st.booleans(), "use_bias": st.booleans()}


def _conv(sizes: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"filters": st.integers(1, 5)},
        optional={**CONVOLUTION, "kernel_size": sizes, "strides": sizes, **more},
    )


def _recurrent(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"units": SMALL}, optional={**RECURRENT, **more})


ARGUMENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "Conv2D": _conv(st.tuples(SMALL, SMALL), dilation_rate=st.integers(1, 2)),
    "Conv1D": _conv(
        SMALL, dilation_rate=st.integers(1, 2), padding=st.sampled_from(["valid", "same", "causal"])
    ),
    "SeparableConv2D": _conv(SMALL, depth_multiplier=SMALL),
    "SeparableConv1D": _conv(SMALL, depth_multiplier=SMALL),
    "DepthwiseConv2D": _rows(kernel_size=SMALL, strides=SMALL, padding=PADDING, use_bias=st.booleans()),
    "Conv2DTranspose": _conv(st.tuples(SMALL, SMALL), output_padding=st.none() | st.integers(0, 2)),
    "Conv1DTranspose": _conv(SMALL, output_padding=st.none() | st.integers(0, 2)),
    "Conv3D": _conv(SMALL, dilation_rate=st.integers(1, 2)),
    "Conv3DTranspose": _conv(SMALL, output_padding=st.none() | st.integers(0, 2)),
    "MaxPooling3D": _rows(pool_size=SMALL, strides=st.none() | SMALL, padding=PADDING),
    "AveragePooling3D": _rows(pool_size=SMALL, strides=SMALL, padding=PADDING),
    "UpSampling3D": _rows(size=SMALL),
    "ZeroPadding3D": _rows(padding=st.tuples(SMALL, SMALL, SMALL)),
    "Cropping3D": _rows(cropping=st.tuples(SMALL, SMALL, SMALL)),
    "PositionEmbedding": _rows(sequence_length=st.none() | st.integers(1, 12), trainable=st.booleans()),
    "MaxPooling2D": _rows(pool_size=st.tuples(SMALL, SMALL), strides=SMALL, padding=PADDING),
    "AveragePooling2D": _rows(pool_size=SMALL, strides=st.none() | SMALL, padding=PADDING),
    "MaxPooling1D": _rows(pool_size=SMALL, strides=SMALL, padding=PADDING),
    "AveragePooling1D": _rows(pool_size=SMALL, strides=st.none() | SMALL, padding=PADDING),
    **{
        f"Global{how}Pooling{rank}D": _rows(keepdims=st.booleans())
        for how in ("Average", "Max")
        for rank in (1, 2, 3)
    },
    "BatchNormalization": _rows(center=st.booleans(), scale=st.booleans(), trainable=st.booleans()),
    "LayerNormalization": _rows(center=st.booleans(), scale=st.booleans()),
    "GroupNormalization": st.fixed_dictionaries({"groups": SMALL}, optional={"center": st.booleans()}),
    "Dense": st.fixed_dictionaries(
        {"units": st.integers(1, 6)}, optional={"use_bias": st.booleans(), "trainable": st.booleans()}
    ),
    "Embedding": st.fixed_dictionaries(
        {"input_dim": st.integers(1, 9), "output_dim": SMALL}, optional={"mask_zero": st.booleans()}
    ),
    "Concatenate": _rows(axis=st.sampled_from([-1, 1, 2, 3])),
    "Dot": _rows(axes=st.tuples(st.integers(-2, 3), st.integers(-2, 3)), normalize=st.booleans()),
    "LSTM": _recurrent(),
    "GRU": _recurrent(reset_after=st.booleans(), trainable=st.booleans()),
    "SimpleRNN": _recurrent(),
    "Bidirectional": st.fixed_dictionaries(
        {
            "layer": st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["LSTM", "GRU", "SimpleRNN"]),
                    "units": SMALL,
                    "return_sequences": st.booleans(),
                }
            )
        },
        optional={"merge_mode": st.sampled_from(["concat", "sum", "ave", "mul"]), "trainable": st.booleans()},
    ),
    "TimeDistributed": st.fixed_dictionaries(
        {
            "layer": st.sampled_from(
                ["Flatten", "MaxPooling1D", {"kind": "Dense", "units": 2}, {"kind": "LSTM", "units": 2}]
            )
        }
    ),
    "GroupQueryAttention": st.fixed_dictionaries(
        {
            "head_dim": SMALL,
            "num_key_value_heads": st.integers(1, 2),
            "num_query_heads": st.sampled_from([2, 4]),
        },
        optional={"use_bias": st.booleans()},
    ),
    "Attention": _rows(use_scale=st.booleans(), score_mode=st.sampled_from(["dot", "concat"])),
    "AdditiveAttention": _rows(use_scale=st.booleans()),
    "ConvLSTM1D": _conv(SMALL, return_sequences=st.booleans(), padding=PADDING),
    "ConvLSTM2D": _conv(SMALL, return_sequences=st.booleans()),
    "ConvLSTM3D": st.fixed_dictionaries({"filters": SMALL, "kernel_size": SMALL}),
    "MultiHeadAttention": st.fixed_dictionaries(
        {"num_heads": SMALL, "key_dim": SMALL},
        optional={"value_dim": SMALL, "use_bias": st.booleans(), "trainable": st.booleans()},
    ),
    "Reshape": _rows(
        target_shape=st.sampled_from([(-1,), (-1, 1), (1, -1), (2, -1), (3, -1, 2), (-1, 2, 1)])
    ),
    "Permute": _rows(dims=st.sampled_from([(2, 1), (1,), (2, 3, 1), (3, 2, 1)])),
    "UpSampling2D": _rows(size=SMALL, interpolation=st.sampled_from(["nearest", "bilinear"])),
    "UpSampling1D": _rows(size=SMALL),
    "ZeroPadding2D": _rows(padding=st.tuples(SMALL, SMALL)),
    "ZeroPadding1D": _rows(padding=st.tuples(SMALL, SMALL)),
    "Cropping2D": _rows(cropping=st.tuples(SMALL, SMALL)),
    "Cropping1D": _rows(cropping=st.tuples(SMALL, SMALL)),
    "Resizing": st.fixed_dictionaries({"height": SMALL, "width": SMALL}),
}
EMPTY: st.SearchStrategy[dict[str, Any]] = st.just({})
SIZE, CHANNELS = st.integers(3, 9), st.integers(1, 3)
INPUTS = st.one_of(
    st.tuples(SIZE, SIZE, SIZE, CHANNELS),
    st.tuples(SIZE, SIZE, CHANNELS),
    st.tuples(SIZE, CHANNELS),
    st.tuples(SIZE),
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[ModelSpec, Shape]:
    """A model of up to eight layers, each taking anything that came before it, and its input shape.

    Layers that would not fit are passed over; what nothing takes is dropped at the end.
    """
    shape = draw(INPUTS)
    shapes: dict[str, Shape] = {INPUT: shape}
    layers: list[Layer] = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(LAYERS.names()))
        cls = LAYERS.get(kind)
        count = draw(st.integers(cls.fewest, cls.most or 3))
        sources = tuple(draw(st.sampled_from(list(shapes))) for _ in range(count))
        row = {"kind": kind, "name": f"layer_{number}", "inputs": sources}
        layer = LAYERS.parse({**row, **draw(ARGUMENTS.get(kind, EMPTY))})
        report = infer(ModelSpec(layers=(*layers, layer)), shape)
        if len(report.rows) == len(layers) + 1:
            layers.append(layer)
            shapes[layer.name] = report.output_shape
    return ModelSpec(layers=tuple(_used(layers))), shape


def _used(layers: list[Layer]) -> list[Layer]:
    wanted, kept = {layers[-1].name} if layers else set(), []
    for layer in reversed(layers):
        if layer.name in wanted:
            kept.append(layer)
            wanted |= set(layer.inputs)
    return kept[::-1]


@given(graphs())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_graphs_have_the_shapes_and_counts_of_keras(drawn: tuple[ModelSpec, Shape]) -> None:
    model, shape = drawn
    report = infer(model, shape)
    if not model.layers:
        assert report.problem is not None
        return
    assert report.problem is None
    network = build_model(model, shape, None)
    for row in report.rows:
        layer = network.get_layer(row.name)
        assert (None, *row.output_shape) == tuple(layer.output.shape)
        assert row.parameters.trainable == sum(int(np.prod(w.shape)) for w in layer.trainable_weights)
        assert row.parameters.fixed == sum(int(np.prod(w.shape)) for w in layer.non_trainable_weights)
    assert report.parameters.total == network.count_params()
