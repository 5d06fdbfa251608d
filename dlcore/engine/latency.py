"""How long a trained model takes for one answer."""

from __future__ import annotations

from dlcore.datasets.parts import Part
from dlcore.engine.backend import Steps
from dlcore.engine.checkpoint import Summary
from dlcore.engine.handle import RunHandle
from dlcore.spec.training import TrainingSpec


def measure_latency(training: TrainingSpec, steps: Steps, test: Part, handle: RunHandle) -> Summary:
    """Returns the milliseconds of an answer for one sample, and logs them; nothing where that is not asked for.

    Args:
        training: says whether it is.
        steps: give the answers.
        test: where the samples are from.
        handle: takes the line of the log.
    """
    if not training.measure_latency:
        return {}
    milliseconds = 1000 * steps.latency(test)
    handle.log(f"one answer takes {milliseconds:.2f} ms")
    return {"system": {"latency_ms": milliseconds}}
