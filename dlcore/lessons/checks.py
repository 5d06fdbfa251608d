"""The checks of a lesson: a small closed vocabulary over what a person has done."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dlcore.errors import N_, Message, SpecError, unknown_name
from dlcore.lessons.conditions import Conditions, Range
from dlcore.lessons.evidence import Evidence, Visit
from dlcore.lessons.words import TEST, measure_text, measure_title, metric_title, other_data
from dlcore.records import Draft, Run, RunState, Scope, Study, StudyState, TrialState
from dlcore.spec import ExperimentSpec
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.base import SpecModel, problem
from dlcore.spec.layers import LAYERS
from dlcore.spec.measure_name import LOSS, MeasureName
from dlcore.spec.metrics import METRICS, higher_is_better


class Page(StrEnum):
    """The pages that a step can send to, by their names in the address."""

    NEW = "new"
    DATASETS = "datasets"
    DATA = "data"
    NETWORK = "build"
    TRAINING = "train"
    SEARCH = "search"
    RUN = "run"
    LAB = "lab"
    RUNS = "runs"
    STUDY = "study"
    COMPARE = "compare"
    MODELS = "models"
    LEARN = "learn"


View = Annotated[str, Field(pattern=r"^[a-z_]{0,40}$")]
"""The name of a tab in the address; empty: the first, or whichever."""


class Progressed(StrEnum):
    """How far a run or a search has to be."""

    LAUNCHED = "launched"
    COMPLETED = "completed"


def _check_measure(name: str) -> str:
    metric = MeasureName.parse(name.removeprefix(TEST)).metric
    known = [LOSS, *METRICS]
    if metric not in known:
        raise problem(unknown_name(N_("metric"), metric, known))
    return name


Measure = Annotated[str, AfterValidator(_check_measure)]
"""A metric and its part, as in Keras' logs: `accuracy`, `val_accuracy`; and of the test part `test_accuracy`."""


def _check_addition(name: str) -> str:
    known = [*LAYERS.names(), *AUGMENTATIONS.names(), *SWITCHES]
    if name not in known:
        raise problem(unknown_name(N_("layer or augmentation"), name, known))
    return name


SWITCHES: Mapping[str, tuple[str, Callable[[ExperimentSpec], bool]]] = {
    "early_stopping": (N_("early stopping"), lambda spec: spec.training.early_stopping is not None),
    "augmentation": (N_("augmentation"), lambda spec: bool(spec.augmentation)),
    "class_weight": (N_("class weights"), lambda spec: spec.training.class_weight is not None),
}
"""What an experiment has or has not, besides layers and augmentations by their kinds."""


class Comparison(SpecModel):
    """What a run should have before one that was queued earlier in the lesson; one such run is enough.

    Attributes:
        adds: layers and augmentations by their kinds, and switches, that the earlier run had not.
        better: a measure in which it is at least as good.
        smaller_gap: a metric whose training and validation values differ less.
    """

    adds: Annotated[
        tuple[Annotated[str, AfterValidator(_check_addition)], ...],
        BeforeValidator(lambda data: [data] if isinstance(data, str) else data),
        Field(max_length=20),
    ] = ()
    better: Measure | None = None
    smaller_gap: Measure | None = None

    def unmet(self, run: Run, earlier: Run) -> Iterator[Message]:
        """Yields what a run lacks beside an earlier one, a sentence each."""
        now, then = _names(run.spec), _names(earlier.spec)
        for name in self.adds:
            if name not in now or name in then:
                title = Message(SWITCHES[name][0] if name in SWITCHES else name)
                yield Message(
                    N_("Train again with {what}, which the earlier run did not have."), params={"what": title}
                )
        if self.better is not None and not _is_better(self.better, run, earlier):
            yield Message(
                N_("{measure} should be at least as good as before."),
                params={"measure": measure_title(self.better)},
            )
        if self.smaller_gap is not None and not _gap(self.smaller_gap, run) < _gap(self.smaller_gap, earlier):
            yield Message(
                N_("Training and validation should differ less in {measure} than before."),
                params={"measure": metric_title(self.smaller_gap)},
            )


def _names(data: Mapping[str, Any]) -> frozenset[str]:
    """Returns the kinds and the switches of a run's spec; none if this version does not read it."""
    try:
        spec = ExperimentSpec.from_dict(data)
    except SpecError:
        return frozenset()
    kinds = [one.kind for one in (*spec.model.layers, *spec.augmentation)]
    return frozenset([*kinds, *(name for name, (_title, has) in SWITCHES.items() if has(spec))])


def _is_better(measure: str, run: Run, earlier: Run) -> bool:
    now, then = measured(run, measure), measured(earlier, measure)
    if now is None or then is None:
        return False
    return now >= then if higher_is_better(measure.removeprefix(TEST)) else now <= then


def measured(run: Run, name: str) -> float | None:
    """Returns what a run has measured, by the name of a check; None where it has not."""
    scope = Scope.TEST if name.startswith(TEST) else Scope.TRAIN
    measure = MeasureName.parse(name.removeprefix(TEST))
    if measure.on_validation:
        scope = Scope.VALIDATION
    return run.summary.get(scope.value, {}).get(measure.curve)


def _gap(name: str, run: Run) -> float:
    """Returns by how much training and validation differ; infinite where either was not measured."""
    train, validation = measured(run, name), measured(run, f"val_{name}")
    return math.inf if train is None or validation is None else abs(train - validation)


class DraftCheck(Conditions):
    """A draft of the lesson, as it should be.

    Attributes:
        searching: whether it is a search.
        varies: how many fields the search varies.
    """

    searching: bool | None = None
    varies: Range | None = None

    def lacking(self, draft: Draft) -> tuple[Message, ...]:
        """Returns what a draft lacks, a sentence each."""
        found = self.unmet(draft.spec)
        space = draft.search.get("space") or {}
        active = bool(draft.search.get("active", bool(space)))
        if self.searching is not None and self.searching != active:
            found.append(
                Message(N_("Make a search of it.") if self.searching else N_("Make a single run of it."))
            )
        if self.varies is not None and not self.varies.holds(len(space)):
            found.append(_varied(self.varies, len(space)))
        return tuple(found)


def _varied(wanted: Range, found: int) -> Message:
    return Message(
        N_("Let the search vary fields: {wanted}; now they are {found}."),
        params={"wanted": wanted.text, "found": found},
    )


class RunCheck(Conditions):
    """A run of the lesson, as it should be.

    Attributes:
        state: how far it is.
        metrics: measures and their limits.
        gap: by how much training and validation may differ, by the metric.
        compared: what it should have before an earlier run.
    """

    state: Progressed = Progressed.COMPLETED
    metrics: Annotated[dict[Measure, Range], Field(max_length=20)] = {}
    gap: Annotated[dict[Measure, Range], Field(max_length=20)] = {}
    compared: Comparison | None = None

    def lacking(self, run: Run, earlier: Sequence[Run]) -> tuple[Message, ...]:
        """Returns what a run lacks, a sentence each.

        Args:
            run: which one.
            earlier: those of the lesson that were queued before it.
        """
        found = self.unmet(run.spec)
        if self.compared is not None:
            found += _fewest((tuple(self.compared.unmet(run, one)) for one in earlier), _NO_EARLIER)
        if self.state is Progressed.COMPLETED and run.state is not RunState.COMPLETED:
            found.append(Message(_WAITING if not run.state.final else _ENDED))
            return tuple(found)
        for name, limits in self.metrics.items():
            value = measured(run, name)
            if value is None or not limits.holds(value):
                text = N_("{measure} should be {wanted}; it is {found}.")
                found.append(_number(text, name, limits, value))
        for name, limits in self.gap.items():
            value = _gap(name, run)
            if not limits.holds(value):
                text = N_("Training and validation should differ in {measure} by {wanted}; it is {found}.")
                known = value if math.isfinite(value) else None
                found.append(_number(text, name, limits, known, metric_title))
        return tuple(found)


_WAITING = N_("Wait until the training has completed.")
_ENDED = N_("The training ended before it had completed: start it again, or resume it.")
_NO_EARLIER = N_("Train another run, to be compared with the first one.")


def _number(
    text: str, name: str, limits: Range, value: float | None, title: Callable[[str], Message] = measure_title
) -> Message:
    """Says what a measure is and should be."""

    def write(number: float) -> str:
        return measure_text(name, number)

    found: object = Message(N_("not measured")) if value is None else write(value)
    return Message(text, params={"measure": title(name), "wanted": limits.words(write), "found": found})


class StudyCheck(SpecModel):
    """A search of the lesson, as it should be.

    Attributes:
        state: how far it is.
        dataset: on which data.
        trials: how many of its trials are complete.
        varies: how many fields it varies.
    """

    state: Progressed = Progressed.LAUNCHED
    dataset: str = ""
    trials: Range | None = None
    varies: Range | None = None

    def lacking(self, study: Study) -> tuple[Message, ...]:
        """Returns what a search lacks, a sentence each."""
        found = []
        if self.dataset and study.dataset != self.dataset:
            found.append(other_data(self.dataset, study.dataset))
        varied = len(study.spec.get("space") or {})
        if self.varies is not None and not self.varies.holds(varied):
            found.append(_varied(self.varies, varied))
        complete = study.counts.get(TrialState.COMPLETE, 0)
        if self.trials is not None and not self.trials.holds(complete):
            params = {"wanted": self.trials.text, "found": complete}
            found.append(Message(N_("Trials that are complete: {wanted}; so far: {found}."), params=params))
        if self.state is Progressed.COMPLETED and study.state is not StudyState.COMPLETED:
            found.append(Message(N_("Wait until the search has completed.")))
        return tuple(found)


class VisitCheck(SpecModel):
    """A page that should be looked at.

    Attributes:
        page: which one.
        view: the name of its tab in the address; empty: whichever.
    """

    page: Page
    view: View = ""

    def lacking(self, visit: Visit | None) -> tuple[Message, ...]:
        """Returns that it is not open, unless it is."""
        if visit is not None and visit.page == self.page and self.view in ("", visit.view):
            return ()
        return (Message(N_("Open it and have a look.")),)


class Check(SpecModel):
    """What tells that a step is done: all that it names."""

    draft: DraftCheck | None = None
    run: RunCheck | None = None
    study: StudyCheck | None = None
    visit: VisitCheck | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if all(one is None for one in (self.draft, self.run, self.study, self.visit)):
            raise problem(
                SpecError(
                    N_("this check asks for nothing."),
                    hint=N_("Name `draft`, `run`, `study` or `visit`, or leave the check out."),
                )
            )
        return self

    def missing(self, evidence: Evidence) -> tuple[Message, ...]:
        """Returns what is still to do, a sentence each; nothing once the step is done.

        One draft, run or search that has all of it is enough; else it is said what the one lacks that lacks least, of
        several the latest.
        """
        found: list[Message] = []
        if self.draft is not None:
            found += _fewest(
                map(self.draft.lacking, evidence.drafts), N_("Begin the experiment of this lesson.")
            )
        if self.run is not None:
            check, runs = self.run, evidence.runs
            lacks = (check.lacking(run, runs[place + 1 :]) for place, run in enumerate(runs))
            found += _fewest(lacks, N_("Start the training."))
        if self.study is not None:
            found += _fewest(map(self.study.lacking, evidence.studies), N_("Start the search."))
        if self.visit is not None:
            found += self.visit.lacking(evidence.visit)
        return tuple(found)


def _fewest(lacks: Iterable[tuple[Message, ...]], none: str) -> tuple[Message, ...]:
    """Returns the shortest, of equal ones the first; where there are none, that as a sentence."""
    found = list(lacks)
    return min(found, key=len) if found else (Message(none),)
