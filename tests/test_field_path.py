"""Addresses of fields: what a text stands for, and what lies within what."""

import pytest

from dlcore.field_path import ROOT, FieldPath, Item, join

PATHS = [
    ("training.optimizer.learning_rate", ("training", "optimizer", "learning_rate")),
    ("model.layers[conv2d].filters", ("model", "layers", Item("conv2d"), "filters")),
    ("model.layers[first:last]", ("model", "layers", Item("first", "last"))),
    ("augmentation[0].factor[1]", ("augmentation", Item("0"), "factor", Item("1"))),
    ("[0].name", (Item("0"), "name")),
    ("epochs", ("epochs",)),
    ("", ()),
]


@pytest.mark.parametrize(("text", "steps"), PATHS)
def test_a_path_has_its_steps_and_is_written_as_it_was(text, steps):
    path = FieldPath.parse(text)

    assert path.steps == steps
    assert str(path) == text


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("model.layers.2.units", "model.layers[2].units"),
        ("a..b.", "a.b"),
        ("a[].b]", "a.b"),
        ("[].", ""),
        ("x[a:b:c]", "x[a:b:c]"),
        ("x[:]", "x[:]"),
        ("3", "3"),
    ],
)
def test_every_text_is_a_path(odd, plain):
    assert str(FieldPath.parse(odd)) == plain


def test_paths_to_one_place_are_equal_however_they_are_written():
    paths = {FieldPath.parse(text) for text in ("layers.2.units", "layers[2].units")}

    assert paths == {FieldPath.of("layers", 2, "units")}


@pytest.mark.parametrize(
    ("inner", "outer", "rest"),
    [
        ("model.layers[2].units", "model", "layers[2].units"),
        ("augmentation[0].factor", "augmentation", "[0].factor"),
        ("training.loss", "training.loss", ""),
        ("training.loss", "", "training.loss"),
        ("models.layers", "model", None),
        ("model", "model.layers", None),
        ("model.layers[12]", "model.layers[1]", None),
        ("model.layers[conv_2].units", "model.layers[conv]", None),
        ("model.layers[a:b]", "model.layers[a]", None),
    ],
)
def test_a_path_is_within_another_by_whole_steps(inner, outer, rest):
    path, around = FieldPath.parse(inner), FieldPath.parse(outer)

    assert path.within(around) is (rest is not None)
    assert path.relative_to(around) == (None if rest is None else FieldPath.parse(rest))
    if rest is not None:
        assert FieldPath.parse(rest).under(around) == path
        assert join(outer, rest) == inner


def test_a_path_is_taken_apart():
    path = FieldPath.parse("model.layers[3].units")

    assert (path.root, path.name, str(path.parent)) == ("model", "units", "model.layers[3]")
    assert path.element is None
    assert path.parent.element == Item("3")
    assert path.step_in(FieldPath.of("model", "layers")) == Item("3")
    assert path.step_in(path) is None
    assert len(path) == 4


def test_the_root_has_no_steps():
    assert not ROOT
    assert (ROOT.root, ROOT.name, ROOT.element, ROOT.parent) == ("", "", None, ROOT)


@pytest.mark.parametrize(
    ("item", "place"), [(Item("3"), 3), (Item("conv"), None), (Item("²"), None), (Item("1", "2"), None)]
)
def test_only_a_whole_number_is_a_place(item, place):
    assert item.place == place


def test_a_path_follows_what_it_goes_through():
    path = FieldPath.parse("model.layers[a:b].units")

    assert str(path.moved(FieldPath.of("model", "layers").item("a", "c"))) == "model.layers[a:c].units"
