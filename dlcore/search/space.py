"""The space of a search: from the parameters of a trial to its experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.field_path import FieldPath
from dlcore.search.dimensions import (
    Choices,
    Dimension,
    Label,
    Presence,
    Repeat,
    TrialDimension,
    contains,
    distribution_of,
)
from dlcore.search.places import Places, normal_path
from dlcore.search.structure import repeated
from dlcore.spec.checks import check
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.paths import get_at, layer_of, set_at

Suggest = Callable[[str, BaseDistribution], Any]
"""Gives a dimension, by its path and distribution, its value."""

TRIED = 40
"""How many random trials of a space are checked before it is searched."""


@dataclass(frozen=True)
class Invalid:
    """Parameters within a space that make no valid experiment."""

    params: dict[str, Label]
    error: SpecError
    share: float
    """The share of the random trials that were invalid, from 0 to 1."""


@dataclass
class _PartialExperiment:
    """An experiment on its way from the base to that of a trial."""

    data: dict[str, Any]
    params: dict[str, Label] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    times: list[tuple[str, str, int]] = field(default_factory=list)


class Space:
    """What differs from trial to trial, around an experiment.

    A dimension is asked for only where it exists: the momentum of an optimizer only if the trial has an
    optimizer with momentum, the units of a layer only if the layer is there.

    Args:
        base: the experiment; what no dimension changes stays as it is there.
        dimensions: path to dimension.
        facts: of its dataset.

    Attributes:
        asked: the dimensions in the order in which a trial is asked for them.

    Raises:
        SpecError: a path that is in no trial, or a dimension that does not fit its field; its path
            starts at `space`.
    """

    def __init__(
        self, base: ExperimentSpec, dimensions: Mapping[str, Dimension], facts: DatasetFacts
    ) -> None:
        self.base, self._facts = base, facts
        self._base_data = base.to_dict()
        named: dict[FieldPath, Dimension] = {}
        texts: dict[FieldPath, str] = {}
        for text, dimension in dimensions.items():
            try:
                path = normal_path(text, base.model)
            except SpecError as error:
                raise error.at(f"space.{text}") from None
            named[path], texts[path] = dimension, text
        self._places = Places(base, named, facts)
        self.asked = tuple(self._as_asked(path, named[path], texts[path]) for path in sorted(named, key=len))

    def _as_asked(self, path: FieldPath, dimension: Dimension, text: str) -> TrialDimension:
        try:
            whole = self._places.check(path, dimension)
        except SpecError as error:
            raise error.at(f"space.{text}") from None
        return TrialDimension(path, dimension, distribution_of(dimension, whole=whole))

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Every dimension in Optuna's terms, the conditional ones too."""
        return {one.name: one.distribution for one in self.asked}

    @cached_property
    def conditional(self) -> frozenset[str]:
        """The dimensions that some trials do not have."""
        every = {one.name for one in self.asked}
        return frozenset(path for corner in self._corners() for path in every - set(self.propose(corner)[0]))

    def propose(self, suggest: Suggest) -> tuple[dict[str, Label], dict[str, Any]]:
        """Asks for each dimension that the trial has; returns its parameters and its experiment as JSON."""
        building = _PartialExperiment(self.base.to_dict())
        for one in self.asked:
            if self._applies(one, building):
                value = suggest(one.name, one.distribution)
                building.params[one.name] = value
                self._apply(one, value, building)
        layers = building.data["model"]["layers"]
        for first, last, times in building.times:
            layers = repeated(layers, first, last, times)
        building.data["model"]["layers"] = layers
        return building.params, building.data

    def experiment(self, params: Mapping[str, Label]) -> ExperimentSpec:
        """Returns the checked experiment of a trial.

        Args:
            params: path to value, of each dimension that the trial has.

        Raises:
            SpecError: the parameters are incomplete, or make no valid experiment.
        """

        def given(path: str, distribution: BaseDistribution) -> Label:
            if path not in params or not contains(distribution, params[path]):
                raise _beyond(path)
            return params[path]

        return self.checked(self.propose(given)[1])

    def checked(self, data: dict[str, Any]) -> ExperimentSpec:
        """Returns the experiment made of its JSON object, if it can be run.

        Raises:
            SpecError: it cannot.
        """
        spec = ExperimentSpec.from_dict(data)
        check(spec, self._facts)
        return spec

    def fitting(self, params: Mapping[str, Label]) -> dict[str, Label]:
        """Returns some parameters with their paths as this space writes them,
        each of which a dimension can have.

        Raises:
            SpecError: a path that is no dimension, or a value beyond its range.
        """
        params = {str(normal_path(path, self.base.model)): value for path, value in params.items()}
        for path, value in params.items():
            if path not in self.distributions:
                raise unknown_name(N_("dimension"), path, self.distributions, where=path)
            if not contains(self.distributions[path], value):
                raise _beyond(path)
        return params

    def defaults(self) -> dict[str, Label]:
        """Returns the base's own values, where they are within the space."""
        params: dict[str, Label] = {}

        def own(path: str, distribution: BaseDistribution) -> Label:
            one = next(one for one in self.asked if one.name == path)
            value, known = self._own(one)
            if known:
                params[path] = value
            return value if known else first_of(distribution)

        self.propose(own)
        return params

    def _own(self, one: TrialDimension) -> tuple[Label, bool]:
        """Returns the base's value of a dimension, and whether it is within it."""
        if isinstance(one.dimension, Presence):
            return True, True
        if isinstance(one.dimension, Repeat):
            return 1, one.dimension.low <= 1
        try:
            value = get_at(self._base_data, one.path)
        except SpecError:
            return None, False
        return self._places.own_label(one, value)

    def examples(self, count: int, seed: int = 0) -> Iterator[ExperimentSpec]:
        """Yields the valid ones among so many random trials."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        for _ in range(count):
            with suppress(SpecError):
                yield self.checked(self.propose(suggester(study.ask()))[1])

    def invalid(self, seed: int = 0) -> Invalid | None:
        """Returns an example of a trial that could not be run,
        if one is found among the corners and some others.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        found: tuple[dict[str, Label], SpecError] | None = None
        wrong = tried = 0
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        ways: list[Suggest] = list(self._corners())
        for number in range(len(ways) + TRIED):
            random = number >= len(ways)
            suggest = suggester(study.ask()) if random else ways[number]
            params, data = self.propose(suggest)
            tried += random
            try:
                self.checked(data)
            except SpecError as error:
                found = found or (params, error)
                wrong += random
        return None if found is None else Invalid(*found, wrong / tried)

    def _corners(self) -> Iterator[Suggest]:
        """Yields each limit and each choice, with all others as they are in the base."""
        defaults = self.defaults()
        for one in self.asked:
            for value in ends_of(one.distribution):

                def corner(
                    path: str, distribution: BaseDistribution, one: TrialDimension = one, value: Label = value
                ) -> Label:
                    if path == one.name:
                        return value
                    return defaults.get(path, first_of(distribution))

                yield corner

    def _applies(self, one: TrialDimension, building: _PartialExperiment) -> bool:
        layer = layer_of(one.path)
        if layer is not None:
            there = {item["name"] for item in building.data["model"]["layers"]} - building.absent
            if not {layer.key, layer.last or layer.key} <= there:
                return False
        if isinstance(one.dimension, (Presence, Repeat)):
            return layer is not None
        try:
            get_at(building.data, one.path)
        except SpecError:
            return False
        return True

    def _apply(self, one: TrialDimension, value: Label, building: _PartialExperiment) -> None:
        if isinstance(one.dimension, (Presence, Repeat)):
            self._repeat(one.path, int(value or 0), building)
        elif isinstance(one.dimension, Choices):
            chosen = one.dimension.value_of(value)
            before = get_at(building.data, one.path)
            set_at(building.data, one.path, self._places.spelled_out(one.path, chosen, before))
        else:
            set_at(building.data, one.path, value)

    def _repeat(self, path: FieldPath, times: int, building: _PartialExperiment) -> None:
        layer = path.element
        assert layer is not None
        first, last = layer.key, layer.last or layer.key
        building.times.append((first, last, times))
        if not times:
            names = [layer["name"] for layer in building.data["model"]["layers"]]
            building.absent |= set(names[names.index(first) : names.index(last) + 1])


def _beyond(path: str) -> SpecError:
    return SpecError(
        N_("expected a value within its range."),
        hint=N_("Give every dimension a value that it can have."),
        where=path,
    )


def suggester(trial: optuna.trial.Trial) -> Suggest:
    """Returns what asks Optuna's trial for values."""

    def suggest(path: str, distribution: BaseDistribution) -> Label:
        match distribution:
            case FloatDistribution():
                return trial.suggest_float(
                    path, distribution.low, distribution.high, log=distribution.log, step=distribution.step
                )
            case IntDistribution():
                return trial.suggest_int(
                    path, distribution.low, distribution.high, log=distribution.log, step=distribution.step
                )
            case CategoricalDistribution():
                chosen: Label = trial.suggest_categorical(path, distribution.choices)
                return chosen
            case _:
                raise TypeError(f"{path}: {distribution!r}")

    return suggest


def ends_of(distribution: BaseDistribution) -> tuple[Label, ...]:
    """Returns the limits of a range, or each choice."""
    if isinstance(distribution, CategoricalDistribution):
        return tuple(distribution.choices)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    return (distribution.low, distribution.high)


def first_of(distribution: BaseDistribution) -> Label:
    """Returns a value that a dimension can have."""
    return ends_of(distribution)[0]
