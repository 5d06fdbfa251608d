"""A search in a real browser: the history goes on by itself, a point opens its trial, axes are brushed."""

import signal

import pytest
from playwright.sync_api import expect

from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import Origin, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from tests.e2e.boxes import WIDTHS, assert_charts_fit, collapse_sidebar
from tests.e2e.conftest import ready

SPACE = {
    "training.optimizer.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "training.batch_size": [16, 32],
}
POINTS = "() => document.querySelector('.dl-study').data?.map((trace) => trace.x.length) ?? []"


def complete(write, number, value):
    params = {"training.optimizer.learning_rate": 10.0 ** -(number % 3 + 1), "training.batch_size": 16}
    write.add_trial(number, origin=Origin.SAMPLED, params=params, state=TrialState.RUNNING)
    write.set_trial(number, state=TrialState.COMPLETE, values=(value,))


VIEW = "document.querySelector('[data-testid=stMain] .dl-view')?.[Symbol.for('dlstudio.view')]"
CLICK_WITH_NEWS = f"""(name) => {{
  [...document.querySelectorAll("button")].find((one) => one.innerText.includes(name)).click();
  return new Promise((asked) => setTimeout(() => asked({VIEW}.follow()), 100));
}}"""
"""Clicks a button and asks for the page to be drawn again, as the feed's news do."""


@pytest.fixture
def lone(store):
    """A store in which nothing but the test drives the study."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    yield store, me.id
    store.workers.release(me.id)


def begun(store, driver, name, *values, **columns):
    """Starts a study, and completes trials with these values; the columns are those of the study then."""
    spec = SearchSpec.from_dict({**example().to_dict(), "space": SPACE})
    study = start(store, spec, owner="local", name=name)
    with store.studies.driving(study.id, driver) as write:
        for number, value in enumerate(values):
            complete(write, number, value)
        if columns:
            write.set_study(**columns)
    return study


def test_a_search_is_watched_without_a_reload_and_its_axes_select_trials(page, lone):
    store, driver = lone
    study = begun(store, driver, "watched", 0.5, 0.7, 0.6, best=1, best_value=0.7)

    page.goto(f"/study?study={study.id}")
    page.locator(".dl-study .main-svg").first.wait_for()
    expect(page.get_by_text("70.00%").first).to_be_visible()
    page.wait_for_function(f"() => ({POINTS})()[0] === 3")

    with store.studies.driving(study.id, driver) as write:
        complete(write, 3, 0.9)
        write.set_study(best=3, best_value=0.9)
    expect(page.get_by_text("90.00%").first).to_be_visible()
    page.wait_for_function(f"() => ({POINTS})()[0] === 4")
    expect(page.get_by_text("4 of 4 trials")).to_be_visible()  # the table has followed
    ready(page)
    page.locator(".dl-study .trace .point").first.click(force=True)
    expect(page.get_by_role("heading", name="Trial 0")).to_be_visible()

    with store.studies.driving(study.id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    expect(page.get_by_role("button", name="Continue")).to_be_visible()  # the page has followed, too
    ready(page)
    page.get_by_role("radio", name="Parallel axes").or_(
        page.get_by_role("button", name="Parallel axes")
    ).first.click()
    axis = page.locator(".dl-axis").last
    axis.wait_for()
    ready(page)
    axis.scroll_into_view_if_needed()
    box = axis.bounding_box()
    x, top = box["x"] + box["width"] / 2, box["y"] + 8
    page.mouse.move(x, top)
    page.mouse.down()
    page.mouse.move(x, top + 0.6 * box["height"], steps=5)
    page.mouse.up()
    expect(page.get_by_text("2 trials are selected on the axes")).to_be_visible()


def test_a_search_that_is_deleted_in_another_tab_is_said_to_be_gone_at_the_next_click(page, lone):
    store, driver = lone
    study = begun(store, driver, "gone", 0.5, best=0, best_value=0.5, state=StudyState.COMPLETED)
    page.route("**/api/feed?*", lambda route: route.abort())  # before this tab hears of it
    page.goto(f"/study?study={study.id}")
    ready(page)
    store.studies.delete(study.id)
    page.get_by_role("textbox", name="Search").fill("64")
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page.get_by_text(f"There is no study '{study.id}'. It may have been deleted.")).to_be_visible()


def test_the_history_fills_its_room_at_any_width_and_when_the_sidebar_goes(page, lone):
    store, driver = lone
    study = begun(store, driver, "wide and narrow", 0.5, 0.7, 0.6)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"/study?study={study.id}")
        page.locator(".dl-study .main-svg").first.wait_for()
        assert_charts_fit(page, ".dl-study", count=1, when=f"opened at {width} px")
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.reload()
    page.locator(".dl-study .main-svg").first.wait_for()
    collapse_sidebar(page)
    assert_charts_fit(page, ".dl-study", count=1, when="without the sidebar")


def test_what_a_click_has_asked_for_is_done_though_the_page_has_news_at_the_same_moment(page, server, lone):
    store, driver = lone
    study = begun(store, driver, "busy", 0.5, best=0, best_value=0.5, state=StudyState.COMPLETED)
    for _ in range(3):
        page.goto(f"/study?study={study.id}")
        page.get_by_role("button", name="Use these parameters").wait_for()
        page.wait_for_function(f"() => {VIEW}")
        ready(page)
        # Both wait for a busy server, which takes the one right after the other.
        server.process.send_signal(signal.SIGSTOP)
        try:
            page.evaluate(CLICK_WITH_NEWS, "Use these parameters")
        finally:
            server.process.send_signal(signal.SIGCONT)
        page.wait_for_url("**/build*")


def test_a_button_in_a_part_of_the_page_works_after_a_restart_of_the_server(page, server, lone):
    store, driver = lone
    study = begun(store, driver, "restarted", 0.5, best=0, best_value=0.5, state=StudyState.COMPLETED)
    page.goto(f"/study?study={study.id}")
    page.get_by_role("button", name="Use these parameters").wait_for()
    ready(page)
    page.wait_for_load_state("networkidle")  # each part has its script
    server.kill()
    expect(page.get_by_text("There is no connection to the server.")).to_be_visible()
    server.start()
    expect(page.get_by_text("There is no connection to the server.")).to_have_count(0)
    page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
    page.get_by_role("button", name="Use these parameters").click()
    page.wait_for_url("**/build*")


def test_a_page_says_that_the_server_is_restarted_and_comes_back_by_itself(page, server):
    page.goto("/new")
    ready(page)
    said = page.get_by_text("The server is being restarted.")
    server.end()
    expect(said).to_be_visible()
    server.start()
    expect(said).to_have_count(0)
    ready(page)
    page.get_by_role("link", name="Models").click()
    page.wait_for_url("**/models*")
