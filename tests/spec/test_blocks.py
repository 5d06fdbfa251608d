"""Blocks: which plain layers they are made of, worked out by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.blocks import (
    BLOCKS,
    Auxiliary,
    Inception,
    InvertedResidual,
    Residual,
    SqueezeExcite,
    TransformerEncoder,
)
from dlcore.spec.graph import infer
from dlcore.spec.model import ModelSpec

IMAGE, SEQUENCE = (8, 8, 4), (6, 8)


def report(block, shape):
    return infer(ModelSpec(layers=block.layers("it", "input", shape)), shape)


CASES = [
    # Two 3 × 3 convolutions of 4 channels without biases, and 4 numbers a channel for each normalisation.
    (Residual(), IMAGE, IMAGE, 2 * 144 + 2 * 16),
    # 4 → 8, 8 → 8 and the 1 × 1 shortcut; three normalisations of 8 channels.
    (Residual(filters=8, strides=2), IMAGE, (4, 4, 8), 288 + 576 + 32 + 3 * 32),
    (Residual(filters=8), IMAGE, (8, 8, 8), 288 + 576 + 32 + 3 * 32),
    (Residual(kernel_size=5), SEQUENCE, SEQUENCE, 2 * 5 * 8 * 8 + 2 * 32),
    # 4 → 24 → 24 each by itself → 4.
    (InvertedResidual(), IMAGE, IMAGE, 96 + 96 + 216 + 96 + 96 + 16),
    (InvertedResidual(filters=6, strides=2, expansion=2), IMAGE, (4, 4, 6), 32 + 32 + 72 + 32 + 48 + 24),
    # 16 + 32 + 8 + 8 channels, the 3 × 3 behind 24 and the 5 × 5 behind 4.
    (Inception(), IMAGE, (8, 8, 64), 80 + 120 + 6944 + 20 + 808 + 40),
    (SqueezeExcite(ratio=2), IMAGE, IMAGE, 10 + 12),
    (SqueezeExcite(), SEQUENCE, SEQUENCE, 9 + 16),
    # Four heads of 2; dense 8 → 128 → 8; two normalisations.
    (TransformerEncoder(), SEQUENCE, SEQUENCE, 288 + 16 + 1152 + 1032 + 16),
    # One head of 3: 8 → 3 three times, and 3 → 8.
    (
        TransformerEncoder(num_heads=1, key_dim=3, feed_forward=5),
        SEQUENCE,
        SEQUENCE,
        3 * 27 + 32 + 16 + 45 + 48 + 16,
    ),
]


@pytest.mark.parametrize(("block", "given", "expected", "parameters"), CASES)
def test_a_block_gives_this_shape_and_holds_so_many_numbers(block, given, expected, parameters):
    found = report(block, given)

    assert found.problem is None
    assert found.output_shape == expected
    assert found.parameters.total == parameters


def test_an_inverted_residual_that_changes_the_shape_has_no_shortcut():
    kinds = [layer.kind for layer in InvertedResidual(strides=2).layers("it", "input", IMAGE)]

    assert "Add" not in kinds
    assert "Add" in [layer.kind for layer in InvertedResidual().layers("it", "input", IMAGE)]


def test_the_layers_of_a_block_are_named_after_it_and_take_its_source():
    names = [layer.name for layer in Residual(filters=8).layers("block2", "stem", IMAGE)]
    taken = {
        source for layer in Residual(filters=8).layers("block2", "stem", IMAGE) for source in layer.inputs
    }

    assert names[0] == "block2_conv1"
    assert names[-1] == "block2_out"
    assert taken == {"stem", "block2_norm2", "block2_skip_norm"}


@pytest.mark.parametrize(
    ("block", "shape", "sentence"),
    [
        (Residual(), (7,), "expected an image"),
        (Inception(), (7,), "expected an image"),
        (SqueezeExcite(), (2, 2, 2, 2), "expected an image"),
        (InvertedResidual(), SEQUENCE, "expected an image"),
        (TransformerEncoder(), IMAGE, "expected a sequence"),
    ],
)
def test_a_block_says_what_it_needs(block, shape, sentence):
    with pytest.raises(SpecError, match=sentence):
        block.layers("it", "input", shape)


def test_the_blocks_are_those_a_person_expects():
    assert BLOCKS.names() == (
        "Residual", "InvertedResidual", "Inception", "SqueezeExcite", "TransformerEncoder", "TokenAndPosition",
        "Auxiliary",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "kinds"),
    [
        (IMAGE, ["GlobalAveragePooling2D", "Dense", "Output"]),
        (SEQUENCE, ["GlobalAveragePooling1D", "Dense", "Output"]),
        ((2, 2, 2, 3), ["GlobalAveragePooling3D", "Dense", "Output"]),
        ((7,), ["Dense", "Output"]),
    ],
)
def test_an_auxiliary_output_answers_from_any_shape(shape, kinds):
    layers = Auxiliary(loss_weight=0.2).layers("it", "input", shape)

    assert [layer.kind for layer in layers] == kinds
    assert (layers[0].inputs, layers[-1].loss_weight, layers[-2].units) == (("input",), 0.2, None)
    hidden = Auxiliary(units=5).layers("it", "input", shape)
    assert [layer.units for layer in hidden if layer.kind == "Dense"] == [5, None]
