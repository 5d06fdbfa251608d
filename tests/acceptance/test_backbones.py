"""Every backbone agrees with Keras' own network: its facts, its sides, its predictions."""

from pathlib import Path

import keras
import pytest

from dlcore.spec.layers import BACKBONES, Application
from tests.engine.backbones import (
    check_facts,
    check_predictions,
    check_sides,
    check_small_images,
    file_of_keras,
    odd_shape,
)

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(900)]


@pytest.mark.parametrize("kind", BACKBONES, ids=lambda kind: kind.__name__)
def test_a_backbone_is_keras_own_network(
    kind: type[Application], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    least = kind.smallest
    assert file_of_keras(kind, (224, 224, 3), monkeypatch) == kind.file
    check_facts(kind)
    check_small_images(kind)
    check_sides(kind, odd_shape(kind), (least, least + 1, 3), (97, 130, 3), (224, 255, 3))
    check_predictions(kind, tmp_path, monkeypatch)
    (tmp_path / kind.file.name).unlink()  # up to 1.4 GB each
