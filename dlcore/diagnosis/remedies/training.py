"""Remedies in how it is trained: epochs, rates, limits, weights."""

from __future__ import annotations

from typing import ClassVar

from dlcore.diagnosis.remedies.base import Remedy, register
from dlcore.errors import N_
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.optimizers import Optimizer
from dlcore.spec.schedules import CosineDecay, StepSchedule
from dlcore.spec.training import Balanced, EarlyStopping, TrainingSpec

MOST_EPOCHS, MOST_BATCH, HIGHEST_RATE = 100_000, 65_536, 100.0


def _trained(spec: ExperimentSpec, **values: object) -> ExperimentSpec:
    return spec.updated(training=spec.training.updated(**values))


@register
class MoreEpochs(Remedy):
    """Twice as long."""

    name = "more_epochs"
    title = N_("Train twice as long")
    reason = N_("What still gets better has not got everything out of the data.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Doubles the epochs."""
        return _trained(spec, epochs=min(2 * spec.training.epochs, MOST_EPOCHS))


class _Rate(Remedy):
    """Another learning rate."""

    factor: ClassVar[float]

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Multiplies the learning rate, also those of a fine-tuning that has its own."""
        optimizer = spec.training.optimizer
        rate = float(f"{min(optimizer.learning_rate * self.factor, HIGHEST_RATE):.3g}")
        return _trained(spec, optimizer=optimizer.updated(learning_rate=rate))


@register
class LowerRate(_Rate):
    """A third of the learning rate."""

    name, factor = "lower_rate", 1 / 3
    title = N_("Lower the learning rate to a third")
    reason = N_("Smaller steps settle where larger ones jump to and fro.")


@register
class MuchLowerRate(_Rate):
    """A tenth of the learning rate."""

    name, factor = "much_lower_rate", 0.1
    title = N_("Lower the learning rate to a tenth")
    reason = N_("Steps that jump over what they look for are mostly too large by a factor of ten or more.")


@register
class HigherRate(_Rate):
    """Ten times the learning rate."""

    name, factor = "higher_rate", 10.0
    title = N_("Raise the learning rate tenfold")
    reason = N_("Larger steps get farther in the same number of epochs.")


@register
class WarmUp(Remedy):
    """A slow start (Goyal et al., Accurate, Large Minibatch SGD, 2017)."""

    name = "warm_up"
    title = N_("Warm the learning rate up")
    reason = N_("Small steps at first, until weights and averages of the optimizer have found their size.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Begins with a tenth of the epochs at a rising rate, which falls along a cosine afterwards."""
        epochs, schedule = spec.training.epochs, spec.training.schedule
        warm_up = max(1.0, round(epochs / 10))
        if isinstance(schedule, CosineDecay):
            return (
                None
                if schedule.warmup_epochs
                else _trained(spec, schedule=schedule.updated(warmup_epochs=warm_up))
            )
        if isinstance(schedule, StepSchedule) or epochs < 2:
            return None
        return _trained(spec, schedule=CosineDecay(warmup_epochs=warm_up))


@register
class FallingRate(Remedy):
    """A rate that falls (Loshchilov and Hutter, SGDR, 2016)."""

    name = "falling_rate"
    title = N_("Let the learning rate fall along a cosine")
    reason = N_("Large steps find the valley, small ones its floor.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Lets a rate fall that has no schedule over steps yet."""
        if isinstance(spec.training.schedule, StepSchedule):
            return None
        return _trained(spec, schedule=CosineDecay())


@register
class ClipGradients(Remedy):
    """A limit on the gradient (Pascanu, Mikolov and Bengio, 2013)."""

    name = "clip_gradients"
    title = N_("Limit the norm of the gradient to 1")
    reason = N_("A single steep batch can then no longer undo what was learned.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Limits the gradient of all weights together, where there is no such limit."""
        optimizer: Optimizer = spec.training.optimizer
        if optimizer.global_clipnorm is not None and optimizer.global_clipnorm <= 1:
            return None
        limits = {"clipnorm": None, "clipvalue": None, "global_clipnorm": 1.0}
        return _trained(spec, optimizer=optimizer.updated(**limits))


@register
class LargerBatch(Remedy):
    """Less noise in each step (Smith et al., Don't Decay the Learning Rate, Increase the Batch Size, 2018)."""

    name = "larger_batch"
    title = N_("Use batches four times as large")
    reason = N_("The gradient of more samples is less a matter of luck.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Takes batches four times as large, as long as an epoch has some."""
        size = min(4 * spec.training.batch_size, MOST_BATCH)
        if facts is not None and size > spec.dataset.division(facts).train // 4:
            return None
        return _trained(spec, batch_size=size)


@register
class StopEarly(Remedy):
    """Early stopping (Prechelt, Early Stopping - But When?, 1998)."""

    name = "early_stopping"
    title = N_("Stop early, and keep the best weights")
    reason = N_("It ends when the validation part gets no better, with the weights that were best on it.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Watches the validation loss, where nothing is watched yet and there is such a part."""
        training: TrainingSpec = spec.training
        has_part = spec.dataset.validation_fraction > 0 or (facts is not None and facts.validation_size > 0)
        if training.early_stopping is not None or not has_part:
            return None
        return _trained(spec, early_stopping=EarlyStopping(patience=max(3, min(10, training.epochs // 5))))


@register
class WeighClasses(Remedy):
    """Weights for the classes (King and Zeng, Logistic Regression in Rare Events Data, 2001)."""

    name = "class_weights"
    title = N_("Let rare classes count more")
    reason = N_("Each class then counts as much as any other in the loss, however few its samples.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Weighs the classes of a task where each sample has one."""
        if facts is not None and not facts.task.single_label:
            return None
        return _trained(spec, class_weight=Balanced())
