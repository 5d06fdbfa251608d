"""Requests for what a run's network makes of its samples: a map, the results of its layers, the weight of columns."""

from __future__ import annotations

from typing import Any

from dlcore.errors import N_, SpecError
from dlcore.queue.explanations import Arrays, arrays_of, explainable, model_key
from dlcore.queue.jobs import request_job
from dlcore.records import Job, Run
from dlcore.records.explanation_methods import Explainable
from dlcore.records.explanations import Importance
from dlcore.records.network_maps import LAYERS_FILE, MAP_FILE, LayerViews, MapMethod, NetworkMap
from dlcore.spec.data import DataKind
from dlcore.store import Store

_MAP, _LAYERS, _IMPORTANCE = "network_map", "layer_views", "importance"


def request_map(
    store: Store, run: Run, part: str, method: MapMethod, *, owner: str, again: bool = False
) -> Job:
    """Requests where a run's network puts the samples of a part; `map_of` has the answer.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: its data is somebody else's.
    """
    return _request(store, _MAP, run, {"part": part, "method": method.value}, owner=owner, again=again)


def find_map(store: Store, run: Run, part: str, method: MapMethod, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_MAP, model_key(run, owner) | {"part": part, "method": method.value})


def map_of(store: Store, job: Job) -> tuple[NetworkMap, Arrays]:
    """Returns what a finished job has found; see `arrays_of` for what it raises."""
    return NetworkMap.from_dict(store.jobs.result(job)), arrays_of(store, job, MAP_FILE)


def request_layers(store: Store, run: Run, part: str, sample: int, *, owner: str, again: bool = False) -> Job:
    """Requests what the layers of a run's network give for a sample; `layers_of` has the answer.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: its data is somebody else's.
    """
    return _request(store, _LAYERS, run, {"part": part, "sample": sample}, owner=owner, again=again)


def find_layers(store: Store, run: Run, part: str, sample: int, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_LAYERS, model_key(run, owner) | {"part": part, "sample": sample})


def layers_of(store: Store, job: Job) -> tuple[LayerViews, Arrays]:
    """Returns what a finished job has found; see `arrays_of` for what it raises."""
    return LayerViews.from_dict(store.jobs.result(job)), arrays_of(store, job, LAYERS_FILE)


def has_columns(seen: Explainable) -> bool:
    """Returns whether columns of a run's data can be shuffled."""
    return seen.refusal() is None and seen.kind in (DataKind.TABLE, DataKind.SERIES)


def request_importance(store: Store, run: Run, *, owner: str, again: bool = False) -> Job:
    """Requests how much worse a run's model is where one column is shuffled; `importance_of` has the answer.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: its data has no columns, or is somebody else's.
    """
    if not has_columns(explainable(store, run)):
        raise SpecError(
            N_("only columns of tables and series can be shuffled."),
            hint=N_("Explain a sample instead."),
            where=run.id,
        )
    return _request(store, _IMPORTANCE, run, {}, owner=owner, again=again)


def find_importance(store: Store, run: Run, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_IMPORTANCE, model_key(run, owner))


def importance_of(store: Store, job: Job) -> Importance:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away.
    """
    return Importance.from_dict(store.jobs.result(job))


def _request(store: Store, what: str, run: Run, wanted: dict[str, Any], *, owner: str, again: bool) -> Job:
    explainable(store, run)  # checks what the actor may read
    return request_job(
        store, what, {"run": run.id, **wanted}, owner=owner, key=model_key(run, owner) | wanted, again=again
    )
