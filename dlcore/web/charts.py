"""What live charts and logs ask: the news of a run or a study since a cursor, and a range in detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dlcore.errors import StoreError
from dlcore.records import Axis, Scope, SeriesKey, StudyState, Trial, TrialState
from dlcore.store import Curve, Store
from dlcore.web.context import context
from dlcore.web.feed import Ask, News, json
from dlcore.web.parameters import ParameterError, choice, finite_number, metric_name

ROWS_AT_ONCE = 2_000
"""Rows of curves read for a tick: who has missed more, such as a laptop that slept, gets all curves anew."""
TICK_BUCKETS = 200
"""Ranges of the points of a tick, which are more than twice as many only where batches take microseconds."""

TRIALS_AT_ONCE = 2_000
"""Trials in one answer; who asks again with its revision gets the next ones."""
LOG_LINES = 500
"""Lines of a log that a page shows."""


async def healthz(request: Request) -> Response:
    """Says that the server is up."""
    return json({"status": "ok"})


def curves(store: Store, ask: Ask) -> dict[str, Any] | None:
    """Returns the points of a run after a cursor on an axis (`run:axis`).

    They are `whole`, all there are, for a cursor of 0 and for one that too much came after.
    """
    run_id, _colon, name = ask.subject.partition(":")
    axis, cursor = choice({"axis": name}, "axis", Axis), ask.cursor
    run, metrics = store.runs.get(run_id), store.metrics
    after = (
        metrics.since(run_id, cursor, axis=axis, limit=ROWS_AT_ONCE, buckets=TICK_BUCKETS) if cursor else None
    )
    whole = after is None or after.more
    news = metrics.overview(run_id, axis=axis) if after is None or after.more else after
    live = not run.state.final
    if live and news.cursor == cursor > 0:
        return None
    return {
        # That of the points, not of the run: until its first point the old curves are still there.
        "attempt": news.attempt or run.attempt,
        "cursor": news.cursor,
        "live": live,
        "whole": whole,
        "series": _parts(news.curves),
    }


def _parts(curves: Mapping[SeriesKey, Curve]) -> list[dict[str, Any]]:
    return [
        {
            "name": key.name,
            "scope": key.scope,
            "x": curve.x,
            "y": curve.y,
            "means": {"x": curve.means.x, "y": curve.means.y} if curve.means else None,
        }
        for key, curve in curves.items()
    ]


async def window(request: Request) -> Response:
    """Returns a range of one metric's curves, in detail."""
    query = request.query_params
    try:
        axis, name = choice(query, "axis", Axis), metric_name(query, "name")
        low, high = finite_number(query, "low"), finite_number(query, "high")
    except ParameterError as error:
        return json({"error": str(error)}, 400)
    return await run_in_threadpool(_window, request.path_params["run"], name, axis, low, high)


def _window(run_id: str, name: str, axis: Axis, low: float, high: float) -> Response:
    store = context().store
    found = {}
    try:
        for scope in Scope:
            key = SeriesKey(name, scope, axis)
            curve = store.metrics.window(run_id, key, low=low, high=high)
            if len(curve.x):
                found[key] = curve
    except StoreError as error:
        return json({"error": str(error)}, 503)
    return json({"series": _parts(found)})


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


NEWS: Mapping[str, News] = {"curves": curves, "trials": trials, "log": log}
"""The topics of the feed that are read by a cursor."""
