"""One study at work: asks Optuna for parameters, queues runs, watches, prunes, and tells Optuna the result.

The order of writes makes it safe to die anywhere. Asking: first Optuna's storage, then ours; a trial that
only Optuna knows is taken up again. Telling: first Optuna's storage, then ours; what is told already is
not told again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from optuna.storages import BaseStorage

from dlcore.access.actors import Actor
from dlcore.datasets import dataset_facts
from dlcore.errors import N_, BudgetError, DlcoreError, Message, NotFoundError, SpecError, StateError
from dlcore.queue import resume
from dlcore.queue.budgets import Account, used_up
from dlcore.queue.library import Library
from dlcore.queue.requests import run_columns
from dlcore.records import Origin, Run, RunState, SeriesKey, Study, StudyState, Trial, TrialState
from dlcore.search.measures import MEASURES, WhenKnown, initial_measures, violations
from dlcore.search.space import suggester
from dlcore.search.spec import SearchSpec, check_search
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.measure_name import MeasureName
from dlcore.store import Store, StudyWriter
from dlcore.store.annotations import trial_name
from dlcore.worker.studies.limits import Machine, why_not
from dlcore.worker.studies.optuna_bridge import OptunaSide, lost_trials
from dlcore.worker.studies.verdict import Verdict, complete_verdict, failed_verdict, pruned_verdict
from dlcore.worker.supervisor import LOST_TOO_OFTEN

SAME_FAILURES = 10
"""So many failures of the same kind in a row pause a study."""
RETRIES = 1
"""How often a trial is started again whose processes were killed again and again."""
SECONDS_EVERY = 5.0
"""How often the time a study has worked is written down."""

_TARGET_REACHED = N_("the target of {target} is reached.")


class StudyAtWork:
    """A study in the hands of its driver.

    Args:
        store: where studies and runs are.
        study: which one.
        storage: Optuna's.
        worker_id: of the supervisor; nothing is written once another has taken over.
        machine: what there is room for.
        log: takes a line of the log.
        clock: a monotonic clock, in seconds.

    Raises:
        SpecError: its dataset is gone, or its spec can no longer be used.
        DlcoreError: Optuna's storage does not know its trials: numbers would be given twice.
    """

    def __init__(
        self,
        store: Store,
        study: Study,
        storage: BaseStorage,
        worker_id: str,
        machine: Machine,
        *,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.study = study
        self.store, self._worker, self._machine = store, worker_id, machine
        self._log, self._clock, self._seen = log, clock, clock()
        self.spec = SearchSpec.from_dict(study.spec)
        self._facts = dataset_facts(self.spec.experiment.dataset, store.settings)
        self.space = check_search(self.spec, self._facts)
        self._samples = self.spec.experiment.dataset.division(self._facts).train
        known = store.studies.trials(study.id)
        bad = {trial.number for trial in known if trial.bad}
        self._optuna = OptunaSide(storage, study, self.spec, self.space, self._facts, bad)
        if known and known[-1].number >= self._optuna.count():
            raise DlcoreError(
                N_("Optuna's storage has lost trials of this study."),
                hint=N_("Restore a backup, or take the search further as a new study."),
            )
        at_work = [trial.number for trial in known if trial.state is TrialState.RUNNING]
        self._lost_answers = lost_trials(self._optuna.running(), at_work)
        self._failures: list[str] = []
        self._enqueue_first()

    def _enqueue_first(self) -> None:
        """Puts what should be tried first into the queue, once."""
        options = self.spec.search
        if options.try_defaults and (defaults := self.space.defaults()):
            self.enqueue(defaults, Origin.DEFAULTS, "defaults")
        for index, params in enumerate(options.first):
            self.enqueue(self.space.fitting(params), Origin.FIRST, f"first-{index}")

    def enqueue(self, params: dict[str, Any], origin: Origin, key: str) -> None:
        """A trial with these parameters, as soon as there is room; nothing if `key` has been enqueued."""
        number = self._optuna.enqueue(params, key)
        with self.driving() as write:
            write.add_trial(number, origin=origin, params=params)

    def driving(self) -> Any:
        """Returns a transaction on this study, refused when another supervisor has taken over."""
        return self.store.studies.driving(self.study.id, self._worker)

    def tick(self, study: Study) -> None:
        """Brings everything one step further.

        Args:
            study: as it appears in the store now.
        """
        self.study = study
        running = self.store.studies.trials(study.id, state=TrialState.RUNNING)
        for trial in running:
            self._advance(trial)
        self._count_seconds(bool(running))
        if study.state is StudyState.RUNNING:
            self._start_trials()
            self._end_if_done()

    def _stop_if_used_up(self) -> None:
        """Stops the study and its trials once its owner's minutes are used."""
        why = used_up(Account.of_owner(self.store, self.study.owner))
        if why is not None and self.study.state is not StudyState.STOPPED:
            with self.driving() as write:
                write.set_study(state=StudyState.STOPPED, reason=why)
            self._stop_all(None)

    def forget_failures(self) -> None:
        """Restarts the count of failures."""
        self._failures.clear()

    def resume_stopped(self) -> None:
        """Resumes the runs of open trials that were stopped together with the study."""
        for trial in self.store.studies.trials(self.study.id, state=TrialState.RUNNING):
            for run in self.store.runs.of_trial(self.study.id, trial.number):
                if run.state is RunState.STOPPED:
                    self._resume(run)

    def _resume(self, run: Run) -> None:
        """Resumes a run, unless someone has just done so or deleted it: the next round sees which."""
        with suppress(StateError, NotFoundError):
            resume(self.store, run.id, actor=Actor(run.owner))

    def _count_seconds(self, working: bool) -> None:
        passed = self._clock() - self._seen
        if passed >= SECONDS_EVERY:
            self._seen = self._clock()
            if working or self.study.state is StudyState.RUNNING:
                with self.driving() as write:
                    write.set_study(seconds=self.study.seconds + passed)
                self._stop_if_used_up()

    # Trials that are at work.

    def _advance(self, trial: Trial) -> None:
        runs = self.store.runs.of_trial(self.study.id, trial.number)
        if not runs:
            self._finish(trial, failed_verdict(Message(N_("its run was deleted."))))
            return
        run = runs[-1]
        behind = self._report(trial, runs)
        epoch = sum(one.epoch for one in runs)
        if epoch != trial.epoch:
            with self.driving() as write:
                write.set_trial(trial.number, epoch=epoch)
        if run.state.final:
            self._ended(trial, runs, behind)
        elif behind is not None and not run.stop_requested:
            self.store.runs.request_stop(run.id, prune_reason=behind)

    def _ended(self, trial: Trial, runs: Sequence[Run], behind: Message | None) -> None:
        run, seeds = runs[-1], self.spec.search.seeds
        match run.state:
            case RunState.COMPLETED if len(runs) < seeds and behind is not None:
                self._finish(
                    trial, pruned_verdict(behind, trial, runs, self._optuna.last_value(trial.number))
                )
            case RunState.COMPLETED if len(runs) < seeds:
                experiment = ExperimentSpec.from_dict(runs[0].spec)
                with self.driving() as write:
                    self._add_run(write, trial.number, len(runs), experiment)
            case RunState.COMPLETED:
                self._finish(trial, complete_verdict(self.study.metrics, trial, runs))
            case RunState.STOPPED if self.study.state is StudyState.STOPPED:
                pass  # it continues when the study does
            case RunState.STOPPED | RunState.PRUNED:
                self._finish(
                    trial, pruned_verdict(run.reason, trial, runs, self._optuna.last_value(trial.number))
                )
            case _ if _killed(run) and trial.retries < RETRIES:
                with self.driving() as write:
                    write.set_trial(trial.number, retries=trial.retries + 1)
                self._resume(run)
            case _:
                self._finish(trial, failed_verdict(run.reason, trial, runs))

    def _report(self, trial: Trial, runs: Sequence[Run]) -> Message | None:
        """Tells Optuna what is new of a trial's first metric; returns why it should be pruned,
        if it should.
        """
        name = self.study.metrics[0]
        if len(self.study.metrics) > 1 or MEASURES[name].known is not WhenKnown.EPOCH:
            return None
        values = self._per_seed_values(runs) if self.spec.search.pruner.per_seed else self._values(runs[0])
        behind = self._optuna.report(trial.number, values)
        if behind is None:
            return None
        step, value = behind
        if self.spec.search.pruner.per_seed:
            why = N_("with {metric} {value} for seed {step} it fell behind the other trials.")
        else:
            why = N_("with {metric} {value} after epoch {step} it fell behind the other trials.")
        return Message(why, params={"metric": name, "value": f"{value:.4g}", "step": step})

    def _values(self, run: Run) -> list[tuple[int, float]]:
        """Returns the first metric after each epoch."""
        key = SeriesKey.by_epoch(MeasureName.parse(self.study.metrics[0]))
        curve = self.store.metrics.window(run.id, key, buckets=100_000)
        return [(int(x), float(y)) for x, y in zip(curve.x, curve.y, strict=True)]

    def _per_seed_values(self, runs: Sequence[Run]) -> list[tuple[int, float]]:
        """Returns the first metric at the end of each seed."""
        ended = [self._values(run) for run in runs if run.state is RunState.COMPLETED]
        return [(number, values[-1][1]) for number, values in enumerate(ended) if values]

    # Trials that begin.

    def _start_trials(self) -> None:
        while (free := self._room()) > 0 and self._begin():
            if free == 1:
                return

    def _room(self) -> int:
        """Returns how many trials can begin now."""
        study = self.store.studies.get(self.study.id)
        self.study = study
        at_work = study.counts.get(TrialState.RUNNING, 0)
        free = (study.parallel or self._machine.slots) - at_work
        if free <= 0:  # the common case: nothing more is looked up
            return free
        by_hand = 0
        if study.counts.get(TrialState.WAITING):
            waiting = self.store.studies.trials(study.id, state=TrialState.WAITING)
            by_hand = sum(trial.origin in (Origin.MANUAL, Origin.RETRY) for trial in waiting)
        if study.state is not StudyState.RUNNING or self._over() is not None:
            return min(free, by_hand)
        if study.max_trials is None:
            return free
        return min(free, max(by_hand, study.max_trials - study.finished - at_work))

    def _begin(self) -> bool:
        """Asks Optuna for a trial and starts its run; False if there is nothing left to try."""
        if self._optuna.exhausted and not self._lost_answers:
            return False
        trial = self._optuna.ask(self._lost_answers.pop(0) if self._lost_answers else None)
        params, data = self.space.propose(suggester(trial))
        row = {"state": TrialState.RUNNING, "params": params}
        try:
            experiment = self.space.checked(data)
            vectors = Library.of(self.store).vectors_for(experiment)
            report = check(experiment, self._facts, vectors)
            measured = initial_measures(experiment, report, self._samples)
            problem = why_not(measured, self.spec.search.constraints, self._machine)
            Account.of_owner(self.store, self.study.owner).check_trial(experiment, self._facts, report)
        except (SpecError, BudgetError) as error:
            measured, problem = {}, error.message
        with self.driving() as write:
            write.add_trial(trial.number, origin=Origin.SAMPLED, params=params)
            if problem is None:
                run_id = self._add_run(write, trial.number, 0, experiment)
                row["run_id"] = run_id
            write.set_trial(trial.number, **row, measured=measured)
        if problem is not None:
            begun = self.store.studies.trial(self.study.id, trial.number)
            self._finish(begun, Verdict(TrialState.PRUNED, (), problem, measured))
        return True

    def _add_run(self, write: StudyWriter, number: int, repeat: int, experiment: ExperimentSpec) -> str:
        seeded = experiment.updated(
            seed=self.spec.experiment.seed + repeat, name=trial_name(self.study.name, number)
        )
        columns = run_columns(seeded, self._facts, check(seeded, self._facts), owner=self.study.owner)
        return write.add_run(number, repeat, **columns)

    # The end of a trial, and of the study.

    def _finish(self, trial: Trial, verdict: Verdict) -> None:
        limits = self.spec.search.constraints
        beyond = dict(zip(limits, violations(limits, verdict.measured), strict=True))
        self._optuna.tell(trial.number, verdict, beyond)
        row: dict[str, Any] = {
            "state": verdict.state,
            "values": verdict.values,
            "reason": verdict.reason,
            "measured": verdict.measured,
            "violation": sum(max(0.0, part) for part in beyond.values()),
        }
        with self.driving() as write:
            write.set_trial(trial.number, **row)
        self._compare_with_best(self.store.studies.trial(self.study.id, trial.number))
        said = f": {verdict.reason.text()}" if verdict.reason else ""
        self._log(f"study {self.study.id}, trial {trial.number}: {verdict.state.value}{said}")
        self._watch_failures(verdict)

    def _compare_with_best(self, trial: Trial) -> None:
        """Writes a trial down as the best if it is; the first of equal ones stays."""
        study = self.store.studies.get(self.study.id)
        if len(study.metrics) > 1 or not trial.counts:
            return
        if study.best_value is None or study.better(trial.values[0], study.best_value):
            with self.driving() as write:
                write.set_study(best=trial.number, best_value=trial.values[0])

    def _find_best(self) -> None:
        """Looks through all trials for the best, where there is one metric."""
        if len(self.study.metrics) > 1:
            return
        complete = self.store.studies.trials(self.study.id, state=TrialState.COMPLETE)
        best = next(iter(self.study.ranked(complete)), None)
        with self.driving() as write:
            write.set_study(best=best and best.number, best_value=best and best.value)

    def set_bad(self, number: int, bad: bool) -> None:
        """Excludes a trial or includes it again, also for its sampler and pruner."""
        with self.driving() as write:
            write.set_trial(number, bad=bad)
        (self._optuna.bad.add if bad else self._optuna.bad.discard)(number)
        self._find_best()

    def _watch_failures(self, verdict: Verdict) -> None:
        """Pauses a study in which everything fails in the same way."""
        if verdict.state is not TrialState.FAIL:
            if verdict.state is TrialState.COMPLETE:
                self._failures.clear()
            return
        kind = verdict.reason.template if verdict.reason else ""
        self._failures = [*self._failures, kind] if set(self._failures) <= {kind} else [kind]
        if len(self._failures) >= SAME_FAILURES and self.study.state is StudyState.RUNNING:
            why = Message(
                N_("{count} trials in a row failed for the same reason: {reason}"),
                N_("Fix the cause, then resume the study."),
                params={"count": len(self._failures), "reason": verdict.reason or Message("")},
            )
            with self.driving() as write:
                write.set_study(state=StudyState.PAUSED, reason=why)

    def _over(self) -> Message | None:
        """Returns why no more trials begin, if that is so."""
        study = self.study
        if self._target_reached():
            return Message(_TARGET_REACHED, params={"target": study.target})
        if study.max_trials is not None and study.finished >= study.max_trials:
            return Message(N_("all trials are done ({count})."), params={"count": study.max_trials})
        if study.max_seconds is not None and study.seconds >= study.max_seconds:
            return Message(N_("its time limit was reached."))
        if self._optuna.exhausted:
            return Message(N_("everything in its space has been tried."))
        return None

    def _target_reached(self) -> bool:
        best, target = self.study.best_value, self.study.target
        if best is None or target is None:
            return False
        return best == target or self.study.better(best, target)

    def _end_if_done(self) -> None:
        self.study = study = self.store.studies.get(self.study.id)
        if study.state is not StudyState.RUNNING:
            return
        if study.counts.get(TrialState.RUNNING):
            if self._target_reached():
                self._stop_all(Message(_TARGET_REACHED, params={"target": study.target}))
            return
        why = self._over()
        if why is not None and self._room() <= 0:
            with self.driving() as write:
                write.set_study(state=StudyState.COMPLETED, reason=why)
            self._log(f"study {study.id} is completed: {why.text()}")

    def _stop_all(self, why: Message | None) -> None:
        for trial in self.store.studies.trials(self.study.id, state=TrialState.RUNNING):
            for run in self.store.runs.of_trial(self.study.id, trial.number):
                if not run.stop_requested:
                    self.store.runs.request_stop(run.id, prune_reason=why)


def _killed(run: Run) -> bool:
    """Returns whether a run failed because its processes ended without a word."""
    return run.reason is not None and run.reason.template == LOST_TOO_OFTEN
