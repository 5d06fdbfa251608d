"""Runs side by side in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from dlcore.settings import Settings
from dlcore.store import Store
from tests.comparison.runs import completed
from tests.e2e.conftest import ready
from tests.e2e.filled import compared, epochs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server(quiet_server):
    return quiet_server


@pytest.fixture(scope="module")
def runs(server):
    store = Store.open(Settings(home=server.home))
    found = compared(store)
    store.close()
    return found


def test_two_runs_chosen_in_the_table_are_compared_and_a_reload_shows_the_same(page, runs):
    page.goto("/runs")
    ready(page)
    table = page.get_by_test_id("stDataFrame").bounding_box()
    for row in range(2):
        page.mouse.click(table["x"] + 15, table["y"] + 35 * row + 52)
        ready(page)
    page.get_by_role("link", name="Compare 2").click()
    page.wait_for_url(re.compile(r"/compare\?runs="))
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.get_by_text("worse by 15.0 ± 5.0 points")).to_be_visible()
    page.get_by_role("radio", name="Time").click()
    page.wait_for_url(re.compile("axis=time"))
    page.reload()
    expect(page.get_by_role("radio", name="Time")).to_be_checked()
    expect(page.locator("[data-chart=accuracy] .xtitle")).to_have_text("Seconds")


def test_a_line_a_run_and_both_charts_point_at_the_same_epoch(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}")
    accuracy, loss = page.locator("[data-chart=accuracy]"), page.locator("[data-chart=loss]")
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(2)
    expect(accuracy.locator(".annotation-text")).to_have_text(["base", "better"])
    expect(loss.locator(".scatterlayer .trace")).to_have_count(2)
    page.get_by_text("Training", exact=True).click()
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(4)
    ready(page)
    accuracy.locator(".nsewdrag").first.hover()
    expect(loss.locator(".hoverlayer .legend")).to_be_visible()


def test_seeds_become_a_mean_with_a_band(page, server):
    store = Store.open(Settings(home=server.home))
    runs = [completed(store, "seed", owner="local", points=epochs(), seed=seed).id for seed in (5, 6)]
    store.close()
    page.goto(f"/compare?runs={','.join(runs)}")
    accuracy = page.locator("[data-chart=accuracy]")
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(2)
    page.get_by_text("Seeds together").click()
    expect(accuracy.locator(".annotation-text")).to_have_text([re.compile("2 seeds")])
    expect(accuracy.locator(".scatterlayer .js-fill")).to_have_count(1)


def test_a_zoom_stays_when_the_curves_are_smoothed(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}")
    plot = page.locator("[data-chart=loss]")
    expect(plot.locator(".scatterlayer .trace")).to_have_count(2)
    place = plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(place["x"] + 40, place["y"] + 60)
    page.mouse.down()
    page.mouse.move(place["x"] + 200, place["y"] + 140, steps=5)
    page.mouse.up()
    seen = "plot => plot._fullLayout.xaxis.range"
    page.wait_for_function(
        "() => document.querySelector('[data-chart=loss]')._fullLayout.xaxis.range[0] > 0.2"
    )
    zoomed = plot.evaluate(seen)
    page.get_by_role("slider", name="Smoothing").press("ArrowRight")
    page.wait_for_function("() => document.querySelector('[data-chart=loss]').data.length === 2")
    ready(page)
    assert plot.evaluate(seen) == zoomed
