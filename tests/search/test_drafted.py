"""The search of a draft: what is offered, what it begins with, what fits no more."""

import dataclasses

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal
from dlcore.search.dimensions import parse_dimension
from dlcore.search.drafted import SearchDraft
from dlcore.search.offers import default_dimension, offers
from dlcore.search.spec import SearchOptions, SearchSpec
from dlcore.spec import ExperimentSpec
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.order import Order
from dlcore.spec.paths import AUGMENTATION

FACTS = CATALOGUE.get("digits").facts
BASE = proposal(FACTS)
FLIP, ROTATION = ["horizontal", "vertical"], [0.1, 0.2]
RATE, OPTIMIZER = "training.optimizer.learning_rate", "training.optimizer"


def with_steps(*kinds):
    return BASE.with_values({"augmentation": [{"kind": kind} for kind in kinds]})


def begun(path, base=BASE, **dimensions):
    known = {path.replace("__", "."): parse_dimension(data) for path, data in dimensions.items()}
    return default_dimension(offers(base, known, FACTS)[path], FACTS).model_dump(mode="json")


@pytest.mark.parametrize("steps", [[], AUGMENTATIONS.names()[:13], AUGMENTATIONS.names()[13:]])
def test_whatever_is_offered_begins_with_a_dimension_that_fits(steps):
    base = with_steps(*steps)
    for path, offer in offers(base, {}, FACTS).items():
        space = {path: default_dimension(offer, FACTS).model_dump(mode="json")}
        assert SearchDraft(space).problems(base, FACTS) == {}, path


def test_the_share_to_test_with_is_offered_only_where_it_matters():
    own = dataclasses.replace(FACTS, test_size=0)
    assert "dataset.test_fraction" in offers(BASE, {}, own)
    assert "dataset.test_fraction" not in offers(BASE, {}, FACTS)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (RATE, {"kind": "Range", "low": 1e-4, "high": 1e-2, "log": True, "step": None}),
        ("training.batch_size", {"kind": "Choices", "choices": [16, 32, 64, 128]}),
        ("training.epochs", {"kind": "Range", "low": 5, "high": 20, "log": False, "step": None}),
        (
            "dataset.validation_fraction",
            {"kind": "Range", "low": 0.05, "high": 0.2, "log": False, "step": None},
        ),
        ("training.optimizer.use_ema", {"kind": "Choices", "choices": [False, True]}),
        ("model.layers[conv2d].kernel_size", {"kind": "Choices", "choices": [3, 5]}),
        ("model.layers[conv2d].padding", {"kind": "Choices", "choices": ["valid", "same"]}),
        ("model.layers[conv2d]", {"kind": "Presence"}),
    ],
)
def test_a_dimension_begins_around_the_value_there_is(path, expected):
    assert begun(path) == expected


def test_a_momentum_is_offered_once_an_optimizer_with_one_can_be_chosen():
    momentum = "training.optimizer.momentum"
    assert momentum not in offers(BASE, {}, FACTS)
    assert momentum in offers(BASE, {OPTIMIZER: parse_dimension(["Adam", "SGD"])}, FACTS)


def test_what_follows_from_the_data_is_not_offered():
    head = BASE.model.layers[-1]
    assert head.units is None
    assert f"model.layers[{head.name}].units" not in offers(BASE, {}, FACTS)
    assert "seed" not in offers(BASE, {}, FACTS)


def test_every_dimension_that_fits_no_more_is_named_and_the_others_stay():
    draft = SearchDraft(
        {
            "model.layers[gone].units": {"kind": "Choices", "choices": [8]},
            RATE: {"kind": "Range", "low": 1e-4, "high": 1e-2, "log": True},
            "training.batch_size": {"kind": "Range", "low": 9, "high": 3},
            "training.epochs": {"kind": "Choices", "choices": [0]},
        }
    )
    problems = {path: str(error) for path, error in draft.problems(BASE, FACTS).items()}
    assert list(problems) == ["training.batch_size", "model.layers[gone].units", "training.epochs"]
    assert "there is no layer 'gone'" in problems["model.layers[gone].units"]
    assert "0 is beyond what epochs can be" in problems["training.epochs"]
    assert list(draft.dimensions()) == ["model.layers[gone].units", RATE, "training.epochs"]


def test_a_renamed_layer_is_followed_and_others_of_like_names_are_not():
    draft = SearchDraft(
        {
            "model.layers[dense].units": {"kind": "Choices", "choices": [8]},
            "model.layers[dense_1].units": {"kind": "Choices", "choices": [8]},
            "model.layers[conv:dense]": {"kind": "Repeat"},
        }
    )
    assert list(draft.renamed("dense", "head").space) == [
        "model.layers[head].units",
        "model.layers[dense_1].units",
        "model.layers[conv:head]",
    ]


@pytest.mark.parametrize(
    ("after", "space"),
    [
        (("RandomZoom", "RandomRotation"), {"augmentation[1].factor": ROTATION, RATE: [0.1, 0.01]}),
        (
            ("RandomRotation", "RandomFlip"),
            {"augmentation[1].mode": FLIP, "augmentation[0].factor": ROTATION, RATE: [0.1, 0.01]},
        ),
        (("RandomZoom",), {RATE: [0.1, 0.01]}),
        ((), {RATE: [0.1, 0.01]}),
    ],
)
def test_what_is_searched_of_a_step_follows_it_to_its_new_place_and_goes_with_it(after, space):
    before = with_steps("RandomFlip", "RandomRotation", "RandomZoom")
    whole = {"augmentation[0].mode": FLIP, "augmentation[1].factor": ROTATION, RATE: [0.1, 0.01]}
    draft = SearchDraft(whole, SearchOptions(first=(whole,)))
    followed = draft.following(before, with_steps(*after))
    assert dict(followed.space) == space
    assert followed.options.first == (space,)
    assert draft.following(before, before) == draft


def test_of_two_steps_of_a_kind_the_first_stays_the_first():
    draft = SearchDraft({"augmentation[0].factor": FLIP, "augmentation[2].factor": ROTATION})
    before = with_steps("RandomZoom", "RandomFlip", "RandomZoom")
    followed = draft.following(before, with_steps("RandomFlip", "RandomZoom", "RandomZoom"))
    assert dict(followed.space) == {"augmentation[1].factor": FLIP, "augmentation[2].factor": ROTATION}


FIRST, SECOND = "augmentation[0].factor", "augmentation[1].factor"


@pytest.mark.parametrize(
    ("order", "space"),
    [
        (Order.moved(2, 0, 1), {SECOND: FLIP, FIRST: ROTATION}),
        (Order.moved(2, 1, 0), {SECOND: FLIP, FIRST: ROTATION}),
        (Order.removed(2, 0), {FIRST: ROTATION}),
        (Order.removed(2, 1), {FIRST: FLIP}),
        (Order.duplicated(2, 0), {FIRST: FLIP, "augmentation[2].factor": ROTATION}),
        (Order.duplicated(2, 1), {FIRST: FLIP, SECOND: ROTATION}),
        (Order.added(2), {FIRST: FLIP, SECOND: ROTATION}),
    ],
)
def test_what_is_searched_of_one_of_two_equal_kinds_follows_that_one(order, space):
    beyond = {"augmentation[7].factor": FLIP, "preprocessing[0].scale": FLIP}
    whole = {FIRST: FLIP, SECOND: ROTATION, **beyond}
    followed = SearchDraft(whole, SearchOptions(first=(whole,))).rearranged({AUGMENTATION: order})
    assert dict(followed.space) == {**space, **beyond}
    assert followed.options.first == ({**space, **beyond},)


def test_a_draft_comes_back_from_the_store_and_from_a_file_as_it_was():
    spec = SearchSpec.from_dict(
        {**BASE.to_dict(), "space": {"model.layers[0].filters": [8, 16]}, "search": {"seeds": 3}}
    )
    draft = SearchDraft.of(spec)
    assert list(draft.space) == ["model.layers[conv2d].filters"]
    assert SearchDraft.from_dict(draft.to_dict()) == draft
    assert draft.whole(spec.experiment).search.seeds == 3
    assert SearchDraft.from_dict({}) == SearchDraft()
    assert isinstance(draft.whole(spec.experiment).experiment, ExperimentSpec)


def test_options_that_cannot_be_read_begin_anew():
    assert SearchDraft.from_dict({"search": {"sampler": "Oracle"}}) == SearchDraft()
