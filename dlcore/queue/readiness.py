"""Whether this machine can do what it is asked for: store, supervisor and disk."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping

from dlcore.errors import StoreError
from dlcore.queue.start import worker_alive
from dlcore.settings import Settings
from dlcore.store import Store

log = logging.getLogger(__name__)
OK = "ok"


def readiness(settings: Settings, store: Store) -> Mapping[str, str]:
    """Returns for each part `ok`, or why it is not, in words that say nothing of the machine: anybody may ask."""
    return {**_store_and_supervisor(settings, store), "disk": _disk(settings)}


def _store_and_supervisor(settings: Settings, store: Store) -> Mapping[str, str]:
    try:
        alive = worker_alive(store, settings)
    except StoreError as error:
        log.warning("not ready: %s", error)
        return {"store": "it does not answer", "supervisor": "unknown without the store"}
    if alive:
        return {"store": OK, "supervisor": OK}
    started = "ok: none is alive, one is started"
    return {"store": OK, "supervisor": started if settings.start_worker else "none is alive"}


def _disk(settings: Settings) -> str:
    try:
        free = shutil.disk_usage(settings.home_dir).free
    except OSError as error:
        log.warning("not ready: %s", error)
        return "the home folder cannot be read"
    wanted = settings.least_free_mb
    return OK if free >= wanted * 10**6 else f"less than {wanted} MB are free"


def is_ready(parts: Mapping[str, str]) -> bool:
    """Returns whether all parts are well."""
    return all(said.partition(":")[0] == OK for said in parts.values())
