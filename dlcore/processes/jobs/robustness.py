"""How a run's model bears disturbed samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told
from dlcore.records import JobUnit
from dlcore.records.robustness import Robustness


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=store_side(Robustness.from_dict),
)
def robustness(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Disturbs samples of a part at each strength; returns `Robustness.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`; the `part`; the `kind` of disturbance; the `strengths`,
            none for those of the kind.
        handle: its settings; told how many batches are done.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.robustness import Disturber, measure_robustness

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    disturber = Disturber(asked, arguments["kind"], arguments["strengths"])
    return measure_robustness(
        disturber, arguments["part"], lambda done, total: handle.progress(done, total, JobUnit.NOTHING)
    ).to_dict()
