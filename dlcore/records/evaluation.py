"""What a finished run does on the test part, and what it began with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dlcore.errors import Message


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


@dataclass(frozen=True)
class Anomaly:
    """One test sample that was reconstructed badly.

    Attributes:
        index: counts within the test part.
        row: in the dataset as it was stored; of a window, the last row it shows.
        score: the mean of its squared errors, each in deviations of that number in the training part.
    """

    index: int
    row: int
    score: float


@dataclass(frozen=True)
class Threshold:
    """The score above which a sample counts as unusual.

    Attributes:
        value: of the score.
        share: of the samples that it was taken from, how many are above it at most.
        samples: how many those were.
        validated: whether they were all of the validation part; else of the training part, too, since few validate.
        tested: how many samples the test part has.
        above: how many of them are above it.
    """

    value: float
    share: float
    samples: int
    validated: bool
    tested: int = 0
    above: int = 0


@dataclass(frozen=True)
class Transfer:
    """What a run began with; all are names of layers.

    Attributes:
        loaded: those that took weights of another model.
        pretrained: backbones that took weights learned on ImageNet.
        kept: those that started over.
        other_ids: those that started over though the source had them: their ids meant other words.
    """

    loaded: tuple[str, ...] = ()
    pretrained: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    other_ids: tuple[str, ...] = ()

    @property
    def transferred(self) -> frozenset[str]:
        """The layers that did not start over."""
        return frozenset([*self.loaded, *self.pretrained])

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Transfer:
        """Restores what `to_dict` returned."""
        return cls(**{name: tuple(names) for name, names in data.items()})


@dataclass(frozen=True)
class Baseline:
    """What something simple scores on the same test part.

    Attributes:
        name: what it is.
        metrics: as the run's own of the same names.
        fitted: it is a small model that was fitted; the others need no learning.
        samples: how many of the training part it was made of.
    """

    name: Message
    metrics: dict[str, float]
    fitted: bool
    samples: int

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {**asdict(self), "name": self.name.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Baseline:
        """Restores what `to_dict` returned."""
        return cls(**{**data, "name": Message.from_dict(data["name"])})


@dataclass(frozen=True)
class Evaluation:
    """What a finished run does on the test part.

    The run's artifact `predictions.npz` holds, sample by sample, `answers` (probabilities of the
    classes, or numbers), `targets`, and `rows`, each sample's row in the dataset as it was stored; of a
    forecast, the row of its first answer. `validation_predictions.npz` holds the same of the validation part.

    Attributes:
        metrics: name to value.
        classes: the names, in the order of the labels; of numbers: none.
        confusion: rows are true classes, columns predicted ones, counts of samples; only where each
            sample has one class.
        scores: one per class.
        mistakes: where each sample has one class, the most confident ones first; the images of image
            data stand in the same order in the artifact `mistakes.npz` under `images`, uint8 (count,
            height, width, channels).
        task: what was asked for, as `Task` has it.
        errors: where numbers are predicted, one for each target.
        baselines: what the run is compared with, those that need no learning first.
        anomalies: of a reconstruction, the samples with the highest scores, highest first; the artifact
            `reconstructions.npz` holds `scores` and `rows` of all test samples, and of these `inputs` and
            `outputs`.
        threshold: of a reconstruction, the score above which a sample counts as unusual.
    """

    metrics: dict[str, float]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    scores: tuple[ClassScore, ...]
    mistakes: tuple[Mistake, ...]
    task: str = "multiclass classification"
    errors: tuple[TargetError, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    threshold: Threshold | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {**asdict(self), "baselines": [one.to_dict() for one in self.baselines]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evaluation:
        """Restores what `to_dict` returned."""
        return cls(
            metrics=dict(data["metrics"]),
            classes=tuple(data["classes"]),
            confusion=tuple(tuple(row) for row in data["confusion"]),
            scores=tuple(ClassScore(**row) for row in data["scores"]),
            mistakes=tuple(Mistake(**row) for row in data["mistakes"]),
            task=data.get("task", "multiclass classification"),
            errors=tuple(TargetError(**row) for row in data.get("errors", ())),
            baselines=_baselines(data),
            anomalies=tuple(Anomaly(**row) for row in data.get("anomalies", ())),
            threshold=Threshold(**data["threshold"]) if data.get("threshold") else None,
        )


def _baselines(data: dict[str, Any]) -> tuple[Baseline, ...]:
    if data.get("baseline"):  # as runs before there were several have it
        return (Baseline(Message(data["baseline_name"]), dict(data["baseline"]), fitted=False, samples=0),)
    return tuple(Baseline.from_dict(row) for row in data.get("baselines", ()))
