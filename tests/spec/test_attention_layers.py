"""Attention and convolutions with a memory: shapes, numbers and work by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.layers import (
    AdditiveAttention,
    Attention,
    ConvLSTM1D,
    ConvLSTM2D,
    ConvLSTM3D,
    GroupQueryAttention,
    MultiHeadAttention,
)

QUERY, VALUE = (5, 4), (7, 4)


@pytest.mark.parametrize(
    ("layer", "numbers", "work"),
    [
        # Query 4·8 + 8, key and value 4·4 + 4 each, back 8·4 + 4; then 5·7 pairs of 8 products, twice.
        (
            GroupQueryAttention(num_query_heads=4, num_key_value_heads=2, head_dim=2),
            40 + 20 + 20 + 36,
            5 * 8 * 9 + 2 * 7 * 4 * 9 + 5 * 4 * 17 + 2 * 35 * 16,
        ),
        # The same with as many heads for keys: 40 for each of three, and 36.
        (
            MultiHeadAttention(num_heads=4, key_dim=2),
            3 * 40 + 36,
            5 * 72 + 2 * 7 * 72 + 5 * 4 * 17 + 2 * 35 * 16,
        ),
        (Attention(), 0, 35 * 2 * (4 + 4)),
        (Attention(use_scale=True, score_mode="concat"), 2, 560),
        (AdditiveAttention(), 4, 35 * (3 * 4 + 2 * 4)),
    ],
)
def test_what_attention_gives_holds_and_costs(layer, numbers, work):
    assert layer.output_shape([QUERY, VALUE]) == QUERY
    assert layer.parameters([QUERY, VALUE]).trainable == numbers
    assert layer.flops([QUERY, VALUE]) == work


def test_attention_by_products_has_the_features_of_the_value():
    assert Attention().output_shape([QUERY, (7, 3), (7, 4)]) == (5, 3)


@pytest.mark.parametrize("kind", [Attention, AdditiveAttention])
def test_attention_without_heads_is_called_with_a_list(kind):
    assert kind().called_with(["a"]) == [["a", "a"]]
    assert kind().called_with(["a", "b", "c"]) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("layer", "inputs", "path", "sentence"),
    [
        (Attention(), [QUERY, (7, 3)], "inputs", "query and key differ in their number of features: 4 and 3."),
        (AdditiveAttention(), [QUERY, VALUE, (6, 4)], "inputs", "value and key have 7 and 6 steps."),
        (GroupQueryAttention(), [QUERY, (7, 3)], "inputs", "query and value differ in their number of features: 4 and 3."),
        (GroupQueryAttention(num_key_value_heads=3), [QUERY], "num_key_value_heads",
         "3 does not divide the number of query heads, 4."),
        (ConvLSTM2D(), [(8, 8, 3)], "", "expected (steps, height, width, channels), got shape (8, 8, 3)."),
        (ConvLSTM2D(kernel_size=9), [(3, 8, 8, 3)], "kernel_size", "the window of 9 is larger"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(layer, inputs, path, sentence):
    with pytest.raises(SpecError) as caught:
        layer.output_shape(inputs)

    assert str(caught.value.path) == path
    assert caught.value.message.body().startswith(sentence)


@pytest.mark.parametrize(
    ("layer", "given", "shape", "numbers", "work"),
    [
        # Four gates: 3·3 points of 2 channels and of 5 of the memory, 5 filters and biases; at 3 steps of 6·6 places.
        (ConvLSTM2D(filters=5), (3, 8, 8, 2), (6, 6, 5), 4 * 5 * (63 + 1), 4 * 3 * 36 * 5 * (2 * 63 + 1)),
        (ConvLSTM2D(filters=5, return_sequences=True, padding="same", use_bias=False), (3, 8, 8, 2),
         (3, 8, 8, 5), 4 * 5 * 63, 4 * 3 * 64 * 5 * 126),
        (ConvLSTM1D(filters=2, strides=2), (4, 9, 1), (4, 2), 4 * 2 * 10, 4 * 4 * 4 * 2 * 19),
        (ConvLSTM3D(filters=2, kernel_size=1), (2, 3, 3, 3, 1), (3, 3, 3, 2), 4 * 2 * 4, 4 * 2 * 27 * 2 * 7),
    ],
)  # fmt: skip
def test_what_a_convolution_with_a_memory_gives_holds_and_costs(layer, given, shape, numbers, work):
    assert layer.output_shape([given]) == shape
    assert layer.parameters([given]).trainable == numbers
    assert layer.flops([given]) == work
    assert layer.operations([given]) == given[0]


def test_hidden_steps_stay_hidden_where_a_memory_of_images_gives_every_step():
    assert ConvLSTM2D(return_sequences=True).mask(["words"], "ids") == "words"
    assert ConvLSTM2D().mask(["words"], "ids") is None
