"""A contestant: KerasTuner's Hyperband, with its own settings.

Hyperband decides itself how many trials it has. With at most 6 epochs and its factor of 3, one iteration
has 10: five of 2 epochs, the best two of them again as trials of their own from there to 6 epochs (with
their best weights; the optimizer starts over), and three of 6 epochs at once. It iterates until the budget
of trials is used up; 30 are three whole iterations, with 24 different sets of hyperparameters and 108 epochs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import keras_tuner

from benchmarks.search_events import Budget, budget, print_event
from benchmarks.search_model import build
from benchmarks.search_space import BATCH_SIZE, SPACE, Choices, Integers, Part, Reals, parts


class _EventCallback(keras_tuner.Hyperband):
    """Tells the harness what happens."""

    def on_epoch_end(
        self, trial: Any, model: keras.Model, epoch: int, logs: dict[str, float] | None = None
    ) -> None:
        """After the validation."""
        value = float((logs or {})["val_accuracy"])
        print_event("epoch", trial=int(trial.trial_id), epoch=epoch + 1, value=value)

    def on_trial_end(self, trial: Any) -> None:
        """After the trial is stored."""
        super().on_trial_end(trial)
        state = "complete" if trial.status == "COMPLETED" else "failed"
        print_event("trial", number=int(trial.trial_id), value=trial.score, state=state)


def declare_values(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Returns a value for each name of the space."""
    values: dict[str, Any] = {}
    for name, dimension in SPACE.items():
        match dimension:
            case Integers(low, high, step):
                values[name] = hp.Int(name, low, high, step=step)
            case Reals(low, high, step, log):
                sampling = "log" if log else "linear"
                values[name] = hp.Float(name, low, high, step=step, sampling=sampling)
            case Choices(choices):
                values[name] = hp.Choice(name, list(choices))
    return values


def search(train: Part, validation: Part, given: Budget, folder: Path) -> None:
    """Runs the trials; what Hyperband keeps of them goes to the folder."""
    tuner = _EventCallback(
        lambda hp: build(declare_values(hp)),
        objective="val_accuracy",
        max_epochs=given.epochs,
        hyperband_iterations=given.trials,
        seed=given.seed,
        directory=folder,
        project_name="benchmark",
    )
    tuner.oracle.max_trials = given.trials
    tuner.search(
        train.images,
        train.labels,
        batch_size=BATCH_SIZE,
        validation_data=(validation.images, validation.labels),
        verbose=0,
    )


def main() -> None:
    """Searches within the budget of its arguments."""
    given = budget()
    keras.utils.set_random_seed(given.seed)
    train, validation = parts(given.mnist)
    with tempfile.TemporaryDirectory() as folder:
        print_event("start")
        search(train, validation, given, Path(folder))
        print_event("end")


if __name__ == "__main__":
    main()
