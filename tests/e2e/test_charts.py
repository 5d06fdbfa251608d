"""What a person sees of a run's charts: each fills its card and none lies over another."""

import pytest

from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey
from tests.e2e.boxes import WIDTHS, assert_charts_fit, collapse_sidebar
from tests.store.samples import at_work, moved, report

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

CHARTS = ("loss", "accuracy", "learning_rate")
CARDS = ".dl-card"


@pytest.fixture
def run(quiet_store):
    """A finished run of three curves, by epoch and by batch."""
    run = at_work(quiet_store, owner="local", name="charts")
    points = [
        Metric(SeriesKey(name, Scope.TRAIN, axis), float(x), 1.0 / x)
        for axis in (Axis.EPOCH, Axis.BATCH)
        for name in CHARTS
        for x in range(1, 11)
    ]
    report(quiet_store, run, *points)
    return moved(quiet_store, run, RunState.COMPLETED)


def test_each_chart_of_a_run_stays_in_its_card_at_any_width(page, run):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"/run?run={run.id}")
        page.locator(".main-svg").first.wait_for()
        assert_charts_fit(page, CARDS, count=len(CHARTS), when=f"opened at {width} px")
        page.reload()
        page.locator(".main-svg").first.wait_for()
        assert_charts_fit(page, CARDS, count=len(CHARTS), when=f"reloaded at {width} px")


def test_charts_follow_their_cards_when_the_room_changes_but_not_the_window(page, run):
    page.goto(f"/run?run={run.id}")
    page.locator(".main-svg").first.wait_for()
    assert_charts_fit(page, CARDS, count=len(CHARTS), when="beside the sidebar")
    collapse_sidebar(page)
    assert_charts_fit(page, CARDS, count=len(CHARTS), when="without the sidebar")
