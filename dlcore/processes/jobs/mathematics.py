"""The mathematics of a run on one of its samples: what each layer gets and gives, and how the loss depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told, write_arrays
from dlcore.records.artifacts import MATHEMATICS_FILE

if TYPE_CHECKING:
    from dlcore.analysis.learning.trace import Trace


def _parse(said: Mapping[str, Any]) -> Trace:
    from dlcore.analysis.learning.trace import Trace

    return Trace.from_dict(said)


@JOBS.register(limits=export_limits, needs_keras=True, reach=reach_run, store_side=store_side(_parse))
def mathematics(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the numbers into the job's folder; returns `Trace.to_dict`.

    Args:
        arguments: the `run`, and of the store its `spec` and its `folder`; the `part` and the `sample` in it.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.mathematics.run import trace_sample

    found, arrays = trace_sample(
        Path(arguments["folder"]),
        handle.settings,
        arguments["part"],
        arguments["sample"],
        told(handle),
    )
    write_arrays(handle, MATHEMATICS_FILE, arrays)
    return found.to_dict()
