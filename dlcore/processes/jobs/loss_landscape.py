"""The loss around the weights of a run's model, along two random directions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side
from dlcore.records import JobUnit

if TYPE_CHECKING:
    from dlcore.analysis.learning.landscape import Landscape


def _parse(said: Mapping[str, Any]) -> Landscape:
    from dlcore.analysis.learning.landscape import Landscape

    return Landscape.from_dict(said)


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=store_side(_parse),
)
def loss_landscape(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Returns `Landscape.to_dict`.

    Args:
        arguments: the `run`, and of the store its `spec` and its `folder`; the `part` and the `seed` of the directions.
        handle: its settings; told the progress.
    """
    from dlcore.engine.mathematics.run import run_landscape

    return run_landscape(
        Path(arguments["folder"]),
        handle.settings,
        arguments["part"],
        arguments["seed"],
        lambda done, total: handle.progress(done, total, JobUnit.NOTHING),
    ).to_dict()
