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
    Masking,
    SpatialDropout3D,
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
