"""Lists are edited by position: steps, augmentations, cleaning, metrics, inputs, weights."""

import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.spec import ExperimentSpec
from dlcore.spec.layers import Add
from dlcore.ui.shared.drafts import example
from tests.datasets import makers
from tests.ui.conftest import add, found, named, texts

CUT = {"kind": "PiecewiseLinearEncoding", "columns": [], "num_bins": 16}
SMALL = {"kind": "StringLookup", "columns": ["size"], "output_mode": "one_hot"}
LARGE = {"kind": "StringLookup", "columns": ["city"], "output_mode": "int"}
SCALED = {"kind": "Normalization", "per": "feature"}


@pytest.fixture
def opened(open_page, here):
    """Opens a page with a draft of an experiment, and a search around it."""

    def opened(page, spec, **space):
        draft = here.store.drafts.create(spec.to_dict(), owner="local", search={"space": space})
        return open_page(page, draft=draft.id)

    return opened


@pytest.fixture
def proposed(here, tmp_path):
    """What is proposed for a table with a small and a large column of categories."""
    path = makers.shops(tmp_path / "shops.csv")
    return proposal(ingest(path, here.settings, Choices(name="shops"), owner="local").facts)


@pytest.fixture
def shops(proposed):
    """The steps of that without the first, which is of another kind."""
    return proposed.updated(preprocessing=proposed.preprocessing[1:])


@pytest.fixture
def saved(here):
    return lambda: ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)


@pytest.fixture
def steps(here):
    return lambda: here.store.drafts.latest(owner="local").spec["preprocessing"]


def augmented(*steps):
    return example().with_values({"augmentation": list(steps)})


def on_augmentation(page):
    page.session_state["view"] = "Augmentation"
    return page.run()


def press(page, name, index=0):
    """Presses the button of that name, of several the one at `index`."""
    pressed = [button for button in page.button if button.label.replace("\\", "") == name][index]
    assert not pressed.disabled
    pressed.click().run()
    assert not page.exception


def test_the_small_and_the_large_category_are_two_steps(proposed):
    assert proposed.to_dict()["preprocessing"] == [CUT, SMALL, LARGE, SCALED]


@pytest.mark.parametrize(
    ("name", "index", "after"),
    [
        ("Move down: Encode categories", 0, [LARGE, SMALL, SCALED]),
        ("Move up: Encode categories", 1, [LARGE, SMALL, SCALED]),
        ("Move up: Standardize", 0, [SMALL, SCALED, LARGE]),
        ("Remove: Encode categories", 0, [LARGE, SCALED]),
        ("Remove: Encode categories", 1, [SMALL, SCALED]),
        ("Duplicate: Encode categories", 1, [SMALL, LARGE, LARGE, SCALED]),
    ],
)
def test_a_step_is_moved_removed_and_duplicated_where_it_stands(opened, shops, steps, name, index, after):
    press(opened("data", shops), name, index)
    assert steps() == after


def test_the_first_cannot_go_up_nor_the_last_down(opened, shops):
    page = opened("data", shops)
    assert [button.disabled for button in page.button if "Move up" in button.label] == [True, False, False]
    assert [button.disabled for button in page.button if "Move down" in button.label] == [False, False, True]


def test_a_step_that_moved_is_edited_where_it_is_now(opened, shops, steps):
    page = opened("data", shops)
    press(page, "Move down: Encode categories")
    modes = [field for field in page.selectbox if field.label == "Output mode"]
    assert [mode.value for mode in modes] == ["int", "one_hot"]
    modes[1].set_value("int").run()
    assert steps() == [LARGE, {**SMALL, "output_mode": "int"}, SCALED]


def test_the_same_button_means_the_same_step_after_a_move(opened, shops, steps):
    # As in a double click: the second press is of the button as it stood before the first.
    page = opened("data", shops)
    (down, _other) = [b for b in page.button if b.label.replace("\\", "") == "Move down: Encode categories"]
    down.click().run()
    (again,) = [button for button in page.button if button.key == down.key]
    again.click().run()
    assert steps() == [LARGE, SCALED, SMALL]


def test_two_of_one_kind_are_added_and_each_has_its_own_fields(opened, saved):
    page = on_augmentation(opened("data", augmented()))
    for _ in range(2):
        add(page, "augmentation", "RandomRotation")
    factors = [field for field in page.number_input if field.label == "Factor"]
    factors[1].set_value(0.3).run()
    assert [step.factor for step in saved().augmentation] == [0.05, 0.3]
    assert not page.exception


def test_what_is_typed_wrong_does_not_hinder_a_move_of_another_step(opened, saved):
    page = on_augmentation(opened("data", augmented("RandomRotation", "RandomFlip", "RandomZoom")))
    (factor,) = [field for field in page.number_input if field.label == "Factor"]
    factor.set_value(7.0).run()
    assert "at most 1" in texts(page)
    press(page, "Move down: Flip")
    assert [step.kind for step in saved().augmentation] == ["RandomRotation", "RandomZoom", "RandomFlip"]
    assert saved().augmentation[0].factor == 0.05
    assert "at most 1" in texts(page), "it still stands there, and so does its problem"


def test_a_list_that_is_full_says_so_and_stays(opened, saved):
    page = on_augmentation(opened("data", augmented(*["RandomFlip"] * 20)))
    add(page, "augmentation", "RandomFlip")
    assert "at most 20" in texts(page)
    assert len(saved().augmentation) == 20


@pytest.mark.parametrize(
    ("name", "index", "after"),
    [
        ("Move down: Rotation", 0, {"augmentation[1].factor": 0.1, "augmentation[0].factor": 0.2}),
        ("Move down: Rotation", 1, {"augmentation[0].factor": 0.1, "augmentation[2].factor": 0.2}),
        ("Remove: Rotation", 0, {"augmentation[0].factor": 0.2}),
        ("Duplicate: Rotation", 0, {"augmentation[0].factor": 0.1, "augmentation[2].factor": 0.2}),
        ("Move up: Flip", 0, {"augmentation[0].factor": 0.1, "augmentation[2].factor": 0.2}),
    ],
)
@pytest.mark.parametrize("shown", [True, False], ids=["with switches", "without switches"])
def test_what_is_searched_of_a_step_goes_where_the_step_goes(opened, here, name, index, after, shown):
    def ranges(lows):
        return {path: {"kind": "Range", "low": low, "high": 0.9} for path, low in lows.items()}

    spec = augmented("RandomRotation", "RandomRotation", "RandomFlip")
    given = ranges({"augmentation[0].factor": 0.1, "augmentation[1].factor": 0.2})
    page = on_augmentation(opened("data", spec, **given))
    if not shown:
        found(page.segmented_control, ".search_mode").set_value("run").run()
    press(page, name, index)
    space = here.store.drafts.latest(owner="local").search["space"]
    assert {path: one["low"] for path, one in space.items()} == after
    if shown:
        lows = {path: found(page.number_input, f"{path}.low").value for path in after}
        assert lows == after


def test_metrics_are_ordered_and_none_is_measured_twice(opened, saved):
    page = opened("train", example())
    assert "automatic: Accuracy" in texts(page)
    add(page, "metrics", "accuracy")
    add(page, "metrics", "top_5_accuracy")
    assert saved().training.metrics == ("accuracy", "top_5_accuracy")
    assert found(page.selectbox, "metrics.add").options == []
    press(page, "Move up: Top-5 accuracy")
    assert saved().training.metrics == ("top_5_accuracy", "accuracy")
    press(page, "Remove: Accuracy")
    assert saved().training.metrics == ("top_5_accuracy",)


def test_a_layer_may_take_one_input_twice(opened, saved):
    flow = example().with_values({"model.layers": ["Flatten", {"kind": "Add", "name": "sum"}, "Dense"]})
    page = opened("build", flow)
    page.button(key="layer_sum").click().run()
    add(page, "inputs", "flatten")
    add(page, "inputs", "flatten")
    (layer,) = [layer for layer in saved().model.layers if isinstance(layer, Add)]
    assert layer.inputs == ("flatten", "flatten")
    press(page, "Remove: flatten", 1)
    assert saved().model.layers[1].inputs == ("flatten",)


def test_classes_are_weighed_by_name_and_others_keep_their_weight(opened, saved):
    page = opened("train", example().with_values({"training.class_weight": {"kind": "PerClass"}}))
    add(page, "weights", "3")
    add(page, "weights", "7")
    found(page.number_input, "weights.3").set_value(0.123456789).run()
    assert saved().training.class_weight.weights == {"3": 0.123456789, "7": 1.0}
    press(page, "Remove: 3")
    assert saved().training.class_weight.weights == {"7": 1.0}


def test_spellings_are_rows_of_their_own(opened, saved):
    spelling = {"kind": "LabelSpelling", "renames": ["1=one", "2=two", "1=one"]}
    page = opened("data", example().with_values({"dataset.cleaning": [spelling]}))
    press(page, "Move up: 2=two")
    press(page, "Remove: 1=one", 1)
    assert saved().dataset.cleaning[0].renames == ("2=two", "1=one")


def test_cleaning_and_preparation_are_moved_at_once_with_what_is_searched_of_them(opened, here, shops):
    spec = shops.with_values({"dataset.cleaning": ["Outliers", "RemoveDuplicates"]})
    path = "dataset.cleaning[{}].threshold"
    page = opened("data", spec, **{path.format(0): {"kind": "Range", "low": 1, "high": 3}})
    press(page, "Move down: Outliers")
    draft = here.store.drafts.latest(owner="local")
    assert list(draft.search["space"]) == [path.format(1)]
    assert [step["kind"] for step in draft.spec["dataset"]["cleaning"]] == ["RemoveDuplicates", "Outliers"]


def test_undo_brings_a_removed_step_back_with_what_is_searched_of_it(opened, open_page, here):
    factor = "augmentation[0].factor"
    spec = augmented("RandomRotation")
    page = on_augmentation(opened("data", spec, **{factor: {"kind": "Range", "low": 0.1, "high": 0.2}}))
    press(page, "Remove: Rotation")
    page.switch_page("../../pages/build.py").run()
    page.button(key="undo").click().run()
    draft = here.store.drafts.latest(owner="local")
    assert (draft.spec, list(draft.search["space"])) == (spec.to_dict(), [factor])


def test_a_button_of_an_icon_has_a_name(opened, shops):
    for name in ("data", "build", "train", "search"):
        page = opened(name, shops, **{"training.epochs": {"kind": "Range", "low": 3, "high": 9}})
        assert all(button.label for button in page.button)
    assert named(page, "Change: Training › Epochs")


def test_an_optional_number_can_be_emptied(opened, here):
    page = opened("data", example().with_values({"dataset.train_samples": 40}))
    (samples,) = [field for field in page.number_input if field.label == "Train samples"]
    assert samples.value == 40
    # A browser puts back the number that a field begins with; what the session holds it takes for typed.
    assert not samples.proto.HasField("default")
    samples.set_value(None).run()
    assert here.store.drafts.latest(owner="local").spec["dataset"]["train_samples"] is None
