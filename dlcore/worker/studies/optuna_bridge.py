"""Optuna's side of a study: asking, reporting and telling, each safe to repeat after a restart."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import TrialState as OptunaState

from dlcore.records import Study, TrialState
from dlcore.search.samplers import SamplerTask
from dlcore.search.space import Space
from dlcore.search.spec import SearchSpec, sampler_task
from dlcore.spec.data import DatasetFacts
from dlcore.worker.studies.optuna_storage import open_study, optuna_name
from dlcore.worker.studies.verdict import Verdict

REQUEST = "request"
"""The attribute of an enqueued trial that tells it from all others."""


class OptunaSide:
    """A study as Optuna's storage has it.

    Args:
        storage: Optuna's.
        study: which study.
        spec: its search.
        space: its space.
        facts: of its dataset.
        bad: numbers of the trials that should not count.
    """

    def __init__(
        self,
        storage: BaseStorage,
        study: Study,
        spec: SearchSpec,
        space: Space,
        facts: DatasetFacts,
        bad: set[int],
    ) -> None:
        self._storage, self._spec, self._space, self._facts, self.bad = storage, spec, space, facts, bad
        name = optuna_name(storage, study)
        self._study = open_study(storage, name, study.directions, bad)
        self._id = storage.get_study_id_from_name(name)
        self._single = len(study.metrics) == 1
        self._pruner = spec.pruner(facts).make(spec.experiment.training.epochs, spec.search.seed)
        self._study.pruner = self._pruner
        self._steps: dict[int, int] = {}

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing left to try."""
        task = self._task(self._storage.get_n_trials(self._id))
        return self._study.exhausted or self._spec.search.sampler.exhausted(self._study, task)

    def count(self) -> int:
        """Returns how many trials Optuna's storage knows."""
        return self._storage.get_n_trials(self._id)

    def running(self) -> list[int]:
        """Returns the trials that were asked for and not told yet."""
        found = self._study.get_trials(deepcopy=False, states=(OptunaState.RUNNING,))
        return [trial.number for trial in found]

    def enqueue(self, params: Mapping[str, Any], key: str) -> int:
        """Returns a trial that is asked for before all others; returns its number,
        the same for the same `key`.
        """
        number = self._with_key(key)
        if number is None:
            self._study.enqueue_trial(dict(params), user_attrs={REQUEST: key})
            number = self._with_key(key)
        assert number is not None
        return number

    def _with_key(self, key: str) -> int | None:
        known = self._study.get_trials(deepcopy=False)
        return next((trial.number for trial in known if trial.user_attrs.get(REQUEST) == key), None)

    def ask(self, again: int | None = None) -> optuna.trial.Trial:
        """Returns the next trial.

        Args:
            again: one that was asked for before, and whose answer was lost.
        """
        self._seed(self._storage.get_n_trials(self._id) if again is None else again)
        if again is not None:
            return optuna.trial.Trial(self._study, self._trial_id(again))
        return self._study.ask()

    def report(self, number: int, values: list[tuple[int, float]]) -> tuple[int, float] | None:
        """Reports what is new of a trial.

        Args:
            number: of the trial.
            values: all there is, as step and value.

        Returns:
            The step and the value at which it should be pruned, if it should.
        """
        trial_id = self._trial_id(number)
        if number not in self._steps:
            told = self._storage.get_trial(trial_id)
            self._steps[number] = -1 if told.last_step is None else told.last_step
        for step, value in values:
            if step <= self._steps[number] or not math.isfinite(value):
                continue
            trial = self._storage.get_trial(trial_id)
            if trial.state.is_finished():
                return None
            self._storage.set_trial_intermediate_value(trial_id, step, value)
            self._steps[number] = step
            if self._pruner.prune(self._study, self._storage.get_trial(trial_id)):
                return step, value
        return None

    def last_value(self, number: int) -> float | None:
        """Returns what was reported of a trial last."""
        told = self._storage.get_trial(self._trial_id(number))
        return None if told.last_step is None else told.intermediate_values[told.last_step]

    def tell(self, number: int, verdict: Verdict, beyond: Mapping[str, float]) -> None:
        """Tells the end of a trial, unless it has been told.

        Args:
            number: of the trial.
            verdict: how it ended.
            beyond: name of each constraint to how far the trial is beyond it.
        """
        self._steps.pop(number, None)
        trial_id = self._trial_id(number)
        if self._storage.get_trial(trial_id).state.is_finished():
            return
        for name, value in beyond.items():
            # As `optuna.trial.Trial.set_constraint` has it, of a trial that another process may have asked.
            self._storage.set_trial_system_attr(trial_id, f"constraints:{name}", value)
        self._seed(number)
        if verdict.state is TrialState.COMPLETE:
            self._study.tell(number, list(verdict.values))
        elif verdict.state is TrialState.PRUNED and self._single:
            self._study.tell(number, state=OptunaState.PRUNED)
        else:
            # Optuna knows no pruned trials of several objectives.
            self._study.tell(number, state=OptunaState.FAIL)

    def _seed(self, number: int) -> None:
        self._study.sampler = self._spec.search.sampler.make(self._task(number))

    def _task(self, number: int) -> SamplerTask:
        return sampler_task(self._spec, self._space, self._facts, trial=number)

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)


def lost_trials(running: Collection[int], known: Collection[int]) -> list[int]:
    """Returns the trials that Optuna knows as running and the store does not: their answers were lost."""
    return sorted(set(running) - set(known))
