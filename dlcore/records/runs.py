"""Runs, their curves and logs; drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.design.timing import Timing
from dlcore.errors import Message
from dlcore.records.annotations import Annotation, usual_name
from dlcore.records.kinds import DRAFT, RUN
from dlcore.spec.measure_name import MeasureName


class RunState(StrEnum):
    """Where a run is in its life. *Stopping* is a request, not a state."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    PRUNED = "pruned"
    FAILED = "failed"
    LOST = "lost"

    @property
    def final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in FINAL_STATES

    @property
    def active(self) -> bool:
        """Whether a process is, or should be, at work on it."""
        return self in (RunState.STARTING, RunState.RUNNING)


FINAL_STATES = frozenset({RunState.COMPLETED, RunState.STOPPED, RunState.PRUNED, RunState.FAILED})
UNFINISHED_STATES = frozenset(RunState) - FINAL_STATES

MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.STARTING, RunState.STOPPED, RunState.PRUNED, RunState.FAILED}),
    RunState.STARTING: frozenset({RunState.RUNNING, RunState.STOPPED, RunState.FAILED, RunState.LOST}),
    RunState.RUNNING: frozenset(
        {RunState.COMPLETED, RunState.STOPPED, RunState.PRUNED, RunState.FAILED, RunState.LOST}
    ),
    RunState.LOST: frozenset({RunState.QUEUED, RunState.STOPPED, RunState.PRUNED, RunState.FAILED}),
    RunState.COMPLETED: frozenset({RunState.QUEUED}),
    RunState.STOPPED: frozenset({RunState.QUEUED}),
    RunState.PRUNED: frozenset({RunState.QUEUED}),
    RunState.FAILED: frozenset({RunState.QUEUED}),
}
"""The allowed moves; from a final state back to the queue is *resume*."""


@dataclass(frozen=True)
class Run:
    """One training of one spec.

    Attributes:
        id: short and unique; appears in the URL.
        spec: the spec as it was when the run was queued, JSON-ready.
        epochs: how many epochs it should have in the end (more than the spec's after a resume).
        epoch: how many epochs are finished and saved.
        step: batches trained so far; steps: how many there will be, 0 while unknown.
        attempt: how often it has been started; a new attempt may rewind the curves.
        reason: why it ended, or why it waits.
        stop_requested: someone asked it to stop.
        prune_reason: why it should stop, where it was not a person who asked: its study has pruned it, or the minutes
            of its owner are used.
        hardware: its own share of the machine; the times of runs with equal hardware are comparable.
        workload: what it has to do, as `spec.workload` says it, JSON-ready.
        seconds: time spent, over all attempts.
        timing: where those seconds went.
        summary: the last (or best) value of each metric, `{"validation": {"accuracy": 0.98}, …}`.
        study_id: the study it is a trial of, if it is one.
        trial: the number of that trial.
        template: the template whose network it trains; `custom` if it is none, empty if that is not known.
        number: which of the runs and studies of its owner with that dataset and template; a trial has none.
        annotation: its notes, tags, star, and whether it is archived.
    """

    id: str
    name: str
    owner: str
    state: RunState
    spec: dict[str, Any]
    spec_hash: str
    epochs: int
    epoch: int
    step: int
    steps: int
    attempt: int
    reason: Message | None
    stop_requested: bool
    prune_reason: Message | None
    device: str
    hardware: str
    workload: dict[str, Any]
    seconds: float
    timing: Timing
    summary: dict[str, dict[str, float]]
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    first_batch_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    parent_id: str | None
    study_id: str | None
    trial: int | None
    template: str
    number: int | None
    annotation: Annotation

    @property
    def kind(self) -> str:
        """That it is a single run."""
        return RUN

    @property
    def has_usual_name(self) -> bool:
        """Whether nobody has called it otherwise."""
        return self.name == usual_name(self.dataset, self.template, self.number)

    @property
    def stopped_state(self) -> RunState:
        """What it becomes when it has been asked to stop."""
        is_pruned = self.prune_reason is not None and self.study_id is not None
        return RunState.PRUNED if is_pruned else RunState.STOPPED

    @property
    def progress(self) -> float:
        """The share of the work that is done, from 0 to 1."""
        if self.state is RunState.COMPLETED:
            return 1.0
        return min(1.0, self.step / self.steps) if self.steps else 0.0

    @property
    def dataset(self) -> str:
        """The name of the dataset it trains on."""
        return str(self.spec["dataset"]["name"])

    @property
    def wanted_device(self) -> str:
        """The device that its spec asks for: `auto`, `cpu` or `gpu`."""
        return str(self.spec["training"]["device"])

    @property
    def batch_size(self) -> int:
        """How many samples a step of its training takes."""
        return int(self.spec["training"]["batch_size"])


class Scope(StrEnum):
    """What a metric was measured on; `system` are the machine's meters."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    SYSTEM = "system"


class Axis(StrEnum):
    """What the x of a point counts; `time` is seconds since the run first started.

    `probe` counts epochs, too: of what was recorded of single layers (`dlcore.records.signals`), which is read apart
    from how the run fares.
    """

    BATCH = "batch"
    EPOCH = "epoch"
    TIME = "time"
    PROBE = "probe"


@dataclass(frozen=True)
class SeriesKey:
    """Which curve of a run: the metric's name, what it was measured on, what its x counts."""

    name: str
    scope: Scope
    axis: Axis

    @classmethod
    def by_epoch(cls, name: MeasureName) -> SeriesKey:
        """Returns the curve of a measure over the epochs."""
        return cls(name.curve, Scope.VALIDATION if name.on_validation else Scope.TRAIN, Axis.EPOCH)


@dataclass(frozen=True)
class Metric:
    """One point of one curve; `step` is batches, epochs or seconds from 0, by the axis."""

    key: SeriesKey
    step: float
    value: float


@dataclass(frozen=True, eq=False)
class Segment:
    """Consecutive points of one curve, one a step.

    Attributes:
        key: which curve.
        first: the step of the first point.
        values: float32 (points,).
    """

    key: SeriesKey
    first: int
    values: npt.NDArray[np.float32]

    def points(self) -> tuple[Metric, ...]:
        """Returns the points one by one."""
        return tuple(
            Metric(self.key, float(self.first + place), float(value))
            for place, value in enumerate(self.values)
        )


WARNING = "warning: "
"""How lines of a log begin that warn."""


@dataclass(frozen=True)
class LogLine:
    """One line of a run's console log."""

    seq: int
    at: datetime
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether a user should know of it even without reading the log."""
        return self.text.startswith(WARNING)


@dataclass(frozen=True)
class Draft:
    """An experiment someone is working on; the page holds only its id.

    Attributes:
        search: what a search around it should vary, and how; empty if there is none.
        name: typed by a person, else its dataset, its template and its number.
        dataset: the name of its dataset.
        template: that of its network; empty where that is not known.
        number: counts together with those of runs and studies; the run that it becomes has it, too.
        became_id: the run or the study that was started from it last; empty if none was.
        annotation: its notes, tags, star, and whether it is archived; what it becomes begins with them.
    """

    id: str
    owner: str
    spec: dict[str, Any]
    updated_at: datetime
    search: dict[str, Any]
    name: str
    dataset: str
    template: str
    number: int
    became_id: str
    annotation: Annotation

    @property
    def kind(self) -> str:
        """That it is a draft."""
        return DRAFT

    @property
    def state(self) -> str:
        """That it has not been started."""
        return DRAFT

    @property
    def created_at(self) -> datetime:
        """When it was changed last: what a list of experiments sorts by."""
        return self.updated_at

    @property
    def summary(self) -> Mapping[str, Mapping[str, float]]:
        """Nothing: nothing was measured."""
        return {}
