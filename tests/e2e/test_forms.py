"""Forms in a browser: what nobody touched stays, and lists are edited by mouse and by keyboard."""

import pytest
from playwright.sync_api import expect

from dlcore.access.actors import Actor
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.ui.shared.drafts import example
from tests.datasets import makers
from tests.e2e.conftest import expect_step, ready, step
from tests.waiting import wait_for

NAMELESS = """() => [...document.querySelectorAll("[data-testid=stMain] button")]
    .filter((button) => button.checkVisibility())
    .filter((button) => {
        const copy = button.cloneNode(true);
        copy.querySelectorAll("[aria-hidden=true]").forEach((hidden) => hidden.remove());
        const labelled = button.getAttribute("aria-labelledby") || button.id && document.querySelector(
            `label[for="${button.id}"]`);
        return !(copy.textContent.trim() || button.getAttribute("aria-label") || labelled);
    })
    .map((button) => button.outerHTML.slice(0, 300))"""
SIZES = """() => [...document.querySelectorAll("[class*=st-key-icon-] button")]
    .filter((button) => button.checkVisibility())
    .map((button) => [button.closest("[class*=st-key-icon-]").className, button.getBoundingClientRect()])
    .map(([name, box]) => [name.match(/st-key-(\\S+)/)[1], box.width, box.height, box.right])"""


def cramped(page, width):
    """Buttons of an icon that are too small for a finger, or stand out on the right."""
    sizes = page.evaluate(SIZES)
    return [(of, *box) for of, *box in sizes if min(box[:2]) < 28 or box[2] > width]


@pytest.fixture(scope="module")
def shops(server, tmp_path_factory):
    """What is proposed for a table with one small and one large column of categories."""
    path = makers.shops(tmp_path_factory.mktemp("files") / "shops.csv")
    proposed = proposal(ingest(path, Settings(home=server.home), Choices(name="shops"), owner="local").facts)
    # Without the first step, which is of another kind than the two that follow.
    return proposed.updated(preprocessing=proposed.preprocessing[1:])


@pytest.fixture
def made(store):
    """Makes a draft; returns its id."""
    return lambda spec, search=None: store.drafts.create(spec.to_dict(), owner="local", search=search).id


@pytest.fixture
def saved(store):
    """The experiment of a draft as it is stored."""
    return lambda draft: ExperimentSpec.from_dict(store.drafts.get(draft, actor=Actor("local")).spec)


def go_to(page, name):
    """Goes to another step of the experiment."""
    step(page, name).click()
    expect_step(page, name)
    ready(page)


def open_augmentation(page, draft):
    page.goto(f"/data?draft={draft}")
    ready(page)
    page.get_by_role("tab", name="Augmentation").click()
    expect(page.get_by_text("Random changes")).to_be_visible()
    ready(page)


def test_a_look_at_the_pages_leaves_the_preparation_of_a_table(page, made, store, shops):
    draft = made(shops)
    page.goto(f"/data?draft={draft}")
    expect(page.get_by_text("2 · Encode categories")).to_be_visible()
    ready(page)
    for name in ("Training", "Data", "Network", "Data"):
        go_to(page, name)
    assert store.drafts.get(draft, actor=Actor("local")).spec == shops.to_dict()


def test_typing_rotation_and_enter_adds_one_augmentation(page, made, saved):
    draft = made(example())
    open_augmentation(page, draft)
    palette = page.get_by_role("combobox", name="Add augmentation")
    palette.click()
    page.keyboard.type("otatio")
    expect(page.get_by_role("option")).to_have_text(["Rotation · RandomRotation"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 · Rotation")).to_be_visible()
    ready(page)
    assert [step.kind for step in saved(draft).augmentation] == ["RandomRotation"]

    expect(palette).to_have_value("")
    palette.click()
    page.keyboard.type("r")  # in the names of many
    expect(page.get_by_role("option", name="Shear")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 · ")).to_be_visible()
    ready(page)
    assert len(saved(draft).augmentation) == 2


def test_typing_a_part_of_a_layers_name_and_enter_adds_one_layer(page, made, saved):
    draft = made(example())
    before = [layer.kind for layer in example().model.layers]
    page.goto(f"/build?draft={draft}")
    page.get_by_role("button", name="4 · Dense").click()
    ready(page)
    palette = page.get_by_role("combobox", name="Add a layer or a block")
    palette.click()
    page.keyboard.type("random z")  # what it is called, not its class
    expect(page.get_by_role("option").first).to_have_text("Dropout · Random zeros")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="5 · Dropout")).to_be_visible()
    ready(page)
    assert [layer.kind for layer in saved(draft).model.layers] == [*before[:4], "Dropout", *before[4:]]
    expect(palette).to_have_value("")


def test_steps_are_moved_and_removed_by_keyboard(page, made, saved, shops):
    draft = made(shops)
    page.goto(f"/data?draft={draft}")
    ready(page)
    page.get_by_role("button", name="Move up: Standardize").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 · Standardize")).to_be_visible()
    page.get_by_role("button", name="Remove: Encode categories").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 · Standardize")).to_be_visible()
    ready(page)
    steps = saved(draft).to_dict()["preprocessing"]
    assert [step["kind"] for step in steps] == ["Normalization", "StringLookup"]
    assert steps[1]["columns"] == ["city"]


def test_a_double_click_on_down_moves_the_same_step_twice(page, made, saved, shops):
    draft = made(shops)
    page.goto(f"/data?draft={draft}")
    ready(page)
    page.get_by_role("button", name="Move down: Encode categories").first.click()
    expect(page.locator(".stMultiSelect").first).to_contain_text("city")
    page.get_by_role("button", name="Move down: Encode categories").nth(1).click()
    expect(page.get_by_text("3 · Encode categories")).to_be_visible()
    columns = [getattr(step, "columns", None) for step in saved(draft).preprocessing]
    assert columns == [("city",), None, ("size",)]


def test_a_spelling_is_typed_and_taken_by_enter(page, made, saved):
    draft = made(example().with_values({"dataset.cleaning": ["LabelSpelling"]}))
    page.goto(f"/data?draft={draft}")
    ready(page)
    page.get_by_role("combobox", name="Add renames").click()
    page.keyboard.type("1=one")
    expect(page.get_by_role("option")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 · 1=one")).to_be_visible()
    ready(page)
    assert saved(draft).dataset.cleaning[0].renames == ("1=one",)


def test_fields_that_are_walked_through_keep_every_digit(page, made, saved):
    rate = 0.1234567891234
    draft = made(example().with_values({"training.optimizer.learning_rate": rate, "training.epochs": 12}))
    page.goto(f"/train?draft={draft}")
    field = page.get_by_role("spinbutton", name="Learning rate")
    expect(field).to_have_value(str(rate))
    for name in ("Epochs", "Batch size", "Learning rate"):
        one = page.get_by_role("spinbutton", name=name, exact=True)
        one.focus()
        one.press("Enter")
        one.press("Tab")
    ready(page)
    assert saved(draft).training.optimizer.learning_rate == rate


def test_another_language_changes_nothing(page, made, store):
    spec = example().with_values(
        {
            "training.loss": {"kind": "SparseCategoricalCrossentropy", "from_logits": True},
            "training.metrics": ["top_5_accuracy", "accuracy"],
        }
    )
    space = {
        "training.loss": {"kind": "Choices", "choices": [None, "SparseCategoricalCrossentropy"]},
        "training.optimizer": {"kind": "Choices", "choices": ["Adam", "SGD"]},
        "training.optimizer.momentum": {"kind": "Range", "low": 0.0, "high": 0.5},
        "training.optimizer.use_ema": {"kind": "Choices", "choices": [True, False]},
    }
    options = {"metrics": ["val_accuracy", "parameters"], "constraints": {"parameters": 40_000.0}}
    draft = made(spec, {"space": space, "search": options})
    before = store.drafts.get(draft, actor=Actor("local"))
    for path, name, chinese in (("train", "Training", "训练"), ("search", "Search", "搜索")):
        page.goto(f"/{path}?draft={draft}")
        ready(page)
        page.get_by_text("简体中文").click()
        expect_step(page, chinese)
        ready(page)
        page.get_by_text("English", exact=True).click()
        expect_step(page, name)
        ready(page)
    after = store.drafts.get(draft, actor=Actor("local"))
    assert (after.spec, after.search) == (before.spec, before.search)


def test_two_tabs_that_change_different_fields_keep_both(page, made, saved):
    draft = made(example())
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/train?draft={draft}")
        ready(tab)
    for tab, name, value in ((page, "Epochs", "33"), (other, "Seed", "7")):
        field = tab.get_by_role("spinbutton", name=name, exact=True)
        field.fill(value)
        field.press("Enter")
        ready(tab)
    expect(other.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("33")
    wait_for(lambda: saved(draft).seed == 7)
    assert saved(draft).training.epochs == 33


def wait_for_room(page, width):
    """Until a window of a width holds all buttons: what the page waits for (fonts, jobs, charts) may move it."""
    page.set_viewport_size({"width": width, "height": 900})
    wait_for(lambda: not cramped(page, width), what=lambda: cramped(page, width))
    wait_for(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("name", ["data", "build", "train", "search"])
def test_every_button_has_a_name_and_room_for_a_finger(page, made, shops, name):
    space = {"training.epochs": {"kind": "Range", "low": 3, "high": 9}}
    weighed = shops.with_values(
        {
            "training.class_weight": {"kind": "PerClass", "weights": {"yes": 2}},
            "training.metrics": ["accuracy", "f1"],
        }
    )
    page.goto(
        f"/{name}?draft={made(weighed, {'space': space, 'search': {'constraints': {'parameters': 9}}})}"
    )
    expect(page.locator("[class*=st-key-icon-] button:visible").first).to_be_visible()
    ready(page)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(SIZES)
    for width in (1440, 390):
        wait_for_room(page, width)
