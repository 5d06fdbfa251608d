"""How the next parameters are chosen: Optuna's samplers, under its names and with its arguments.

A new sampler is made for every trial, seeded by the trial's number. So a driver that was killed and
comes back proposes what it would have proposed; what a sampler must remember lies in Optuna's storage.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import arg

STARTUP_HELP = N_("Random trials before it begins to learn.")
POPULATION_HELP = N_("Trials of one generation.")
Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class SamplerTask:
    """What a sampler is told.

    Attributes:
        seed: of the study.
        trial: the number of the trial it shall propose.
        distributions: every dimension, the conditional ones too.
        objectives: how many values a trial has.
    """

    seed: int
    trial: int
    distributions: Mapping[str, BaseDistribution]
    objectives: int = 1

    @property
    def own_seed(self) -> int:
        """A seed for this trial alone."""
        return int(np.random.SeedSequence([self.seed, self.trial]).generate_state(1)[0])


class Sampler(Kind):
    """What all samplers share."""

    namespace: ClassVar[str] = "samplers"
    many_objectives: ClassVar[bool] = True
    """Whether it can make several metrics better at once."""
    constrained: ClassVar[bool] = False
    """Whether it keeps to constraints by itself, beyond what a trial's verdict tells."""
    package: ClassVar[str] = ""
    """What it needs on top, as Python imports it."""

    def make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        """Optuna's sampler for one trial."""
        with warnings.catch_warnings():
            # "Experimental" says that Optuna may change its arguments, not that it does not work.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return self._make(task)

    def check(self, task: SamplerTask) -> None:
        """Checks that it can do the task.

        Raises:
            SpecError: it cannot; says what to do.
        """
        if task.objectives > 1 and not self.many_objectives:
            raise SpecError(
                N_("{sampler} makes one metric better, not several."),
                hint=N_("Choose NSGAIISampler or TPESampler, or make the others constraints."),
                sampler=self.kind,
            )
        if self.package and importlib.util.find_spec(self.package) is None:
            raise SpecError(
                N_("{sampler} needs the Python package {package}, which is not installed."),
                hint=N_("Call `pip install {package}`, or choose another sampler."),
                sampler=self.kind,
                package=self.package,
            )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        raise NotImplementedError


SAMPLERS = Registry(N_("sampler"), Sampler)


@SAMPLERS.register
class TPESampler(Sampler):
    """Tree-structured Parzen estimator (Bergstra et al., 2011; Watanabe, 2023)."""

    summary: ClassVar[str] = N_("Learns where good and bad trials lie: a good first choice.")
    constrained: ClassVar[bool] = True

    n_startup_trials: int = arg(10, STARTUP_HELP, ge=0, le=100_000)
    n_ei_candidates: int = arg(
        24, N_("Candidates among which it takes the best."), ge=1, le=10_000, advanced=True
    )
    multivariate: bool | None = arg(
        None,
        N_("Whether it looks at all dimensions together; empty: with one metric it does."),
        advanced=True,
    )
    group: bool = arg(
        False,
        N_("Looks at conditional dimensions together, group by group; needs multivariate."),
        advanced=True,
    )
    constant_liar: bool = arg(
        True, N_("Keeps away from trials that still run, so that parallel ones differ."), advanced=True
    )

    def check(self, task: SamplerTask) -> None:
        """As all, and `group` goes with `multivariate` alone."""
        super().check(task)
        if self.group and not (self.multivariate or (self.multivariate is None and task.objectives == 1)):
            raise SpecError(
                N_("group needs multivariate."), hint=N_("Set multivariate as well."), where="group"
            )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.TPESampler(
            n_startup_trials=self.n_startup_trials,
            n_ei_candidates=self.n_ei_candidates,
            multivariate=self.multivariate,
            group=self.group,
            constant_liar=self.constant_liar,
            seed=task.own_seed,
        )


@SAMPLERS.register
class GPSampler(Sampler):
    """Bayesian optimisation with a Gaussian process."""

    summary: ClassVar[str] = N_("A Gaussian process: strong with few trials, slow with thousands.")
    constrained: ClassVar[bool] = True
    package: ClassVar[str] = "torch"

    n_startup_trials: int = arg(10, STARTUP_HELP, ge=1, le=100_000)
    deterministic_objective: bool = arg(
        False, N_("Whether the same parameters always give the same value."), advanced=True
    )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.GPSampler(
            n_startup_trials=self.n_startup_trials,
            deterministic_objective=self.deterministic_objective,
            seed=task.own_seed,
            warn_independent_sampling=False,
        )


@SAMPLERS.register
class CmaEsSampler(Sampler):
    """Covariance matrix adaptation evolution strategy (Hansen, 2016)."""

    summary: ClassVar[str] = N_("An evolution strategy: strong with numbers and hundreds of trials.")
    many_objectives: ClassVar[bool] = False

    n_startup_trials: int = arg(1, STARTUP_HELP, ge=0, le=100_000)
    sigma0: float | None = arg(
        None, N_("How far it looks at first; empty: a sixth of each range."), gt=0, advanced=True
    )
    popsize: int | None = arg(None, N_("Trials of one generation; empty: chosen by it."), ge=2, le=100_000)
    consider_pruned_trials: bool = arg(False, N_("Whether it learns from pruned trials, too."), advanced=True)
    use_separable_cma: bool = arg(
        False, N_("Takes the dimensions as independent of each other."), advanced=True
    )
    with_margin: bool = arg(False, N_("Keeps whole numbers from being stuck at one value."), advanced=True)
    lr_adapt: bool = arg(False, N_("Adapts its own pace, for noisy values."), advanced=True)

    def check(self, task: SamplerTask) -> None:
        """As all; its variants exclude each other."""
        super().check(task)
        chosen = [n for n in ("use_separable_cma", "with_margin", "lr_adapt") if getattr(self, n)]
        if len(chosen) > 1:
            raise SpecError(
                N_("only one variant can be chosen, got {given}."),
                hint=N_("Switch all but one off."),
                where=chosen[1],
                given=", ".join(chosen),
            )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.CmaEsSampler(
            **self.arguments(),
            independent_sampler=optuna.samplers.RandomSampler(seed=task.own_seed),
            warn_independent_sampling=False,
            seed=task.own_seed,
        )


class GeneticSampler(Sampler):
    """What the genetic samplers share."""

    constrained: ClassVar[bool] = True

    population_size: int = arg(50, POPULATION_HELP, ge=2, le=100_000)
    mutation_prob: Share | None = arg(
        None, N_("How often a value is drawn anew; empty: once a trial."), advanced=True
    )
    crossover_prob: Share = arg(0.9, N_("How often a trial has two parents."), advanced=True)
    swapping_prob: Share = arg(0.5, N_("How often a value comes from the second parent."), advanced=True)


@SAMPLERS.register
class NSGAIISampler(GeneticSampler):
    """Non-dominated sorting genetic algorithm II (Deb et al., 2002)."""

    summary: ClassVar[str] = N_("A genetic algorithm for two or three metrics at once.")

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.NSGAIISampler(**self.arguments(), seed=task.own_seed)


@SAMPLERS.register
class NSGAIIISampler(GeneticSampler):
    """Non-dominated sorting genetic algorithm III (Deb and Jain, 2014)."""

    summary: ClassVar[str] = N_("A genetic algorithm for three metrics and more.")

    dividing_parameter: int = arg(
        3, N_("How finely the reference points divide each metric."), ge=1, le=100, advanced=True
    )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.NSGAIIISampler(**self.arguments(), seed=task.own_seed)


@SAMPLERS.register
class RandomSampler(Sampler):
    """Each trial independent of all others (Bergstra and Bengio, 2012)."""

    summary: ClassVar[str] = N_("Pure chance: the measure for all others.")

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.RandomSampler(seed=task.own_seed)


@SAMPLERS.register
class QMCSampler(Sampler):
    """Quasi-Monte Carlo: points that fill the space evenly (Bergstra and Bengio, 2012)."""

    summary: ClassVar[str] = N_("Fills the space evenly, better than chance.")

    qmc_type: Literal["sobol", "halton"] = arg("sobol", N_("The sequence of points."))
    scramble: bool = arg(True, N_("Shifts the sequence by chance, fixed by the seed."))

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.QMCSampler(
            qmc_type=self.qmc_type,
            scramble=self.scramble,
            # One sequence for the whole study, or its points would repeat.
            seed=task.seed,
            independent_sampler=optuna.samplers.RandomSampler(seed=task.own_seed),
            warn_independent_sampling=False,
        )


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
        """As all; a grid must be small enough to be written down."""
        super().check(task)
        size = math.prod(len(self._values(of)) for of in task.distributions.values())
        if size > MAX_GRID:
            raise SpecError(
                N_("the grid has {size} combinations; at most {most} can be listed."),
                hint=N_("Widen the steps, or choose TPESampler."),
                size=size,
                most=MAX_GRID,
            )

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

    summary: ClassVar[str] = N_("Every combination there is, conditional ones too, once.")

    avoid_premature_stop: bool = arg(
        False, N_("Goes on until nothing that failed or runs is left."), advanced=True
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


@SAMPLERS.register
class AutoSampler(Sampler):
    """OptunaHub's choice among the others by what has been seen so far."""

    summary: ClassVar[str] = N_("Chooses a sampler by itself; is downloaded from OptunaHub.")
    constrained: ClassVar[bool] = True
    package: ClassVar[str] = "optunahub"

    def check(self, task: SamplerTask) -> None:
        """As all; it must be here or be downloaded."""
        super().check(task)
        try:
            self.make(task)
        except Exception as error:
            # OptunaHub passes on whatever network, git or the downloaded module raise.
            raise SpecError(
                N_("AutoSampler cannot be loaded from OptunaHub: {reason}."),
                hint=N_("Check the network, or choose TPESampler."),
                reason=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
            ) from error

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        hub: Any = importlib.import_module("optunahub")
        made: optuna.samplers.BaseSampler = hub.load_module("samplers/auto_sampler").AutoSampler(
            seed=task.own_seed
        )
        return made


AnySampler = Annotated[SerializeAsAny[Sampler], BeforeValidator(SAMPLERS.parse)]
