"""Runs side by side in a real browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from dlcore.access.actors import Actor
from dlcore.queue import delete
from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.settings import Settings
from dlcore.store import Store
from tests.comparison.runs import completed
from tests.e2e.conftest import choose_rows, ready
from tests.e2e.filled import compared, epochs

LAST = "plot => plot.data[0].y.at(-1)"


@pytest.fixture(scope="module")
def runs(server):
    store = Store.open(Settings(home=server.home))
    found = compared(store)
    store.close()
    return found


def test_two_runs_chosen_in_the_table_are_compared_and_a_reload_shows_the_same(page, runs):
    choose_rows(page, 2)
    page.get_by_role("link", name="Compare 2").click()
    page.wait_for_url(re.compile(r"/compare\?runs="))
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.get_by_text("worse by 15.0 ± 5.0 points")).to_be_visible()
    page.get_by_role("radio", name="Duration").click()
    page.wait_for_url(re.compile("axis=time"))
    page.reload()
    expect(page.get_by_role("radio", name="Duration")).to_be_checked()
    expect(page.locator("[data-chart=accuracy] .xtitle")).to_have_text("Seconds")


def test_a_line_a_run_and_both_charts_point_at_the_same_epoch(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}")
    accuracy, loss = page.locator("[data-chart=accuracy]"), page.locator("[data-chart=loss]")
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(2)
    expect(accuracy.locator(".annotation-text")).to_have_text(["base", "better"])
    expect(loss.locator(".scatterlayer .trace")).to_have_count(2)
    # Streamlit draws the points below them, by the same Plotly: a second one would take half a second.
    expect(page.get_by_test_id("stPlotlyChart").locator(".points").first).to_be_visible()
    scripts = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    assert len({name for name in scripts if re.search("plotly.*min|PlotlyChart", name)}) == 1
    page.get_by_text("Training", exact=True).click()
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(4)
    ready(page)
    accuracy.locator(".nsewdrag").first.hover()
    expect(loss.locator(".hoverlayer .legend")).to_be_visible()


def test_the_names_stay_at_the_lines_when_the_charts_get_another_width(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}")
    accuracy = page.locator("[data-chart=accuracy]")
    names, drawn = accuracy.locator(".annotation-text"), accuracy.locator(".main-svg").first
    expect(names).to_have_text(["base", "better"])
    ready(page)
    width = drawn.get_attribute("width")
    page.set_viewport_size({"width": 1250, "height": 900})
    expect(drawn).not_to_have_attribute("width", width)
    ready(page)
    expect(names).to_have_text(["base", "better"])


def test_curves_are_subtracted_and_placed_by_the_clock_where_that_is_known(page, server, runs):
    store = Store.open(Settings(home=server.home))
    ends = [
        Metric(SeriesKey(name, Scope.SYSTEM, Axis.EPOCH), float(epoch), start + 60 * epoch**2)
        for name, start in (("seconds", 0), ("clock", 1.7e9))
        for epoch in range(1, 4)
    ]
    timed = completed(store, "timed", owner="local", points=[*epochs(), *ends]).id
    store.close()
    page.goto(f"/compare?runs={timed},{runs[0]}&axis=time")
    accuracy = page.locator("[data-chart=accuracy]")
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(2)
    drawn = "plot => plot.data.map(({ name, x, y }) => [name, [...x], [...y]])"
    # Over minutes: its epochs took 1, 3 and 5 of them. The other one knows only its 12 seconds in all.
    assert accuracy.evaluate(drawn) == [
        ["timed", [1, 4, 9], [1, 1 / 2, pytest.approx(1 / 3)]],
        ["base", [pytest.approx(4 * epoch / 60) for epoch in (1, 2, 3)], [1, 1 / 2, pytest.approx(1 / 3)]],
    ]
    expect(accuracy.locator(".xtitle")).to_have_text("Minutes")
    page.get_by_role("radio", name="Time").click()
    expect(page.get_by_text("Runs that are not drawn: 1.")).to_be_visible()
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(1)
    page.get_by_role("radio", name="Epoch").click()
    page.get_by_text("Difference", exact=True).first.click()
    expect(accuracy.locator(".dl-quiet").or_(page.get_by_text("minus timed")).first).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('[data-chart=accuracy]').data[0].y.every((y) => y === 0)"
    )
    # Of shares in percentage points, which the axis says once.
    expect(accuracy.locator(".ytick").filter(has_text=re.compile(r"^\+\S+ points$"))).to_have_count(1)
    ready(page)


def test_a_click_on_a_point_opens_its_run(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}&x=epoch&y=training.optimizer.learning_rate")
    chart = page.locator("[class*=st-key-scatter]")
    expect(chart.locator(".point")).to_have_count(2)
    ready(page)
    chart.locator(".point").last.click(force=True)
    page.wait_for_url(re.compile(rf"/run\?run={runs[1]}"))


def test_seeds_become_a_mean_with_a_band(page, server):
    store = Store.open(Settings(home=server.home))
    runs = [completed(store, "seed", owner="local", points=epochs(), seed=seed).id for seed in (5, 6)]
    store.close()
    page.goto(f"/compare?runs={','.join(runs)}")
    accuracy = page.locator("[data-chart=accuracy]")
    expect(accuracy.locator(".scatterlayer .trace")).to_have_count(2)
    page.goto(f"/compare?runs={','.join(runs)}&group=setting")
    expect(accuracy.locator(".annotation-text")).to_have_text([re.compile("2 seeds")])
    expect(accuracy.locator(".scatterlayer .js-fill")).to_have_count(1)


def test_a_zoom_stays_when_the_curves_are_smoothed(page, runs):
    page.goto(f"/compare?runs={','.join(runs)}")
    plot = page.locator("[data-chart=loss]")
    expect(plot.locator(".scatterlayer .trace")).to_have_count(2)
    ready(page)  # what still comes may move the chart
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
    before = plot.evaluate(LAST)
    page.get_by_role("slider", name="Smoothing").press("ArrowRight")
    page.wait_for_function(
        f"before => ({LAST})(document.querySelector('[data-chart=loss]')) !== before", arg=before
    )
    ready(page)
    assert plot.evaluate(seen) == zoomed


def test_long_curves_of_many_runs_are_lines_and_a_band_and_a_zoom_shows_their_points(page, server):
    store = Store.open(Settings(home=server.home))
    values = np.full(4_000, 0.5, np.float32)
    values[1_234] = 9.0  # the spike of one batch
    loss = Segment(SeriesKey("loss", Scope.TRAIN, Axis.BATCH), 1, values)
    last = Metric(SeriesKey("loss", Scope.TRAIN, Axis.EPOCH), 1.0, 0.5)
    runs = [completed(store, f"long {n}", owner="local", points=(loss, last)).id for n in range(33)]
    store.close()
    page.goto(f"/compare?axis=batch&runs={','.join(runs)}")
    # A line and its extremes for each of nine runs; the mean and the edges of the band of the others.
    expect(page.locator("[data-chart=loss] .scatterlayer .trace")).to_have_count(21)
    plot = page.locator("[data-chart=loss]")
    highest = "(plot, id) => Math.max(...plot.data.find((trace) => trace.uid === id).y)"
    assert [plot.evaluate(highest, f"{runs[0]}-points"), plot.evaluate(highest, f"{runs[9]}-high")] == [9, 9]
    assert plot.evaluate(highest, f"{runs[0]}-main") < 1
    with page.expect_response("**/api/window?*"):
        plot.evaluate("(plot) => Plotly.relayout(plot, { 'xaxis.range[0]': 1200, 'xaxis.range[1]': 1300 })")
    page.wait_for_function(
        f"() => document.querySelector('[data-chart=loss]').data.some((trace) => trace.uid === '{runs[0]}-main' && trace.y.includes(9))"
    )


def test_a_run_that_is_deleted_in_another_tab_is_named_and_the_other_stays(page, server):
    store = Store.open(Settings(home=server.home))
    kept, deleted = compared(store)
    page.goto(f"/compare?runs={kept},{deleted}")
    lines = page.locator("[data-chart=accuracy] .scatterlayer .trace")
    expect(lines).to_have_count(2)
    ready(page)
    delete(store, deleted, actor=Actor("local"))
    store.close()

    expect(page.get_by_text(f"There is no run '{deleted}'. It may have been deleted.")).to_be_visible()
    expect(lines).to_have_count(1)
    ready(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    asked = f"/api/window?run={kept}&run={deleted}&axis=epoch&name=loss&low=0&high=9"
    found = page.request.get(asked).json()
    assert (list(found["runs"]), found["gone"]) == ([kept], [deleted])
