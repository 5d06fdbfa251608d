"""The callbacks that watch a training: early stopping and the plateau schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlcore.engine.build import make
from dlcore.engine.checkpoint import Logs, Summary
from dlcore.errors import N_, Message
from dlcore.spec.data import Task
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.training import TrainingSpec, check_monitors

COUNTERS = ("wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter")
"""The attributes in which Keras' callbacks keep their state, each those that it has."""


@dataclass
class Watch:
    """Keras' own callbacks, with a state that can be saved.

    Attributes:
        stopping: Keras' EarlyStopping, if wanted.
        plateau: Keras' ReduceLROnPlateau, if wanted.
    """

    stopping: Any | None
    plateau: Any | None

    @classmethod
    def of(cls, training: TrainingSpec, network: Any, task: Task, *, has_validation: bool) -> Watch:
        """Returns the callbacks of a training, bound to its compiled model.

        Raises:
            SpecError: one of them watches a metric that is not measured.
        """
        check_monitors(training, task, has_validation=has_validation)
        stopping = training.early_stopping.callback() if training.early_stopping else None
        watch = cls(make(stopping), make(training.schedule.callback()))
        for callback in watch._callbacks():
            callback.set_model(network)
            callback.on_train_begin()
        return watch

    def _callbacks(self) -> list[Any]:
        return [callback for callback in (self.stopping, self.plateau) if callback is not None]

    def after_epoch(self, epoch: int, summary: Summary) -> bool:
        """Tells the callbacks how epoch `epoch`, counted from 0, went.

        Returns:
            Whether the training should end.
        """
        validation = summary.get("validation", {})
        logs = summary["train"] | {str(MeasureName(k, on_validation=True)): v for k, v in validation.items()}
        for callback in self._callbacks():
            callback.model.stop_training = False
            callback.on_epoch_end(epoch, dict(logs))
        return self.stopping is not None and bool(self.stopping.model.stop_training)

    def is_best(self, epoch: int) -> bool:
        """Returns whether epoch `epoch`, counted from 0, is the one whose weights are kept."""
        return self.best_weights is not None and self.stopping.best_epoch == epoch  # type: ignore[union-attr]

    @property
    def best_weights(self) -> list[Any] | None:
        """The weights of the best epoch, if they are to be kept."""
        return self.stopping.best_weights if self.stopping is not None else None

    def state(self) -> dict[str, Logs]:
        """Returns the counters, JSON-ready; the best weights are apart."""
        return {
            type(callback).__name__: {
                name: float(value)
                for name in COUNTERS
                if (value := getattr(callback, name, None)) is not None
            }
            for callback in self._callbacks()
        }

    def restore(self, state: dict[str, Logs], best_weights: list[Any] | None, *, afresh: bool) -> None:
        """Takes up a saved state.

        Args:
            state: what `state` gave.
            best_weights: the weights of the best epoch.
            afresh: patience starts over, since more epochs were requested.
        """
        for callback in self._callbacks():
            for name, value in state.get(type(callback).__name__, {}).items():
                setattr(callback, name, value if name == "best" else int(value))
        if self.stopping is not None:
            self.stopping.best_weights = best_weights
            if afresh:
                self.stopping.wait = 0

    def reason(self, epochs: int) -> Message:
        """Returns why it ended after so many epochs, for a user."""
        stopping = self.stopping
        assert stopping is not None, "only early stopping ends a training"
        return Message(
            N_("early stopping: {monitor} was best in epoch {best}; epochs since then: {count}."),
            params={
                "monitor": stopping.monitor,
                "best": stopping.best_epoch + 1,
                "count": epochs - stopping.best_epoch - 1,
            },
        )
