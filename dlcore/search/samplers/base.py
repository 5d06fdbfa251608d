"""How the next parameters are chosen: Optuna's samplers, under its names and with its arguments.

A new sampler is made for every trial, seeded by the trial's number. So a driver that was killed and
comes back proposes what it would have proposed; what a sampler must remember is in Optuna's storage.
"""

import importlib.util
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
)
from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry

Space = dict[str, BaseDistribution]


@dataclass(frozen=True)
class SamplerTask:
    """What a sampler is given.

    Attributes:
        seed: of the study.
        trial: the number of the trial it should propose.
        distributions: every dimension, the conditional ones too.
        objectives: how many values a trial has.
        constrained: whether there are constraints.
        conditional: the dimensions that only some trials have.
    """

    seed: int
    trial: int
    distributions: Mapping[str, BaseDistribution]
    objectives: int = 1
    constrained: bool = False
    conditional: frozenset[str] = frozenset()

    @property
    def always(self) -> dict[str, BaseDistribution]:
        """The dimensions that every trial has."""
        return {path: of for path, of in self.distributions.items() if path not in self.conditional}

    @property
    def own_seed(self) -> int:
        """A seed for this trial alone."""
        return int(np.random.SeedSequence([self.seed, self.trial]).generate_state(1)[0])


class Sampler(Kind):
    """The base of all samplers."""

    namespace: ClassVar[str] = "samplers"
    many_objectives: ClassVar[bool] = True
    """Whether it can make several metrics better at once."""
    packages: ClassVar[tuple[str, ...]] = ()
    """What it needs on top, as Python imports it."""

    def make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        """Returns Optuna's sampler for one trial."""
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
                N_("{sampler} optimizes one metric, not several."),
                hint=N_("Choose NSGAIISampler or TPESampler, or make the others constraints."),
                sampler=self.kind,
            )
        missing = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if missing:
            raise SpecError(
                N_("{sampler} needs Python packages that are not installed: {packages}."),
                hint=N_("Call `pip install {packages}`, or choose another sampler."),
                sampler=self.kind,
                packages=" ".join(missing),
            )

    def exhausted(self, study: optuna.study.Study, task: SamplerTask) -> bool:
        """Returns whether all there is has been proposed, so that the next trial would repeat one."""
        return False

    def _make(self, task: SamplerTask) -> optuna.samplers.BaseSampler:
        raise NotImplementedError


SAMPLERS = Registry(N_("sampler"), Sampler)


AnySampler = Annotated[SerializeAsAny[Sampler], BeforeValidator(SAMPLERS.parse)]
