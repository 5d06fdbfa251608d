"""A run that was unpacked and checked, added to the store."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from dlcore.durable import begin_folder
from dlcore.errors import N_, NotFoundError
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import adding_limits
from dlcore.records.artifacts import UNPACKED_FOLDER
from dlcore.store import Store
from dlcore.store.run_import import add_unpacked


@JOBS.register(limits=adding_limits)
def run_adding(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Adds a run; returns its id as `run`.

    Args:
        arguments: the id of the job that has `unpacked` it; its `owner` from now on.
        handle: its settings.
    """
    store = Store.open(handle.settings)
    folder = begin_folder(handle.settings.runs_dir)
    try:
        unpacked = store.jobs.folder(arguments["unpacked"]) / UNPACKED_FOLDER
        if not unpacked.is_dir():
            raise NotFoundError(N_("what was unpacked is no longer kept."), hint=N_("Upload the file again."))
        shutil.copytree(unpacked, folder, dirs_exist_ok=True)
        run = add_unpacked(store, folder, owner=arguments["owner"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        store.close()
    return {"run": run.id}
