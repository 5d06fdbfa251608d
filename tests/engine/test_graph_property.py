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


ARGUMENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "Conv2D": st.fixed_dictionaries(
        {"filters": st.integers(1, 5)},
        optional={
            "kernel_size": st.tuples(SMALL, SMALL),
            "strides": st.tuples(SMALL, SMALL),
            "padding": PADDING,
            "activation": ACTIVATION,
            "use_bias": st.booleans(),
            "dilation_rate": st.integers(1, 2),
        },
    ),
    "SeparableConv2D": st.fixed_dictionaries(
        {"filters": st.integers(1, 5)},
        optional={"kernel_size": SMALL, "strides": SMALL, "padding": PADDING, "depth_multiplier": SMALL},
    ),
    "DepthwiseConv2D": _rows(kernel_size=SMALL, strides=SMALL, padding=PADDING, use_bias=st.booleans()),
    "MaxPooling2D": _rows(pool_size=st.tuples(SMALL, SMALL), strides=SMALL, padding=PADDING),
    "AveragePooling2D": _rows(pool_size=SMALL, strides=st.none() | SMALL, padding=PADDING),
    "GlobalAveragePooling2D": _rows(keepdims=st.booleans()),
    "GlobalMaxPooling2D": _rows(keepdims=st.booleans()),
    "BatchNormalization": _rows(center=st.booleans(), scale=st.booleans()),
    "LayerNormalization": _rows(center=st.booleans(), scale=st.booleans()),
    "Dense": st.fixed_dictionaries({"units": st.integers(1, 6)}, optional={"use_bias": st.booleans()}),
    "Concatenate": _rows(axis=st.sampled_from([-1, 1, 2, 3])),
}
EMPTY: st.SearchStrategy[dict[str, Any]] = st.just({})
IMAGES = st.tuples(st.integers(3, 9), st.integers(3, 9), st.integers(1, 3))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[ModelSpec, Shape]:
    """A model of up to eight layers, each taking anything that came before it, and its input shape.

    Layers that would not fit are passed over; what nothing takes is dropped at the end.
    """
    shape = draw(IMAGES)
    shapes: dict[str, Shape] = {INPUT: shape}
    layers: list[Layer] = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(LAYERS.names()))
        count = draw(st.integers(2, 3)) if LAYERS.get(kind).merges else 1
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
