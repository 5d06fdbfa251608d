"""Why a run's model answers as it does for a sample."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side, told, write_arrays
from dlcore.records.explanation_methods import Baseline
from dlcore.records.explanations import EXPLANATION_FILE, Explanation


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    reach=reach_run,
    store_side=store_side(Explanation.from_dict, EXPLANATION_FILE),
)
def explanation(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the arrays into the job's folder; returns `Explanation.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`; the `part` and the `sample`; the `method`; `output`, a
            class or target, and `layer`, each may be empty; `baseline`; optionally `to`, a path that the arrays are
            copied to.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.explaining import Question, explain
    from dlcore.engine.explain.subject import Subject

    asked = AskedModel(Path(arguments["folder"]), handle.settings, told(handle))
    question = Question(arguments["method"], arguments["layer"], Baseline(arguments["baseline"]))
    subject = Subject(asked, arguments["part"], int(arguments["sample"]), arguments["output"])
    found, arrays = explain(subject, arguments["part"], question, handle.settings)
    write_arrays(handle, EXPLANATION_FILE, arrays)
    return found.to_dict()
