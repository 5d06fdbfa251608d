"""Pruners, which end bad trials early: Optuna's, under its names and with its arguments."""

import warnings
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

import optuna
from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry, problem
from dlcore.spec.fields import arg

WARMUP_HELP = N_("Epochs before a trial can be pruned.")
INTERVAL_HELP = N_("Epochs between two checks.")
STARTUP_HELP = N_("Trials that must finish before any is pruned.")
Epochs = Annotated[int, Field(ge=0, le=100_000)]
Interval = Annotated[int, Field(ge=1, le=100_000)]


class Pruner(Kind):
    """The base of all pruners."""

    namespace: ClassVar[str] = "pruners"
    per_seed: ClassVar[bool] = False
    """Whether it compares one value a seed instead of one an epoch."""

    def make(self, epochs: int, seed: int) -> optuna.pruners.BasePruner:
        """Returns Optuna's pruner.

        Args:
            epochs: how many a trial has at most.
            seed: of the study.
        """
        with warnings.catch_warnings():
            # "Experimental" says that Optuna may change its arguments, not that it does not work.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return self._make(epochs, seed)

    def _make(self, epochs: int, seed: int) -> optuna.pruners.BasePruner:
        made: Any = getattr(optuna.pruners, self.kind)
        pruner: optuna.pruners.BasePruner = made(**self.arguments())
        return pruner


PRUNERS = Registry(N_("pruner"), Pruner)


@PRUNERS.register
class MedianPruner(Pruner):
    """Prunes trials that are worse than the median of the others at the same epoch."""

    summary: ClassVar[str] = N_(
        "Prunes trials that are worse than the median of the others at the same epoch."
    )

    n_startup_trials: int = arg(5, STARTUP_HELP, ge=0, le=100_000, label=N_("First trials"))
    n_warmup_steps: Epochs = arg(0, WARMUP_HELP, label=N_("Epochs in the first round"))
    interval_steps: Interval = arg(1, INTERVAL_HELP, advanced=True)
    n_min_trials: int = arg(
        1,
        N_("Trials that must have reached the epoch to compare with."),
        ge=1,
        le=100_000,
        advanced=True,
        label=N_("Minimum number of trials"),
    )


@PRUNERS.register
class PercentilePruner(MedianPruner):
    """Keeps the best share of the trials at each epoch."""

    summary: ClassVar[str] = N_("Keeps the best share of the trials at each epoch.")

    percentile: float = arg(25.0, N_("The share that is kept, in per cent."), ge=0, le=100, first=True)


@PRUNERS.register
class SuccessiveHalvingPruner(Pruner):
    """Lets the better part continue from rung to rung (Jamieson and Talwalkar, 2016; Li et al., 2020)."""

    summary: ClassVar[str] = N_("Promotes only the better trials from rung to rung.")

    min_resource: Interval = arg(1, N_("Epochs that every trial gets."))
    reduction_factor: int = arg(4, N_("One in this many is promoted at each rung."), ge=2, le=100)
    min_early_stopping_rate: int = arg(0, N_("Rungs skipped at the start."), ge=0, le=20, advanced=True)
    bootstrap_count: int = arg(
        0, N_("Trials that must reach a rung before any is pruned there."), ge=0, le=100_000, advanced=True
    )


class _SeededHyperband(optuna.pruners.HyperbandPruner):
    """Optuna's own draws a trial's bracket by the name of the study: no two studies would be alike."""

    def __init__(self, seed: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._study_seed = seed

    def _get_bracket_id(self, study: Any, trial: Any) -> int:
        named: Any = SimpleNamespace(study_name=f"{self._study_seed}")
        return int(super()._get_bracket_id(named, trial))


@PRUNERS.register
class HyperbandPruner(Pruner):
    """Several successive halvings side by side (Li et al., 2018)."""

    summary: ClassVar[str] = N_("Several successive halvings, from bold to cautious.")

    min_resource: Interval = arg(1, N_("Epochs that every trial gets."))
    max_resource: Interval | None = arg(None, N_("Epochs of a whole trial; empty: those of the experiment."))
    reduction_factor: int = arg(3, N_("One in this many is promoted at each rung."), ge=2, le=100)
    bootstrap_count: int = arg(
        0, N_("Trials that must reach a rung before any is pruned there."), ge=0, le=100_000, advanced=True
    )

    def _make(self, epochs: int, seed: int) -> optuna.pruners.BasePruner:
        most = max(self.min_resource, self.max_resource or epochs)
        return _SeededHyperband(seed, **{**self.arguments(), "max_resource": most})


@PRUNERS.register
class WilcoxonPruner(Pruner):
    """A signed-rank test against the best trial, seed by seed (Wilcoxon, 1945)."""

    summary: ClassVar[str] = N_(
        "Prunes trials that a statistical test shows to be worse than the best, seed by seed."
    )
    per_seed: ClassVar[bool] = True

    p_threshold: float = arg(
        0.1, N_("The significance level of the test."), ge=0, le=1, label=N_("Threshold of p")
    )
    n_startup_steps: int = arg(
        2, N_("Seeds before a trial can be pruned."), ge=0, le=100, label=N_("Seeds in the first round")
    )


@PRUNERS.register
class ThresholdPruner(Pruner):
    """Prunes trials whose values leave a plausible range."""

    summary: ClassVar[str] = N_("Prunes trials whose value goes beyond a limit.")

    lower: float | None = arg(None, N_("Trials with a lower value are pruned; empty: no limit."))
    upper: float | None = arg(None, N_("Trials with a higher value are pruned; empty: no limit."))
    n_warmup_steps: Epochs = arg(0, WARMUP_HELP, label=N_("Epochs in the first round"))
    interval_steps: Interval = arg(1, INTERVAL_HELP, advanced=True)

    @model_validator(mode="after")
    def _in_order(self) -> "ThresholdPruner":
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise problem(
                SpecError(N_("the lower limit is above the upper one."), hint=N_("Swap them."), where="lower")
            )
        return self

    def _make(self, epochs: int, seed: int) -> optuna.pruners.BasePruner:
        if self.lower is None and self.upper is None:
            return optuna.pruners.NopPruner()
        return super()._make(epochs, seed)


@PRUNERS.register
class NopPruner(Pruner):
    """Prunes nothing."""

    summary: ClassVar[str] = N_("Every trial runs to its end.")


def _inner(data: Any) -> Any:
    return None if data is None else PRUNERS.parse(data)


@PRUNERS.register
class PatientPruner(Pruner):
    """Asks another pruner only once a trial has stopped getting better."""

    summary: ClassVar[str] = N_("Prunes only trials that have stopped improving.")
    not_arguments: ClassVar[frozenset[str]] = frozenset({"wrapped_pruner"})

    patience: int = arg(3, N_("Epochs without improvement."), ge=0, le=100_000)
    min_delta: float = arg(0.0, N_("The smallest change that counts as an improvement."), ge=0, advanced=True)
    wrapped_pruner: Annotated[SerializeAsAny[Pruner] | None, BeforeValidator(_inner)] = arg(
        None, N_("The pruner that decides then; empty: the trial is pruned immediately.")
    )

    def _make(self, epochs: int, seed: int) -> optuna.pruners.BasePruner:
        wrapped = None if self.wrapped_pruner is None else self.wrapped_pruner.make(epochs, seed)
        return optuna.pruners.PatientPruner(wrapped, **self.arguments())


AnyPruner = Annotated[SerializeAsAny[Pruner], BeforeValidator(PRUNERS.parse)]
