"""Every registered augmentation keeps its word."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.datasets import CATALOGUE
from dlcore.datasets.parts import Part, PreparedData
from dlcore.engine.augmentation import Augmenter, SpecAugment
from dlcore.engine.backend import Steps
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.data import TrainingData
from dlcore.spec.augmentation import AUGMENTATIONS, Augmentation, mixes_labels
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec

pytestmark = pytest.mark.keras

CLASSES, COUNT = 4, 24
SHAPE = (32, 30, 3)
SPECTROGRAM = (40, 24, 1)

Floats = np.ndarray[Any, np.dtype[np.float32]]

EXTRAS: dict[str, list[dict[str, Any]]] = {
    "RandomFlip": [{"mode": "vertical"}, {"mode": "horizontal_and_vertical"}],
    "RandomZoom": [{"height_factor": 0.9, "width_factor": 0.5, "fill_mode": "constant"}],
    "RandomCrop": [{"height": 1, "width": 29}],
    "RandomRotation": [{"factor": 1.0, "fill_mode": "wrap"}],
    "RandomTranslation": [{"height_factor": 1.0, "width_factor": 0.0, "fill_mode": "nearest"}],
    "RandomPerspective": [{"scale": 1.0}],
    "RandomBrightness": [{"factor": 1.0}],
    "RandomContrast": [{"factor": 1.0}],
    "RandomColorJitter": [{"brightness_factor": None, "saturation_factor": None}],
    "RandomErasing": [{"fill_value": 7.0, "scale": (0.5, 0.1)}],
    "RandomGaussianBlur": [{"kernel_size": 5, "factor": 0.5}],
    "RandomPosterization": [{"factor": 1}],
    "RandAugment": [{"num_ops": 4, "factor": 1.0}],
    "MixUp": [{"alpha": 10.0}],
    "SpecAugment": [{"time_width": 1.0, "frequency_masks": 0}],
}
"""Arguments beyond the defaults, which each is tried with as well."""

CASES = [(kind.__name__, extra) for kind in AUGMENTATIONS for extra in [{}, *EXTRAS.get(kind.__name__, [])]]


def shape_for(step: Augmentation) -> tuple[int, int, int]:
    return SHAPE if DataKind.IMAGE in step.data_kinds else SPECTROGRAM


def pictures(shape: tuple[int, ...], count: int = COUNT) -> Floats:
    """Smooth coloured blots, so that blurring and shifting them shows."""
    small = np.random.default_rng(5).random((count, 4, 4, shape[-1]), np.float32) * 255
    large = keras.ops.image.resize(small, shape[:2])
    return np.clip(np.rint(np.asarray(large)), 0, 255).astype(np.float32)


def one_hot(count: int = COUNT) -> Floats:
    return np.eye(CLASSES, dtype=np.float32)[np.arange(count) % CLASSES]


def augmenter(*rows: Any, shape: tuple[int, ...] = SHAPE, seed: int = 1) -> Augmenter:
    return Augmenter([AUGMENTATIONS.parse(row) for row in rows], shape, seed=seed)


def compiled(made: Augmenter, shape: tuple[int, ...] = SHAPE) -> Any:
    """As a training calls it: traced once for batches of any size."""
    signature = [tf.TensorSpec([None, *shape]), tf.TensorSpec([None, CLASSES])]
    return tf.function(lambda x, y: made(x, y), input_signature=signature, autograph=False)


def reset(made: Augmenter, epoch: int) -> None:
    for index, state in enumerate(made.variables):
        state.assign([100 * epoch + index, 0])


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_it_changes_samples_and_nothing_about_them(kind: str, arguments: dict[str, Any]) -> None:
    step = AUGMENTATIONS.parse({"kind": kind, **arguments})
    shape = shape_for(step)
    step.check(shape)
    made, x, y = augmenter(step, shape=shape), pictures(shape), one_hot()
    change = compiled(made, shape)
    images, labels = (np.asarray(part) for part in change(x, y))

    assert images.shape == x.shape
    assert images.dtype == np.float32
    assert np.isfinite(images).all()
    assert images.min() >= -1e-3
    assert images.max() <= 255 + 1e-3
    assert (images != x).any()
    assert (labels != y).any() == step.mixes_labels
    np.testing.assert_allclose(labels.sum(axis=1), 1.0, rtol=1e-5)
    fewer, _ = change(x[:3], y[:3])
    assert fewer.shape == (3, *shape)


@pytest.mark.parametrize("kind", AUGMENTATIONS.names())
def test_seed_and_epoch_decide_what_it_does(kind: str) -> None:
    step = AUGMENTATIONS.parse(kind)
    shape = shape_for(step)
    made, x, y = augmenter(step, shape=shape), pictures(shape), one_hot()
    change = compiled(made, shape)
    results = []
    for epoch in (1, 2, 1):
        reset(made, epoch)
        results.append([np.asarray(part) for _ in range(2) for part in change(x, y)])

    first, second, again = results
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (first[0] != second[0]).any()
    assert (first[0] != first[2]).any(), "the second batch is changed like the first"


def test_contrast_falls_as_often_as_it_rises() -> None:
    x = pictures(SHAPE, 64) / 4 + 96  # no value is clipped
    images, _ = augmenter({"kind": "RandomContrast", "factor": 0.5})(x, one_hot(64))
    ratios = np.asarray(images).std(axis=(1, 2, 3)) / x.std(axis=(1, 2, 3))
    assert 16 < (ratios < 1).sum() < 48
    assert ratios.min() == pytest.approx(0.5, abs=0.1)
    assert ratios.max() == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("kind", AUGMENTATIONS.names())
def test_another_seed_gives_another_result(kind: str) -> None:
    step = AUGMENTATIONS.parse(kind)
    shape = shape_for(step)
    x, y = pictures(shape), one_hot()
    one, same, *others = (np.asarray(augmenter(step, shape=shape, seed=s)(x, y)[0]) for s in (1, 1, 2, 3))
    np.testing.assert_array_equal(one, same)
    assert any((one != other).any() for other in others)


@pytest.mark.parametrize("kind", AUGMENTATIONS.names())
def test_its_arguments_are_those_of_keras(kind: str) -> None:
    step = AUGMENTATIONS.parse(kind)
    taken = SpecAugment if not step.namespace else getattr(keras.layers, kind)
    known = set(inspect.signature(taken.__init__).parameters)
    assert set(step.arguments()) | {"seed"} <= known


def data_of(x: Floats, y: Sequence[int]) -> TrainingData:
    whole = Part.whole({"input": x.astype(np.uint8)}, np.array(y))
    facts = replace(CATALOGUE.get("cifar10").facts, input_shape=x.shape[1:], classes=tuple("abcd"))
    return TrainingData.of(PreparedData(facts, whole, whole, whole), ExperimentSpec())


def trained(rows: list[Any], shape: tuple[int, ...], class_weights: Any = None) -> Any:
    """The weights after two steps of a compiled training loop."""
    steps = tuple(AUGMENTATIONS.parse(row) for row in rows)
    model = ModelSpec.model_validate({"layers": ["Flatten", {"kind": "Dense"}]})
    keras.utils.set_random_seed(0)
    network, training = build_model(model, shape, CLASSES), TrainingSpec(optimizer="SGD")
    soft = mixes_labels(steps)
    compile_model(
        network, model, training, task=Task.MULTICLASS, steps_per_epoch=2, epochs=1, soft_labels=soft
    )
    data = data_of(pictures(shape), [i % CLASSES for i in range(COUNT)])
    loop = Steps(
        network,
        data,
        batch_size=COUNT // 2,
        one_hot=soft,
        class_weights=class_weights,
        on_gpu=False,
        resident_bytes=2**30,
        augmenter=Augmenter(steps, shape, seed=3),
    )
    losses = loop.train(data.train, loop.order(data.train, data.train.indices), 0, 2)
    assert losses.shape == (2,)
    assert np.isfinite(losses).all()
    return network.get_weights()[0]


@cache
def as_it_is(shape: tuple[int, ...]) -> Any:
    """The same without augmentation."""
    return trained([], shape)


@pytest.mark.parametrize("kind", AUGMENTATIONS.names())
def test_it_works_in_a_compiled_training_step_and_changes_what_is_learned(kind: str) -> None:
    shape = shape_for(AUGMENTATIONS.parse(kind))
    with_it, without = trained([kind], shape), as_it_is(shape)
    assert np.isfinite(with_it).all()
    assert (with_it != without).any()


def test_mixed_samples_count_as_much_as_their_shares() -> None:
    weights = np.float32([0.0, 0.0, 0.0, 0.0])
    start = trained(["MixUp"], SHAPE, weights)
    np.testing.assert_array_equal(start, trained(["CutMix"], SHAPE, weights))
    assert (start != trained(["MixUp"], SHAPE, np.float32([0, 0, 0, 1]))).any()


def test_a_flip_mirrors() -> None:
    x = pictures(SHAPE)
    flipped, _ = augmenter("RandomFlip")(x, one_hot())
    mirrored = x[:, :, ::-1]
    kinds = [
        "as it was" if (image == old).all() else "mirrored" if (image == new).all() else "else"
        for image, old, new in zip(np.asarray(flipped), x, mirrored, strict=True)
    ]
    assert set(kinds) == {"as it was", "mirrored"}


def test_a_crop_enlarges_a_window_of_the_image() -> None:
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[:, None, None], (2, 8, 8, 1)).copy()
    made = augmenter({"kind": "RandomCrop", "height": 4, "width": 7}, shape=(8, 8, 1))
    changed = np.asarray(made(ramp, one_hot(2))[0])[0, :, 0, 0]
    # Rows of half the distance: bilinear, half a pixel at both ends.
    first = changed[0]
    assert first in range(5)
    np.testing.assert_allclose(changed - first, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], atol=1e-5)


def test_mix_up_blends_images_and_labels_alike() -> None:
    # Sample i is 10·i everywhere, its label is one-hot: both tell who was blended, and how much.
    count = 6
    x = np.broadcast_to(10.0 * np.arange(count, dtype=np.float32)[:, None, None, None], (count, 4, 4, 1))
    labels = np.eye(count, dtype=np.float32)
    images, shares = augmenter({"kind": "MixUp", "alpha": 1.0}, shape=(4, 4, 1))(x, labels)
    expected = np.asarray(shares) @ (10.0 * np.arange(count))
    np.testing.assert_allclose(np.asarray(images)[:, 0, 0, 0], expected, rtol=1e-4)
    assert 0.01 < np.asarray(shares).diagonal().min() < 0.99


def test_cut_mix_gives_labels_the_share_of_the_pixels() -> None:
    count, side = 6, 64
    x = np.broadcast_to(
        10.0 * np.arange(count, dtype=np.float32)[:, None, None, None], (count, side, side, 1)
    )
    labels = np.eye(count, dtype=np.float32)
    images, shares = (np.asarray(p) for p in augmenter("CutMix", shape=(side, side, 1))(x, labels))
    pixels = np.stack([(images == 10.0 * i).mean(axis=(1, 2, 3)) for i in range(count)], axis=1)
    # A rectangle's edges lie between pixels: one row and one column either way.
    np.testing.assert_allclose(shares, pixels, atol=2.2 / side)


def test_labels_of_two_classes_are_mixed_as_numbers() -> None:
    x, y = pictures(SHAPE), np.float32([[0.0], [1.0]] * (COUNT // 2))
    _, mixed = augmenter("MixUp")(x, y)
    assert mixed.shape == (COUNT, 1)
    assert np.asarray(mixed).min() >= 0
    assert np.asarray(mixed).max() <= 1
    assert ((np.asarray(mixed) > 0) & (np.asarray(mixed) < 1)).any()


def test_mixed_yes_and_no_are_judged_by_the_larger_share() -> None:
    model = ModelSpec.model_validate({"layers": ["Flatten", {"kind": "Dense"}]})
    network = build_model(model, (1, 1, 1), 1)
    training = TrainingSpec(metrics=("accuracy",))
    compile_model(network, model, training, task=Task.BINARY, steps_per_epoch=1, epochs=1, soft_labels=True)
    x, y, logits = (
        np.zeros((4, 1, 1, 1)),
        np.float32([[0.7], [0.2], [1.0], [0.6]]),
        [[5.0], [-5.0], [5.0], [-5.0]],
    )
    network.compute_loss(x, y, np.float32(logits), None)
    assert float(network.compute_metrics(x, y, np.float32(logits), None)["accuracy"]) == 0.75


def runs(mask: np.ndarray[Any, Any]) -> int:
    """How many unbroken stretches of true there are."""
    return int(np.count_nonzero(np.diff(np.concatenate([[0], mask.astype(int)])) == 1))


def test_spec_augment_hides_whole_bands_no_wider_than_it_may() -> None:
    x = 1 + np.arange(64 * 40 * 20, dtype=np.float32).reshape(64, 40, 20, 1)
    one = {"kind": "SpecAugment", "time_masks": 1, "time_width": 0.2}
    made = augmenter({**one, "frequency_masks": 0}, shape=(40, 20, 1))
    masked = np.asarray(made(x, one_hot(64))[0])
    widths = []
    for before, after in zip(x, masked, strict=True):
        hidden = (after != before).all(axis=(1, 2))
        assert ((after != before).any(axis=(1, 2)) == hidden).all(), "a frame is hidden in part"
        assert runs(hidden) <= 1
        np.testing.assert_allclose(after[hidden], before.mean(), rtol=1e-5)
        widths.append(int(hidden.sum()))
    assert set(widths) == set(range(9)), "0 … 8 of 40 frames, each at times"


def test_spec_augment_hides_bands_of_frequency_as_well() -> None:
    x = 1 + np.arange(64 * 40 * 20, dtype=np.float32).reshape(64, 40, 20, 1)
    two = {"kind": "SpecAugment", "time_masks": 0, "frequency_masks": 2, "frequency_width": 0.1}
    masked = np.asarray(augmenter(two, shape=(40, 20, 1))(x, one_hot(64))[0])
    hidden = (masked != x).all(axis=(1, 3))
    assert ((masked != x).any(axis=(1, 3)) == hidden).all()
    assert {runs(row) for row in hidden} == {0, 1, 2}
    assert hidden.sum(axis=1).max() == 4


def test_no_steps_leave_a_batch_as_it_is() -> None:
    made = augmenter()
    x, y = object(), object()
    assert made(x, y) == (x, y)
    assert not made
    assert made.variables == []
