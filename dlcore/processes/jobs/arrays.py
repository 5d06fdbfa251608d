"""The arrays of an experiment that starts with the weights of another model, for its Keras script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcore.datasets.export import export_arrays
from dlcore.datasets.parts import Array, PreparedData
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.records import JobUnit
from dlcore.spec.experiment import ExperimentSpec


@JOBS.register(limits=export_limits, needs_keras=True, is_long=True)
def arrays(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the arrays, and the weights beside them; returns nothing else.

    Args:
        arguments: the `spec`; the `path` of the file; the `weights`, the `.keras` file of the model to start from.
        handle: its settings; told the progress.
    """
    from dlcore.engine.data import TrainingData
    from dlcore.engine.transfer import source_weights, starting_arrays

    spec = ExperimentSpec.from_dict(arguments["spec"])
    source = spec.fine_tuning.source if spec.fine_tuning else None
    assert source is not None, "asked for only where there is one"

    def start(prepared: PreparedData) -> Mapping[str, Sequence[Array]]:
        weights = source_weights(source, Path(arguments["weights"]))
        return starting_arrays(spec, TrainingData.of(prepared, spec), weights)

    def tell(what: str, done: int, total: int) -> None:
        handle.progress(done, total, JobUnit.NOTHING)

    export_arrays(spec, handle.settings, Path(arguments["path"]), tell, start=start)
    return {}
