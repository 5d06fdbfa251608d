"""What a contestant's search gave: from the lines it printed and its memory to figures and ratios."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NEVER = math.inf
"""The time at which a search reaches what it does not reach."""
SETTLED, LAST = 5, 3
"""Memory grows from trials 3 to 5, when all that is loaded once is loaded, to the last three."""
_MEGA = 2**20


@dataclass(frozen=True)
class Moment:
    """A line of a contestant, and the seconds from its process' start to the line."""

    seconds: float
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Memory:
    """Bytes of a contestant's process and all its children, at that many seconds.

    Attributes:
        resident: a page that processes share counts once for each.
        proportional: a page that processes share counts once.
    """

    seconds: float
    resident: int
    proportional: int


@dataclass(frozen=True)
class Figures:
    """What is compared; of one search or the medians of several.

    Attributes:
        from_process: seconds from the start of the process to each target, imports included.
        from_search: the same from the start of the search.
        total: seconds of the process until the search has ended.
        best: the highest validation accuracy after any epoch.
        resident, proportional: the peak in MB.
        growth: MB between the peak of the first trials and that of the last ones; NaN if there are too
            few trials to say.
        epochs: trained in all.
    """

    from_process: tuple[float, ...]
    from_search: tuple[float, ...]
    total: float
    best: float
    resident: float
    proportional: float
    growth: float
    epochs: float


@dataclass(frozen=True)
class Course:
    """A search from its first line to its last.

    Raises:
        ValueError: it did not come to its end.
    """

    moments: tuple[Moment, ...]
    memory: tuple[Memory, ...]

    def __post_init__(self) -> None:
        for name in ("start", "epoch", "end"):
            if not self._of(name):
                raise ValueError(f"expected a line of the event {name!r}, got none")

    def _of(self, name: str) -> list[Moment]:
        return [moment for moment in self.moments if moment.event["event"] == name]

    def trials(self) -> dict[str, int]:
        """Returns how many trials there were, and how many of them in which state or continuing from another
        one.
        """
        first: dict[int, int] = {}
        for epoch in self._of("epoch"):
            first.setdefault(epoch.event["trial"], epoch.event["epoch"])
        states = [trial.event["state"] for trial in self._of("trial")]
        counts = {state: states.count(state) for state in ("pruned", "failed")}
        return {"trials": len(states), "resumed": sum(epoch > 1 for epoch in first.values()), **counts}

    def figures(self, targets: Iterable[float]) -> Figures:
        """Returns what is compared.

        Args:
            targets: validation accuracies to be reached.
        """
        epochs, start = self._of("epoch"), self._of("start")[0].seconds
        times = tuple(
            min((epoch.seconds for epoch in epochs if epoch.event["value"] >= target), default=NEVER)
            for target in targets
        )
        return Figures(
            from_process=times,
            from_search=tuple(time - start for time in times),
            total=self._of("end")[-1].seconds,
            best=max(epoch.event["value"] for epoch in epochs),
            resident=max((now.resident for now in self.memory), default=math.nan) / _MEGA,
            proportional=max((now.proportional for now in self.memory), default=math.nan) / _MEGA,
            growth=self._growth() / _MEGA,
            epochs=len(epochs),
        )

    def _growth(self) -> float:
        ends = [trial.seconds for trial in self._of("trial")]
        if len(ends) < SETTLED + LAST:
            return math.nan
        settled = self._peak(ends[SETTLED - LAST - 1], ends[SETTLED - 1])
        return self._peak(ends[-LAST - 1], ends[-1]) - settled

    def _peak(self, after: float, until: float) -> float:
        return max((now.resident for now in self.memory if after < now.seconds <= until), default=math.nan)


def medians(found: Iterable[Figures]) -> Figures:
    """Returns the median of each figure; a target that most of them do not reach is not reached."""
    each = list(found)

    def of(name: str) -> float:
        return float(statistics.median(getattr(figures, name) for figures in each))

    def of_all(name: str) -> tuple[float, ...]:
        return tuple(
            statistics.median(times) for times in zip(*(getattr(one, name) for one in each), strict=True)
        )

    plain = ("total", "best", "resident", "proportional", "growth", "epochs")
    return Figures(of_all("from_process"), of_all("from_search"), **{name: of(name) for name in plain})


def ratio(theirs: float, ours: float) -> float:
    """Returns how many times as much they need; infinite if only they never come there,
    NaN if we never do.
    """
    return math.nan if ours == NEVER else theirs / ours
