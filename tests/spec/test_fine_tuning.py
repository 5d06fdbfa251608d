"""What a fine-tuning may say, and how a head is replaced."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec, ModelSpec
from dlcore.spec.checks import check, fine_tuning_problem, report
from dlcore.spec.fine_tuning import FineTuning, with_new_head
from dlcore.spec.layers import BACKBONES, LAYERS, MobileNetV3Small

LAYERS_OF_IT = [
    {"kind": "Conv2D", "name": "block1_conv"},
    {"kind": "Conv2D", "name": "block1_more", "kernel_size": 1},
    {"kind": "BatchNormalization", "name": "norm", "trainable": False},
    {"kind": "Flatten", "name": "flat"},
    {"kind": "Dense", "name": "head"},
]
DIGITS = CATALOGUE.get("digits").facts


def spec(tuning, layers=LAYERS_OF_IT, **more):
    return ExperimentSpec.from_dict({"model": {"layers": layers}, "fine_tuning": tuning, **more})


def problem(tuning, layers=LAYERS_OF_IT, **more):
    wanted = spec(tuning, layers, **more)
    return fine_tuning_problem(wanted, report(wanted, DIGITS))


def test_what_is_frozen_is_named_stands_before_the_first_free_one_or_says_so_itself():
    tuning = FineTuning(unfreeze_from="block1_more", frozen=("flat",))
    assert tuning.fixed(spec(tuning).model) == {"block1_conv", "flat", "norm"}
    assert FineTuning().fixed(spec({}).model) == {"norm"}


def test_rates_hold_for_names_and_beginnings_and_the_last_that_fits_wins():
    tuning = FineTuning(rates={"block1_*": 0.1, "block1_more": 0.5, "head": 2.0})
    assert tuning.factors(spec(tuning).model) == {"block1_conv": 0.1, "block1_more": 0.5, "head": 2.0}


RUN = {"source": {"kind": "FromRun", "run": "abc123"}}


@pytest.mark.parametrize(
    ("tuning", "path", "sentence"),
    [
        (
            {**RUN, "unfreeze_from": "blok1_more"},
            "fine_tuning.unfreeze_from",
            "there is no layer 'blok1_more'",
        ),
        ({**RUN, "frozen": ["head", "hed"]}, "fine_tuning.frozen[1]", "there is no layer 'hed'"),
        ({**RUN, "rates": {"block2_*": 1}}, "fine_tuning.rates", "there is no layer 'block2_*'"),
        ({}, "fine_tuning.source", "there are no weights to start with"),
        (
            {**RUN, "unfreeze_from": "flat", "frozen": ["head"]},
            "fine_tuning.frozen",
            "every layer is frozen, so nothing would be trained",
        ),
    ],
)
def test_what_cannot_be_is_named_with_its_field(tuning, path, sentence):
    found = problem(tuning)
    assert found is not None
    assert str(found.path) == path
    assert found.message.body().startswith(sentence)
    assert found.message.hint


def test_a_source_is_enough_and_so_is_a_backbone():
    assert problem(RUN) is None
    layers = [
        {"kind": "UpSampling2D", "size": 4},
        {"kind": "Concatenate", "inputs": ["up_sampling2d"] * 3},
        {"kind": "MobileNetV3Small"},
        {"kind": "Dense"},
    ]
    assert problem({}, layers, preprocessing=[]) is None
    layers[2]["weights"] = None
    found = problem({}, layers, preprocessing=[])
    assert found is not None
    assert str(found.path) == "fine_tuning.source"


def test_a_backbone_that_scales_pixels_itself_wants_them_as_they_are():
    facts = CATALOGUE.get("cifar10").facts
    layers = [{"kind": "MobileNetV3Small", "name": "body"}, {"kind": "Dense"}]
    wanted = ExperimentSpec.from_dict(
        {"dataset": {"name": "cifar10"}, "preprocessing": ["Rescaling"], "model": {"layers": layers}}
    )
    with pytest.raises(SpecError) as caught:
        check(wanted, facts)
    assert str(caught.value.path) == "preprocessing[0]"
    assert caught.value.message.body() == (
        "MobileNetV3Small takes pixels from 0 to 255 and scales them itself, so Rescaling would spoil them. "
        "Remove that step, or switch include_preprocessing off."
    )
    check(wanted.with_values({"preprocessing": []}), facts)
    check(wanted.with_values({"model.layers[0].include_preprocessing": False}), facts)


def test_an_efficientnet_always_scales_its_pixels():
    layers = [{"kind": "EfficientNetB0", "name": "body"}, {"kind": "Dense"}]
    wanted = ExperimentSpec.from_dict(
        {"dataset": {"name": "cifar10"}, "preprocessing": ["Rescaling"], "model": {"layers": layers}}
    )
    with pytest.raises(SpecError) as caught:
        check(wanted, CATALOGUE.get("cifar10").facts)
    assert caught.value.message.body() == (
        "EfficientNetB0 takes pixels from 0 to 255 and scales them itself, so Rescaling would spoil them. "
        "Remove that step."
    )
    with pytest.raises(SpecError, match="include_preprocessing"):
        wanted.with_values({"model.layers[0].include_preprocessing": False})


@pytest.mark.parametrize(
    ("kind", "shape", "sentence"),
    [
        ("MobileNetV3Small", (64, 64, 1), "expected images of three channels, got 1. Add ColorMode"),
        (
            "MobileNetV3Small",
            (31, 64, 3),
            "expected images of at least 32 × 32 pixels, got 31 × 64. Add Resizing",
        ),
        ("MobileNetV3Small", (64,), "expected an image (height, width, channels), got shape (64,)."),
        ("Xception", (71, 70, 3), "expected images of at least 71 × 71 pixels, got 71 × 70."),
        ("InceptionV3", (74, 96, 3), "expected images of at least 75 × 75 pixels, got 74 × 96."),
    ],
)
def test_a_backbone_says_what_images_it_takes(kind, shape, sentence):
    with pytest.raises(SpecError) as caught:
        LAYERS.get(kind)().output_shape([shape])
    assert caught.value.message.body().startswith(sentence)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        # 93 → 47, 24, 12, 6, 3 rounding up; 78 → 39, 20, 10, 5, 3.
        ("ResNet50", (3, 3, 2048)),
        # 93 → 47, 24 rounding up, then 12, 6, 3 down; 78 → 39, 20, 10, 5, 2.
        ("DenseNet121", (3, 2, 1024)),
        # 93 → 46, 23, 11, 5, 2 down; 78 → 39, 19, 9, 4, 2.
        ("ConvNeXtTiny", (2, 2, 768)),
        ("VGG16", (2, 2, 512)),
        # 93 → 47 up, then 23, 11, 5, 2 down; 78 → 39, 19, 9, 4, 2.
        ("MobileNet", (2, 2, 1024)),
        # Every second place of windows of 3 without padding: 93 → 46, then 23, 12, 6, 3 up; 78 → 38, 19, 10, 5, 3.
        ("NASNetMobile", (3, 3, 1056)),
        # 93 → 46, 44 between the borders, then 22, 11, 6, 3 up; 78 → 38, 36, 18, 9, 5, 3.
        ("Xception", (3, 3, 2048)),
        # 93 → 46, 44, 21, 19, 9, 4, 1; 78 → 38, 36, 17, 15, 7, 3, 1: none has padding.
        ("InceptionV3", (1, 1, 2048)),
        ("InceptionResNetV2", (1, 1, 1536)),
    ],
)
def test_a_backbone_makes_images_smaller_as_its_layers_do(kind, shape):
    assert LAYERS.get(kind)(pooling=None).output_shape([(93, 78, 3)]) == shape
    assert LAYERS.get(kind)().output_shape([(93, 78, 3)]) == shape[2:]


@pytest.mark.parametrize(
    ("kind", "side"),
    [("ResNet50", 7), ("InceptionV3", 8), ("Xception", 10), ("NASNetLarge", 11), ("VGG19", 7)],
)
def test_images_of_the_side_it_was_trained_on_become_as_small_as_its_paper_says(kind, side):
    found = LAYERS.get(kind)(pooling=None)
    trained = found.facts.side
    assert found.output_shape([(trained, trained, 3)])[:2] == (side, side)


def test_the_work_and_the_memory_of_a_backbone_grow_with_the_area():
    small, large = (MobileNetV3Small().flops([(side, side, 3)]) for side in (112, 224))
    assert large == MobileNetV3Small.facts.flops == 4 * small
    assert MobileNetV3Small().activations([(112, 112, 3)], (576,)) == MobileNetV3Small.facts.activations / 4


def test_backbones_are_listed_from_the_fewest_weights_to_the_most():
    names = [kind.__name__ for kind in BACKBONES]
    assert names[:3] == ["MobileNetV3Small", "MobileNetV2", "MobileNetV3Large"]
    assert names[-1] == "ConvNeXtXLarge"
    assert len(names) == 40


def heads(*layers):
    model = ModelSpec(layers=({"kind": "Flatten", "name": "flat"}, *layers))
    return [(layer.kind, layer.name) for layer in with_new_head(model).layers]


def test_a_new_head_is_open_gives_raw_scores_and_takes_no_weights_by_its_name():
    body = [("Flatten", "flat")]
    assert heads({"kind": "Dense", "units": 5}) == [*body, ("Dense", "head")]
    assert heads({"kind": "Dense", "units": 5}, "Softmax") == [*body, ("Dense", "head")]
    assert heads({"kind": "Dense", "units": 5, "name": "head"}) == [*body, ("Dense", "head_1")]
    model = ModelSpec(layers=("Flatten", {"kind": "Dense", "units": 5, "activation": "softmax"}))
    head = with_new_head(model).layers[-1]
    assert (head.units, head.activation, head.trainable) == (None, "linear", True)


def test_a_model_without_a_dense_head_is_refused():
    with pytest.raises(SpecError, match="does not end in a Dense layer"):
        with_new_head(ModelSpec(layers=("Flatten",)))


def test_the_links_of_a_graph_survive_its_new_head():
    model = ModelSpec(
        layers=(
            {"kind": "Flatten", "name": "flat"},
            {"kind": "Dense", "units": 3, "name": "left", "inputs": ["flat"]},
            {"kind": "Dense", "units": 2, "name": "out", "inputs": ["left"]},
        )
    )
    assert with_new_head(model).layers[-1].inputs == ("left",)
