"""Lessons on the pages: begun by their address, shown beside every page, and hiding what they name."""

import pytest

from dlcore.queue.ready import example
from tests.ui.conftest import found, parameter, texts, view

LESSON = """---
title: A *short* one
summary: Two steps.
minutes: 5
start: {dataset: digits}
hide: [advanced, search, templates, exchange, machine, seed, training.schedule, dataset.cleaning, augmentation]
---
## Set the epochs
```step
page: train
check: {draft: {epochs: 3}}
```
Set **Epochs** to 3. <b>No HTML.</b>
## Look at the data
```step
page: data
view: balance
check: {visit: {page: data}}
```
"""


@pytest.fixture
def here(here, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_LESSONS", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "short.md").write_text(LESSON)
    from dlcore.web.context import context

    context().whole.close()
    context.cache_clear()
    return context()


def begin(open_page):
    page = open_page("learn", lesson="short")
    page.button(key="lesson_begin").click().run()
    assert not page.exception, page.exception
    return page


def buttons(page):
    return [button.label for button in page.sidebar.button]


def test_the_lesson_for_beginners_comes_first(open_page):
    titles = [link.proto.label for link in open_page("learn").get("page_link")]
    assert titles.index("**From pixels to a tuned CNN**") < titles.index("**Fine-tuning**")


def test_the_page_learn_lists_lessons_and_a_link_opens_one(open_page, here):
    page = open_page("learn")
    assert "15 minutes" in texts(page) and "5 minutes · 2 steps" in texts(page)

    page = open_page("learn", lesson="short")
    assert page.title[0].value == r"A \*short\* one"
    assert "1 · Set the epochs" in texts(page)
    assert here.store.lessons.all(owner="local") == {} and here.store.drafts.list(owner="local") == []

    page = open_page("learn", lesson="shor")
    assert "There is no lesson 'shor'. Nearest: short" in texts(page).replace("\\", "")


def test_the_guide_follows_what_a_person_does(open_page, here):
    begun = begin(open_page)
    assert "Set the epochs" in texts(begun)
    # AppTest would run the page Learn again; and what is noted is there in another tab, too.
    page = open_page("train", draft=parameter(begun, "draft"))
    assert view(page, "lesson")["badges"][0]["text"] == "Not done yet"
    assert view(page, "lesson")["lines"] == ["Set the number of epochs: 3; now it is 10."]

    found(page.number_input, "training0.epochs").set_value(3).run()
    assert view(page, "lesson")["badges"][0]["text"] == "Done"
    page.button(key="lesson_next_side").click().run()
    assert here.store.lessons.current(owner="local").step == 1
    assert view(page, "lesson")["badges"][0]["text"] == "Not done yet"

    page.button(key="lesson_go_side").click().run()
    assert parameter(page, "view") == "balance"
    data = open_page("data")
    assert view(data, "lesson")["badges"][0]["text"] == "Done"
    data.button(key="lesson_back_side").click().run()
    assert view(data, "lesson")["badges"][0]["text"] == "Done"

    again = open_page("runs")
    assert "Set the epochs" in texts(again)


def test_a_button_that_is_off_and_pressed_by_a_crafted_message_leads_nowhere(open_page, here):
    begin(open_page)
    page = open_page("runs")
    back = page.button(key="lesson_back_side")
    assert back.disabled
    back.proto.disabled = False  # else AppTest does not press it
    back.click().run()

    assert not page.exception
    assert here.store.lessons.current(owner="local").step == 0


def test_a_lesson_hides_what_it_names_until_it_ends(open_page, here):
    def shown(page):
        fields = [*page.number_input, *page.selectbox, *page.toggle]
        expanders = [one.label.partition(" of ")[0] for one in page.expander]
        return {one.label for one in fields} | set(expanders)

    everything = {"Schedule", "Seed", "More options", "Machine: device, precision, determinism"}
    assert everything <= shown(open_page("train"))
    begin(open_page)

    training = open_page("train")
    assert shown(training) & everything == set()
    assert {"Epochs", "Optimizer", "Early stopping"} <= shown(training)
    assert not [link for link in training.get("page_link") if "Search" in link.proto.label]
    network = open_page("build")
    assert "Template" not in shown(network) and [tab.label for tab in network.tabs] == ["Table", "Diagram"]
    assert "Augmentation" not in [tab.label for tab in open_page("data").tabs]

    training.button(key="lesson_end_side").click().run()
    assert here.store.lessons.current(owner="local") is None
    assert everything <= shown(open_page("train"))
    assert example().seed == 0


def test_hidden_fields_keep_their_values(open_page, here):
    begin(open_page)
    (draft,) = here.store.drafts.list(owner="local")
    page = open_page("train", draft=draft.id)
    found(page.number_input, "training0.epochs").set_value(4).run()

    (after,) = here.store.drafts.list(owner="local")
    changed = {**draft.spec, "training": {**draft.spec["training"], "epochs": 4}}
    assert after.spec == changed


def test_a_broken_file_is_told_to_whoever_runs_the_machine(open_page, here, tmp_path):
    (tmp_path / "own" / "broken.md").write_text("no lesson")
    page = open_page("learn")
    assert any("broken.md: expected the lesson" in error.value for error in page.error)
    assert "5 minutes · 2 steps" in texts(page)


def test_finishing_the_last_step_ends_the_lesson(open_page, here):
    begin(open_page)
    here.store.lessons.go("short", 1, owner="local")
    page = open_page("data")
    assert page.button(key="lesson_next_side").label == "Finish"
    page.button(key="lesson_next_side").click().run()
    assert here.store.lessons.current(owner="local") is None
    learn = open_page("learn", lesson="short")
    assert "you are at step 2" in texts(learn)
    learn.button(key="lesson_continue").click().run()
    assert here.store.lessons.current(owner="local").step == 1
