"""A run that was unpacked and checked, added to the store."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcore.durable import begin_folder
from dlcore.errors import N_, NotFoundError
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import adding_limits
from dlcore.processes.private import PrivateHome
from dlcore.records.artifacts import RUN_FILES, UNPACKED_FOLDER
from dlcore.store import Store
from dlcore.store.run_archive import LOG, NUMBERS, RECORD, read_bundle, read_plain, write_plain
from dlcore.store.run_import import add_bundle


def _gather(arguments: Arguments, store: Store) -> Arguments:
    folder = store.jobs.folder(arguments["unpacked"]) / UNPACKED_FOLDER
    if not folder.is_dir():
        raise NotFoundError(N_("what was unpacked is no longer kept."), hint=N_("Upload the file again."))
    return {"folder": folder}


def _reach(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    return [arguments["folder"]]


def _conclude(arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
    unpacked, own = _gather(arguments, store)["folder"], begin_folder(store.settings.runs_dir)
    try:
        bundle = read_plain(folder)
        for name in (RECORD, LOG, NUMBERS):
            (folder / name).unlink()
        for name in RUN_FILES:
            if (unpacked / name).is_file():
                shutil.copyfile(unpacked / name, own / name)
        return {"run": add_bundle(store, bundle, own, owner=arguments["owner"]).id}
    finally:
        shutil.rmtree(own, ignore_errors=True)


@JOBS.register(limits=adding_limits, reach=_reach, store_side=StoreSide(_gather, _conclude))
def run_adding(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Reads what was unpacked, and leaves it as JSON and numbers, of which a run is made that is the result's `run`.

    Args:
        arguments: the id of the job that has `unpacked` it, and from there its `folder`; its `owner` from now on.
        handle: its folder gets them.
    """
    write_plain(read_bundle(arguments["folder"]), handle.folder)
    return {}
