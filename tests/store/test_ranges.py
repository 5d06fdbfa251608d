"""Long curves are read from coarser levels, which say of every window what its points say."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, text

from dlcore.records import Axis, RunState, Scope, Segment, SeriesKey
from dlcore.store import Store
from dlcore.store.ranges import grow_all
from dlcore.store.tables import ranges
from tests.store.samples import EPOCH_LOSS, LOSS, at_work, losses, moved, report
from tests.store.test_metrics import pairs
from tests.store.test_runs import plans
from tests.store.test_schema import RUN, made_by


def levels(store, key=LOSS):
    """How many ranges each level of a curve has, the finest first."""
    query = select(func.count()).where(ranges.c.name == key.name, ranges.c.axis == key.axis.value)
    with store.database.read() as connection:
        counted = connection.execute(query.group_by(ranges.c.level).order_by(ranges.c.level)).scalars()
        return list(counted)


def long_run(store, count=5_000, spike=None, key=LOSS, at_once=1_000):
    """A run with a curve of so many rows of value 0.5, but for a spike."""
    run = at_work(store)
    for begin in range(0, count, at_once):
        values = [(n, 99.0 if n == spike else 0.5) for n in range(begin, begin + at_once)]
        report(store, run, *losses(*values, key=key))
    return run


_lengths = st.one_of(st.integers(1, 40), st.sampled_from([256, 700, 1_500]))
_deeds = st.one_of(
    st.tuples(st.just("points"), _lengths),
    st.tuples(st.just("segment"), _lengths),
    st.tuples(st.just("sparse points"), _lengths),
    st.tuples(st.just("earlier points"), st.integers(1, 40)),
    st.tuples(st.just("rewind"), st.integers(0, 900)),
)


class Model:
    """A curve as it should be: all its points, in the order in which they came."""

    def __init__(self, store, seed):
        self.store, self.run, self.chance = store, at_work(store), np.random.default_rng(seed)
        self.x, self.y = np.empty(0), np.empty(0)

    def do(self, deed, size):
        """Adds points to the curve, or rewinds it."""
        last = int(self.x.max()) if len(self.x) else 0
        if deed == "rewind":
            step = max(0, last - size)
            assert self.store.reports.rewind(self.run.id, 1, epoch=0, step=step)
            kept = self.x <= step
            self.x, self.y = self.x[kept], self.y[kept]
            return
        x = last + 1 + np.arange(size, dtype=np.float64)
        if deed == "sparse points":
            x = last + np.cumsum(self.chance.integers(0, 500, size)).astype(np.float64)
        elif deed == "earlier points":
            x = self.chance.integers(0, last + 1, size).astype(np.float64)
        y = self.chance.normal(size=size).astype(np.float32)
        y[self.chance.random(size) < 0.05] = self.chance.choice([math.nan, math.inf, -math.inf, 1e6])
        if deed == "segment":
            report(self.store, self.run, Segment(LOSS, int(x[0]), y))
        else:
            report(self.store, self.run, *losses(*zip(x.tolist(), y.tolist(), strict=True)))
        known = np.where(np.isfinite(y), y, np.nan).astype(np.float64)
        self.x, self.y = np.append(self.x, x), np.append(self.y, known)

    def check(self, low, high, buckets):
        """Holds a window against the points that lie in it."""
        inside = (self.x >= low) & (self.x <= high)
        x, y = self.x[inside], self.y[inside]
        curve = self.store.metrics.window(self.run.id, LOSS, low=low, high=high, buckets=buckets)
        if not len(x):
            assert len(curve.x) == 0
            return
        assert (curve.x[0], curve.x[-1]) == (x.min(), x.max())
        assert [np.fmin.reduce(curve.y), np.fmax.reduce(curve.y)] == pytest.approx(
            [np.fmin.reduce(y), np.fmax.reduce(y)], rel=0, abs=0, nan_ok=True
        )
        if curve.thinned:
            assert len(curve.x) <= 2 * buckets < len(x)
        else:
            assert sorted(map(str, pairs(curve))) == sorted(
                map(str, zip(x.tolist(), y.tolist(), strict=True))
            )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    deeds=st.lists(_deeds, min_size=1, max_size=6),
    windows=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from([1, 2, 10, 100, 1_000])),
        min_size=1,
        max_size=6,
    ),
)
def test_a_window_at_any_level_has_the_extremes_of_its_points(store, seed, deeds, windows):
    model = Model(store, seed)
    for deed, size in deeds:
        model.do(deed, size)
    whole = float(model.x.max()) if len(model.x) else 1.0
    for one, other, buckets in windows:
        low, high = sorted((one * whole, other * whole))
        model.check(low, high, buckets)
        model.check(math.floor(low), math.floor(high), buckets)
        model.check(0.0, whole, buckets)


def test_the_ranges_of_a_level_are_a_sixteenth_of_those_below(store):
    long_run(store, 5_120, at_once=1_024)
    assert levels(store) == [320, 20, 1]


def test_reports_of_few_points_make_the_same_ranges_as_large_ones(store):
    long_run(store, 1_024, at_once=16)
    assert levels(store) == [64, 4]


def test_reports_make_the_ranges_that_the_rows_alone_would_have(store):
    """Those of new rows are made from what is in memory."""
    run = at_work(store)
    for begin in range(0, 2_048, 128):
        values = [math.nan if n % 5 == 0 else float(n % 97) for n in range(begin, begin + 128)]
        points = losses(*enumerate(values[:64], start=begin))
        of_one_step = losses(*((begin + 64, value) for value in values[64:96]))
        segments = [
            Segment(LOSS, begin + at, np.array(values[at : at + 2], np.float32)) for at in range(96, 128, 2)
        ]
        report(store, run, *points, *of_one_step, *segments)
    rows = select(ranges).order_by(ranges.c.level, ranges.c.step)
    with store.database.write() as connection:
        made = connection.execute(rows).all()
        connection.execute(delete(ranges))
        grow_all(connection)
        again = connection.execute(rows).all()
    # In each of 16 reports 64 + 1 + 16 steps, in 112 rows: the last report fills the seventh 256 of them.
    assert (len(made), made) == (81 + 5, again)


@pytest.mark.parametrize("place", [0, 255, 256, 4_095, 4_999])
@pytest.mark.parametrize("buckets", [3, 30, 300])
def test_a_spike_is_seen_at_every_level(store, place, buckets):
    run = long_run(store, spike=place)
    curve = store.metrics.window(run.id, LOSS, buckets=buckets)
    assert (len(curve.x) <= 2 * buckets, max(curve.y), curve.x[0], curve.x[-1]) == (True, 99.0, 0.0, 4_999.0)
    zoomed = store.metrics.window(run.id, LOSS, low=place - 10, high=place + 10, buckets=buckets)
    assert max(zoomed.y) == 99.0
    before = store.metrics.window(run.id, LOSS, high=place - 1, buckets=buckets)
    behind = store.metrics.window(run.id, LOSS, low=place + 1, buckets=buckets)
    assert {*before.y, *behind.y} == {0.5}


def test_the_mean_of_a_bucket_is_that_of_its_points_at_every_level(store):
    run = at_work(store)
    report(store, run, *losses(*((n, float(n // 1_024)) for n in range(4_096))))
    for buckets in (4, 40):
        means = store.metrics.window(run.id, LOSS, buckets=buckets).means
        assert np.average(means.y, weights=np.diff(means.x, prepend=-1)) == pytest.approx(1.5, abs=1e-3)


def test_a_point_without_a_value_counts_for_no_mean(store):
    run = at_work(store)
    report(store, run, *losses(*((n, math.nan if n % 2 else 3.0) for n in range(1_024))))
    curve = store.metrics.window(run.id, LOSS, buckets=8)
    assert ({*curve.y}, {*curve.means.y}) == ({3.0}, {3.0})


def test_a_range_without_any_value_has_none(store):
    run = at_work(store)
    report(store, run, *losses(*((n, math.nan if n < 512 else 1.0) for n in range(1_024))))
    curve = store.metrics.window(run.id, LOSS, buckets=2)
    assert [math.isnan(y) for y in curve.y] == [True, True, False, False]


def test_what_is_rewound_is_in_no_range_any_more(store):
    run = long_run(store, spike=3_000)
    assert store.reports.rewind(run.id, 1, epoch=0, step=2_999)
    assert levels(store) == [187, 11]
    assert max(store.metrics.window(run.id, LOSS, buckets=5).y) == 0.5
    report(store, run, *losses(*((n, 0.25) for n in range(3_000, 5_000))))
    assert levels(store)[0] == 312
    found = store.metrics.window(run.id, LOSS, buckets=5)
    assert (min(found.y), max(found.y), found.x[-1]) == (0.25, 0.5, 4_999.0)


def test_a_clock_that_was_set_back_leaves_no_stale_range(store):
    # Seconds go on from the last checkpoint; what was measured after it stays, and more comes between.
    key = SeriesKey("memory_mb", Scope.SYSTEM, Axis.TIME)
    run = long_run(store, 2_000, key=key)
    report(store, run, *losses((1_500.5, 99.0), (1_501.5, 0.1), key=key))
    curve = store.metrics.window(run.id, key, buckets=5)
    assert (min(curve.y), max(curve.y)) == (0.1, 99.0)
    assert levels(store, key)[0] == 93  # what lies before stays


def test_a_curve_that_is_rarely_reported_has_ranges_too(store):
    run = at_work(store)
    for n in range(64):
        report(
            store, run, *losses(*((n * 100 + i, 0.5) for i in range(100))), *losses((n, 0.1), key=EPOCH_LOSS)
        )
    assert levels(store, EPOCH_LOSS) == [4]


def test_the_ranges_go_with_their_run(store):
    run, other = long_run(store, 1_024, at_once=1_024), long_run(store, 1_024, at_once=1_024)
    assert store.runs.delete(moved(store, store.runs.get(run.id), RunState.COMPLETED))
    assert levels(store) == [64, 4]
    assert len(store.metrics.window(other.id, LOSS, buckets=4).x) == 8


@pytest.mark.usefixtures("sqlite")
def test_what_a_look_costs_does_not_grow_with_the_curve(store):
    """The steps of SQLite's own machine are counted, so that it does not matter how fast this one is."""
    counted = []
    work = lambda connection, *_: connection.set_progress_handler(lambda: counted.append(1), 10)  # noqa: E731
    event.listen(store.database.engine, "checkout", work)

    def cost(run):
        counted.clear()
        store.metrics.overview(run.id, axis=Axis.BATCH, buckets=50)
        store.metrics.window(run.id, LOSS, low=1_000, high=1_400, buckets=50)
        store.metrics.since(
            run.id, store.metrics.overview(run.id, axis=Axis.BATCH).cursor - 2, axis=Axis.BATCH
        )
        return len(counted)

    short, long = cost(long_run(store, 4_000)), cost(long_run(store, 64_000, at_once=4_000))
    assert long < 2.5 * short


@pytest.mark.usefixtures("sqlite")
def test_ranges_are_made_and_read_by_their_key(store):
    run = long_run(store, 1_000)
    found = plans(store, lambda: store.metrics.window(run.id, LOSS, low=100, high=900, buckets=10))
    searches = [plan for plan in found if plan.startswith(("SEARCH", "SCAN ranges", "SCAN points"))]
    curve = "(run_id=? AND axis=? AND name=? AND scope=? AND "
    assert {plan.partition(" USING ")[2].partition(" (")[0] for plan in searches} == {
        "PRIMARY KEY", "COVERING INDEX ix_points_curve", "INDEX ix_points_curve",
    }  # fmt: skip
    assert all(plan.endswith("step>? AND step<?)") and curve in plan for plan in searches)


def test_a_store_without_ranges_gets_them_but_for_what_an_older_program_still_writes(settings):
    database = made_by(settings, "0011")
    runs = {"ended": "completed", "atwork": "running"}
    with database.write() as connection:
        found = {
            name: value
            for name, value in RUN.items()
            if name not in ("work", "pid_started", "spec", "summary")
        }
        columns = [*found, "spec", "summary", "notes", "tags"]
        marks = ", ".join(f":{name}" for name in columns)
        for run_id, state in runs.items():
            row = {
                **found,
                "id": run_id,
                "state": state,
                "spec": "{}",
                "summary": "{}",
                "notes": "",
                "tags": "[]",
            }
            connection.execute(text(f"INSERT INTO runs ({', '.join(columns)}) VALUES ({marks})"), row)
            point = "INSERT INTO points (run_id, seq, axis, scope, name, step, value) VALUES (:run, :n, 'batch', 'train', 'loss', :n, :y)"
            rows = [{"run": run_id, "n": n, "y": 99.0 if n == 300 else 0.5} for n in range(600)]
            connection.execute(text(point), rows)
    database.close()
    store = Store.open(settings)
    with store.database.read() as connection:
        count = select(ranges.c.run_id, ranges.c.level, func.count()).group_by(
            ranges.c.run_id, ranges.c.level
        )
        assert sorted(connection.execute(count).all()) == [("ended", 1, 37), ("ended", 2, 2)]
    for run_id in runs:
        curve = store.metrics.window(run_id, LOSS, buckets=4)
        assert (max(curve.y), min(curve.y), curve.x[-1]) == (99.0, 0.5, 599.0)
    store.close()
