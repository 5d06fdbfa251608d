"""Frozen values that come out of the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dlcore.errors import Message


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

MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.STARTING, RunState.STOPPED, RunState.FAILED}),
    RunState.STARTING: frozenset({RunState.RUNNING, RunState.STOPPED, RunState.FAILED, RunState.LOST}),
    RunState.RUNNING: frozenset(
        {RunState.COMPLETED, RunState.STOPPED, RunState.PRUNED, RunState.FAILED, RunState.LOST}
    ),
    RunState.LOST: frozenset({RunState.QUEUED, RunState.STOPPED, RunState.FAILED}),
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
        id: short and unique; stands in the URL.
        spec: the spec as it was when the run was queued, JSON-ready.
        epochs: how many epochs it shall have in the end (more than the spec's after a resume).
        epoch: how many epochs are finished and saved.
        step: batches trained so far; steps: how many there will be, 0 while unknown.
        attempt: how often it has been started; a new attempt may rewind the curves.
        reason: why it ended, or why it waits.
        stop_requested: somebody asked it to stop.
        seconds: time spent training, over all attempts.
        summary: the last (or best) value of each metric, `{"validation": {"accuracy": 0.98}, …}`.
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
    device: str
    seconds: float
    summary: dict[str, dict[str, float]]
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    first_batch_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    parent_id: str | None

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


class Scope(StrEnum):
    """What a metric was measured on; `system` are the machine's meters."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    SYSTEM = "system"


class Axis(StrEnum):
    """What the x of a point counts; `time` is seconds since the run first started."""

    BATCH = "batch"
    EPOCH = "epoch"
    TIME = "time"


@dataclass(frozen=True)
class SeriesKey:
    """Which curve of a run: the metric's name, what it was measured on, what its x counts."""

    name: str
    scope: Scope
    axis: Axis


@dataclass(frozen=True)
class Metric:
    """One point of one curve; `step` is batches, epochs or seconds from 0, by the axis."""

    key: SeriesKey
    step: float
    value: float


@dataclass(frozen=True)
class LogLine:
    """One line of a run's console log."""

    seq: int
    at: datetime
    text: str


@dataclass(frozen=True)
class Draft:
    """An experiment somebody is working on; the page holds only its id."""

    id: str
    owner: str
    spec: dict[str, Any]
    updated_at: datetime


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class Job:
    """A small computation that a page has asked for.

    Attributes:
        id: a hash of what and arguments.
        what: which computation.
        arguments: of it, JSON-ready.
        attempt: how often it has been started.
        reason: why it failed.
        owner: who asked first.
    """

    id: str
    what: str
    arguments: dict[str, Any]
    state: JobState
    attempt: int
    reason: Message | None
    owner: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Worker:
    """A supervisor that has said it is alive."""

    id: str
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    ready: bool
    slots: int


@dataclass(frozen=True)
class ClassScore:
    """How one class fares on the test part; each share is from 0 to 1."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Mistake:
    """One wrongly classified test sample; `index` counts within the test part."""

    index: int
    true: int
    predicted: int
    confidence: float


@dataclass(frozen=True)
class TargetError:
    """How far the answers for one number are off, in its own units; `bias` is their mean error."""

    name: str
    mae: float
    rmse: float
    r2: float
    bias: float


MODEL_FILE = "model.keras"
"""The artifact of a run that has finished an epoch: its model, as Keras saves it."""

TRANSFER_FILE = "transfer.json"
"""The artifact of a run that began with weights from elsewhere: a `Transfer`."""


@dataclass(frozen=True)
class Transfer:
    """What a run began with; all are names of layers.

    Attributes:
        loaded: those that took weights of another model.
        pretrained: backbones that took weights learnt on ImageNet.
        kept: those that started anew.
        other_ids: those that started anew though the source had them: their ids meant other words.
    """

    loaded: tuple[str, ...] = ()
    pretrained: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    other_ids: tuple[str, ...] = ()

    @property
    def transferred(self) -> frozenset[str]:
        """The layers that did not start anew."""
        return frozenset([*self.loaded, *self.pretrained])

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Transfer:
        """The inverse of `to_dict`."""
        return cls(**{name: tuple(names) for name, names in data.items()})


@dataclass(frozen=True)
class Evaluation:
    """What a finished run does on the test part.

    The run's artifact `predictions.npz` holds, sample by sample, `answers` (probabilities of the
    classes, or numbers), `targets`, and `rows`, each sample's row in the dataset as it was stored.

    Attributes:
        metrics: name to value.
        classes: the names, in the order of the labels; of numbers: none.
        confusion: rows are true classes, columns predicted ones, counts of samples; only where each
            sample has one class.
        scores: one a class.
        mistakes: where each sample has one class, the most confident ones first; the images of image
            data stand in the same order in the artifact `mistakes.npz` under `images`, uint8 (count,
            height, width, channels).
        task: what was asked for, as `Task` has it.
        errors: where numbers are predicted, one for each target.
        baseline: what an answer that needs no learning would score: the metrics of `baseline_name`.
        baseline_name: a translatable template.
    """

    metrics: dict[str, float]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    scores: tuple[ClassScore, ...]
    mistakes: tuple[Mistake, ...]
    task: str = "multiclass classification"
    errors: tuple[TargetError, ...] = ()
    baseline: dict[str, float] = field(default_factory=dict)
    baseline_name: str = ""

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evaluation:
        """The inverse of `to_dict`."""
        return cls(
            metrics=dict(data["metrics"]),
            classes=tuple(data["classes"]),
            confusion=tuple(tuple(row) for row in data["confusion"]),
            scores=tuple(ClassScore(**row) for row in data["scores"]),
            mistakes=tuple(Mistake(**row) for row in data["mistakes"]),
            task=data.get("task", "multiclass classification"),
            errors=tuple(TargetError(**row) for row in data.get("errors", ())),
            baseline=dict(data.get("baseline", {})),
            baseline_name=data.get("baseline_name", ""),
        )
