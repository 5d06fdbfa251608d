"""The value that an experiment is judged by."""

from __future__ import annotations

from dlcore.records import Draft, Run, Study
from dlcore.ui.runs.view import main_metric


def best_value(run: Run | Study | Draft) -> tuple[str, float] | None:
    """Returns the metric a run is judged by, on the test part, else the validation,
    else the training part.
    """
    for name in (main_metric(run), "loss"):
        for scope in ("test", "validation", "train"):
            value = run.summary.get(scope, {}).get(name)
            if value is not None:
                return name, value
    return None
