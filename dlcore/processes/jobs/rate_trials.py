"""What a learning rate does: one small network after another learns the digits, each with another rate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import short_limits
from dlcore.records import JobUnit

HIDDEN, EPOCHS, BATCH = (32,), 15, 32
"""The network and how it learns; a run takes about half a second."""


@JOBS.register(limits=short_limits)
def rate_trials(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Returns the curves of each rate, under `trials`.

    Args:
        arguments: the `method`, its `rates` and its `momentum`.
        handle: told the progress.
    """
    from dlcore.analysis.learning.descent import METHODS
    from dlcore.analysis.learning.perceptron import Recipe, learn
    from dlcore.datasets.builtin.digits import DIGITS

    data = DIGITS.read(DIGITS.find(Path()))
    x, others = (images.reshape(len(images), -1) / 255 for images in (data.x_train, data.x_test))
    rates, trials = arguments["rates"], []
    for place, rate in enumerate(rates):
        handle.progress(place, len(rates), JobUnit.NOTHING)
        recipe = Recipe(
            METHODS[arguments["method"]],
            float(rate),
            EPOCHS,
            momentum=float(arguments["momentum"]),
            batch=BATCH,
        )
        found = learn(x, data.y_train, (others, data.y_test), HIDDEN, recipe)
        trials.append(
            {
                "rate": rate,
                "losses": found.losses.tolist(),
                "checks": found.checks.tolist(),
                "accuracies": found.accuracies.tolist(),
                "diverged": found.diverged,
            }
        )
    return {"trials": trials}
