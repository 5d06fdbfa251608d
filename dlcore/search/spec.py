"""What a search is: an experiment, the space around it, and how it is searched."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, field_validator

from dlcore.errors import N_, SpecError
from dlcore.field_path import FieldPath
from dlcore.records import Direction
from dlcore.search.dimensions import AnyDimension, Choices, Dimension, Range
from dlcore.search.measures import MEASURES, WhenKnown, check_measured, default_objective, measure
from dlcore.search.pruners import AnyPruner, MedianPruner, NopPruner
from dlcore.search.samplers import AnySampler, SamplerTask, TPESampler
from dlcore.search.space import Space
from dlcore.spec.base import SpecModel, problem
from dlcore.spec.checks import check
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fields import Line, arg
from dlcore.spec.problems import parse
from dlcore.spec.reading import read_file, read_text

SPACE = FieldPath.of("space")
MAX_OBJECTIVES = 4
Finite = Annotated[float, Field(allow_inf_nan=False)]


class SearchOptions(SpecModel):
    """How a space is searched, and for how long."""

    metrics: tuple[Line, ...] = arg(
        (),
        N_("The metrics to optimize; empty: chosen by the dataset's task. Several give a Pareto front."),
        ordered=True,
    )
    constraints: dict[Line, Finite] = arg(
        {},
        N_(
            "Limits a trial must respect: a maximum for what should be small, a minimum for what "
            "should be large."
        ),
    )
    sampler: AnySampler = arg(TPESampler(), N_("How the next parameters are chosen."))
    pruner: AnyPruner = arg(MedianPruner(), N_("Which trials are pruned."))
    max_trials: int | None = arg(
        50, N_("Stops after this many trials; empty: no limit."), ge=1, le=1_000_000, label=N_("Trials")
    )
    max_seconds: float | None = arg(
        None, N_("Stops after this many seconds; empty: no limit."), gt=0, label=N_("Seconds")
    )
    target: Finite | None = arg(None, N_("Stops when the first metric is this good."))
    parallel: int = arg(
        0,
        N_("The number of parallel trials; 0: as many as fit."),
        ge=0,
        le=1_000,
        label=N_("Parallel trials"),
    )
    seeds: int = arg(
        1,
        N_("Each trial is repeated with this many seeds and judged by the mean."),
        ge=1,
        le=100,
        label=N_("Seeds per trial"),
    )
    try_defaults: bool = arg(True, N_("The first trial has the experiment's values."))
    first: tuple[dict[Line, Any], ...] = arg(
        (), N_("Parameters to try first, path and value."), max_length=1_000, advanced=True
    )
    seed: int = arg(0, N_("Fixes which values are proposed."), ge=0, lt=2**31, advanced=True)

    @field_validator("metrics")
    @classmethod
    def _known(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(metrics):
            _problem_of(name, f"[{index}]")
        return metrics

    @field_validator("constraints")
    @classmethod
    def _limit_known(cls, constraints: dict[str, float]) -> dict[str, float]:
        for name in constraints:
            _problem_of(name, name)
        return constraints


def _problem_of(name: str, where: str) -> None:
    try:
        measure(name, where=where)
    except SpecError as error:
        raise problem(error) from None


class SearchSpec(SpecModel):
    """A search; in a file its experiment's fields stand beside `space` and `search`.

    Example:
        >>> spec = SearchSpec.from_dict({"dataset": {"name": "digits"}, "space": {"training.epochs": [1, 2]}})
        >>> spec.space["training.epochs"].choices
        (1, 2)
    """

    experiment: ExperimentSpec = arg(ExperimentSpec(), N_("What is varied."))
    space: dict[Line, AnyDimension] = arg(
        {}, N_("The path of each searched field, and what it can be."), max_length=200
    )
    search: SearchOptions = arg(SearchOptions(), N_("How it is searched."))

    @classmethod
    def from_dict(cls, data: Any) -> "SearchSpec":
        """Returns a search from what JSON or YAML gave.

        Raises:
            SpecError: the first problem, with its path.
        """
        if not isinstance(data, dict):
            return parse(cls, data)
        own = {name: data[name] for name in ("space", "search") if name in data}
        rest = {name: value for name, value in data.items() if name not in own}
        return parse(cls, {"experiment": ExperimentSpec.from_dict(rest), **own})

    @classmethod
    def load(cls, path: Path) -> "SearchSpec":
        """Returns a search from a file.

        Raises:
            SpecError: the file is absent, unreadable, or no search.
        """
        return cls.from_dict(read_text(read_file(path)))

    def to_dict(self) -> dict[str, Any]:
        """Returns the whole search, JSON-ready, as it appears in a file."""
        own = self.model_dump(mode="json", include={"space", "search"})
        return {**self.experiment.to_dict(), **own}

    def to_yaml(self) -> str:
        """Returns the search as YAML for people: what equals its default is left out."""
        space = {path: _short(dimension) for path, dimension in self.space.items()}
        own = {"space": space, "search": self.search.model_dump(mode="json", exclude_defaults=True)}
        text = yaml.safe_dump(own, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
        return f"{self.experiment.to_yaml()}{text}"

    def metrics(self, facts: DatasetFacts) -> tuple[str, ...]:
        """Returns what is optimised, by name."""
        return self.search.metrics or (default_objective(facts.task),)

    def directions(self, facts: DatasetFacts) -> tuple[Direction, ...]:
        """Returns which way each of them is better."""
        return tuple(MEASURES[name].direction for name in self.metrics(facts))

    def pruner(self, facts: DatasetFacts) -> Any:
        """Returns the pruner as it will be used: none where trials cannot be compared before they end."""
        metrics = self.metrics(facts)
        comparable = len(metrics) == 1 and MEASURES[metrics[0]].known is WhenKnown.EPOCH
        return self.search.pruner if comparable else NopPruner()

    def prepared(self) -> ExperimentSpec:
        """Returns the experiment, made to measure all that trials are judged by."""
        judged = {*self.search.metrics, *self.search.constraints}
        if "latency_ms" not in judged or self.experiment.training.measure_latency:
            return self.experiment
        return self.experiment.with_values({"training.measure_latency": True})


def _short(dimension: Dimension) -> Any:
    """Returns a dimension as users write it."""
    if isinstance(dimension, Choices):
        return list(dimension.choices)
    data = dimension.model_dump(mode="json", exclude_defaults=True)
    if isinstance(dimension, Range):
        del data["kind"]
        data |= {"low": dimension.low, "high": dimension.high}
    return data


def check_search(spec: SearchSpec, facts: DatasetFacts) -> Space:
    """Checks all of a search that can be known before it begins.

    Args:
        spec: the search.
        facts: of its dataset.

    Returns:
        Its space.

    Raises:
        SpecError: the first problem; its path starts at the root of the file.
    """
    experiment, options = spec.prepared(), spec.search
    check(experiment, facts)
    if not spec.space:
        raise SpecError(
            N_("nothing is searched: no field is a range or a set."),
            hint=N_("Turn at least one field into a dimension."),
            where=str(SPACE),
        )
    space = Space(experiment, spec.space, facts)
    metrics = spec.metrics(facts)
    _check_options(spec, facts)
    if len(metrics) > MAX_OBJECTIVES or len(set(metrics)) < len(metrics):
        raise SpecError(
            N_("expected at most {most} different metrics."),
            hint=N_("Make the others constraints."),
            where="search.metrics",
            most=MAX_OBJECTIVES,
        )
    for index, params in enumerate(options.first):
        try:
            space.fitting(params)
        except SpecError as error:
            raise error.under(f"search.first[{index}]") from None
    try:
        options.sampler.check(sampler_task(spec, space, facts))
    except SpecError as error:
        raise error.under("search.sampler") from None
    return space


def _check_options(spec: SearchSpec, facts: DatasetFacts) -> None:
    options, metrics = spec.search, spec.metrics(facts)
    has_validation = spec.experiment.dataset.division(facts).validation > 0
    for where, names in (("search.metrics", metrics), ("search.constraints", options.constraints)):
        for name in names:
            check_measured(name, spec.experiment, facts.task, has_validation=has_validation, where=where)
    if options.target is not None and len(metrics) > 1:
        raise SpecError(
            N_("a target is for a search with one metric."),
            hint=N_("Leave it empty, or make the other metrics constraints."),
            where="search.target",
        )
    if options.pruner.per_seed and options.seeds < 2:
        raise SpecError(
            N_("{pruner} compares trials seed by seed, so it needs several."),
            hint=N_("Raise search.seeds, or choose another pruner."),
            where="search.pruner",
            pruner=options.pruner.kind,
        )


def sampler_task(spec: SearchSpec, space: Space, facts: DatasetFacts, trial: int = 0) -> SamplerTask:
    """Returns what the sampler is given for the trial of that number."""
    return SamplerTask(
        seed=spec.search.seed,
        trial=trial,
        distributions=space.distributions,
        objectives=len(spec.metrics(facts)),
        constrained=bool(spec.search.constraints),
        conditional=space.conditional,
    )
