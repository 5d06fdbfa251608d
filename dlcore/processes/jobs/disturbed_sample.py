"""A sample of a run beside what a disturbance makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told, write_arrays
from dlcore.records.robustness import DISTURBED_FILE, DisturbedSample


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    reach=reach_run,
    store_side=store_side(DisturbedSample.from_dict, DISTURBED_FILE),
)
def disturbed_sample(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the sample and what becomes of it into the job's folder; returns `DisturbedSample.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`; the `part` and the `sample`; the `kind` of disturbance; the
            `strengths`, none for those of the kind.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.robustness import Disturber
    from dlcore.engine.explain.robustness import disturbed_sample as disturb

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    disturber = Disturber(asked, arguments["kind"], arguments["strengths"])
    found, arrays = disturb(disturber, arguments["part"], int(arguments["sample"]))
    write_arrays(handle, DISTURBED_FILE, arrays)
    return found.to_dict()
