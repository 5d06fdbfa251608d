"""Shapes, parameters and work of each layer, worked out by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.layers import (
    LAYERS,
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    LayerNormalization,
    LeakyReLU,
    MaxPooling2D,
    ParameterCount,
    SeparableConv2D,
    SpatialDropout2D,
)

IMAGE = (28, 28, 3)

SHAPES = [
    (Conv2D(filters=32), IMAGE, (26, 26, 32)),
    (Conv2D(filters=32, kernel_size=5), IMAGE, (24, 24, 32)),
    (Conv2D(filters=32, kernel_size=(1, 5)), IMAGE, (28, 24, 32)),
    (Conv2D(filters=8, padding="same"), IMAGE, (28, 28, 8)),
    (Conv2D(filters=8, strides=2), IMAGE, (13, 13, 8)),
    (Conv2D(filters=8, strides=(3, 1), padding="same"), IMAGE, (10, 28, 8)),
    # A 3 × 3 filter with gaps of 2 spans 5 × 5.
    (Conv2D(filters=8, dilation_rate=2), IMAGE, (24, 24, 8)),
    (Conv2D(filters=8, kernel_size=28), IMAGE, (1, 1, 8)),
    (DepthwiseConv2D(), IMAGE, (26, 26, 3)),
    (DepthwiseConv2D(depth_multiplier=4, strides=2, padding="same"), IMAGE, (14, 14, 12)),
    (SeparableConv2D(filters=16), IMAGE, (26, 26, 16)),
    (SeparableConv2D(filters=16, depth_multiplier=2, strides=2), IMAGE, (13, 13, 16)),
    (MaxPooling2D(), IMAGE, (14, 14, 3)),
    (MaxPooling2D(), (27, 29, 3), (13, 14, 3)),
    (MaxPooling2D(padding="same"), (27, 29, 3), (14, 15, 3)),
    (MaxPooling2D(pool_size=3, strides=1), IMAGE, (26, 26, 3)),
    (AveragePooling2D(pool_size=(4, 2)), IMAGE, (7, 14, 3)),
    (GlobalAveragePooling2D(), IMAGE, (3,)),
    (GlobalMaxPooling2D(keepdims=True), IMAGE, (1, 1, 3)),
    (Flatten(), IMAGE, (2352,)),
    (Flatten(), (7,), (7,)),
    (Dense(units=10), (2352,), (10,)),
    (Dense(units=10), IMAGE, (28, 28, 10)),
    (BatchNormalization(), IMAGE, IMAGE),
    (LayerNormalization(), (7,), (7,)),
    (Activation(), IMAGE, IMAGE),
    (LeakyReLU(), (7,), (7,)),
    (Dropout(), IMAGE, IMAGE),
    (SpatialDropout2D(), IMAGE, IMAGE),
]


@pytest.mark.parametrize(("layer", "given", "expected"), SHAPES)
def test_the_shape_a_layer_gives(layer, given, expected):
    assert layer.output_shape([given]) == expected


PARAMETERS = [
    (Conv2D(filters=32), IMAGE, 3 * 3 * 3 * 32 + 32, 0),
    (Conv2D(filters=32, use_bias=False), IMAGE, 864, 0),
    # Each of the 8 filters sees only 4 / 2 channels.
    (Conv2D(filters=8, groups=2, kernel_size=1), (9, 9, 4), 1 * 1 * 2 * 8 + 8, 0),
    (DepthwiseConv2D(depth_multiplier=2), IMAGE, 3 * 3 * 3 * 2 + 6, 0),
    (SeparableConv2D(filters=16, depth_multiplier=2), IMAGE, 3 * 3 * 3 * 2 + 6 * 16 + 16, 0),
    (SeparableConv2D(filters=16, use_bias=False), IMAGE, 27 + 48, 0),
    (Dense(units=10), (100,), 1010, 0),
    (Dense(units=10, use_bias=False), (100,), 1000, 0),
    (Dense(units=10), IMAGE, 40, 0),
    (BatchNormalization(), IMAGE, 6, 6),
    (BatchNormalization(center=False), IMAGE, 3, 6),
    (BatchNormalization(center=False, scale=False), (5,), 0, 10),
    (LayerNormalization(), IMAGE, 6, 0),
    (LayerNormalization(scale=False), IMAGE, 3, 0),
    *[(cls(), IMAGE, 0, 0) for cls in (MaxPooling2D, GlobalMaxPooling2D, Flatten, Activation, Dropout)],
]


@pytest.mark.parametrize(("layer", "given", "trainable", "fixed"), PARAMETERS)
def test_the_numbers_a_layer_holds(layer, given, trainable, fixed):
    count = layer.parameters([given])

    assert count == ParameterCount(trainable, fixed)
    assert count.total == trainable + fixed


FLOPS = [
    # 9 multiply-adds and a bias for each of 2 × 2 places and 5 filters.
    (Conv2D(filters=5), (4, 4, 1), (2 * 9 + 1) * 2 * 2 * 5),
    (Conv2D(filters=4, groups=2, use_bias=False), (3, 3, 4), 2 * 9 * 2 * 4),
    (DepthwiseConv2D(use_bias=False), (4, 4, 2), 2 * 9 * 2 * 2 * 2),
    (SeparableConv2D(filters=5), (4, 4, 2), (2 * 9 * 2 + (2 * 2 + 1) * 5) * 2 * 2),
    (MaxPooling2D(), (4, 4, 3), 4 * 2 * 2 * 3),
    (GlobalAveragePooling2D(), (4, 4, 3), 48),
    (Dense(units=10), (100,), 2 * 100 * 10 + 10),
    (Activation(), (4, 4, 3), 48),
    (BatchNormalization(), (7,), 28),
    (BatchNormalization(scale=False), (7,), 21),
    (Flatten(), (4, 4, 3), 0),
    (Dropout(), (4, 4, 3), 0),
]


@pytest.mark.parametrize(("layer", "given", "expected"), FLOPS)
def test_the_work_of_a_layer_counts_a_multiply_add_as_two(layer, given, expected):
    assert layer.flops([given]) == expected


def test_adding_keeps_the_shape_and_costs_one_for_each_further_value():
    shapes = [(4, 4, 3)] * 3

    assert Add().output_shape(shapes) == (4, 4, 3)
    assert Add().flops(shapes) == 2 * 48
    assert Add().parameters(shapes).total == 0


@pytest.mark.parametrize(
    ("axis", "shapes", "expected"),
    [
        (-1, [(4, 4, 3), (4, 4, 5)], (4, 4, 8)),
        (3, [(4, 4, 3), (4, 4, 5)], (4, 4, 8)),
        (1, [(4, 4, 3), (2, 4, 3)], (6, 4, 3)),
        (-2, [(4, 4, 3), (4, 1, 3), (4, 1, 3)], (4, 6, 3)),
        (-1, [(4,), (5,), (6,)], (15,)),
    ],
)
def test_concatenating_sums_one_axis(axis, shapes, expected):
    assert Concatenate(axis=axis).output_shape(shapes) == expected
    assert Concatenate(axis=axis).flops(shapes) == 0


MISFITS = [
    (Conv2D(), [(7,)], "", "expected an image (height, width, channels), got shape (7,)."),
    (MaxPooling2D(), [(7,)], "", "expected an image (height, width, channels), got shape (7,)."),
    (GlobalMaxPooling2D(), [(7,)], "", "expected an image (height, width, channels), got shape (7,)."),
    (SpatialDropout2D(), [(7,)], "", "expected an image (height, width, channels), got shape (7,)."),
    (
        Conv2D(kernel_size=5),
        [(4, 8, 1)],
        "kernel_size",
        "the window of 5 is larger than its input of 4. Lower kernel_size, set padding to 'same',",
    ),
    (
        Conv2D(dilation_rate=4),
        [(8, 8, 1)],
        "kernel_size",
        "the window of 9 is larger than its input of 8.",
    ),
    (
        AveragePooling2D(pool_size=(1, 3)),
        [(2, 2, 1)],
        "pool_size",
        "the window of 3 is larger than its input of 2. Lower pool_size,",
    ),
    (
        Conv2D(strides=2, dilation_rate=2),
        [IMAGE],
        "dilation_rate",
        "strides and dilation_rate are both greater than 1. Set one of them to 1.",
    ),
    (
        Conv2D(groups=2),
        [IMAGE],
        "groups",
        "3 channels cannot be split into 2 equal groups. Choose groups that divide 3.",
    ),
    (
        Conv2D(groups=3, filters=32),
        [IMAGE],
        "filters",
        "32 channels cannot be split into 3 equal groups.",
    ),
    (DepthwiseConv2D(strides=(1, 2)), [IMAGE], "strides", "expected equal strides for height and width"),
    (SeparableConv2D(strides=(2, 1)), [IMAGE], "strides", "expected equal strides for height and width"),
    (
        Dense(),
        [(7,)],
        "units",
        "the number of outputs is not known without a dataset. Pick a dataset, or set units.",
    ),
    (
        Add(),
        [(4, 4, 3), (4, 4, 1)],
        "inputs",
        "the inputs have different shapes: (4, 4, 3), (4, 4, 1). Give each branch the same size",
    ),
    (
        Concatenate(),
        [(4, 4, 3), (2, 4, 3)],
        "inputs",
        "the inputs have different shapes: (4, 4, 3), (2, 4, 3). All sizes but the joined one",
    ),
    (Concatenate(), [(4, 4, 3), (3,)], "inputs", "the inputs have different shapes: (4, 4, 3), (3,)."),
    (Concatenate(axis=0), [IMAGE, IMAGE], "axis", "axis 0 does not exist in shape (28, 28, 3)."),
    (Concatenate(axis=2), [(7,), (7,)], "axis", "axis 2 does not exist in shape (7,). Use -1"),
    (Concatenate(axis=-4), [IMAGE, IMAGE], "axis", "axis -4 does not exist in shape (28, 28, 3)."),
]


@pytest.mark.parametrize(("layer", "given", "path", "sentence"), MISFITS)
def test_a_layer_that_does_not_fit_names_the_field_and_the_mend(layer, given, path, sentence):
    with pytest.raises(SpecError) as caught:
        layer.output_shape(given)

    assert caught.value.path == path
    assert caught.value.message.body().startswith(sentence)
    assert caught.value.message.hint


@pytest.mark.parametrize("cls", list(LAYERS), ids=lambda cls: cls.__name__)
def test_every_layer_stands_under_a_heading(cls):
    assert cls.group in {
        "Convolution", "Pooling", "Normalization", "Activation", "Regularization", "Core", "Merging",
        "Recurrent", "Attention", "Reshaping",
    }  # fmt: skip
