"""How much worse a run's model is where one column is shuffled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told
from dlcore.records import JobUnit
from dlcore.records.explanations import Importance


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=store_side(Importance.from_dict),
)
def importance(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Shuffles each column of the test part; returns `Importance.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`.
        handle: its settings; told how many columns are done.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.importance import importance as measure

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    return measure(asked, lambda done, total: handle.progress(done, total, JobUnit.COLUMNS)).to_dict()
