"""The supervisor, started where a page needs one."""

from __future__ import annotations

from dlcore.queue import ensure_worker
from dlcore.web.context import context


def wake_worker() -> None:
    """Starts a supervisor if none is alive and the settings allow it."""
    here = context()
    if here.settings.start_worker:
        ensure_worker(here.settings, here.store)
