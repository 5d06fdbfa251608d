"""The loss around the weights of a run's model, along two random directions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.jobs.mathematics import gather_run, reach_run
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import export_limits
from dlcore.records import JobUnit
from dlcore.store import Store


def _conclude(_arguments: Arguments, result: Result, _store: Store, _folder: Path) -> Result:
    from dlcore.analysis.learning.landscape import Landscape

    return Landscape.from_dict(result).to_dict()


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=StoreSide(gather_run, _conclude),
)
def loss_landscape(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Returns `Landscape.to_dict`.

    Args:
        arguments: the `run`, and of the store its `spec` and its `folder`; the `part` and the `seed` of the directions.
        handle: its settings; told the progress.
    """
    from dlcore.engine.mathematics.run import run_landscape

    return run_landscape(
        arguments["folder"],
        handle.settings,
        arguments["part"],
        arguments["seed"],
        lambda done, total: handle.progress(done, total, JobUnit.NOTHING),
    ).to_dict()
