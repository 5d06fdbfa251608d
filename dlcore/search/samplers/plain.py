"""Samplers that do not learn: random, even, or exhaustive."""

import math
from typing import Any, ClassVar, Literal

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dlcore.errors import N_, SpecError
from dlcore.search.samplers.base import SAMPLERS, Sampler, SamplerTask, Space
from dlcore.spec.fields import arg


@SAMPLERS.register
class RandomSampler(Sampler):
    """Each trial independent of all others (Bergstra and Bengio, 2012)."""

    summary: ClassVar[str] = N_("Random sampling: the baseline for all others.")

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.RandomSampler(seed=task.own_seed)


@SAMPLERS.register
class QMCSampler(Sampler):
    """Quasi-Monte Carlo: points that fill the space evenly (Bergstra and Bengio, 2012)."""

    summary: ClassVar[str] = N_("Covers the space more evenly than random sampling.")

    qmc_type: Literal["sobol", "halton"] = arg("sobol", N_("The sequence of points."), label=N_("Sequence"))
    scramble: bool = arg(True, N_("Shifts the sequence at random, fixed by the seed."))

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return _QMC(
            dict(sorted(task.distributions.items())),
            qmc_type=self.qmc_type,
            scramble=self.scramble,
            # One sequence for the whole study, or its points would repeat.
            seed=task.seed,
            independent_sampler=optuna.samplers.RandomSampler(seed=task.own_seed),
            warn_independent_sampling=False,
        )


class _QMC(optuna.samplers.QMCSampler):
    """A sequence over the whole space.

    Optuna draws the first trial at random, and covers only the dimensions that this one has.
    """

    def __init__(self, space: Space, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._space = space

    def infer_relative_search_space(self, study: Any, trial: Any) -> Space:
        return {path: of for path, of in self._space.items() if not of.single()}


@SAMPLERS.register
class GridSampler(Sampler):
    """Every combination of values on a grid."""

    summary: ClassVar[str] = N_("Every combination of evenly spaced values, once.")

    points: int = arg(4, N_("Values of a range without a step."), ge=2, le=1_000)

    not_arguments: ClassVar[frozenset[str]] = frozenset({"points"})

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        grid = {path: self._values(of) for path, of in task.distributions.items()}
        # One order for the whole study, or combinations would repeat.
        return optuna.samplers.GridSampler(grid, seed=task.seed)

    def check(self, task: SamplerTask) -> None:
        """As all; every trial has all dimensions, and the grid is small enough to be written down."""
        super().check(task)
        if task.conditional:
            raise SpecError(
                N_("GridSampler would try the same again where {path} does not exist."),
                hint=N_("Choose BruteForceSampler."),
                path=min(task.conditional),
            )
        size = math.prod(len(self._values(of)) for of in task.distributions.values())
        if size > MAX_GRID:
            raise SpecError(
                N_("the grid has {size} combinations; at most {most} can be listed."),
                hint=N_("Widen the steps, or choose TPESampler."),
                size=size,
                most=MAX_GRID,
            )

    def exhausted(self, study: optuna.study.Study, task: SamplerTask) -> bool:
        """Returns whether each combination is finished or on its way."""
        size = math.prod(len(self._values(of)) for of in task.distributions.values())
        known = {trial.system_attrs.get("grid_id") for trial in study.get_trials(deepcopy=False)}
        return len(known - {None}) >= size

    def _values(self, distribution: BaseDistribution) -> list[Any]:
        match distribution:
            case CategoricalDistribution():
                return list(distribution.choices)
            case IntDistribution() if not distribution.log:
                whole = range(distribution.low, distribution.high + 1, distribution.step)
                return (
                    list(whole) if distribution.step > 1 or len(whole) <= self.points else self._some(whole)
                )
            case FloatDistribution() if distribution.step is not None:
                count = round((distribution.high - distribution.low) / distribution.step)
                return [round(distribution.low + n * distribution.step, 12) for n in range(count + 1)]
            case FloatDistribution() | IntDistribution():
                space = np.geomspace if distribution.log else np.linspace
                spread = space(distribution.low, distribution.high, self.points)
                # Rounding must not leave the range.
                inside = np.clip(spread, distribution.low, distribution.high).tolist()
                if isinstance(distribution, IntDistribution):
                    return sorted({round(value) for value in inside})
                return list(inside)
            case _:
                raise TypeError(repr(distribution))

    def _some(self, whole: range) -> list[int]:
        return [whole[round(i)] for i in np.linspace(0, len(whole) - 1, self.points).tolist()]


MAX_GRID = 100_000


@SAMPLERS.register
class BruteForceSampler(Sampler):
    """Every combination, conditional dimensions included."""

    summary: ClassVar[str] = N_("Every possible combination, conditional ones included, once.")

    avoid_premature_stop: bool = arg(
        False, N_("Continues until no failed or running trial is left."), advanced=True
    )

    def check(self, task: SamplerTask) -> None:
        """As all; there must be a last combination."""
        super().check(task)
        for path, distribution in task.distributions.items():
            if isinstance(distribution, FloatDistribution) and distribution.step is None:
                raise SpecError(
                    N_("{path} has no step, so its values cannot all be tried."),
                    hint=N_("Give it a step or a set of choices, or choose another sampler."),
                    path=path,
                )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.BruteForceSampler(
            seed=task.own_seed, avoid_premature_stop=self.avoid_premature_stop
        )
