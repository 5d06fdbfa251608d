"""What the layers of a run's network give for a sample."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told, write_arrays
from dlcore.records.network_maps import LAYERS_FILE, LayerViews


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    reach=reach_run,
    store_side=store_side(LayerViews.from_dict, LAYERS_FILE),
)
def layer_views(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the arrays into the job's folder; returns `LayerViews.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`; the `part` and the `sample`.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.explain.activations import layer_views as find_views
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.subject import Subject

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    subject = Subject(asked, arguments["part"], int(arguments["sample"]))
    found, arrays = find_views(subject, arguments["part"])
    write_arrays(handle, LAYERS_FILE, arrays)
    return found.to_dict()
