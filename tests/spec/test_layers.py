"""Shapes, parameters and work of each layer, worked out by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.calls import Call, call_of
from dlcore.spec.layers import (
    GRU,
    LAYERS,
    LSTM,
    Activation,
    Add,
    AlphaDropout,
    Average,
    AveragePooling1D,
    AveragePooling2D,
    BatchNormalization,
    Bidirectional,
    Concatenate,
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Cropping1D,
    Cropping2D,
    Dense,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dot,
    Dropout,
    Embedding,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GroupNormalization,
    LayerNormalization,
    LayerScale,
    LeakyReLU,
    Maximum,
    MaxPooling1D,
    MaxPooling2D,
    MultiHeadAttention,
    Multiply,
    Normalization,
    ParameterCount,
    Permute,
    PReLU,
    RepeatVector,
    Rescaling,
    Reshape,
    Resizing,
    RMSNormalization,
    SeparableConv1D,
    SeparableConv2D,
    SimpleRNN,
    Softmax,
    SpatialDropout1D,
    SpatialDropout2D,
    Subtract,
    TimeDistributed,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse

IMAGE, SEQUENCE = (28, 28, 3), (10, 4)

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
    (DepthwiseConv1D(depth_multiplier=2, strides=2), SEQUENCE, (4, 8)),
    (PReLU(shared_axes=(1,)), SEQUENCE, SEQUENCE),
    (RMSNormalization(), SEQUENCE, SEQUENCE),
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
    (Normalization(), IMAGE, IMAGE),
    (Normalization(mean=(1, 2, 3), variance=(1, 1, 4)), IMAGE, IMAGE),
    (Normalization(mean=(1,), variance=(4,)), IMAGE, IMAGE),
    (LayerScale(projection_dim=4), SEQUENCE, SEQUENCE),
    (Activation(), IMAGE, IMAGE),
    (LeakyReLU(), (7,), (7,)),
    (Dropout(), IMAGE, IMAGE),
    (SpatialDropout2D(), IMAGE, IMAGE),
    (Conv1D(filters=8), SEQUENCE, (8, 8)),
    (Conv1D(filters=8, padding="causal", strides=3), SEQUENCE, (4, 8)),
    (Conv1D(filters=8, kernel_size=2, dilation_rate=4), SEQUENCE, (6, 8)),
    (SeparableConv1D(filters=8, padding="same", strides=2), SEQUENCE, (5, 8)),
    # Each of 28 pixels paints 3, one further on: 27 + 3.
    (Conv2DTranspose(filters=8), IMAGE, (30, 30, 8)),
    (Conv2DTranspose(filters=8, strides=2, padding="same"), IMAGE, (56, 56, 8)),
    # 27 · 4 + 4, for a stride beyond the filter leaves gaps; 27 · 2 + 3.
    (Conv2DTranspose(filters=8, strides=(4, 2)), IMAGE, (112, 57, 8)),
    (Conv2DTranspose(filters=8, strides=2, output_padding=1), IMAGE, (58, 58, 8)),
    (Conv2DTranspose(filters=8, strides=2, padding="same", output_padding=0), IMAGE, (55, 55, 8)),
    (Conv1DTranspose(filters=8, strides=2), SEQUENCE, (21, 8)),
    (MaxPooling1D(), SEQUENCE, (5, 4)),
    (AveragePooling1D(pool_size=3, padding="same"), SEQUENCE, (4, 4)),
    (GlobalAveragePooling1D(), SEQUENCE, (4,)),
    (GlobalMaxPooling1D(keepdims=True), SEQUENCE, (1, 4)),
    (SpatialDropout1D(), SEQUENCE, SEQUENCE),
    (GroupNormalization(groups=2), SEQUENCE, SEQUENCE),
    (GaussianNoise(), (7,), (7,)),
    (GaussianDropout(), (7,), (7,)),
    (Dropout(noise_shape=(1, 1, -1)), IMAGE, IMAGE),
    (AlphaDropout(noise_shape=(10, 1)), SEQUENCE, SEQUENCE),
    (Softmax(axis=1), SEQUENCE, SEQUENCE),
    (Embedding(input_dim=100, output_dim=8), (10,), (10, 8)),
    (LSTM(units=5), SEQUENCE, (5,)),
    (GRU(units=5, return_sequences=True), SEQUENCE, (10, 5)),
    (Bidirectional(layer=LSTM(units=5)), SEQUENCE, (10,)),
    (Bidirectional(layer=SimpleRNN(units=5, return_sequences=True), merge_mode="ave"), SEQUENCE, (10, 5)),
    (TimeDistributed(layer=Conv2D(filters=2)), (5, 28, 28, 3), (5, 26, 26, 2)),
    (TimeDistributed(layer=Flatten()), IMAGE, (28, 84)),
    (MultiHeadAttention(), SEQUENCE, SEQUENCE),
    (Reshape(target_shape=(4, -1)), SEQUENCE, (4, 10)),
    (Reshape(target_shape=(2, 5, 4, 1)), SEQUENCE, (2, 5, 4, 1)),
    (Permute(), SEQUENCE, (4, 10)),
    (Permute(dims=(3, 1, 2)), IMAGE, (3, 28, 28)),
    (RepeatVector(n=6), (7,), (6, 7)),
    (UpSampling2D(size=(2, 3)), IMAGE, (56, 84, 3)),
    (UpSampling1D(), SEQUENCE, (20, 4)),
    (ZeroPadding2D(padding=(1, 0)), IMAGE, (30, 28, 3)),
    (ZeroPadding2D(padding=(0, 1, 2, 4)), IMAGE, (29, 34, 3)),
    (ZeroPadding1D(padding=(3, 1)), SEQUENCE, (14, 4)),
    (Cropping2D(cropping=(2, 0)), IMAGE, (24, 28, 3)),
    (Cropping2D(cropping=(0, 1, 2, 4)), IMAGE, (27, 22, 3)),
    (Cropping1D(cropping=(4, 5)), SEQUENCE, (1, 4)),
    (Resizing(height=9, width=7), IMAGE, (9, 7, 3)),
    (Rescaling(), IMAGE, IMAGE),
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
    (DepthwiseConv1D(depth_multiplier=2), SEQUENCE, 3 * 4 * 2 + 8, 0),
    (PReLU(), SEQUENCE, 40, 0),
    (PReLU(shared_axes=(1,)), SEQUENCE, 4, 0),
    (PReLU(shared_axes=(2, 1)), SEQUENCE, 1, 0),
    (RMSNormalization(), IMAGE, 3, 0),
    # Mean and variance of each channel, and how many values they are of.
    (Normalization(), IMAGE, 0, 7),
    (Normalization(mean=(1,), variance=(4,)), IMAGE, 0, 0),
    (LayerScale(projection_dim=3), IMAGE, 3, 0),
    (Conv1D(filters=8), SEQUENCE, 3 * 4 * 8 + 8, 0),
    (Conv2DTranspose(filters=8), IMAGE, 9 * 3 * 8 + 8, 0),
    (Conv2DTranspose(filters=8, use_bias=False), IMAGE, 9 * 3 * 8, 0),
    (GroupNormalization(groups=2), SEQUENCE, 8, 0),
    (Embedding(input_dim=100, output_dim=8), (10,), 800, 0),
    # Each gate has 4 inputs and 5 memories for each of 5 units.
    (SimpleRNN(units=5), SEQUENCE, 45 + 5, 0),
    (LSTM(units=5), SEQUENCE, 4 * (45 + 5), 0),
    (LSTM(units=5, use_bias=False), SEQUENCE, 180, 0),
    (GRU(units=5), SEQUENCE, 3 * (45 + 10), 0),
    (GRU(units=5, reset_after=False), SEQUENCE, 3 * (45 + 5), 0),
    (Bidirectional(layer=LSTM(units=5)), SEQUENCE, 400, 0),
    (TimeDistributed(layer=Dense(units=3)), SEQUENCE, 15, 0),
    # 2 heads of 3: 4 → 6 for each of query, key and value, and 6 → 4.
    (MultiHeadAttention(num_heads=2, key_dim=3), SEQUENCE, 3 * 30 + 28, 0),
    (MultiHeadAttention(num_heads=2, key_dim=3, value_dim=1), SEQUENCE, 2 * 30 + 10 + 12, 0),
    (MultiHeadAttention(num_heads=2, key_dim=3, use_bias=False), SEQUENCE, 96, 0),
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
    (Conv1D(filters=5), (4, 2), (2 * 6 + 1) * 2 * 5),
    # Each of 2 × 2 pixels paints 9 · 5 products; 4 × 4 · 5 biases.
    (Conv2DTranspose(filters=5), (2, 2, 1), 2 * 9 * 5 * 4 + 4 * 4 * 5),
    (LSTM(units=5), SEQUENCE, 10 * 4 * 5 * (2 * 9 + 1)),
    (GRU(units=5), SEQUENCE, 10 * 3 * 5 * (2 * 9 + 2)),
    (Bidirectional(layer=SimpleRNN(units=5)), SEQUENCE, 2 * 10 * 5 * 19),
    (Bidirectional(layer=SimpleRNN(units=5), merge_mode="sum"), SEQUENCE, 2 * 10 * 5 * 19 + 5),
    (TimeDistributed(layer=Dense(units=3)), SEQUENCE, 10 * 27),
    # Four dense layers of 10 steps, and 10 × 10 products of 6 numbers twice.
    (MultiHeadAttention(num_heads=2, key_dim=3), SEQUENCE, 10 * (3 * 6 * 9 + 4 * 13) + 4 * 100 * 6),
    (Rescaling(), (4, 4, 3), 96),
    # 3 multiply-adds and a bias for each of 2 places and 2 features.
    (DepthwiseConv1D(), (4, 2), (2 * 3 + 1) * 2 * 2),
    (PReLU(), (4, 4, 3), 48),
    (RMSNormalization(), (4, 4, 3), 192),
    (Normalization(), (4, 4, 3), 96),
    (LayerScale(projection_dim=3), (4, 4, 3), 48),
    (Embedding(input_dim=9), (10,), 0),
    (Flatten(), (4, 4, 3), 0),
    (Dropout(), (4, 4, 3), 0),
    (GaussianDropout(), (4, 4, 3), 48),
    (AlphaDropout(), (4, 4, 3), 96),
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


@pytest.mark.parametrize(
    ("layer", "shapes", "expected", "work"),
    [
        (Multiply(), [(4, 4, 3), (4, 4, 3)], (4, 4, 3), 48),
        # A gate for each channel.
        (Multiply(), [(4, 4, 3), (1, 1, 3)], (4, 4, 3), 48),
        (Multiply(), [(1, 3), (4, 1)], (4, 3), 12),
        (Average(), [(5,)] * 3, (5,), 15),
        (Subtract(), [(5,)] * 2, (5,), 5),
        (Maximum(), [(5,)] * 3, (5,), 10),
        (Dot(), [(7,), (7,)], (1,), 14),
        (Dot(normalize=True), [(7,), (7,)], (1,), 14 + 3 * 14),
        (Dot(axes=(2, 1)), [(5, 3), (3, 2)], (5, 2), 2 * 3 * 10),
        (Dot(axes=-1), [(5, 3), (3,)], (5,), 2 * 3 * 5),
        # Ten steps look at three: dense layers for the query, for key and value, and back; the products.
        (
            MultiHeadAttention(num_heads=1, key_dim=2),
            [(10, 4), (3, 5)],
            (10, 4),
            10 * 2 * 9 + 2 * 3 * 2 * 11 + 10 * 4 * 5 + 2 * 10 * 3 * 4,
        ),
    ],
)
def test_what_joining_gives_and_costs(layer, shapes, expected, work):
    assert layer.output_shape(shapes) == expected
    assert layer.flops(shapes) == work


def test_a_frozen_layer_holds_its_numbers_without_training_them():
    frozen = Dense(units=10, trainable=False)

    assert frozen.held([(100,)]) == ParameterCount(0, 1010)
    assert BatchNormalization(trainable=False).held([(5,)]) == ParameterCount(0, 20)
    assert Dense(units=10).held([(100,)]) == ParameterCount(1010, 0)


@pytest.mark.parametrize(
    ("layer", "given", "arguments"),
    [
        (Dense(units=2), "a", ["a"]),
        (Add(), "ab", [["a", "b"]]),
        (MultiHeadAttention(), "a", ["a", "a"]),
        (MultiHeadAttention(), "ab", ["a", "b"]),
        (MultiHeadAttention(), "abc", ["a", "b", "c"]),
    ],
)
def test_what_a_layer_is_called_with(layer, given, arguments):
    assert layer.called_with(list(given)) == arguments


def test_a_causal_mask_is_asked_for_when_attention_is_called():
    assert MultiHeadAttention(use_causal_mask=True).call_options() == {"use_causal_mask": True}
    assert MultiHeadAttention().call_options() == {}
    assert "use_causal_mask" not in MultiHeadAttention(use_causal_mask=True).arguments()


@pytest.mark.parametrize(
    ("layer", "count", "sentence"),
    [
        (Dense(), 2, "this layer takes one input, got 2. Join them first, with Add or Concatenate."),
        (Add(), 1, "this layer needs two or more inputs, got 1."),
        (Dot(), 3, "wrong number of inputs: this layer takes 2, got 3."),
        (MultiHeadAttention(), 4, "wrong number of inputs: this layer takes 1–3, got 4."),
    ],
)
def test_a_layer_takes_so_many_inputs(layer, count, sentence):
    with pytest.raises(SpecError) as caught:
        layer.check_count(count)

    assert str(caught.value.path) == "inputs"
    assert caught.value.message.body().startswith(sentence)


@pytest.mark.parametrize(
    ("data", "path", "sentence"),
    [
        ({"kind": "Bidirectional", "layer": "Dense"}, "layer.kind", "there is no recurrent layer 'Dense'."),
        (
            {"kind": "Bidirectional", "layer": {"kind": "LSTM", "units": 0}},
            "layer.units",
            "expected a number of at least 1, got 0.",
        ),
        (
            {"kind": "Bidirectional", "layer": {"kind": "LSTM", "go_backwards": True}},
            "layer.go_backwards",
            "a bidirectional layer cannot go backwards.",
        ),
        (
            {"kind": "TimeDistributed", "layer": {"kind": "Dense", "inputs": ["input"]}},
            "layer.inputs",
            "a layer inside another one has no inputs of its own.",
        ),
        (
            {"kind": "TimeDistributed", "layer": {"kind": "Dense", "trainable": False}},
            "layer.trainable",
            "a layer inside another one has no trainable of its own.",
        ),
        (
            {"kind": "TimeDistributed", "layer": "TimeDistributed"},
            "layer.kind",
            "there is no layer for each step 'TimeDistributed'.",
        ),
    ],
)
def test_a_layer_inside_another_one_is_checked(data, path, sentence):
    with pytest.raises(SpecError) as caught:
        parse(ModelSpec, {"layers": [data]})

    assert str(caught.value.path) == f"layers[0].{path}"
    assert caught.value.message.body().startswith(sentence)


@pytest.mark.parametrize(
    ("written", "sides"),
    [
        (1, (1, 1)),
        ([2], (2, 2)),
        ((1, 2), (1, 2)),
        (((1, 1), (2, 2)), (1, 2)),
        ([[0, 1], [2, 3]], (0, 1, 2, 3)),
        ((1, 1, 2, 2), (1, 2)),
    ],
)
def test_the_sides_of_an_image_are_two_numbers_or_four(written, sides):
    assert ZeroPadding2D(padding=written).padding == sides
    assert Cropping2D(cropping=written).cropping == sides


def test_a_mean_without_a_variance_is_refused():
    with pytest.raises(
        SpecError, match=r"variance: expected as many numbers as in mean, 2, got 0\. Enter both"
    ):
        parse(Normalization, {"mean": (1, 2)})


def test_keras_makes_a_factor_for_each_channel_as_a_product_of_einstein():
    call = call_of(LayerScale(projection_dim=3, init_values=0.5))

    assert call.path == "layers.EinsumDense"
    assert (call.arguments["equation"], call.arguments["output_shape"]) == ("...x,x->...x", 3)
    assert call.arguments["kernel_initializer"] == Call("initializers.Constant", {"value": 0.5})


def test_three_sides_of_an_image_are_refused():
    with pytest.raises(
        SpecError,
        match=r"padding: wrong count of numbers: expected 2 or 4, got 3\. Enter one number for each axis",
    ):
        parse(ZeroPadding2D, {"padding": (1, 2, 3)})


def test_keras_takes_the_sides_of_an_image_in_pairs_and_a_mask_with_its_batch_axis():
    assert ZeroPadding2D(padding=(0, 1, 2, 3)).arguments()["padding"] == ((0, 1), (2, 3))
    assert Cropping2D(cropping=(0, 1, 2, 3)).arguments()["cropping"] == ((0, 1), (2, 3))
    assert ZeroPadding2D(padding=(1, 2)).arguments()["padding"] == (1, 2)
    assert Dropout(noise_shape=(1, -1)).arguments()["noise_shape"] == (None, 1, None)
    assert "noise_shape" not in Dropout().arguments()


MISFITS = [
    (Conv1D(), [IMAGE], "", "expected a sequence (steps, features), got shape (28, 28, 3)."),
    (LSTM(), [(7,)], "", "expected a sequence (steps, features), got shape (7,). Put an Embedding"),
    (MultiHeadAttention(), [(7,)], "", "expected a sequence (steps, features), got shape (7,)."),
    (
        MultiHeadAttention(),
        [SEQUENCE, (3, 4), (5, 4)],
        "inputs",
        "value and key have 3 and 5 steps.",
    ),
    (TimeDistributed(), [(7,)], "", "expected a sequence (steps, …), got shape (7,)."),
    (TimeDistributed(layer=Dense()), [SEQUENCE], "layer.units", "the number of outputs is not known"),
    (TimeDistributed(layer=Conv2D()), [SEQUENCE], "layer", "expected an image (height, width, channels)"),
    (RepeatVector(), [SEQUENCE], "", "expected a vector (features,), got shape (10, 4)."),
    (
        GroupNormalization(),
        [SEQUENCE],
        "groups",
        "the number of channels, 4, is not a multiple of the number of groups, 32.",
    ),
    (
        Reshape(target_shape=(3, -1)),
        [SEQUENCE],
        "target_shape",
        "an input of size 40 does not fill the shape (3, -1). Let the sizes multiply to 40;",
    ),
    (
        Reshape(target_shape=(-1, -1)),
        [SEQUENCE],
        "target_shape",
        "an input of size 40 does not fill the shape (-1, -1).",
    ),
    (
        Reshape(target_shape=(0, -1)),
        [SEQUENCE],
        "target_shape",
        "an input of size 40 does not fill the shape (0, -1).",
    ),
    (Permute(), [IMAGE], "dims", "expected each of the numbers from 1 to 3 once, got 2, 1."),
    (Permute(dims=(1, 1)), [SEQUENCE], "dims", "expected each of the numbers from 1 to 2 once, got 1, 1."),
    (Cropping1D(cropping=(5, 5)), [SEQUENCE], "cropping", "cutting 10 leaves nothing of 10."),
    (Cropping2D(cropping=(14, 14, 0, 0)), [IMAGE], "cropping", "cutting 28 leaves nothing of 28."),
    (
        LayerScale(),
        [IMAGE],
        "projection_dim",
        "expected 3, as many as its input has channels, got 32. Change it to 3.",
    ),
    (
        Normalization(mean=(1, 2), variance=(1, 2)),
        [IMAGE],
        "mean",
        "expected 3, as many as its input has channels, got 2.",
    ),
    (PReLU(shared_axes=(3,)), [SEQUENCE], "shared_axes", "axis 3 does not exist in shape (10, 4). Use -1"),
    (Softmax(axis=3), [SEQUENCE], "axis", "axis 3 does not exist in shape (10, 4). Use -1"),
    (Dropout(noise_shape=(1,)), [SEQUENCE], "noise_shape", "the mask (1,) does not fit the shape (10, 4)."),
    (
        Dropout(noise_shape=(2, 1)),
        [SEQUENCE],
        "noise_shape",
        "the mask (2, 1) does not fit the shape (10, 4).",
    ),
    (Cropping2D(cropping=14), [IMAGE], "cropping", "cutting 28 leaves nothing of 28."),
    (
        Conv2DTranspose(strides=2, output_padding=2),
        [IMAGE],
        "output_padding",
        "expected a padding below the stride of 2, got 2.",
    ),
    (
        Conv2DTranspose(kernel_size=2, padding="same", strides=2, output_padding=0),
        [IMAGE],
        "output_padding",
        "a kernel of even size with 'same' needs a padding of at least 1.",
    ),
    (Subtract(), [(4,), (5,)], "inputs", "the inputs have different shapes: (4,), (5,)."),
    (Multiply(), [(4, 3), (4, 2)], "inputs", "the inputs have different shapes: (4, 3), (4, 2). Give each"),
    (Multiply(), [(4, 3), (3,)], "inputs", "the inputs have different shapes: (4, 3), (3,)."),
    (Dot(), [(4,), (5,)], "inputs", "the inputs have different shapes: (4,), (5,). The axes summed up"),
    (Dot(axes=(0, 1)), [(4,), (4,)], "axes", "axis 0 does not exist in shape (4,)."),
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
        "strides and dilation_rate cannot both be greater than 1. Set one of them to 1.",
    ),
    (
        Conv2D(groups=2),
        [IMAGE],
        "groups",
        "the number of channels, 3, is not a multiple of the number of groups, 2. Choose groups that divide 3.",
    ),
    (
        Conv2D(groups=3, filters=32),
        [IMAGE],
        "filters",
        "the number of channels, 32, is not a multiple of the number of groups, 3.",
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
        [(4, 4, 3), (4, 4, 2)],
        "inputs",
        "the inputs have different shapes: (4, 4, 3), (4, 4, 2). Give each branch the same size",
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

    assert str(caught.value.path) == path
    assert caught.value.message.body().startswith(sentence)
    assert caught.value.message.hint


@pytest.mark.parametrize("cls", list(LAYERS), ids=lambda cls: cls.__name__)
def test_every_layer_stands_under_a_heading(cls):
    assert cls.group in {
        "Convolution", "Pooling", "Normalization", "Activation", "Regularization", "Core", "Merging",
        "Recurrent", "Attention", "Reshaping", "Backbone",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "brief"),
    [
        (Conv2D(filters=16), 16),
        (DepthwiseConv2D(kernel_size=5), (5, 5)),
        (Dense(units=7, activation="relu"), 7),
        (Dense(activation="relu"), "relu"),
        (Dense(), None),
        (Activation(activation="linear"), None),
        (Flatten(), None),
        (Bidirectional(layer=GRU(units=3)), GRU(units=3)),
    ],
)
def test_the_argument_that_says_most_stands_beside_a_layer(layer, brief):
    assert layer.brief == brief


@pytest.mark.parametrize(
    ("layer", "masks", "hidden"),
    [
        (Embedding(mask_zero=True), [None], "ids"),
        (Embedding(), [None], None),
        (Dropout(), ["words"], "words"),
        (Flatten(), ["words"], None),
        (LSTM(return_sequences=True), ["words"], "words"),
        (LSTM(), ["words"], None),
        (Bidirectional(layer=GRU(return_sequences=True)), ["words"], "words"),
        (Bidirectional(), ["words"], None),
        (Add(), ["words", "words"], "words"),
        (Add(), ["words", None], None),
        (Concatenate(), ["words", "words"], None),
        (MultiHeadAttention(), ["words", "others"], "words"),
    ],
)
def test_a_layer_hides_what_keras_hides_in_its_result(layer, masks, hidden):
    assert layer.mask(masks, "ids") == hidden
