"""A contestant: the loop that Optuna's documentation shows, trial after trial in one process.

The sampler is TPE and the pruner the median one, both with Optuna's own settings. Between trials it does
what both documentations recommend against growing memory: `clear_session`, and the garbage collector.
"""

from __future__ import annotations

from typing import Any

import keras
import optuna

from benchmarks.search_events import Budget, budget, print_event
from benchmarks.search_model import build
from benchmarks.search_space import BATCH_SIZE, SPACE, Choices, Integers, Part, Reals, parts


class _Report(keras.callbacks.Callback):
    """Tells Optuna and the harness of each epoch; ends a trial that is to be pruned."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self._trial = trial

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """After the validation."""
        value = float((logs or {})["val_accuracy"])
        print_event("epoch", trial=self._trial.number, epoch=epoch + 1, value=value)
        self._trial.report(value, epoch + 1)
        if self._trial.should_prune():
            raise optuna.TrialPruned


def suggest_values(trial: optuna.Trial) -> dict[str, Any]:
    """Returns a value for each name of the space."""
    values: dict[str, Any] = {}
    for name, dimension in SPACE.items():
        match dimension:
            case Integers(low, high, step):
                values[name] = trial.suggest_int(name, low, high, step=step)
            case Reals(low, high, step, log):
                values[name] = trial.suggest_float(name, low, high, step=step, log=log)
            case Choices(choices):
                values[name] = trial.suggest_categorical(name, choices)
    return values


def search(train: Part, validation: Part, given: Budget) -> None:
    """Runs the trials."""

    def objective(trial: optuna.Trial) -> float:
        keras.backend.clear_session()
        history = build(suggest_values(trial)).fit(
            train.images,
            train.labels,
            batch_size=BATCH_SIZE,
            epochs=given.epochs,
            validation_data=(validation.images, validation.labels),
            callbacks=[_Report(trial)],
            verbose=0,
        )
        return float(max(history.history["val_accuracy"]))

    def tell(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        print_event("trial", number=trial.number, value=trial.value, state=trial.state.name.lower())

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=given.seed),
        pruner=optuna.pruners.MedianPruner(),
    )
    study.optimize(objective, n_trials=given.trials, gc_after_trial=True, callbacks=[tell])


def main() -> None:
    """Searches within the budget of its arguments."""
    given = budget()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    keras.utils.set_random_seed(given.seed)
    train, validation = parts(given.mnist)
    print_event("start")
    search(train, validation, given)
    print_event("end")


if __name__ == "__main__":
    main()
