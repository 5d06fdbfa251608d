"""A store with a warm supervisor of its own, and runs that are waited for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from dlcore.queue import ensure_worker, submit
from dlcore.records import Run
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

WAIT_SECONDS = 900.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits until the condition holds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain; the home folder's worker.log may say why")
        time.sleep(0.01)


@contextmanager
def supervised_store(settings: Settings) -> Iterator[Store]:
    """Yields a store whose supervisor is warm; both end with the block."""
    store = Store.open(settings)
    try:
        ensure_worker(settings, store)
        wait_for(lambda: (worker := store.workers.current()) is not None and worker.ready)
        yield store
    finally:
        if (worker := store.workers.current()) is not None:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
        store.close()


def run_to_end(store: Store, spec: ExperimentSpec) -> Run:
    """Queues a run; gives it once it has ended."""
    run = submit(store, spec, owner="benchmark")
    wait_for(lambda: store.runs.get(run.id).state.final)
    return store.runs.get(run.id)
