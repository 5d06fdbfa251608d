"""Samplers that learn from the trials so far."""

import importlib
from functools import cache
from typing import Annotated, Any, ClassVar

import optuna
from optuna.distributions import (
    CategoricalDistribution,
)
from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.search.samplers.base import SAMPLERS, Sampler, SamplerTask, Space
from dlcore.spec.fields import arg

STARTUP_HELP = N_("Random trials before it starts to learn.")
POPULATION_HELP = N_("Trials per generation.")
Share = Annotated[float, Field(ge=0, le=1)]


@SAMPLERS.register
class TPESampler(Sampler):
    """Tree-structured Parzen estimator (Bergstra et al., 2011; Watanabe, 2023)."""

    summary: ClassVar[str] = N_("Models where good and bad trials are: a good first choice.")

    n_startup_trials: int = arg(10, STARTUP_HELP, ge=0, le=100_000, label=N_("First trials"))
    n_ei_candidates: int = arg(
        24,
        N_("Candidates among which it takes the best."),
        ge=1,
        le=10_000,
        advanced=True,
        label=N_("Candidates"),
    )
    multivariate: bool | None = arg(
        None,
        N_("Whether dimensions are modeled jointly; empty: yes with one metric."),
        advanced=True,
    )
    group: bool = arg(
        False,
        N_("Looks at conditional dimensions together, group by group; needs multivariate."),
        advanced=True,
    )
    constant_liar: bool = arg(
        True, N_("Avoids the values of running trials, so that parallel ones differ."), advanced=True
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
    packages: ClassVar[tuple[str, ...]] = ("torch",)

    n_startup_trials: int = arg(10, STARTUP_HELP, ge=1, le=100_000, label=N_("First trials"))
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

    n_startup_trials: int = arg(1, STARTUP_HELP, ge=0, le=100_000, label=N_("First trials"))
    popsize: int | None = arg(
        None,
        N_("Trials per generation; empty: chosen automatically."),
        ge=4,
        le=100_000,
        label=N_("Population size"),
    )
    consider_pruned_trials: bool = arg(False, N_("Whether it also learns from pruned trials."), advanced=True)
    use_separable_cma: bool = arg(
        False, N_("Treats the dimensions as independent."), advanced=True, label=N_("Separable")
    )
    with_margin: bool = arg(False, N_("Keeps whole numbers from being stuck at one value."), advanced=True)
    lr_adapt: bool = arg(
        False, N_("Adjusts its own step size, for noisy values."), advanced=True, label=N_("Adapt its pace")
    )

    def check(self, task: SamplerTask) -> None:
        """As all; it learns of numbers that every trial has, and its variants exclude each other."""
        super().check(task)
        if task.constrained:
            raise SpecError(
                N_("CmaEsSampler ignores constraints."),
                hint=N_("Choose TPESampler, or remove the constraints."),
            )
        if not _numbers(task):
            raise SpecError(
                N_("CmaEsSampler needs a numeric range that every trial has."),
                hint=N_("Choose TPESampler, or add a range."),
            )
        chosen = [n for n in ("use_separable_cma", "with_margin", "lr_adapt") if getattr(self, n)]
        if len(chosen) > 1:
            raise SpecError(
                N_("only one variant can be chosen, got {given}."),
                hint=N_("Turn off all but one."),
                where=chosen[1],
                given=", ".join(chosen),
            )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return _CmaEs(
            _numbers(task),
            **self.arguments(),
            independent_sampler=optuna.samplers.RandomSampler(seed=task.own_seed),
            warn_independent_sampling=False,
            # Of the study: Optuna itself adds the trial's number.
            seed=task.seed,
        )


def _numbers(task: SamplerTask) -> Space:
    """Returns the ranges that every trial has."""
    return {
        path: of for path, of in sorted(task.always.items()) if not isinstance(of, CategoricalDistribution)
    }


class _CmaEs(optuna.samplers.CmaEsSampler):
    """CMA-ES over the numbers that every trial has.

    Optuna takes those that all trials so far had in common. When a conditional one is missing for the
    first time they become fewer, the state in the storage no longer fits, and all further trials are random.
    """

    def __init__(self, space: Space, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._space = space

    def infer_relative_search_space(self, study: Any, trial: Any) -> Space:
        return {path: of for path, of in self._space.items() if not of.single()}


class GeneticSampler(Sampler):
    """The base of the genetic samplers."""

    # Optuna's 50 would leave most searches at their first generation, which is random.
    population_size: int = arg(20, POPULATION_HELP, ge=2, le=100_000)
    mutation_prob: Share | None = arg(
        None, N_("How often a value is resampled; empty: once per trial."), advanced=True
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

    summary: ClassVar[str] = N_("A genetic algorithm for three or more metrics.")

    dividing_parameter: int = arg(
        3, N_("The number of divisions of each metric between reference points."), ge=1, le=100, advanced=True
    )

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        return optuna.samplers.NSGAIIISampler(**self.arguments(), seed=task.own_seed)


@SAMPLERS.register
class AutoSampler(Sampler):
    """OptunaHub's choice among the others by what has been seen so far."""

    summary: ClassVar[str] = N_("Chooses a sampler automatically; downloaded from OptunaHub.")
    packages: ClassVar[tuple[str, ...]] = ("optunahub", "torch")

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        made: optuna.samplers.BaseSampler = _auto_sampler()(seed=task.own_seed)
        return made


@cache
def _auto_sampler() -> Any:
    hub: Any = importlib.import_module("optunahub")
    return hub.load_module("samplers/auto_sampler").AutoSampler
