"""What people do besides the straight way, where only a browser shows whether it hurts."""

import random
import re

import pytest
from playwright.sync_api import expect

from dlcore.access.actors import Actor
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.records.alerts import AlertKind, Sign
from tests.e2e.conftest import HEADER, ROW, choose_row, expect_step, ready
from tests.waiting import wait_for

IS_POINTED_AT = (
    """table => [...table.querySelectorAll("canvas")].some((one) => one.style.cursor === "pointer")"""
)
HOSTILE = "<img src=x onerror=alert(1)> **bold** :red[x]"


@pytest.fixture
def draft(store):
    """The address of a new draft."""
    return store.drafts.create(example().to_dict(), owner="local").id


def running(store, name="digits-cnn"):
    run = submit(store, example().model_copy(update={"name": name}), owner="local")
    store.runs.move(run, RunState.STARTING, device="cpu")
    store.runs.move(store.runs.get(run.id), RunState.RUNNING)
    return store.runs.get(run.id)


def type_into(page, field, text):
    field.fill(text)
    field.press("Enter")
    ready(page)


def test_what_is_typed_stays_and_its_problem_stands_below_it(page, store, draft):
    page.goto(f"/build?draft={draft}")
    page.locator(".st-key-layer_conv2d button").click()
    ready(page)
    type_into(page, page.get_by_role("textbox", name="Kernel size"), "abc")
    expect(page.get_by_text("expected a whole number, got 'abc'.")).to_be_visible()
    type_into(page, page.get_by_role("spinbutton", name="Filters"), "24")
    page.locator(".st-key-layer_flatten button").click()
    expect(page.get_by_text("expected a whole number")).to_have_count(0)
    page.locator(".st-key-layer_conv2d button").click()

    expect(page.get_by_role("textbox", name="Kernel size")).to_have_value("abc")
    expect(page.get_by_text("expected a whole number, got 'abc'.")).to_be_visible()
    assert store.drafts.get(draft, actor=Actor("local")).spec["model"]["layers"][0]["filters"] == 24


def test_a_number_beyond_its_limits_is_refused_and_nothing_else_is_started(page, draft):
    page.goto(f"/train?draft={draft}")
    type_into(page, page.get_by_role("spinbutton", name="Learning rate"), "1000")
    expect(page.get_by_text("expected a number of at most 100")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()


def test_two_tabs_on_one_draft_do_not_write_over_each_other(page, store, draft):
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/train?draft={draft}")
        expect(tab.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("10")
    type_into(page, page.get_by_role("spinbutton", name="Epochs", exact=True), "33")
    type_into(other, other.get_by_role("spinbutton", name="Seed"), "7")

    expect(other.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("33")
    assert store.drafts.get(draft, actor=Actor("local")).spec["training"]["epochs"] == 33


def test_undo_brings_the_layers_back_that_a_template_replaced(page, draft):
    page.goto(f"/build?draft={draft}")
    expect(page.locator(".st-key-layer_conv2d")).to_be_visible()
    page.locator(".st-key-template input").click()
    page.get_by_role("option", name="Empty").click()
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.locator(".st-key-layer_conv2d")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-layer_conv2d")).to_be_visible()


def test_the_language_is_kept_in_the_url_from_page_to_page(page):
    page.goto("/data?lang=zh_CN")
    expect_step(page, "数据")
    page.get_by_role("link", name="实验", exact=True).click()
    page.wait_for_url(re.compile(r"/runs\?.*lang=zh_CN"))
    page.reload()
    expect(page.get_by_role("heading", name="实验")).to_be_visible()
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()


def test_a_filter_means_the_same_in_both_languages(page, store):
    submit(store, example(), owner="local")
    page.goto("/runs?q=state%20%3D%20queued")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    page.get_by_text("简体中文").click()
    expect(page.get_by_role("heading", name="实验")).to_be_visible()
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    page.wait_for_url(re.compile("q=state"))


def test_a_chosen_run_stays_chosen_when_another_comes_in_above_it(page, store):
    older = submit(store, example().model_copy(update={"name": "older"}), owner="local")
    page.goto("/runs?q=older")
    choose_row(page, 0)
    expect(page.get_by_text("1 experiment, 1 chosen")).to_be_visible()
    submit(store, example().model_copy(update={"name": "older, though newer"}), owner="local")

    expect(page.get_by_text("2 experiments, 1 chosen")).to_be_visible()
    page.get_by_role("link", name="Open older").click()
    page.wait_for_url(re.compile(f"run={older.id}"))


def test_a_name_in_the_table_is_a_link_that_opens_in_the_same_tab(page, store):
    run = submit(store, example().model_copy(update={"name": "linked"}), owner="local")
    page.goto("/runs?q=linked")
    ready(page)
    table = page.get_by_test_id("stDataFrame")
    name = {"x": 33 + 20, "y": HEADER + ROW / 2}

    def is_link():
        # A table knows what is below the mouse once that has moved.
        table.hover(position={"x": name["x"], "y": name["y"] + random.randint(-4, 4)})
        return table.evaluate(IS_POINTED_AT)

    wait_for(is_link)
    with page.context.expect_page() as other:
        table.click(position=name, modifiers=["Control"])
    other.value.wait_for_url(re.compile(f"run={run.id}"))
    other.value.close()
    table.click(position=name)
    page.wait_for_url(re.compile(f"/run.*run={run.id}"))
    expect(page.get_by_role("heading", name="linked")).to_be_visible()
    assert len(page.context.pages) == 1
    page.go_back()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()


def test_a_name_is_shown_as_text_wherever_it_stands(page, store):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    run = running(store, HOSTILE)
    draft = store.drafts.create(run.spec, owner="local")
    for path in ("/runs", f"/build?draft={draft.id}", f"/run?run={run.id}"):
        page.goto(path)
        expect(page.get_by_text(HOSTILE).first).to_be_visible()
        expect(page.locator("img[src=x]")).to_have_count(0)
    assert dialogs == []


NOTIFICATION = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, { body }) { window.told.push([title, body]); }
};
"""


def test_a_browser_that_was_asked_by_a_click_tells_of_an_alert(page, store):
    run = running(store, name="far away")
    page.add_init_script(NOTIFICATION)
    page.goto("/data")
    ready(page)
    page.get_by_role("button", name="Alerts").click()
    page.get_by_role("button", name="Notify me in this browser").click()
    expect(page.get_by_role("button", name="Stop notifying me in this browser")).to_be_visible()
    store.alerts.add(run.id, Sign(AlertKind.FINISHED))

    def told():
        page.evaluate("window[Symbol.for('dlstudio.notifier')].look()")
        return page.evaluate("window.told")

    wait_for(told)  # an answer of the server is good for half a second
    assert told() == [["far away", "It has finished."]]
    expect(page.get_by_role("button", name="1 new alert")).to_be_visible()


def test_back_from_a_duplicate_leads_to_the_run_again(page, store):
    run = running(store)
    page.goto(f"/run?run={run.id}")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Duplicate").click()
    expect_step(page, "Network")
    ready(page)
    for _press in range(4):
        page.go_back()
        ready(page)
        if "/run" in page.url:
            break
    expect(page.get_by_role("heading", name=re.compile("digits-cnn"))).to_be_visible()
    expect(page).to_have_url(re.compile(f"run={run.id}"))


def test_without_a_supervisor_the_page_says_how_to_start_one(page, store):
    run = submit(store, example(), owner="local")
    page.goto(f"/run?run={run.id}")
    expect(page.get_by_text("python -m dlcore worker").first).to_be_visible()
