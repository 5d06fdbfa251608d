"""The archive of a run, unpacked and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import long_limits
from dlcore.store.run_import import unpack_archive


@JOBS.register(limits=long_limits, is_long=True)
def run_unpacking(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Unpacks an archive; returns nothing, for what it holds is in the folder.

    Args:
        arguments: the `path` of the archive; an empty folder, `to`.
        handle: its settings.
    """
    unpack_archive(Path(arguments["path"]), Path(arguments["to"]), handle.settings)
    return {}
