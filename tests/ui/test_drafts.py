"""Drafts: listed, opened, and taken back step by step on each page that edits one."""

import pytest

from dlcore.queue.ready import example
from tests.ui.conftest import add, found, named, parameter, texts

EDITORS = ("data", "build", "train", "search")


@pytest.fixture
def made(here):
    """Makes a draft of a name; returns its id."""
    return lambda name: here.store.drafts.create(example().updated(name=name).to_dict(), owner="local").id


def links(page):
    """Where the links of a page lead that open a draft, by what they are called."""
    found = [one.proto for one in page.get("page_link")]
    return {one.label: one.query_string for one in found if "draft=" in one.query_string}


def open_list(page):
    """Opens the list of drafts below the title."""
    page.session_state["drafts"] = True
    page.run()


def test_the_first_page_shows_no_drafts_before_there_are_any(open_page):
    assert "Your drafts" not in texts(open_page("home"))


def test_the_first_page_lists_the_drafts_and_opens_each(open_page, here, made):
    ids = {name: made(name) for name in ("first", "second")}
    here.store.drafts.create(example().updated(name="theirs").to_dict(), owner="somebody")
    page = open_page("home")
    assert "Your drafts" in texts(page)
    assert links(page) == {f"**{name}**": f"draft={ids[name]}" for name in ("second", "first")}
    assert "Handwritten digits, 8×8 · just now" in texts(page)


def test_of_many_drafts_the_latest_are_shown_and_all_on_request(open_page, made):
    for number in range(6):
        made(f"draft{number}")
    page = open_page("home")
    assert list(links(page)) == [f"**draft{number}**" for number in (5, 4, 3, 2)]
    named(page, "Show all 6").click().run()
    assert len(links(page)) == 6


def test_a_draft_that_cannot_be_read_is_listed_all_the_same(open_page, here):
    here.store.drafts.create({"name": "old", "dataset": {"name": "gone"}, "later": 1}, owner="local")
    page = open_page("home")
    assert list(links(page)) == ["**old**"]
    assert "gone · just now" in texts(page)


@pytest.mark.parametrize("name", EDITORS)
def test_each_page_that_edits_a_draft_names_it_and_lists_the_others(open_page, made, name):
    other, open_now = made("other"), made("this one")
    page = open_page(name, draft=open_now)
    assert "Draft **this one** on **Handwritten digits, 8×8**" in texts(page)
    assert named(page, "Undo").disabled
    open_list(page)
    named(page, "**other**").click().run()
    assert "Draft **other** on" in texts(page)
    assert parameter(page, "draft") == other


def test_a_new_draft_begins_with_the_example_and_keeps_the_others(open_page, here, made):
    older = made("older")
    page = open_page("train", draft=older)
    open_list(page)
    named(page, "New draft").click().run()
    assert "Draft **digits · cnn** on" in texts(page)
    assert parameter(page, "draft") != older
    assert {one.spec["name"] for one in here.store.drafts.list(owner="local")} == {"older", ""}


@pytest.mark.parametrize(
    ("name", "values", "what", "kind", "removed", "part"),
    [
        ("data", {}, "preprocessing", "Resizing", "Remove: Resize", "preprocessing"),
        ("train", {"training.metrics": ["accuracy"]}, "metrics", "top_5_accuracy",
         "Remove: Top-5 accuracy", "training"),
    ],
)  # fmt: skip
def test_what_was_removed_from_a_list_comes_back(open_page, here, name, values, what, kind, removed, part):
    spec = example().with_values(values)
    draft = here.store.drafts.create(spec.to_dict(), owner="local").id
    page = open_page(name, draft=draft)
    add(page, what, kind)
    full = here.store.drafts.get(draft, actor="local").spec[part]
    assert full != spec.to_dict()[part]
    named(page, removed).click().run()
    assert here.store.drafts.get(draft, actor="local").spec[part] == spec.to_dict()[part]
    named(page, "Undo").click().run()
    assert not page.exception
    assert here.store.drafts.get(draft, actor="local").spec[part] == full
    assert found(page.selectbox, f"{what}.add").value is None
