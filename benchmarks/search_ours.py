"""DL Studio's search, as a contestant: a supervisor whose trials are runs in processes of their own."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import search_space as shared
from benchmarks.search_events import Budget, budget, print_event
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.queue import ensure_worker
from dlcore.queue.studies import start
from dlcore.records import Axis, Scope, SeriesKey, Study, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.settings import Settings
from dlcore.store import Store

PARALLEL = 2
TEST_SAMPLES = 500
"""Each run is tested in the end; its score is not looked at."""
VALIDATION_ACCURACY = SeriesKey("accuracy", Scope.VALIDATION, Axis.EPOCH)
STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


def spec(given: Budget, dataset: str) -> SearchSpec:
    """Returns the common space around the article's first CNN: its own values first, TPE,
    successive halving.
    """
    space = shared.SPACE
    ways: dict[str, Any] = {
        "filters": "model.layers[conv2d].filters",
        "kernel": "model.layers[conv2d].kernel_size",
        "units": "model.layers[dense].units",
        "dropout": "model.layers[dropout].rate",
        "learning_rate": "training.optimizer.learning_rate",
        "optimizer": "training.optimizer",
    }
    kinds = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": {"kind": "SGD", "momentum": shared.MOMENTUM}}
    dimensions: dict[str, Any] = {}
    for name, dimension in space.items():
        match dimension:
            case shared.Integers(low, high, step):
                dimensions[ways[name]] = {"low": low, "high": high, "step": step}
            case shared.Reals(low, high, step, log):
                dimensions[ways[name]] = {"low": low, "high": high, "step": step, "log": log}
            case shared.Choices(values):
                dimensions[ways[name]] = [kinds.get(str(value), value) for value in values]
    layers = [
        {"kind": "Conv2D", "filters": 32, "kernel_size": 3, "activation": "relu"},
        "MaxPooling2D",
        "Flatten",
        {"kind": "Dropout", "rate": 0.0},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        {"kind": "Dense", "units": 10, "activation": "softmax"},
    ]
    return SearchSpec.from_dict(
        {
            "name": "benchmark",
            "dataset": {"name": dataset},
            "preprocessing": ["Rescaling"],
            "model": {"layers": layers},
            "training": {"epochs": given.epochs, "batch_size": shared.BATCH_SIZE},
            "seed": given.seed,
            "space": dimensions,
            "search": {
                "max_trials": given.trials,
                "parallel": PARALLEL,
                "seed": given.seed,
                "pruner": {"kind": "SuccessiveHalvingPruner", "reduction_factor": 3},
            },
        }
    )


def store_dataset(given: Budget, settings: Settings) -> str:
    """Returns the common data as a dataset of your own; returns its name."""
    train, validation = shared.parts(given.mnist)
    file = settings.home / "common.npz"
    np.savez(
        file,
        x_train=train.images,
        y_train=train.labels,
        x_val=validation.images,
        y_val=validation.labels,
        x_test=validation.images[:TEST_SAMPLES],
        y_test=validation.labels[:TEST_SAMPLES],
    )
    return ingest(file, settings, Choices(name="common"), owner=settings.owner).facts.name


class Teller:
    """Says what is new of a study."""

    def __init__(self, store: Store, study: Study) -> None:
        self._store, self._study = store, study
        self._revision = 0
        self._epochs: dict[int, int] = {}

    def tell(self) -> bool:
        """Says it; returns whether the study has ended."""
        study = self._store.studies.get(self._study.id)
        for trial in self._store.studies.trials(study.id, since=self._revision):
            self._revision = max(self._revision, trial.revision)
            self._tell_epochs(trial.number, trial.run_id)
            if trial.state in STATES:
                print_event("trial", number=trial.number, value=trial.value or 0.0, state=STATES[trial.state])
        return study.state is StudyState.COMPLETED

    def _tell_epochs(self, number: int, run_id: str) -> None:
        curve = self._store.metrics.window(run_id, VALIDATION_ACCURACY)
        for epoch, value in zip(curve.x, curve.y, strict=True):
            if epoch > self._epochs.get(number, 0):
                self._epochs[number] = int(epoch)
                print_event("epoch", trial=number, epoch=int(epoch), value=float(value))


def main() -> None:
    """Searches within the budget."""
    given = budget()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), slots=PARALLEL)
        store = Store.open(settings)
        name = store_dataset(given, settings)
        ensure_worker(settings, store)
        while (worker := store.workers.current()) is None or not worker.ready:
            time.sleep(0.05)
        print_event("start")
        teller = Teller(store, start(store, spec(given, name), owner=settings.owner))
        while not teller.tell():
            time.sleep(0.05)
        print_event("end")
        os.killpg(worker.pid, signal.SIGKILL)
        store.close()


if __name__ == "__main__":
    main()
