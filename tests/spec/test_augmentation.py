"""Where an augmentation can be applied, and what is said where it cannot."""

import pytest

from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.augmentation import AUGMENTATIONS, check_augmentation, mixes_labels
from dlcore.spec.data import DataKind, Task
from dlcore.spec.losses import LOSSES

COLOUR, GREY = (32, 32, 3), (32, 32, 1)


def steps(*rows):
    return tuple(AUGMENTATIONS.parse(row) for row in rows)


def problem(*rows, kind=DataKind.IMAGE, shape=COLOUR, task=Task.MULTICLASS, loss="CategoricalCrossentropy"):
    with pytest.raises(SpecError) as caught:
        check_augmentation(steps(*rows), kind, shape, task, LOSSES.parse(loss))
    return str(caught.value)


@pytest.mark.parametrize("name", AUGMENTATIONS.names())
def test_each_fits_at_least_one_kind_of_data(name):
    (step,) = steps(name)
    for kind in step.data_kinds:
        check_augmentation((step,), kind, COLOUR, Task.MULTICLASS, LOSSES.parse("CategoricalCrossentropy"))
    assert step.data_kinds


def test_a_step_for_another_kind_of_data_is_refused_with_its_place():
    assert problem("RandomFlip", kind=DataKind.TEXT) == (
        "augmentation[0]: RandomFlip cannot be applied to this kind of data (text). Remove it."
    )
    assert problem("RandomFlip", "SpecAugment").startswith("augmentation[1]: SpecAugment cannot be applied")


def test_changes_of_colour_need_colours():
    for name in ("RandomHue", "RandomSaturation", "RandomColorJitter", "RandomGrayscale"):
        assert problem(name, shape=GREY) == (
            f"augmentation[0]: {name} needs colour images with 3 channels, got 1. "
            "Remove it, or make the images RGB."
        )


def test_a_window_must_be_smaller_than_the_image():
    crop = {"kind": "RandomCrop", "height": 8, "width": 32}
    assert problem(crop) == (
        "augmentation[0].width: the window of 32 is not smaller than the image of 32. Lower it."
    )


def test_a_blur_has_a_middle():
    assert problem({"kind": "RandomGaussianBlur", "kernel_size": 4}) == (
        "augmentation[0].kernel_size: expected an odd number, got 4. Choose 3 or 5."
    )


def test_recordings_must_be_spectrograms_to_be_masked():
    said = problem("SpecAugment", kind=DataKind.AUDIO, shape=(16_000, 1))
    assert said.startswith("augmentation[0]: SpecAugment needs samples with height, width and channels")


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_mixed_labels_need_a_loss_that_takes_shares(name):
    assert mixes_labels(steps("RandomFlip", name))
    assert problem(name, loss="SparseCategoricalCrossentropy") == (
        f"training.loss: this loss takes class numbers, but {name} mixes labels. "
        "Choose CategoricalCrossentropy, or leave the loss automatic."
    )
    assert f"{name} mixes classes, but regression has none" in problem(
        name, task=Task.REGRESSION, loss="MeanSquaredError"
    )


def test_two_classes_are_mixed_as_well():
    check_augmentation(steps("MixUp"), DataKind.IMAGE, GREY, Task.BINARY, LOSSES.parse("BinaryCrossentropy"))


def test_augmentation_is_part_of_an_experiment_and_of_its_hash():
    plain = ExperimentSpec.from_dict({"dataset": {"name": "digits"}})
    flipped = plain.with_values({"augmentation": [{"kind": "RandomFlip", "mode": "vertical"}, "MixUp"]})
    assert ExperimentSpec.from_text(flipped.to_yaml()) == flipped
    assert flipped.augmentation[0].mode == "vertical"
    assert flipped.hash != plain.hash


def test_a_wrong_argument_is_said_with_its_path():
    with pytest.raises(
        SpecError, match=r"augmentation\[0\]\.factor: expected a number of at most 1\.0, got 2"
    ):
        ExperimentSpec.from_dict({"augmentation": [{"kind": "RandomRotation", "factor": 2}]})
