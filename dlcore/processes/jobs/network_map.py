"""Where a run's network puts the samples of a part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told, write_arrays
from dlcore.records import JobUnit
from dlcore.records.network_maps import MAP_FILE, MapMethod, NetworkMap


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=store_side(NetworkMap.from_dict, MAP_FILE),
)
def network_map(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the points into the job's folder; returns `NetworkMap.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`; the `part`; the `method`.
        handle: its settings and its folder; told how many samples are done.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.network_map import network_map as find_map

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    found, arrays = find_map(
        asked,
        arguments["part"],
        MapMethod(arguments["method"]),
        lambda done, total: handle.progress(done, total, JobUnit.NOTHING),
    )
    write_arrays(handle, MAP_FILE, arrays)
    return found.to_dict()
