"""Every network of `keras.applications`, saved with random weights, imported and rebuilt, predicts the same."""

import time
from pathlib import Path

import keras
import pytest

from tests.engine.applications import NAMES, largest_difference, with_random_weights

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(900)]

LEAST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}
"""The smallest images in pixels that a network takes, if they are larger than 32."""


@pytest.mark.parametrize("name", NAMES)
def test_an_application_predicts_the_same_after_its_import(name: str, tmp_path: Path) -> None:
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    began, side = time.monotonic(), LEAST.get(name, 32)
    make = getattr(keras.applications, name)
    network = with_random_weights(
        make(weights=None, include_top=False, pooling="avg", input_shape=(side, side, 3))
    )

    difference, between_images = largest_difference(network, tmp_path)

    print(
        f"\n{name}: {len(network.layers)} layers, {network.count_params():,} parameters, "
        f"largest difference {difference:.1e}, in {time.monotonic() - began:.0f} s"
    )
    assert between_images > 0.01
    assert difference < 1e-5
