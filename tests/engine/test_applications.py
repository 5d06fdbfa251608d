"""The networks of `keras.applications` are imported: one of each family, as a config, and a few with weights."""

from __future__ import annotations

from math import prod
from pathlib import Path

import keras
import pytest

from dlcore.design.keras_import import import_json
from tests.engine.applications import NAMES, largest_difference, with_random_weights

pytestmark = pytest.mark.keras


FAMILIES = (
    "ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionResNetV2", "InceptionV3", "MobileNet",
    "MobileNetV2", "MobileNetV3Small", "NASNetMobile", "ResNet50", "ResNet50V2", "VGG16", "Xception",
)  # fmt: skip
"""The smallest of each."""


def test_keras_has_forty_of_them() -> None:
    assert len(NAMES) == 40


@pytest.mark.parametrize(
    "name",
    [name if name in FAMILIES else pytest.param(name, marks=pytest.mark.acceptance) for name in NAMES],
)
def test_an_application_is_imported_with_as_many_parameters(name: str) -> None:
    with keras.StatelessScope(initialize_variables=False):  # which makes no numbers
        network = getattr(keras.applications, name)(weights=None)

    report = import_json(network.to_json()).report

    assert report.parameters.trainable == sum(prod(weight.shape) for weight in network.trainable_weights)
    assert report.parameters.total == network.count_params()
    assert (None, *report.output_shape) == network.output_shape


@pytest.mark.parametrize("name", ["EfficientNetB0", "MobileNetV2", "MobileNetV3Small"])
def test_a_small_application_predicts_the_same_after_its_import(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    make = getattr(keras.applications, name)
    network = with_random_weights(
        make(weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3))
    )

    difference, between_images = largest_difference(network, tmp_path)

    assert between_images > 0.1
    assert difference < 1e-5
