"""Layers for volumes and films: shapes, numbers and work by hand."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec.layers import (
    AveragePooling3D,
    Conv3D,
    Conv3DTranspose,
    Cropping3D,
    GlobalAveragePooling3D,
    GlobalMaxPooling3D,
    MaxPooling3D,
    UpSampling3D,
    ZeroPadding3D,
)
from dlcore.spec.problems import parse

VOLUME = (6, 8, 10, 2)


@pytest.mark.parametrize(
    ("layer", "shape", "numbers", "work"),
    [
        # 3·3·3·2 weights and a bias for each of 4 filters, at 4·6·8 places.
        (Conv3D(filters=4), (4, 6, 8, 4), 55 * 4, (2 * 54 + 1) * 4 * 4 * 6 * 8),
        (Conv3D(filters=4, strides=2, padding="same", use_bias=False), (3, 4, 5, 4), 216, 108 * 4 * 60),
        (Conv3D(filters=4, kernel_size=(1, 3, 5)), (6, 6, 6, 4), 31 * 4, 61 * 4 * 216),
        # Each of 6 planes paints 3, two further on: 5 · 2 + 3.
        (Conv3DTranspose(filters=3, strides=2), (13, 17, 21, 3), 55 * 3, 2 * 162 * 480 + 3 * 13 * 17 * 21),
        (MaxPooling3D(), (3, 4, 5, 2), 0, 8 * 120),
        (AveragePooling3D(pool_size=(1, 2, 2), strides=1), (6, 7, 9, 2), 0, 4 * 756),
        (GlobalAveragePooling3D(), (2,), 0, 960),
        (GlobalMaxPooling3D(keepdims=True), (1, 1, 1, 2), 0, 960),
        (UpSampling3D(size=(1, 2, 3)), (6, 16, 30, 2), 0, 0),
        (ZeroPadding3D(padding=(0, 1, 2)), (6, 10, 14, 2), 0, 0),
        (ZeroPadding3D(padding=(0, 1, 0, 0, 2, 3)), (7, 8, 15, 2), 0, 0),
        (Cropping3D(), (4, 6, 8, 2), 0, 0),
    ],
)
def test_what_a_layer_for_volumes_gives_holds_and_costs(layer, shape, numbers, work):
    assert layer.output_shape([VOLUME]) == shape
    assert layer.parameters([VOLUME]).trainable == numbers
    assert layer.flops([VOLUME]) == work


@pytest.mark.parametrize("layer", [Conv3D(), MaxPooling3D(), GlobalMaxPooling3D(), ZeroPadding3D()])
def test_a_layer_for_volumes_refuses_an_image(layer):
    with pytest.raises(SpecError, match=r"expected a volume or a video \(depth, height, width, channels\)"):
        layer.output_shape([(8, 8, 3)])


def test_one_number_stands_for_the_three_axes_of_a_volume():
    assert parse(Conv3D, {"kernel_size": 5}).kernel_size == (5, 5, 5)
    assert parse(ZeroPadding3D, {"padding": 2}).padding == (2, 2, 2)


def test_keras_takes_the_sides_of_a_volume_in_pairs_where_they_differ():
    assert ZeroPadding3D(padding=(1, 2, 3)).arguments()["padding"] == (1, 2, 3)
    assert Cropping3D(cropping=(0, 1, 2, 3, 4, 4)).arguments()["cropping"] == ((0, 1), (2, 3), (4, 4))


def test_four_sides_of_a_volume_are_refused():
    with pytest.raises(SpecError, match=r"cropping: wrong count of numbers: expected 3 or 6, got 4\."):
        parse(Cropping3D, {"cropping": (1, 2, 3, 4)})
