"""Small curves of many runs: extremes are kept, and what was read is not read again."""

import math

import pytest
from sqlalchemy import event

from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.store.trends import TrendOf
from tests.store.samples import at_work, report

ACCURACY, LOSS = (SeriesKey(name, Scope.VALIDATION, Axis.EPOCH) for name in ("accuracy", "loss"))


def learned(store, values, key=ACCURACY):
    """A trend of a run whose metric had these values."""
    run = at_work(store)
    report(store, run, *(Metric(key, epoch, value) for epoch, value in enumerate(values, start=1)))
    return TrendOf(run.id, key, len(values), run.attempt)


@pytest.fixture
def queries(store):
    """What is asked of the store from now on."""
    asked = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    return asked


def test_short_curves_are_given_as_they_are_those_of_all_runs_at_once(store, queries):
    first = learned(store, [0.5, 0.25, 0.75])
    second = learned(store, [3.0, 1.0], LOSS)
    third = learned(store, [0.125, 0.5])
    queries.clear()
    assert store.trends.read([first, second, third]) == {
        first: (0.5, 0.25, 0.75), second: (3.0, 1.0), third: (0.125, 0.5)
    }  # fmt: skip
    assert len([one for one in queries if "SELECT" in one]) == 2  # one of each metric


def test_what_was_read_is_read_again_only_after_another_epoch(store, queries):
    one = learned(store, [0.5, 0.25])
    store.trends.read([one])
    queries.clear()
    assert store.trends.read([one]) == {one: (0.5, 0.25)}
    assert queries == []
    later = TrendOf(one.run_id, one.metric, 3, one.attempt)
    assert store.trends.read([later]) == {later: (0.5, 0.25)}
    assert queries


@pytest.mark.parametrize("epochs", [50, 65, 3_000])
def test_a_long_curve_is_thinned_and_keeps_its_spike(store, epochs):
    values = [0.5] * epochs
    values[epochs // 2] = 9.0
    trend = store.trends.read([found := learned(store, values)])[found]
    assert 12 <= len(trend) <= 24
    assert (max(trend), min(trend), trend.count(9.0)) == (9.0, 0.5, 1)


def test_a_value_that_is_no_number_is_left_out_and_one_alone_is_no_trend(store):
    broken = learned(store, [0.5, math.nan, 0.25])
    alone, none = learned(store, [0.5]), TrendOf("gone", ACCURACY, 3)
    assert store.trends.read([broken, alone, none]) == {broken: (0.5, 0.25), alone: (), none: ()}
