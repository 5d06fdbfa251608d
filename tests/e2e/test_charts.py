"""What a person sees of a run's charts: each fills its card and none lies over another."""

import numpy as np
import pytest
from playwright.sync_api import expect

from dlcore.records import Axis, Metric, RunState, Scope, Segment, SeriesKey
from tests.e2e.boxes import WIDTHS, assert_charts_fit, collapse_sidebar
from tests.store.samples import at_work, moved, report
from tests.waiting import wait_for

CHARTS = ("loss", "accuracy", "learning_rate")
CARDS, LARGE = ".dl-card:has(svg)", 2


@pytest.fixture
def run(store):
    """A finished run of three curves, by epoch and by batch: the learning rate is a strip below the loss."""
    run = at_work(store, owner="local", name="charts", epochs=10)
    points = [
        Metric(SeriesKey(name, Scope.TRAIN, axis), float(x), 1.0 / x)
        for axis in (Axis.EPOCH, Axis.BATCH)
        for name in CHARTS
        for x in range(1, 11)
    ]
    points += [
        Metric(SeriesKey(name, Scope.VALIDATION, Axis.EPOCH), float(epoch), value)
        for name, values in VALIDATION.items()
        for epoch, value in enumerate(values, start=1)
    ]
    cpu = SeriesKey("cpu_percent", Scope.SYSTEM, Axis.TIME)
    points += [Metric(cpu, float(second), 50.0) for second in range(0, 50, 10)]
    report(store, run, *points)
    return moved(store, run, RunState.COMPLETED, epoch=10)


VALIDATION = {
    "loss": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.35, 0.4, 0.5],
    "accuracy": [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.89, 0.88, 0.87],
}
"""The seventh epoch is the best."""


def test_each_chart_of_a_run_stays_in_its_card_at_any_width(page, run):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"/run?run={run.id}")
        page.locator(".main-svg").first.wait_for()
        assert_charts_fit(page, CARDS, count=LARGE, when=f"opened at {width} px")
        page.reload()
        page.locator(".main-svg").first.wait_for()
        assert_charts_fit(page, CARDS, count=LARGE, when=f"reloaded at {width} px")


def test_charts_follow_their_cards_when_the_room_changes_but_not_the_window(page, run):
    page.goto(f"/run?run={run.id}")
    page.locator(".main-svg").first.wait_for()
    assert_charts_fit(page, CARDS, count=LARGE, when="beside the sidebar")
    collapse_sidebar(page)
    assert_charts_fit(page, CARDS, count=LARGE, when="without the sidebar")


LAYOUT = "(name) => document.querySelector(`[data-chart=${name}]`).layout"


def test_the_best_epoch_is_marked_and_the_strips_follow_a_zoom(page, run):
    page.goto(f"/run?run={run.id}")
    for name, value in (("loss", "0.3"), ("accuracy", "90.00%")):
        words = page.locator(f"[data-chart={name}] .annotation-text")
        expect(words.filter(has_text=f"Best: epoch 7 · {value}")).to_be_visible()
        expect(words.filter(has_text="Validation")).to_be_visible()
    expect(page.locator(".dl-facts")).to_contain_text("epoch 7 of 10")
    expect(words.filter(has_text="Machine, %")).to_be_visible()
    page.evaluate(
        "Plotly.relayout(document.querySelector('[data-chart=accuracy]'), {'xaxis.range[0]': 5, 'xaxis.range[1]': 10})"
    )
    page.locator("[data-chart=accuracy] .x2y2").first.wait_for(state="attached")

    def seen():
        return page.evaluate(LAYOUT, "accuracy")["xaxis2"]["range"]

    wait_for(lambda: seen() == [20, 40], what=seen)


TRACES = """() => (document.querySelector('[data-chart=loss]')?.data ?? [])
    .map((trace) => ({ part: trace.uid, mode: trace.mode, x: [...trace.x], y: [...trace.y] }))"""


def traces(page, until):
    """The curves of the loss, once they are as they should be."""

    def drawn():
        return {trace["part"]: trace for trace in page.evaluate(TRACES)}

    wait_for(lambda: until(drawn()), what=drawn)
    return drawn()


def test_a_live_run_shows_each_batch_and_validation_at_its_step_and_epochs_once_it_has_ended(page, store):
    run = at_work(store, owner="local", name="live", epochs=3)
    train, validation = (SeriesKey("loss", scope, Axis.BATCH) for scope in (Scope.TRAIN, Scope.VALIDATION))
    losses = np.full(60, 0.5, np.float32)
    losses[17] = 8.0
    report(store, run, Segment(train, 1, losses[:20]))
    page.goto(f"/run?run={run.id}")
    found = traces(page, lambda found: "train" in found)
    assert found["train"]["x"] == list(range(1, 21))
    assert found["train"]["y"][17] == 8.0

    by_epoch = [
        Metric(SeriesKey("loss", scope, Axis.EPOCH), float(epoch), 1.0)
        for scope in (Scope.TRAIN, Scope.VALIDATION)
        for epoch in (1, 2)
    ]
    more = [Segment(train, 21, losses[20:]), Metric(validation, 30, 0.7), Metric(validation, 60, 0.6)]
    report(store, run, *more, *by_epoch)
    found = traces(
        page, lambda found: len(found.get("train", {}).get("x", ())) == 60 and "validation" in found
    )
    assert found["train"]["x"] == list(range(1, 61))
    assert (found["validation"]["x"], found["validation"]["y"]) == ([30, 60], [0.7, 0.6])
    assert found["validation"]["mode"] == "lines+markers"

    assert store.reports.write(run.id, run.attempt, {"epoch": 2}) is False
    moved(store, run, RunState.COMPLETED)
    found = traces(page, lambda found: found.get("train", {}).get("x") == [1, 2])
    assert found["validation"]["x"] == [1, 2]


def test_few_epochs_are_counted_in_whole_numbers(page, store):
    run = at_work(store, owner="local", name="short")
    report(store, run, *(Metric(SeriesKey("loss", Scope.TRAIN, Axis.EPOCH), x, 1 / x) for x in (1.0, 2.0)))
    moved(store, run, RunState.COMPLETED, epoch=2)
    page.goto(f"/run?run={run.id}")
    ticks = page.locator("[data-chart=loss] .xtick")
    expect(ticks).to_have_text(["0", "1", "2"])


def test_a_run_without_curves_says_whether_they_will_come(page, store):
    run = at_work(store, owner="local", name="empty")
    page.goto(f"/run?run={run.id}")
    expect(page.get_by_text("The curves appear with the first trained batch.")).to_be_visible()
    moved(store, run, RunState.FAILED)
    expect(page.get_by_text("It ended before its first batch: there are no curves.")).to_be_visible()
