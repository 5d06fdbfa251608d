"""The metrics of a training while it is at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore.engine.checkpoint import Logs
from dlcore.engine.points import is_additive

Totals = tuple[int, Logs]
"""How many samples were seen in an epoch, and the sum of each metric over them."""


class Meters:
    """Keras' metrics of a compiled model, the mean of its loss among them.

    Args:
        metrics: Keras' own.
    """

    def __init__(self, metrics: Sequence[Any]) -> None:
        self._metrics = list(metrics)

    @property
    def variables(self) -> list[Any]:
        """What they remember."""
        return [variable for metric in self._metrics for variable in metric.variables]

    def logs(self) -> Logs:
        """Returns what they say now."""
        return {metric.name: float(metric.result()) for metric in self._metrics}

    def forget(self) -> None:
        """Lets them begin anew."""
        # Not the model's own reset: it leaves out metrics that have been restored but not used yet.
        for metric in self._metrics:
            metric.reset_state()

    def totals(self, samples: int) -> Totals:
        """Returns how many samples were seen since they began, which is given, and the sums over them."""
        return samples, {name: value * samples for name, value in self.logs().items()} if samples else {}


def means_since(before: Totals, now: Totals) -> Logs:
    """Returns the mean of each metric over the samples between two totals, but of the loss, which is told by batch.

    Of one that is no mean of samples, the value over all.
    """
    (seen, earlier), (samples, totals) = before, now
    return {
        name: (total - earlier.get(name, 0.0)) / (samples - seen) if is_additive(name) else total / samples
        for name, total in totals.items()
        if name != "loss"
    }
