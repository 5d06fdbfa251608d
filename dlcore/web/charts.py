"""The routes that live charts ask: what is new since a cursor, and a range in detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dlcore.errors import NotFoundError, StoreError
from dlcore.records import Axis, Scope, SeriesKey, StudyState, Trial, TrialState
from dlcore.store import Curve
from dlcore.web.context import context
from dlcore.web.parameters import ParameterError, finite_number, metric_name, whole_number, word

TRIALS_AT_ONCE = 2_000
"""Trials in one answer; who asks again with its revision gets the next ones."""


def _answer(data: Any, status: int = 200) -> Response:
    body = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


def _parts(curves: Mapping[SeriesKey, Curve]) -> list[dict[str, Any]]:
    return [
        {"name": key.name, "scope": key.scope, "x": curve.x, "y": curve.y, "thinned": curve.thinned}
        for key, curve in curves.items()
    ]


async def healthz(request: Request) -> Response:
    """Says that the server is up."""
    return _answer({"status": "ok"})


async def curves(request: Request) -> Response:
    """The points of a run after `cursor` on an axis; with cursor 0 an overview of all."""
    query = request.query_params
    try:
        axis, cursor = word(query, "axis", Axis), whole_number(query, "cursor", default=0)
    except ParameterError as error:
        return _answer({"error": str(error)}, 400)
    return await run_in_threadpool(_curves, request.path_params["run"], axis, cursor)


def _curves(run_id: str, axis: Axis, cursor: int) -> Response:
    store = context().store
    try:
        run = store.runs.get(run_id)
        if cursor > 0:
            news = store.metrics.since(run_id, cursor, axis=axis)
        else:
            news = store.metrics.overview(run_id, axis=axis)
    except NotFoundError:
        return _answer({"error": "no such run"}, 404)
    except StoreError as error:
        return _answer({"error": str(error)}, 503)
    live = not run.state.final
    # The attempt of the points, not of the run: until its first point the old curves are still there.
    attempt = news.attempt or run.attempt
    return _answer({"attempt": attempt, "cursor": news.cursor, "live": live, "series": _parts(news.curves)})


async def window(request: Request) -> Response:
    """A range of one metric's curves, in detail."""
    query = request.query_params
    try:
        axis, name = word(query, "axis", Axis), metric_name(query, "name")
        low, high = finite_number(query, "low"), finite_number(query, "high")
    except ParameterError as error:
        return _answer({"error": str(error)}, 400)
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
        return _answer({"error": str(error)}, 503)
    return _answer({"series": _parts(found)})


async def trials(request: Request) -> Response:
    """The trials of a study that changed after the revision `since`, and how the study is."""
    try:
        since = whole_number(request.query_params, "since", default=0)
    except ParameterError as error:
        return _answer({"error": str(error)}, 400)
    return await run_in_threadpool(_trials, request.path_params["study"], since)


def _trials(study_id: str, since: int) -> Response:
    studies = context().store.studies
    try:
        study = studies.get(study_id)
        # A trial's revision is 1 at least; with 0 the store would give the first by number instead.
        news = studies.trials(study_id, since=since or -1, limit=TRIALS_AT_ONCE)
    except NotFoundError:
        return _answer({"error": "no such study"}, 404)
    except StoreError as error:
        return _answer({"error": str(error)}, 503)
    more = len(news) == TRIALS_AT_ONCE
    running = study.state is StudyState.RUNNING or bool(study.counts.get(TrialState.RUNNING))
    return _answer(
        {
            "revision": max((trial.revision for trial in news), default=since),
            "more": more,
            "live": running,
            "state": study.state,
            "counts": {state.value: count for state, count in study.counts.items()},
            "best": study.best,
            "best_value": study.best_value,
            "trials": [_trial(trial) for trial in news],
        }
    )


def _trial(trial: Trial) -> dict[str, Any]:
    ended = trial.finished_at or trial.started_at or trial.created_at
    return {
        "number": trial.number,
        "state": trial.state,
        "values": trial.values,
        "epoch": trial.epoch,
        "bad": trial.bad,
        "beyond": trial.violation > 0,
        "at": ended.timestamp(),
    }
