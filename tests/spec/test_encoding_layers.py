"""Masking, encodings, and poolings to a size: shapes, numbers and work by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.layers import (
    ActivityRegularization,
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling2D,
    CategoryEncoding,
    Discretization,
    EinsumDense,
    Masking,
    SpatialDropout3D,
    SpectralNormalization,
)
from dlcore.spec.problems import parse

VOLUME = (6, 8, 10, 2)


@pytest.mark.parametrize(
    ("layer", "given", "shape", "work"),
    [
        (Masking(), (5, 3), (5, 3), 0),
        (Discretization(), (7,), (7,), 0),
        (Discretization(bin_boundaries=(0, 1), output_mode="one_hot"), (7,), (7, 3), 0),
        (Discretization(bin_boundaries=(0, 1), output_mode="one_hot"), (1,), (3,), 0),
        (Discretization(bin_boundaries=(0, 1), output_mode="count"), (7,), (3,), 0),
        (CategoryEncoding(num_tokens=4), (7,), (4,), 0),
        (CategoryEncoding(num_tokens=4, output_mode="one_hot"), (7,), (7, 4), 0),
        (AdaptiveAveragePooling1D(output_size=3), (10, 2), (3, 2), 20),
        (AdaptiveMaxPooling2D(output_size=(2, 3)), (8, 9, 2), (2, 3, 2), 144),
        (AdaptiveAveragePooling3D(output_size=2), VOLUME, (2, 2, 2, 2), 960),
        (SpatialDropout3D(), VOLUME, VOLUME, 0),
        (ActivityRegularization(l1=0.1), (5, 3), (5, 3), 30),
        (ActivityRegularization(), (5, 3), (5, 3), 0),
    ],
)
def test_what_these_layers_give_and_cost(layer, given, shape, work):
    assert layer.output_shape([given]) == shape
    assert layer.flops([given]) == work
    assert layer.parameters([given]).total == 0


@pytest.mark.parametrize(
    ("layer", "given", "shape", "numbers", "work"),
    [
        (EinsumDense(sizes=(3,)), (5, 4), (5, 3), 12, 2 * 5 * 12),
        # Weights d × e, a constant for each e; 6 · 4 · 3 products.
        (EinsumDense(equation="abd,de->abe", sizes=(6, 3), bias_axes="e"), (6, 4), (6, 3), 15, 144 + 18),
        (EinsumDense(equation="abc,bcd->ad", sizes=(2,)), (6, 4), (2,), 48, 96),
        (EinsumDense(equation="...x,x->...x", sizes=(4,)), (6, 4), (6, 4), 4, 48),
    ],
)
def test_what_a_summation_gives_holds_and_costs(layer, given, shape, numbers, work):
    assert layer.output_shape([given]) == shape
    assert layer.parameters([given]).trainable == numbers
    assert layer.flops([given]) == work


@pytest.mark.parametrize(
    ("equation", "sizes", "sentence"),
    [
        ("ab->a", (3,), "expected an equation of Keras' form"),
        ("...a,ab->b", (3,), "expected an equation of Keras' form"),
        ("ab,bc->cd", (3,), "the first letter of input and output must be that of the batch."),
        ("abcd,de->abce", (5, 4, 3), "the equation does not name the axes of the input, (5, 4)."),
        ("abc,cd->abd", (3,), "the equation does not name the axes of the output, (3,)."),
        ("abc,cd->abd", (6, 3), "these letters of the equation do not fit: b."),
        ("abc,cx->abd", (5, 3), "these letters of the equation do not fit: d, x."),
    ],
)
def test_an_equation_that_does_not_fit_is_refused_with_the_reason(equation, sizes, sentence):
    with pytest.raises(SpecError) as caught:
        EinsumDense(equation=equation, sizes=sizes).output_shape([(5, 4)])

    assert str(caught.value.path) == "equation"
    assert caught.value.message.body().startswith(sentence)


def test_dots_stand_for_several_axes_only_where_their_order_does_not_matter():
    assert EinsumDense().output_shape([(5, 5, 3)]) == (5, 5, 32)
    with pytest.raises(SpecError, match="equation: Keras mistakes the order of several axes behind dots"):
        EinsumDense().output_shape([(4, 5, 3)])


def test_bounded_weights_have_an_estimate_for_each_output():
    layer = SpectralNormalization(layer={"kind": "Conv2D", "filters": 4, "kernel_size": 1})

    assert layer.output_shape([(8, 8, 3)]) == (8, 8, 4)
    assert (layer.parameters([(8, 8, 3)]).trainable, layer.parameters([(8, 8, 3)]).fixed) == (16, 4)
    assert layer.flops([(8, 8, 3)]) == 64 * 4 * 7
    with pytest.raises(SpecError, match=r"layer: expected a Dense or a plain convolution, got Flatten\."):
        parse(SpectralNormalization, {"layer": "Flatten"})


def test_what_is_masked_is_known_by_its_value():
    assert Masking().mask([None], "x") == "x"
    assert Masking(mask_value=-1).mask([None], "x") not in (None, "x")


def test_intervals_must_rise():
    with pytest.raises(SpecError, match=r"bin_boundaries: expected rising numbers\. Sort them"):
        parse(Discretization, {"bin_boundaries": (1, 1)})


@pytest.mark.parametrize("layer", [CategoryEncoding(), Discretization(output_mode="multi_hot")])
def test_what_counts_a_sample_takes_a_vector(layer):
    with pytest.raises(SpecError, match=r"expected a vector \(features,\), got shape \(5, 3\)"):
        layer.output_shape([(5, 3)])
