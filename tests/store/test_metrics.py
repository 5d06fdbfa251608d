"""Curves read by cursor and by window."""

import math

import pytest

from dlcore.records import Axis, Scope, SeriesKey
from tests.store.samples import EPOCH_LOSS, LOSS, at_work, losses, queued, report
from tests.store.test_runs import plans


def pairs(curve):
    return list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))


def test_a_cursor_gives_what_is_new_and_nothing_twice(store):
    run = at_work(store)
    report(store, run, *losses((10, 1.0)), *losses((1, 0.9), key=EPOCH_LOSS))
    first = store.metrics.since(run.id, 0, axis=Axis.BATCH)
    assert list(first.curves) == [LOSS]
    assert pairs(first.curves[LOSS]) == [(10.0, 1.0)]
    report(store, run, *losses((20, 0.8), (30, 0.7)))
    second = store.metrics.since(run.id, first.cursor, axis=Axis.BATCH)
    assert pairs(second.curves[LOSS]) == [(20.0, 0.8), (30.0, 0.7)]
    third = store.metrics.since(run.id, second.cursor, axis=Axis.BATCH)
    assert (third.cursor, dict(third.curves)) == (second.cursor, {})


def test_a_limit_is_gone_on_from(store):
    run = at_work(store)
    report(store, run, *losses(*((n, n / 10) for n in range(5))))
    cursor, seen = 0, []
    while news := store.metrics.since(run.id, cursor, axis=Axis.BATCH, limit=2).curves:
        seen += news[LOSS].x.tolist()
        cursor = store.metrics.since(run.id, cursor, axis=Axis.BATCH, limit=2).cursor
    assert seen == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_runs_do_not_see_each_others_points(store):
    one, two = at_work(store), at_work(store)
    report(store, one, *losses((1, 1.0)))
    report(store, two, *losses((1, 2.0)))
    assert store.metrics.window(one.id, LOSS).y.tolist() == [1.0]
    assert store.metrics.window(two.id, LOSS).y.tolist() == [2.0]


def test_a_value_that_is_no_number_comes_back_as_one_and_an_infinite_one_too(store):
    run = at_work(store)
    report(store, run, *losses((1, math.nan), (2, math.inf), (3, 0.5)))
    found = store.metrics.window(run.id, LOSS).y.tolist()
    assert [math.isnan(value) for value in found] == [True, True, False]


def test_a_short_curve_is_given_point_by_point(store):
    run = at_work(store)
    report(store, run, *losses((30, 3.0), (10, 1.0), (20, 2.0)))
    curve = store.metrics.window(run.id, LOSS, buckets=2)
    assert (pairs(curve), curve.thinned) == ([(10.0, 1.0), (20.0, 2.0), (30.0, 3.0)], False)


def test_a_window_has_only_what_lies_in_it(store):
    run = at_work(store)
    report(store, run, *losses(*((n, float(n)) for n in range(10))))
    assert store.metrics.window(run.id, LOSS, low=3, high=5).x.tolist() == [3.0, 4.0, 5.0]
    assert store.metrics.window(run.id, LOSS, low=8.5).x.tolist() == [9.0]
    assert pairs(store.metrics.window(run.id, LOSS, low=50)) == []


@pytest.mark.parametrize("place", [0, 1, 777, 1998, 1999])
def test_a_spike_is_never_sampled_away(store, place):
    run = at_work(store)
    values = [(n, 0.5) for n in range(2_000)]
    values[place] = (place, 99.0)
    report(store, run, *losses(*values))
    curve = store.metrics.window(run.id, LOSS, buckets=20)
    assert curve.thinned
    assert len(curve.x) <= 40
    assert max(curve.y) == 99.0
    assert (curve.x[0], curve.x[-1]) == (0.0, 1999.0)
    assert sorted(curve.x) == curve.x.tolist()


def test_many_points_at_one_place_are_one_bucket(store):
    run = at_work(store)
    report(store, run, *losses(*((5, float(n)) for n in range(100))))
    assert pairs(store.metrics.window(run.id, LOSS, buckets=3)) == [(5.0, 0.0), (5.0, 99.0)]


def test_an_overview_has_every_curve_of_its_axis_and_a_cursor_to_go_on_from(store):
    run = at_work(store)
    report(store, run, *losses((1, 0.9), key=EPOCH_LOSS), *losses((10, 1.0)))
    news = store.metrics.overview(run.id, axis=Axis.EPOCH)
    assert list(news.curves) == [EPOCH_LOSS]
    report(store, run, *losses((2, 0.8), key=EPOCH_LOSS))
    later = store.metrics.since(run.id, news.cursor, axis=Axis.EPOCH)
    assert pairs(later.curves[EPOCH_LOSS]) == [(2.0, 0.8)]


def test_a_run_without_points_has_an_empty_overview(store):
    news = store.metrics.overview(queued(store).id, axis=Axis.BATCH)
    assert (news.cursor, news.attempt, dict(news.curves)) == (0, 0, {})


def test_a_sparkline_takes_the_validation_part_if_there_is_one(store):
    run = at_work(store)
    train = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)
    report(store, run, *losses((1, 0.5), key=train))
    assert store.metrics.epoch_curve(run.id, "loss").tolist() == [0.5]
    report(store, run, *losses((1, 0.7), key=EPOCH_LOSS))
    assert store.metrics.epoch_curve(run.id, "loss").tolist() == [0.7]
    assert store.metrics.epoch_curve(run.id, "accuracy").tolist() == []


@pytest.mark.usefixtures("sqlite")
def test_a_live_tick_reads_only_what_is_new_however_long_the_history(store):
    run = at_work(store)
    report(store, run, *losses((1, 0.5)))
    found = plans(store, lambda: store.metrics.since(run.id, 5, axis=Axis.BATCH))
    # One question, a part of which finds the newest number of the run, of whatever axis it is.
    assert found == [
        "SEARCH points USING PRIMARY KEY (run_id=? AND seq>?)",
        "SCALAR SUBQUERY 1",
        "SEARCH points USING PRIMARY KEY (run_id=?)",
    ]


@pytest.mark.usefixtures("sqlite")
def test_a_report_finds_its_next_number_without_counting(store):
    run = at_work(store)
    found = plans(store, lambda: report(store, run, *losses((1, 0.5))))
    assert "SEARCH points USING PRIMARY KEY (run_id=?)" in found
    assert not [plan for plan in found if plan.startswith("SCAN")]
