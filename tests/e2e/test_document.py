"""The document around the pages: its language, its title, and the way back."""

import re

import pytest
from playwright.sync_api import expect

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from tests.e2e.conftest import begin_on, expect_step, ready, step


@pytest.mark.parametrize(
    ("locale", "name", "code"),
    [("zh-TW", "数据", "zh-CN"), ("de-DE", "Data", "en"), ("en-GB", "Data", "en")],
)
def test_a_first_visit_is_in_the_language_of_the_browser(visit, locale, name, code):
    page = visit(locale=locale).new_page()
    page.goto("/data")
    expect_step(page, name)
    page.wait_for_function("code => document.documentElement.lang === code", arg=code)
    ready(page)
    assert "lang=" not in page.url


def test_the_chosen_language_is_remembered_in_this_browser(visit):
    browser = visit(locale="zh-CN")
    page = browser.new_page()
    page.goto("/runs")
    ready(page)
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    page.wait_for_function(
        "() => document.documentElement.lang === 'en' && document.cookie.includes('_lang=en')"
    )

    again = browser.new_page()
    again.goto("/runs")
    expect(again.get_by_role("heading", name="Experiments")).to_be_visible()
    ready(again)
    assert "lang=" not in again.url


def test_a_link_in_another_language_is_for_this_visit(visit):
    browser = visit()
    page = browser.new_page()
    page.goto("/runs?lang=zh_CN")
    expect(page.get_by_role("heading", name="实验")).to_be_visible()
    page.wait_for_function("() => document.documentElement.lang === 'zh-CN'")
    again = browser.new_page()
    again.goto("/runs")
    expect(again.get_by_role("heading", name="Experiments")).to_be_visible()


def test_back_needs_one_press_a_page(page):
    page.goto("/new")
    ready(page)
    page.get_by_role("link", name="Start your own").click()
    begin_on(page, "digits")
    for name in ("Network", "Training"):
        page.wait_for_url(re.compile("draft="))
        ready(page)
        step(page, name).click()
        expect_step(page, name)
    ready(page)
    for name in ("Network", "Data"):
        page.go_back()
        expect_step(page, name)
        ready(page)
    for name in ("Data", "Train a neural network, see it learn"):
        page.go_back()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        ready(page)


def test_the_first_page_is_no_step_of_its_own(page, store):
    submit(store, example(), owner="local")
    page.goto("/")
    page.wait_for_url(re.compile("/runs"))
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    ready(page)
    assert page.evaluate("history.length") == 2  # the empty page of the browser, and this one


def test_back_from_what_a_button_opened_needs_one_press(page, store):
    run = submit(store, example().updated(name="seen-first"), owner="local")
    page.goto(f"/run?run={run.id}")
    ready(page)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Duplicate").click()
    expect_step(page, "Network")
    page.wait_for_url(re.compile("draft="))
    ready(page)
    page.go_back()
    expect(page.get_by_role("heading", name=re.compile("seen-first"))).to_be_visible()
    page.wait_for_url(re.compile(f"run={run.id}"))


def test_two_runs_looked_at_one_after_the_other_are_two_steps(page, store):
    older, newer = (submit(store, example().updated(name=name), owner="local") for name in ("older", "newer"))
    page.goto(f"/run?run={older.id}")
    ready(page)
    page.evaluate("id => history.pushState({}, '', `/run?run=${id}`)", newer.id)
    assert page.evaluate("history.length") == 3
    page.evaluate("history.pushState({}, '', location.href + '&view=log')")
    assert page.evaluate("history.length") == 3


def test_the_history_is_guarded_before_streamlit_begins(page):
    # At that event the scripts of the page have run, and no component can be there yet.
    page.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
            const before = history.length;
            history.pushState({}, "", location.href + "?filter=x");
            window.added = history.length - before;
        });"""
    )
    page.goto("/runs")
    ready(page)
    assert page.evaluate("window.added") == 0


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/new", "New experiment · DL Studio"),
        ("/data", "Data · DL Studio"),
        ("/runs", "Experiments · DL Studio"),
        ("/runs?lang=zh_CN", "实验 · DL Studio"),
        ("/run", "Run · DL Studio"),
    ],
)
def test_a_page_is_named_in_the_browsers_tab(page, path, title):
    page.goto(path)
    ready(page)
    expect(page).to_have_title(title)


def test_a_run_is_named_in_the_browsers_tab_with_how_far_it_is(page, store):
    run = submit(store, example().updated(name="named-run"), owner="local")
    store.runs.move(run, RunState.STARTING, device="cpu")
    store.runs.move(store.runs.get(run.id), RunState.RUNNING, step=73, steps=100)
    page.goto(f"/run?run={run.id}")
    expect(page).to_have_title("73 % · named-run")
    store.runs.move(store.runs.get(run.id), RunState.STOPPED)
    expect(page).to_have_title("named-run · DL Studio")


def test_the_open_view_stands_in_the_address_in_no_language(page, store):
    run = submit(store, example(), owner="local")
    page.goto(f"/run?run={run.id}")
    ready(page)
    page.get_by_role("tab", name="Settings").click()
    page.wait_for_url(re.compile("view=settings"))
    page.reload()
    expect(page.get_by_role("tab", name="Settings")).to_have_attribute("aria-selected", "true")
    ready(page)
    page.get_by_text("简体中文", exact=True).click()
    expect(page.get_by_role("tab", name="设置")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel").get_by_text("batch_size").first).to_be_visible()
    ready(page)
    page.get_by_role("tab", name="曲线").click()
    page.wait_for_url(lambda url: "view=" not in url)


def test_an_unknown_view_in_the_address_opens_the_first(page):
    page.goto("/data?view=nonsense")
    ready(page)
    expect(page.get_by_role("tab").first).to_have_attribute("aria-selected", "true")


def test_views_of_one_page_are_not_asked_of_the_next(page):
    page.goto("/data?view=pixels")
    expect(page.get_by_role("tab", name="Pixels")).to_have_attribute("aria-selected", "true")
    ready(page)
    step(page, "Network").click()
    expect_step(page, "Network")
    ready(page)
    expect(page.get_by_role("tab", name="Table")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="Pixels")).to_have_attribute("aria-selected", "true")


def test_back_leads_to_the_open_view_of_a_reader_in_a_hurry(page):
    for _ in range(6):
        page.goto("/data?view=pixels")
        expect(page.get_by_role("tab", name="Pixels")).to_have_attribute("aria-selected", "true")
        step(page, "Network").click()
        expect(page.get_by_role("tab", name="Table")).to_have_attribute("aria-selected", "true")
        page.go_back()
        expect(page.get_by_role("tab", name="Pixels")).to_have_attribute("aria-selected", "true")
