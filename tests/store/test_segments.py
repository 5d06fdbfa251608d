"""Consecutive points lie in one row, and come back one by one, however the curve is asked for."""

import math

import numpy as np
import pytest
from sqlalchemy import event

from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.store.curve_rows import ROWS_AT_ONCE, SEGMENT_POINTS
from tests.store.samples import LOSS, at_work, losses, report
from tests.store.test_metrics import pairs
from tests.store.test_runs import plans


def segment(first, *values, key=LOSS):
    return Segment(key, first, np.array(values, np.float32))


def test_a_segment_comes_back_point_by_point_by_cursor_and_by_window(store):
    run = at_work(store)
    report(store, run, segment(1, 3.0, 2.5, 2.0), *losses((4, 1.5)), segment(5, 1.0, 0.5))
    expected = [(1.0, 3.0), (2.0, 2.5), (3.0, 2.0), (4.0, 1.5), (5.0, 1.0), (6.0, 0.5)]
    assert pairs(store.metrics.window(run.id, LOSS)) == expected
    news = store.metrics.since(run.id, 0, axis=Axis.BATCH)
    assert pairs(news.curves[LOSS]) == expected
    assert store.metrics.since(run.id, news.cursor, axis=Axis.BATCH).curves == {}


@pytest.mark.parametrize("count", [ROWS_AT_ONCE[1] - 1, *ROWS_AT_ONCE, 2 * sum(ROWS_AT_ONCE)])
def test_points_of_a_report_come_back_however_many_statements_they_take(store, count):
    run = at_work(store)
    before = [(float(n), n / 8) for n in range(count)]
    behind = [(float(count + 1 + n), math.nan if n % 7 == 0 else -n / 8) for n in range(count)]
    report(store, run, *losses(*before), segment(count, 99.0), *losses(*behind))
    x, y = store.metrics.points(run.id)[LOSS]
    expected = [*before, (float(count), 99.0), *behind]
    assert list(map(str, zip(x.tolist(), y.tolist(), strict=True))) == list(map(str, expected))


@pytest.mark.usefixtures("sqlite")
def test_a_report_of_a_thousand_points_takes_a_few_statements(store):
    run, executed = at_work(store), []
    listen = lambda _c, _cursor, statement, given, _x, many: executed.append(len(given) if many else 1)  # noqa: E731
    event.listen(store.database.engine, "before_cursor_execute", listen)
    report(store, run, *losses(*((n, 0.5) for n in range(1_000))))
    # The points of a statement each, the 62 ranges of level 1 and the 3 of level 2 included.
    assert sum(executed) < 100


def test_a_window_may_begin_and_end_within_segments(store):
    run = at_work(store)
    report(store, run, segment(1, 1, 2, 3, 4), segment(5, 5, 6, 7, 8))
    assert store.metrics.window(run.id, LOSS, low=3, high=6).x.tolist() == [3.0, 4.0, 5.0, 6.0]
    assert store.metrics.window(run.id, LOSS, low=2, high=3).x.tolist() == [2.0, 3.0]
    assert store.metrics.window(run.id, LOSS, high=1).x.tolist() == [1.0]
    assert store.metrics.window(run.id, LOSS, low=9).x.tolist() == []


def test_values_of_a_segment_that_are_no_numbers_come_back_as_none(store):
    run = at_work(store)
    report(store, run, segment(1, 0.5, math.nan, math.inf), segment(4, math.nan))
    assert [math.isnan(y) for y in store.metrics.window(run.id, LOSS).y] == [False, True, True, True]


def test_a_segment_longer_than_a_row_is_whole(store):
    run = at_work(store)
    values = np.arange(2 * SEGMENT_POINTS + 3, dtype=np.float32)
    report(store, run, Segment(LOSS, 1, values))
    curve = store.metrics.window(run.id, LOSS, buckets=len(values))
    assert np.array_equal(curve.x, np.arange(1, len(values) + 1))
    assert np.array_equal(curve.y, values)
    middle = store.metrics.window(run.id, LOSS, low=SEGMENT_POINTS, high=SEGMENT_POINTS + 1)
    assert middle.x.tolist() == [SEGMENT_POINTS, SEGMENT_POINTS + 1]


@pytest.mark.parametrize("length", [500, 10], ids=["thinned here", "thinned by the database"])
@pytest.mark.parametrize("place", [0, 1, 777, 1998, 1999])
def test_a_spike_within_a_segment_is_never_sampled_away(store, place, length):
    run = at_work(store)
    values = np.full(2_000, 0.5, np.float32)
    values[place] = 99.0
    report(store, run, *(segment(at + 1, *values[at : at + length]) for at in range(0, 2_000, length)))
    curve = store.metrics.window(run.id, LOSS, buckets=20)
    assert len(curve.x) <= 40
    assert max(curve.y) == 99.0
    assert (curve.x[0], curve.x[-1]) == (1.0, 2_000.0)
    assert sorted(curve.x) == curve.x.tolist()


def test_a_thinned_curve_has_the_mean_of_each_range_beside_its_extremes(store):
    run = at_work(store)
    report(store, run, segment(1, 1, 2, 3, 6, 10, 20, 30, math.nan))
    curve = store.metrics.window(run.id, LOSS, buckets=2)
    assert pairs(curve) == [(1.0, 1.0), (4.0, 6.0), (5.0, 10.0), (8.0, 30.0)]
    assert pairs(curve.means) == [(4.0, 3.0), (8.0, 20.0)]


def test_a_curve_of_many_rows_has_them_too_and_each_point_counts_alike(store):
    run = at_work(store)
    short = losses((4, 10.0), (5, 20.0), (6, math.nan))
    report(store, run, segment(1, 1, 2, 3), *short, segment(7, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8))
    curve = store.metrics.window(run.id, LOSS, buckets=2)
    # The last row is a range of its own.
    assert pairs(curve) == [(1.0, 1.0), (6.0, 20.0), (7.0, 4.0), (16.0, 8.0)]
    assert pairs(curve.means) == [(6.0, 36 / 5), (16.0, 7.6)]


def test_news_of_many_points_are_thinned_and_keep_their_extremes(store):
    run = at_work(store)
    report(store, run, segment(1, *([0.5] * 700), 9.0, *([0.5] * 299)))
    curve = store.metrics.since(run.id, 0, axis=Axis.BATCH, buckets=10).curves[LOSS]
    assert len(curve.x) == 20
    assert max(curve.y) == 9.0
    assert curve.means.y.tolist() == [0.5] * 7 + [pytest.approx(0.585)] + [0.5] * 2


def test_news_say_whether_there_is_more(store):
    run = at_work(store)
    report(store, run, *(segment(at, 0.5) for at in range(1, 4)))
    assert store.metrics.since(run.id, 0, axis=Axis.BATCH, limit=3).more
    assert not store.metrics.since(run.id, 0, axis=Axis.BATCH, limit=4).more


def test_a_rewind_cuts_a_segment_that_goes_beyond(store):
    run = at_work(store)
    report(store, run, segment(1, 1, 2, 3), segment(4, 4, 5, 99, 7), segment(8, 8, 9))
    assert store.reports.rewind(run.id, 1, epoch=0, step=5)
    assert pairs(store.metrics.window(run.id, LOSS)) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    report(store, run, segment(6, 6, 7))
    # What a long curve is thinned by knows nothing of the points that were dropped.
    assert max(store.metrics.window(run.id, LOSS, buckets=1).y) == 7.0


def test_a_rewind_to_the_end_of_a_segment_keeps_it(store):
    run = at_work(store)
    report(store, run, segment(1, 1, 2, 3), segment(4, 4))
    assert store.reports.rewind(run.id, 1, epoch=0, step=3)
    assert store.metrics.window(run.id, LOSS).x.tolist() == [1.0, 2.0, 3.0]


def test_the_test_part_measured_at_the_step_gone_on_from_is_measured_again(store):
    run = at_work(store)
    test, validation = (SeriesKey("loss", scope, Axis.BATCH) for scope in (Scope.TEST, Scope.VALIDATION))
    report(store, run, Metric(validation, 20, 0.5), Metric(test, 20, 0.6))
    assert store.reports.rewind(run.id, 1, epoch=2, step=20)
    assert pairs(store.metrics.window(run.id, validation)) == [(20.0, 0.5)]
    assert pairs(store.metrics.window(run.id, test)) == []


@pytest.mark.usefixtures("sqlite")
def test_many_rows_are_thinned_from_the_index_alone(store):
    run = at_work(store)
    report(store, run, *(segment(at, 0.5, 0.6) for at in range(1, 21, 2)))
    found = plans(store, lambda: store.metrics.window(run.id, LOSS, low=1, high=20, buckets=2))
    searches = [plan for plan in found if " points " in plan]
    by = "COVERING INDEX ix_points_curve (run_id=? AND axis=? AND name=? AND scope=? AND step>? AND step<?)"
    # How many they are, and their extremes; the points of the last row, which may go beyond the window.
    assert searches == [f"SEARCH points USING {by}"] * 2 + [
        f"SEARCH points USING {by.removeprefix('COVERING ')}"
    ]


@pytest.mark.usefixtures("sqlite")
def test_the_losses_of_a_million_batches_take_five_megabytes(store):
    run = at_work(store)
    values = np.random.default_rng(0).random(1_000_000, np.float32)
    report(store, run, *(Segment(LOSS, at + 1, values[at : at + 1_000]) for at in range(0, 1_000_000, 1_000)))
    with store.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    assert size < 5_500_000
    curve = store.metrics.window(run.id, LOSS)
    assert (curve.y.min(), curve.y.max()) == (values.min(), values.max())
