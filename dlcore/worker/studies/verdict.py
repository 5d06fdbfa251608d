"""The verdict on a trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.errors import N_, Message
from dlcore.records import Run, Trial, TrialState
from dlcore.search.measures import final_measures


@dataclass(frozen=True)
class Verdict:
    """The end of a trial.

    Attributes:
        state: a final one.
        values: of the study's metrics; of a pruned trial the last one that was seen.
        reason: why it failed or was pruned.
        measured: all that is known of it.
    """

    state: TrialState
    values: tuple[float, ...]
    reason: Message | None
    measured: dict[str, float]


def measured_in(trial: Trial, runs: Sequence[Run]) -> dict[str, float]:
    """Returns what is known of a trial: the means over its runs, and what was known before."""
    found = [final_measures(run) for run in runs]
    names = set.intersection(*(set(one) for one in found)) if found else set()
    return {
        **trial.measured,
        **{name: sum(one[name] for one in found) / len(found) for name in sorted(names)},
    }


def complete_verdict(metrics: Sequence[str], trial: Trial, runs: Sequence[Run]) -> Verdict:
    """Returns the verdict on a trial whose runs are all complete.

    Args:
        metrics: what the study optimises.
        trial: which one.
        runs: its runs, one per seed.
    """
    measured = measured_in(trial, runs)
    for name in metrics:
        if not math.isfinite(measured.get(name, math.nan)):
            why = Message(N_("{metric} was not measured."), params={"metric": name})
            return Verdict(TrialState.FAIL, (), why, measured)
    return Verdict(TrialState.COMPLETE, tuple(measured[name] for name in metrics), None, measured)


def pruned_verdict(reason: Message | None, trial: Trial, runs: Sequence[Run], last: float | None) -> Verdict:
    """Returns the verdict on a trial that was pruned."""
    values = () if last is None else (last,)
    return Verdict(TrialState.PRUNED, values, reason, measured_in(trial, runs))


def failed_verdict(reason: Message | None, trial: Trial | None = None, runs: Sequence[Run] = ()) -> Verdict:
    """Returns the verdict on a trial that failed."""
    measured = measured_in(trial, runs) if trial is not None else {}
    return Verdict(TrialState.FAIL, (), reason, measured)
