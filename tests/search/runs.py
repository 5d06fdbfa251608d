"""Runs without processes: what a run would write, written at once."""

import math

import optuna

from dlcore.errors import Message
from dlcore.queue.processes import own_identity
from dlcore.queue.studies import start
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.worker.studies.driver import StudyDriver
from dlcore.worker.studies.limits import Machine
from dlcore.worker.studies.optuna_storage import open_storage, optuna_name

SPACE = {"training.optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True}}


def search(space=None, epochs=3, **options):
    return SearchSpec.from_dict(
        {
            "name": "search",
            "dataset": {"name": "digits"},
            "model": {"layers": ["Flatten", {"kind": "Dense", "units": 10, "activation": "softmax"}]},
            "training": {"epochs": epochs},
            "space": SPACE if space is None else space,
            "search": {"sampler": "RandomSampler", "pruner": "NopPruner", "parallel": 1, **options},
        }
    )


def rate(run):
    return run.spec["training"]["optimizer"]["learning_rate"]


def near_a_tenth(run, epoch):
    """Best at a learning rate of 0.1; better epoch by epoch."""
    return 0.9 - 0.2 * abs(math.log10(rate(run)) + 1) - 0.1 / epoch


def in_optuna(world, study):
    """The trials of a study as Optuna's own storage has them."""
    return optuna.load_study(
        study_name=optuna_name(storage := open_storage(world.store.settings), study), storage=storage
    ).get_trials()


class Fails(Exception):
    """Why a run fails."""


class World:
    """A store whose runs are trained by a function instead of processes.

    Args:
        store: the store.
        value: gives the validation accuracy of a run after an epoch; may raise Fails.
    """

    def __init__(self, store, value=lambda run, epoch: 0.5, slots=1, memory_mb=1e6):
        self.store, self.value, self.me = store, value, own_identity()
        assert store.workers.acquire(self.me, slots=slots, lost_seconds=15, is_gone=lambda who: False)
        self.machine, self.lines = Machine(slots, memory_mb), []
        self.restart()

    def restart(self):
        """What a killed supervisor's successor does first."""
        self.driver = StudyDriver(self.store, self.machine, log=self.lines.append)

    def tick(self):
        self.driver.tick(self.me.id)

    def begin(self, **options):
        study = start(self.store, search(**options), owner="ada")
        self.tick()
        return study

    def train(self, run, epochs=None):
        """Trains a queued run for some epochs; to its end if that is not said."""
        runs = self.store.runs
        if run.state is RunState.QUEUED:
            if run.stop_requested:
                runs.move(run, run.stopped_state, reason=run.prune_reason or Message("stopped."))
                return
            assert runs.move(run, RunState.STARTING)
            run = runs.get(run.id)
            assert runs.move(run, RunState.RUNNING)
        for _ in range(epochs or run.epochs):
            run = runs.get(run.id)
            if run.stop_requested:
                runs.move(run, run.stopped_state, reason=run.prune_reason or Message("stopped."))
                return
            if run.epoch == run.epochs:
                break
            try:
                self.write(run, run.epoch + 1, self.value(run, run.epoch + 1))
            except Fails as error:
                runs.move(run, RunState.FAILED, reason=Message(str(error)))
                return
            if epochs is None:
                self.tick()
        run = runs.get(run.id)
        if run.epoch == run.epochs:
            runs.move(run, RunState.COMPLETED, seconds=1.0)

    def write(self, run, epoch, value):
        points = [Metric(SeriesKey("accuracy", Scope.VALIDATION, Axis.EPOCH), epoch, value)]
        values = {"epoch": epoch, "summary": {"validation": {"accuracy": value, "loss": 1 - value}}}
        self.store.reports.write(run.id, run.attempt, values, metrics=points)

    def queued(self):
        return list(self.store.queue.waiting())

    def unfinished(self, study):
        return [run for run in self.store.runs.list(study=study.id, limit=1000) if not run.state.final]

    def finish(self, study, rounds=400):
        """Trains whatever is queued until the study has ended or rests."""
        for _ in range(rounds):
            self.tick()
            waiting = self.queued()
            if not waiting and self.study(study).state.value != "running":
                break
            for run in waiting:
                self.train(run)
        return self.study(study)

    def study(self, study):
        return self.store.studies.get(study.id)

    def trials(self, study, state=None):
        return self.store.studies.trials(study.id, state=state and TrialState(state))

    def states(self, study):
        return [trial.state.value for trial in self.trials(study)]
