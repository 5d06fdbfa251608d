"""The archive of a run, unpacked and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle, reads_path
from dlcore.processes.limits import long_limits
from dlcore.records.artifacts import UNPACKED_FOLDER
from dlcore.store.run_import import unpack_archive


@JOBS.register(limits=long_limits, is_long=True, reach=reads_path)
def run_unpacking(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Unpacks an archive; returns nothing, for what it holds is in the folder.

    Args:
        arguments: the `path` of the archive; optionally `to`, an empty folder, by default one in that of the job.
        handle: its settings and its folder.
    """
    folder = Path(arguments.get("to") or handle.folder / UNPACKED_FOLDER)
    folder.mkdir(exist_ok=True)
    unpack_archive(Path(arguments["path"]), folder, handle.settings)
    return {}
