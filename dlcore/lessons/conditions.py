"""What a lesson asks of an experiment: kinds with their values, in words of the spec itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from dlcore.errors import N_, Message, SpecError
from dlcore.lessons.words import other_data
from dlcore.spec import ExperimentSpec
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.base import Kind, Registry, SpecModel, problem
from dlcore.spec.describe import describe
from dlcore.spec.fields import Line
from dlcore.spec.fine_tuning import FromModel, FromRun
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.losses import LOSSES
from dlcore.spec.optimizers import OPTIMIZERS
from dlcore.spec.preprocessing import STEPS

MOST_KINDS = 50
"""Of one check; also how many a message could still name."""


@dataclass(frozen=True)
class WantedKind:
    """A layer, a step, a loss … that an experiment should have.

    Attributes:
        cls: its class.
        values: what its fields should be, JSON-ready; of a nested kind that was named alone, its name.
    """

    cls: type[Kind]
    values: Mapping[str, Any] = field(default_factory=dict)

    def is_met(self, found: Kind | None) -> bool:
        """Returns whether that is what is wanted."""
        if found is None or found.kind != self.cls.__name__:
            return False
        plain = found.model_dump(mode="json")
        return all(_is_like(plain[name], value) for name, value in self.values.items())

    @property
    def name(self) -> Message:
        """What people read: the words that the forms have for it, and the values."""
        kind = self.cls.__name__
        called = Message(kind)
        # In the list of layers each stands by its kind alone.
        if self.cls.title and not issubclass(self.cls, Layer):
            called = Message(N_("{title} ({kind})"), params={"title": Message(self.cls.title), "kind": kind})
        labels = {one.name: one.label for one in describe(self.cls)}
        for name, value in self.values.items():
            params = {"called": called, "label": Message(labels[name]), "value": str(value)}
            called = Message(N_("{called}, {label} = {value}"), params=params)
        return called


def _is_like(found: Any, wanted: Any) -> bool:
    if isinstance(found, Mapping) and isinstance(wanted, str):
        return found.get("kind") == wanted
    return bool(found == wanted)


def _wanted(registry: Registry[Any]) -> Callable[[Any], Any]:
    """Returns what reads a kind, given by its name or with some of its fields, and refuses what no spec could have."""

    def read(data: Any) -> Any:
        given = {"kind": data} if isinstance(data, str) else data
        whole = registry.parse(given)
        plain = whole.model_dump(mode="json")
        named = [name for name in given if name != "kind"]
        return WantedKind(
            type(whole),
            {name: given[name] if _is_bare(given[name], plain[name]) else plain[name] for name in named},
        )

    return read


def _is_bare(given: Any, plain: Any) -> bool:
    """Returns whether a nested kind was named alone, so that its own fields may be anything."""
    return isinstance(given, str) and isinstance(plain, Mapping)


def _as_list(data: Any) -> Any:
    """Returns a list also where one was given alone."""
    return [data] if isinstance(data, (str, Mapping)) else data


_SEVERAL = (BeforeValidator(_as_list), Field(max_length=MOST_KINDS))
Steps = Annotated[tuple[Annotated[WantedKind, BeforeValidator(_wanted(STEPS))], ...], *_SEVERAL]
Augmentations = Annotated[
    tuple[Annotated[WantedKind, BeforeValidator(_wanted(AUGMENTATIONS))], ...], *_SEVERAL
]
Layers = Annotated[tuple[Annotated[WantedKind, BeforeValidator(_wanted(LAYERS))], ...], *_SEVERAL]
WantedLoss = Annotated[WantedKind, BeforeValidator(_wanted(LOSSES))]
WantedOptimizer = Annotated[WantedKind, BeforeValidator(_wanted(OPTIMIZERS))]


class Range(SpecModel):
    """A number, or its limits."""

    least: float | None = None
    most: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _exact(cls, data: Any) -> Any:
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return {"least": data, "most": data}
        return data

    @model_validator(mode="after")
    def _has_limits(self) -> Self:
        if self.least is None and self.most is None:
            raise problem(
                SpecError(
                    N_("expected a number, or `least`, `most` or both, got none of them."),
                    hint=N_("Write, for example, `{example}`."),
                    example="{least: 5}",
                )
            )
        return self

    def holds(self, value: float) -> bool:
        """Returns whether a number is within the limits."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def text(self) -> Message:
        """The limits in words."""
        return self.words("{:g}".format)

    def words(self, write: Callable[[float], str]) -> Message:
        """Returns the limits in words, each number as it is written."""
        values = {
            "least": write(self.least) if self.least is not None else "",
            "most": write(self.most) if self.most is not None else "",
        }
        if self.least == self.most:
            return Message("{least}", params=values)
        if self.most is None:
            return Message(N_("at least {least}"), params=values)
        if self.least is None:
            return Message(N_("at most {most}"), params=values)
        return Message(N_("between {least} and {most}"), params=values)


class Weights(StrEnum):
    """Where an experiment has its first weights from."""

    RUN = "run"
    MODEL = "model"
    ANY = "any"


class Conditions(SpecModel):
    """What an experiment should be like; what is not given may be anything.

    Attributes:
        layers: in this order; others may stand between them.
        loss: as it was chosen; one that follows from the data does not count.
        fine_tuning: where its weights come from.
    """

    dataset: Line = ""
    preprocessing: Steps = ()
    augmentation: Augmentations = ()
    layers: Layers = ()
    loss: WantedLoss | None = None
    optimizer: WantedOptimizer | None = None
    epochs: Range | None = None
    batch_size: Range | None = None
    train_samples: Range | None = None
    learning_rate_factor: Range | None = None
    early_stopping: bool | None = None
    fine_tuning: Weights | None = None

    def unmet(self, data: Mapping[str, Any]) -> list[Message]:
        """Returns what an experiment lacks, a sentence each; of one that this version does not read, why."""
        try:
            return [*self._unmet(ExperimentSpec.from_dict(data))]
        except SpecError as error:
            return [error.message]

    def _unmet(self, spec: ExperimentSpec) -> Iterator[Message]:
        if self.dataset and spec.dataset.name != self.dataset:
            yield other_data(self.dataset, spec.dataset.name)
        for wanted in self.preprocessing:
            if not any(map(wanted.is_met, spec.preprocessing)):
                yield _say(N_("Add the preprocessing step {wanted}."), wanted.name)
        for wanted in self.augmentation:
            if not any(map(wanted.is_met, spec.augmentation)):
                yield _say(N_("Add the augmentation {wanted}."), wanted.name)
        yield from _missing_layer(self.layers, spec.model.layers)
        if self.loss is not None and not self.loss.is_met(spec.training.loss):
            yield _say(N_("Choose the loss {wanted}."), self.loss.name)
        if self.optimizer is not None and not self.optimizer.is_met(spec.training.optimizer):
            yield _say(N_("Choose the optimizer {wanted}."), self.optimizer.name)
        for text, limits, value in (
            (N_("Set the number of epochs: {wanted}; now it is {found}."), self.epochs, spec.training.epochs),
            (
                N_("Set the batch size: {wanted}; now it is {found}."),
                self.batch_size,
                spec.training.batch_size,
            ),
        ):
            if limits is not None and not limits.holds(value):
                yield _say(text, limits.text, value)
        if self.early_stopping is not None and self.early_stopping != (
            spec.training.early_stopping is not None
        ):
            yield Message(
                N_("Turn early stopping on.") if self.early_stopping else N_("Turn early stopping off.")
            )
        if self.fine_tuning is not None and not _is_from(self.fine_tuning, spec):
            yield Message(_WEIGHTS[self.fine_tuning])
        samples, tuning = spec.dataset.train_samples, spec.fine_tuning
        if self.train_samples is not None and (samples is None or not self.train_samples.holds(samples)):
            found = Message(N_("all")) if samples is None else samples
            yield _say(
                N_("Set the number of training samples: {wanted}; now it is {found}."),
                self.train_samples.text,
                found,
            )
        if self.learning_rate_factor is not None and tuning is not None:
            factor = tuning.learning_rate_factor
            if not self.learning_rate_factor.holds(factor):
                yield _say(
                    N_("Set the learning rate factor: {wanted}; now it is {found}."),
                    self.learning_rate_factor.text,
                    factor,
                )


_WEIGHTS = {
    Weights.RUN: N_("Begin with the weights of a run: open it, and choose Fine-tune in its menu."),
    Weights.MODEL: N_("Begin with the weights of an uploaded model."),
    Weights.ANY: N_("Begin with weights that were trained before."),
}


def _say(text: str, wanted: object, found: object = "") -> Message:
    return Message(text, params={"wanted": wanted, "found": found})


def _missing_layer(wanted: Sequence[WantedKind], layers: Sequence[Kind]) -> Iterator[Message]:
    """Yields the first layer that is not where it should be."""
    rest = iter(layers)
    before: WantedKind | None = None
    for one in wanted:
        if not any(map(one.is_met, rest)):
            if before is None:
                yield _say(N_("Add the layer {wanted}."), one.name)
            else:
                yield Message(
                    N_("Add the layer {wanted} behind {before}."),
                    params={"wanted": one.name, "before": before.cls.__name__},
                )
            return
        before = one


def _is_from(weights: Weights, spec: ExperimentSpec) -> bool:
    tuning = spec.fine_tuning
    if tuning is None:
        return False
    return weights is Weights.ANY or isinstance(
        tuning.source, FromRun if weights is Weights.RUN else FromModel
    )
