"""Backbones are Keras' own networks, scaled pixels and all, with Keras' own weights or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.engine.backbones import backbone, core_of, load_imagenet
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.phases import Phases
from dlcore.engine.weights import load_weights
from dlcore.errors import DatasetError
from dlcore.records import Transfer
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.layers import (
    BACKBONES,
    VGG16,
    Application,
    ConvNeXtTiny,
    DenseNet121,
    EfficientNetB0,
    InceptionV3,
    MobileNet,
    MobileNetV2,
    MobileNetV3Small,
    ResNet50,
    Xception,
)
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec
from tests.engine.applications import NAMES, images, with_random_weights
from tests.engine.backbones import (
    check_facts,
    check_predictions,
    check_sides,
    check_small_images,
    file_of_keras,
    odd_shape,
)
from tests.engine.xla import check_xla
from tests.network import cut_off

pytestmark = pytest.mark.keras

SCALED = [MobileNet, VGG16, DenseNet121, EfficientNetB0]
"""Each way of scaling pixels, by the smallest network that has it; `make acceptance` takes all."""

QUICK = [MobileNet, MobileNetV3Small, VGG16, ResNet50]
"""Those that Keras outlines soonest."""

FAMILIES = [*QUICK, ConvNeXtTiny, InceptionV3, Xception]
"""Those of a family whose sides or whose work follow a rule of their own, but for the slowest; `make acceptance` takes all."""


def with_head(kind: type[Application], **arguments: Any) -> ModelSpec:
    return ModelSpec(layers=(kind(name="body", **arguments), {"kind": "Dense", "name": "top"}))


def test_every_network_of_keras_is_a_backbone() -> None:
    assert sorted(kind.__name__ for kind in BACKBONES) == NAMES


@pytest.mark.parametrize("kind", SCALED, ids=lambda kind: kind.__name__)
def test_a_backbone_predicts_what_keras_own_network_does_behind_its_scaling(
    kind: type[Application], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras.utils.set_random_seed(0)
    check_predictions(kind, tmp_path, monkeypatch)


@pytest.mark.parametrize("kind", FAMILIES, ids=lambda kind: kind.__name__)
def test_the_facts_of_a_backbone_are_those_of_its_layers(kind: type[Application]) -> None:
    check_facts(kind)
    check_small_images(kind)
    check_sides(kind, odd_shape(kind))


@pytest.mark.parametrize("kind", QUICK, ids=lambda kind: kind.__name__)
def test_its_file_is_the_one_that_keras_would_download(
    kind: type[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file_of_keras(kind, (224, 224, 3), monkeypatch) == kind.file


@pytest.mark.parametrize(
    ("kind", "side"), [(MobileNet, 96), (MobileNet, 128), (MobileNetV2, 96), (MobileNetV2, 192)]
)
def test_small_images_take_weights_of_their_own_where_keras_has_them(
    kind: type[Application], side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = (side, side, 3)
    assert kind().weights_for(shape) == file_of_keras(kind, shape, monkeypatch)
    assert kind().weights_for((side, 224, 3)) == kind.file


@pytest.mark.parametrize(
    "kind", [MobileNetV3Small, MobileNet, pytest.param(ResNet50, marks=pytest.mark.acceptance)]
)
def test_the_weights_in_keras_folder_are_taken(kind: type[Application], tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    shape = (32, 32, 3)
    theirs = getattr(keras.applications, kind.__name__)(weights=None, include_top=False, input_shape=shape)
    theirs.save(tmp_path / kind.file.name)
    model = with_head(kind)
    network = build_model(model, shape, 2)
    head = network.get_layer("top").get_weights()

    assert load_imagenet(network, model, tmp_path, log=print) == ("body",)
    for ours, given in zip(network.get_layer("body").get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, given)
    np.testing.assert_array_equal(network.get_layer("top").get_weights()[0], head[0])


def test_without_network_the_file_its_address_and_its_place_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    model = with_head(MobileNetV3Small)
    network = build_model(model, (32, 32, 3), 2)
    with pytest.raises(DatasetError) as caught:
        load_imagenet(network, model, tmp_path, log=print)
    text = str(caught.value)
    assert MobileNetV3Small.file.name in text
    assert MobileNetV3Small.file.url in text
    assert str(tmp_path / MobileNetV3Small.file.name) in text


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all"])
def test_a_damaged_file_is_named_and_never_replaced_by_random_weights(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / MobileNetV3Small.file.name
    path.write_bytes(content)
    model = with_head(MobileNetV3Small)
    with pytest.raises(DatasetError, match="cannot be read: the file is damaged") as caught:
        load_imagenet(build_model(model, (32, 32, 3), 2), model, tmp_path, log=print)
    assert str(path) in str(caught.value)


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other.save(tmp_path / MobileNetV3Small.file.name)
    model = with_head(MobileNetV3Small)
    with pytest.raises(DatasetError, match="of another network"):
        load_imagenet(build_model(model, (32, 32, 3), 2), model, tmp_path, log=print)


def test_what_an_efficientnet_normalises_by_comes_with_its_weights() -> None:
    keras.utils.set_random_seed(0)
    model = ModelSpec(layers=(EfficientNetB0(name="body"),))
    network, again = build_model(model, (32, 32, 3)), build_model(model, (32, 32, 3))
    with_random_weights(network)
    load_weights(again, model, {"body": network.get_layer("body").get_weights()})
    pixels = images(network, 2)
    np.testing.assert_array_equal(again(pixels, training=False), network(pixels, training=False))


def test_its_scaling_is_saved_with_the_model(tmp_path: Path) -> None:
    made = backbone(VGG16(name="body", weights=None), (32, 32, 3))
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(loaded(pixels), made(pixels))


def test_a_backbone_is_fine_tuned_saved_and_resumed_without_its_file(tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    theirs = keras.applications.MobileNetV3Small(weights=None, include_top=False, input_shape=(32, 32, 3))
    settings = Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras")
    settings.weights_dir.mkdir(parents=True)
    theirs.save(settings.weights_dir / MobileNetV3Small.file.name)
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 16},
            "preprocessing": [],
            "model": {
                "layers": [
                    {"kind": "UpSampling2D", "size": 4},
                    {"kind": "Concatenate", "inputs": ["up_sampling2d"] * 3},
                    {"kind": "MobileNetV3Small", "name": "body"},
                    {"kind": "Dense", "name": "top"},
                ]
            },
            "fine_tuning": {"head_epochs": 1},
            "training": {"epochs": 1, "batch_size": 8},
        }
    )
    folder = tmp_path / "run"
    folder.mkdir()
    train(spec, MemoryHandle(folder), settings=settings)
    assert unchanged(folder, theirs) == {"kernel", "gamma", "beta", "bias", "moving_mean", "moving_variance"}

    (settings.weights_dir / MobileNetV3Small.file.name).unlink()
    result = train(spec, MemoryHandle(folder), epochs=2, settings=settings)
    assert result.epoch == 2
    # All of batch normalisation stays as it was.
    assert unchanged(folder, theirs) == {"gamma", "beta", "moving_mean", "moving_variance"}


def unchanged(folder: Path, theirs: Any) -> set[str]:
    """The names of those sorts of weights that are all as in `theirs`."""
    body = keras.saving.load_model(folder / "model.keras").get_layer("body")
    pairs = list(zip(body.weights, theirs.weights, strict=True))
    moved = {ours.name for ours, given in pairs if not np.array_equal(ours, given)}
    return {ours.name for ours, _ in pairs} - moved


@pytest.mark.parametrize(
    "kind", [MobileNetV3Small, VGG16, pytest.param(EfficientNetB0, marks=pytest.mark.acceptance)]
)
def test_of_a_backbone_the_last_layers_can_learn_alone(kind: type[Application]) -> None:
    model = with_head(kind)
    network = build_model(model, (32, 32, 3), 2)
    spec = ExperimentSpec(model=model, fine_tuning=FineTuning(backbone_share=0.25))
    phases = Phases(spec, Transfer(pretrained=("body",), kept=("top",)), 10)
    phases.at(0).prepare(network, model)
    assert [layer.name for layer in network.layers if layer.trainable_weights] == ["top"]

    phases.at(9).prepare(network, model)
    parts = [part for part in core_of(network.get_layer("body")).layers if part.weights]
    learning = [bool(part.trainable_weights) for part in parts]
    assert not any(learning[: len(parts) // 2])
    assert any(learning)
    norms = [part for part in parts if isinstance(part, keras.layers.BatchNormalization)]
    assert not any(part.trainable_weights for part in norms)


def test_a_backbone_learns_as_compiled_on_a_gpu() -> None:
    model = with_head(MobileNetV3Small)
    network = build_model(model, (32, 32, 3), 2)
    compile_model(
        network, model, TrainingSpec(), task=Task.MULTICLASS, steps_per_epoch=1, epochs=1,
        shares={"body": 0.1},
    )  # fmt: skip
    pixels = tf.constant(np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.float32))
    batch = (pixels, tf.constant([0, 1, 0, 1]))
    check_xla(network.train_step, batch)
    assert np.isfinite(float(network.train_step(batch)["loss"]))
