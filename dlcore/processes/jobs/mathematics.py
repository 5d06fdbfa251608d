"""The mathematics of a run on one of its samples: what each layer gets and gives, and how the loss depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import export_limits
from dlcore.processes.private import PrivateHome
from dlcore.records import JobUnit
from dlcore.records.artifacts import MATHEMATICS_FILE
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store


def gather_run(arguments: Arguments, store: Store) -> Arguments:
    """Returns what a job about a trained run needs of the store: its spec and where its files are."""
    run = store.runs.get(arguments["run"])
    return {"spec": run.spec, "folder": store.artifacts.folder(run.id)}


def reach_run(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    """Lets a confined process see the data of a run; returns its folder."""
    home.show_data(ExperimentSpec.from_dict(arguments["spec"]))
    return [arguments["folder"]]


def _conclude(_arguments: Arguments, result: Result, _store: Store, _folder: Path) -> Result:
    from dlcore.analysis.learning.trace import Trace

    return Trace.from_dict(result).to_dict()


@JOBS.register(
    limits=export_limits, needs_keras=True, reach=reach_run, store_side=StoreSide(gather_run, _conclude)
)
def mathematics(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the numbers into the job's folder; returns `Trace.to_dict`.

    Args:
        arguments: the `run`, and of the store its `spec` and its `folder`; the `part` and the `sample` in it.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    import numpy as np

    from dlcore.engine.mathematics.run import trace_sample

    found, arrays = trace_sample(
        arguments["folder"],
        handle.settings,
        arguments["part"],
        arguments["sample"],
        lambda _what, done, total: handle.progress(done, total, JobUnit.NOTHING),
    )
    np.savez_compressed(handle.folder / MATHEMATICS_FILE, allow_pickle=False, **arrays)
    return found.to_dict()
