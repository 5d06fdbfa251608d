"""What a run's model answers for the samples in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import prediction_limits
from dlcore.processes.private import PrivateHome


def _reach(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    return [Path(arguments["folder"]), Path(arguments["path"])]


@JOBS.register(limits=prediction_limits, needs_keras=True, is_long=True, reach=_reach)
def prediction(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Answers for the samples in a file; returns `Predictions.to_dict`.

    Args:
        arguments: the `folder` of the run's files; the `path` of a file, a folder or an archive, and its `origin` if it
            is called otherwise.
        handle: its settings.
    """
    folder, path = Path(arguments["folder"]), Path(arguments["path"])
    from dlcore.engine.predictor import Predictor

    return Predictor.open(folder, handle.settings).predict_file(path, arguments.get("origin", "")).to_dict()
