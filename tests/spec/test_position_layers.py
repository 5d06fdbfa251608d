"""Layers that add or turn by positions: shapes, numbers and work by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.blocks import TokenAndPosition
from dlcore.spec.layers import PositionEmbedding, RotaryEmbedding, SinePositionEncoding

SEQUENCE = (10, 4)


@pytest.mark.parametrize(
    ("layer", "numbers", "work"),
    [
        (PositionEmbedding(), 40, 40),
        (PositionEmbedding(sequence_length=12), 48, 40),
        (SinePositionEncoding(), 0, 120),
        (RotaryEmbedding(), 0, 280),
    ],
)
def test_positions_keep_the_shape(layer, numbers, work):
    assert layer.output_shape([SEQUENCE]) == SEQUENCE
    assert layer.parameters([SEQUENCE]).total == numbers
    assert layer.flops([SEQUENCE]) == work


@pytest.mark.parametrize(
    ("layer", "shape", "path", "sentence"),
    [
        (
            PositionEmbedding(sequence_length=9),
            SEQUENCE,
            "sequence_length",
            "too few positions: expected at least 10",
        ),
        (PositionEmbedding(), (10,), "", "expected a sequence (steps, features)"),
        (SinePositionEncoding(), (8, 8, 3), "", "expected a sequence (steps, features)"),
        (RotaryEmbedding(), (10, 3), "", "expected an even number of channels, got 3."),
    ],
)
def test_what_positions_do_not_fit(layer, shape, path, sentence):
    with pytest.raises(SpecError) as caught:
        layer.output_shape([shape])

    assert str(caught.value.path) == path
    assert caught.value.message.body().startswith(sentence)


def test_waves_have_speeds_from_1_down_to_nearly_that_of_the_longest():
    assert SinePositionEncoding(max_wavelength=100).speeds(4) == pytest.approx([1, 1, 0.1, 0.1])


def test_words_and_positions_are_two_layers():
    words, positions = TokenAndPosition(output_dim=8).layers("text", "input", (10,))

    assert (words.kind, words.inputs, words.output_dim) == ("Embedding", ("input",), 8)
    assert (positions.kind, positions.name) == ("PositionEmbedding", "text_positions")
