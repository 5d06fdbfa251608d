"""Studies: searches for good hyperparameters, and their trials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from dlcore.errors import N_, Message
from dlcore.records.annotations import Annotation
from dlcore.records.kinds import SEARCH
from dlcore.records.runs import Scope
from dlcore.spec.measure_name import MeasureName

Direction = Literal["minimize", "maximize"]


PAUSED_BY_HAND = N_("it was paused by hand.")
"""Why a study rests that somebody paused."""


class StudyState(StrEnum):
    """Where a study is in its life; the driver alone moves it."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    COMPLETED = "completed"


class TrialState(StrEnum):
    """Where a trial is in its life, in Optuna's words."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAIL = "fail"

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class Origin(StrEnum):
    """Where the parameters of a trial come from."""

    SAMPLED = "sampled"
    DEFAULTS = "defaults"
    FIRST = "first"
    """It stood in the list of those to try first."""
    MANUAL = "manual"
    RETRY = "retry"


class StudyAction(StrEnum):
    """What can be asked of a study's driver."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SET = "set"
    """Arguments: `parallel`, `max_trials`, `max_seconds`, `target`."""
    ADD = "add"
    """Arguments: `params`."""
    PRUNE = "prune"
    """Arguments: `number`."""
    RETRY = "retry"
    """Arguments: `numbers`; all that failed if there are none."""
    MARK = "mark"
    """Arguments: `number`, `bad`."""
    DELETE = "delete"


@dataclass(frozen=True)
class Study:
    """One search.

    Attributes:
        id: short and unique; appears in the URL.
        spec: the search spec as it was when the study began, JSON-ready.
        metrics: what is optimised, by name; several make a Pareto front.
        directions: one for each of them.
        parallel: trials at the same time; 0: as many as there are slots.
        max_trials: it ends when so many are finished; None: no limit.
        max_seconds: it ends when it has worked so long.
        target: it ends when the first metric is as good as that.
        reason: why it paused or ended.
        counts: how many trials are in each state.
        best: number of the best trial so far; of several objectives, and before the first: None.
        best_value: its value.
        seconds: time it has worked, over all restarts.
        revision: grows with each change of a trial.
        annotation: its notes, tags, star, and whether it is archived.
        template: that of its experiment's network; empty where that is not known.
        number: counts together with those of runs and drafts.
    """

    id: str
    name: str
    owner: str
    state: StudyState
    spec: dict[str, Any]
    dataset: str
    metrics: tuple[str, ...]
    directions: tuple[Direction, ...]
    parallel: int
    max_trials: int | None
    max_seconds: float | None
    target: float | None
    reason: Message | None
    counts: dict[TrialState, int]
    best: int | None
    best_value: float | None
    seconds: float
    revision: int
    created_at: datetime
    finished_at: datetime | None
    annotation: Annotation
    template: str = ""
    number: int | None = None

    @property
    def kind(self) -> str:
        """That it is a search."""
        return SEARCH

    @property
    def summary(self) -> Mapping[str, Mapping[str, float]]:
        """The best value of the first metric, where a run has what it measured on that part."""
        name = MeasureName.parse(self.metrics[0])
        if self.best_value is None or not name.on_validation:
            return {}
        return {Scope.VALIDATION.value: {name.metric: self.best_value}}

    @property
    def finished(self) -> int:
        """How many trials have ended, in whatever way."""
        return sum(count for state, count in self.counts.items() if state.finished)

    def better(self, value: float, than: float) -> bool:
        """Returns whether a value of the first metric is better than another."""
        return value > than if self.directions[0] == "maximize" else value < than

    def ranked(self, trials: Iterable[Trial]) -> list[Trial]:
        """Returns the trials that count, the best by the first metric first; of equal ones the earlier."""
        sign = -1 if self.directions[0] == "maximize" else 1
        counting = [trial for trial in trials if trial.counts and math.isfinite(trial.values[0])]
        return sorted(counting, key=lambda trial: (sign * trial.values[0], trial.number))


@dataclass(frozen=True)
class Trial:
    """One set of parameters, and its result. Its curves, model and log are those of its run.

    Attributes:
        number: from 0, in the order of their beginning; the same in Optuna's storage.
        params: path of the dimension to its value; only those that this trial has.
        values: of the study's metrics, once it is complete; of a pruned one the last that was seen.
        reason: why it failed or was pruned.
        measured: what is known of it besides: parameters, seconds, and whatever constraints ask for.
        violation: how far beyond its constraints it is, 0 if it keeps them.
        run_id: its first run; empty if it never had one.
        epoch: finished epochs of its runs, all together.
        bad: someone said that its result must not count.
        origin: where the parameters come from.
        retries: how often it was started again through no fault of its own.
        revision: of the study at its last change.
    """

    study_id: str
    number: int
    state: TrialState
    params: dict[str, Any]
    values: tuple[float, ...]
    reason: Message | None
    measured: dict[str, float]
    violation: float
    run_id: str
    epoch: int
    bad: bool
    origin: Origin
    retries: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    revision: int

    @property
    def value(self) -> float | None:
        """The first of its values, if it has one."""
        return self.values[0] if self.values else None

    @property
    def seconds(self) -> float | None:
        """How long it took, if it is over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def counts(self) -> bool:
        """Whether it can be the best: complete, within the constraints, and not marked as bad."""
        return self.state is TrialState.COMPLETE and not self.bad and self.violation <= 0


@dataclass(frozen=True)
class StudyRequest:
    """Something asked of a study's driver, not done yet."""

    id: int
    study_id: str
    action: StudyAction
    arguments: dict[str, Any]
    created_at: datetime
