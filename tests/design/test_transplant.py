"""A trained body on other data: what stays, what is new, and how images are made to fit it."""

from dlcore.datasets import CATALOGUE
from dlcore.design.moving import move_to_dataset
from dlcore.design.templates import proposal
from dlcore.design.transplant import build_on_backbone, continue_from, reset_weights, transplant_body
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.fine_tuning import FineTuning, FromModel, FromRun
from dlcore.spec.layers import BACKBONES
from dlcore.spec.preprocessing import ColorMode, Rescaling, Resizing

MNIST, DIGITS, CIFAR = (CATALOGUE.get(name).facts for name in ("mnist", "digits", "cifar10"))
RUN = FromRun(run="abc123")


def names(spec):
    return [layer.name for layer in spec.model.layers]


def test_a_run_goes_on_with_its_body_its_preparation_and_a_new_head():
    source = proposal(MNIST).with_values({"training.epochs": 4})
    spec = continue_from(source, RUN, name="again")
    assert spec.name == "again"
    assert names(spec) == [*names(source)[:-1], "head"]
    assert spec.fine_tuning == FineTuning(source=RUN, head_epochs=2)
    assert (spec.preprocessing, spec.training) == (source.preprocessing, source.training)
    check(spec, MNIST)


def test_on_other_images_the_body_stays_and_they_are_brought_to_its_size_and_colours():
    spec = continue_from(proposal(MNIST), RUN, name="again")
    moved = move_to_dataset(spec, CIFAR, MNIST)
    assert names(moved) == names(spec)
    assert moved.fine_tuning == spec.fine_tuning
    assert moved.preprocessing == (Resizing(height=28, width=28), ColorMode(mode="grayscale"), Rescaling())
    assert moved.dataset.name == "cifar10"

    back = move_to_dataset(moved, MNIST, CIFAR)
    assert names(back) == names(spec)
    # Nothing but the preparation has changed, and it does nothing to images of that size.
    check(back, MNIST)


def test_without_fine_tuning_other_images_get_a_model_of_their_own():
    resized = move_to_dataset(proposal(MNIST), CIFAR, MNIST)
    assert not any(isinstance(step, Resizing) for step in resized.preprocessing)


def test_where_a_body_cannot_be_made_to_fit_the_data_gets_what_it_starts_with():
    spec = continue_from(proposal(MNIST), RUN, name="again").with_values({"augmentation": ["MixUp"]})
    broken = spec.with_values({"model.layers[0].kernel_size": [40, 40]})
    assert move_to_dataset(broken, DIGITS, MNIST).fine_tuning is None


def test_an_uploaded_body_is_given_images_of_its_size():
    body = proposal(CIFAR).model
    spec = transplant_body(proposal(DIGITS), body, FromModel(model="0123456789ab"), (32, 32, 3), DIGITS)
    assert spec.preprocessing[:2] == (Resizing(height=32, width=32), ColorMode(mode="rgb"))
    assert spec.fine_tuning.source == FromModel(model="0123456789ab")
    check(spec, DIGITS)


def test_every_backbone_fits_small_grey_images_and_gets_pixels_as_it_wants_them():
    for kind in BACKBONES:
        spec = build_on_backbone(proposal(DIGITS), kind.__name__, DIGITS)
        assert spec.preprocessing == (Resizing(height=96, width=96), ColorMode(mode="rgb"))
        assert names(spec) == ["backbone", "dropout", "head"]
        check(spec, DIGITS)


def test_large_images_stay_as_large_as_they_are():
    large = ExperimentSpec.from_dict({"preprocessing": [{"kind": "Resizing", "height": 160, "width": 120}]})
    facts = CIFAR.__class__(**{**CIFAR.__dict__, "input_shape": (200, 180, 3)})
    spec = build_on_backbone(large, "MobileNetV3Small", facts)
    assert spec.preprocessing == (Resizing(height=160, width=120),)


def test_from_scratch_means_random_weights_in_a_backbone_too():
    spec = reset_weights(build_on_backbone(proposal(DIGITS), "ResNet50", DIGITS))
    assert (spec.fine_tuning, spec.model.layers[0].weights) == (None, None)
    assert names(spec) == ["backbone", "dropout", "head"]
