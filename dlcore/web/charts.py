"""What live charts and logs ask: the news of a run or a study since a cursor, and a range in detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dlcore.errors import StoreError
from dlcore.records import Axis, Scope, SeriesKey, StudyState, Trial, TrialState
from dlcore.store import Curve, Store
from dlcore.store.curves import Array
from dlcore.store.runs import Progress
from dlcore.web.context import context
from dlcore.web.feed import GONE, Ask, News, json, one_by_one
from dlcore.web.parameters import ParameterError, choice, finite_number, metric_name, run_ids, whole_number

ROWS_AT_ONCE = 2_000
"""Rows of curves read for a tick: who has missed more, such as a laptop that slept, gets all curves anew."""
TICK_BUCKETS = 200
"""Ranges of the points of a tick, which are more than twice as many only where batches take microseconds."""

BUCKETS = 1_000
"""Ranges of a long curve, about as many as a chart has pixels; charts of many runs ask for fewer."""

TRIALS_AT_ONCE = 2_000
"""Trials in one answer; who asks again with its revision gets the next ones."""
LOG_LINES = 500
"""Lines of a log that a page shows."""


@dataclass(frozen=True)
class CurvesAsk:
    """What a chart asks of a run's curves.

    Attributes:
        run_id: which run.
        axis: over what.
        buckets: how finely long curves are wanted.
        names: of which metrics; of all if there are none.
        cursor: of what it has.
    """

    run_id: str
    axis: Axis
    buckets: int
    names: tuple[str, ...]
    cursor: int

    @classmethod
    def read(cls, ask: Ask) -> CurvesAsk:
        """Reads an ask of which the subject is `run:axis`, or `run:axis:buckets:name:…`.

        Raises:
            ParameterError: it makes no sense.
        """
        run_id, _, of = ask.subject.partition(":")
        name, *wanted = of.split(":")
        axis, buckets = (
            choice({"axis": name}, "axis", Axis),
            _buckets({"buckets": wanted[0]} if wanted else {}),
        )
        return cls(run_id, axis, buckets, tuple(wanted[1:]), ask.cursor)


def curves(store: Store, asks: Sequence[Ask]) -> list[dict[str, Any] | None]:
    """Returns for each ask the points of a run after a cursor on an axis; see `CurvesAsk` for its subject.

    The points are `whole`, all there are, for a cursor of 0 and for one that too much came after.
    """
    wanted = [CurvesAsk.read(ask) for ask in asks]
    known = store.runs.progress({one.run_id for one in wanted})
    return [_curves(store, one, known[one.run_id]) if one.run_id in known else GONE for one in wanted]


def _curves(store: Store, ask: CurvesAsk, run: Progress) -> dict[str, Any] | None:
    metrics, axis, names = store.metrics, ask.axis, ask.names
    news, whole = None, True
    if ask.cursor:
        few = min(ask.buckets, TICK_BUCKETS)
        news = metrics.since(ask.run_id, ask.cursor, axis=axis, names=names, limit=ROWS_AT_ONCE, buckets=few)
        whole = news.more
    if news is None or whole:
        news = metrics.overview(ask.run_id, axis=axis, names=names, buckets=ask.buckets)
    live = not run.state.final
    if live and news.cursor == ask.cursor > 0:
        return None
    return {
        # That of the points, not of the run: until its first point the old curves are still there.
        "attempt": news.attempt or run.attempt,
        "cursor": news.cursor,
        "live": live,
        "whole": whole,
        "series": _parts(news.curves),
    }


def _buckets(query: Mapping[str, str]) -> int:
    found = whole_number(query, "buckets", default=BUCKETS)
    if not 1 <= found <= BUCKETS:
        raise ParameterError("buckets", f"a whole number from 1 to {BUCKETS}", str(found))
    return found


def _parts(curves: Mapping[SeriesKey, Curve]) -> list[dict[str, Any]]:
    return [
        {
            "name": key.name,
            "scope": key.scope,
            "x": curve.x,
            "y": _short(key, curve.y),
            "means": {"x": curve.means.x, "y": _short(key, curve.means.y)} if curve.means else None,
        }
        for key, curve in curves.items()
    ]


def _short(key: SeriesKey, values: Array) -> npt.NDArray[np.floating]:
    """Returns values with the digits that a chart can show: half as many are sent. Clocks need all of theirs."""
    if key.scope is Scope.SYSTEM:
        return values
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


async def window(request: Request) -> Response:
    """Returns a range of one metric's curves, in detail, for each of some runs, and which runs are gone."""
    query = request.query_params
    try:
        ids = run_ids(query, "run")
        axis, name = choice(query, "axis", Axis), metric_name(query, "name")
        low, high = finite_number(query, "low"), finite_number(query, "high")
        buckets = _buckets(query)
    except ParameterError as error:
        return json({"error": str(error)}, 400)
    keys = [SeriesKey(name, scope, axis) for scope in Scope]
    try:
        found = await run_in_threadpool(windows, context().store, ids, keys, low, high, buckets)
    except StoreError as error:
        return json({"error": str(error)}, 503)
    return json({"runs": found, "gone": [run_id for run_id in ids if run_id not in found]})


def windows(
    store: Store, ids: Sequence[str], keys: Sequence[SeriesKey], low: float, high: float, buckets: int
) -> dict[str, list[dict[str, Any]]]:
    """Returns a range of some curves of each of the runs that are there, as a chart takes it."""
    found, existing = {}, store.runs.existing(ids)
    for run_id in ids:
        if run_id not in existing:
            continue
        curves = {key: store.metrics.window(run_id, key, low=low, high=high, buckets=buckets) for key in keys}
        found[run_id] = _parts({key: curve for key, curve in curves.items() if len(curve.x)})
    return found


def trials(store: Store, ask: Ask) -> dict[str, Any] | None:
    """Returns the trials of a study that changed after a revision."""
    since = ask.cursor
    study = store.studies.get(ask.subject)
    # A trial's revision is 1 at least; with 0 the store would give the first by number instead.
    news = store.studies.trials(ask.subject, since=since or -1, limit=TRIALS_AT_ONCE)
    live = study.state is StudyState.RUNNING or bool(study.counts.get(TrialState.RUNNING))
    if live and not news:
        return None
    return {
        "revision": max((trial.revision for trial in news), default=since),
        "more": len(news) == TRIALS_AT_ONCE,
        "live": live,
        "trials": [trial_news(trial) for trial in news],
    }


def trial_news(trial: Trial) -> dict[str, Any]:
    """Returns what the history of a study asks of a trial; its moments are seconds since 1970."""
    ended = trial.finished_at or trial.started_at or trial.created_at
    return {
        "number": trial.number,
        "state": trial.state,
        "values": trial.values,
        "epoch": trial.epoch,
        "bad": trial.bad,
        "beyond": trial.violation > 0,
        "started": trial.started_at.timestamp() if trial.started_at else None,
        "at": ended.timestamp(),
    }


def log(store: Store, ask: Ask) -> dict[str, Any] | None:
    """Returns the lines of a run's log after a number, each with its time; with 0 the last ones."""
    run_id, cursor = ask.subject, ask.cursor
    live = not store.runs.get(run_id).state.final
    lines = store.logs.since(run_id, cursor) if cursor else store.logs.tail(run_id, LOG_LINES)
    if live and not lines:
        return None
    return {
        "cursor": lines[-1].seq if lines else cursor,
        "live": live,
        "lines": [(f"{line.at.astimezone():%H:%M:%S}", line.text) for line in lines],
    }


NEWS: Mapping[str, News] = {"curves": curves, "trials": one_by_one(trials), "log": one_by_one(log)}
"""The topics of the feed that are read by a cursor."""
