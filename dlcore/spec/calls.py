"""Which calls of Keras a spec stands for: the engine makes them, the exported script writes them down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.spec.augmentation import (
    Augmentation,
    RandomBrightness,
    RandomColorJitter,
    RandomContrast,
    RandomCrop,
    RandomHue,
    RandomSaturation,
)
from dlcore.spec.base import Kind
from dlcore.spec.data import Task
from dlcore.spec.layers import Layer, Shape
from dlcore.spec.losses import Loss
from dlcore.spec.metrics import higher_is_better, resolved_metrics
from dlcore.spec.schedules import (
    Constant,
    CosineDecay,
    ExponentialDecay,
    PiecewiseConstantDecay,
    ReduceLROnPlateau,
)
from dlcore.spec.training import TrainingSpec

OUTPUT_DTYPE = "float32"
"""The output layer stays in full precision, for a loss in float16 overflows."""

SHOWN = (
    "filters", "units", "kernel_size", "pool_size", "rate", "activation",
    "learning_rate", "monitor", "factor", "patience",
)  # fmt: skip
"""Arguments that a script shows first and always: they matter most, or Keras has another default for
them than a spec; `Kind.shown` adds those of one kind. All others share Keras' default; a contract test
holds them to it."""


class Expression(str):
    """Source of a value that only a script knows, such as the length of its data."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The source itself, also within a list."""
        return str(self)


@dataclass(frozen=True)
class Call:
    """`keras.<path>(**arguments)`; an argument may be a call itself.

    Attributes:
        path: below `keras`, such as `optimizers.schedules.CosineDecay`.
        arguments: every argument, defaults spelled out.
        defaults: the arguments that equal Keras' own default, which a script for people leaves out.
    """

    path: str
    arguments: Mapping[str, Any]
    defaults: frozenset[str] = frozenset()


def call_of(kind: Kind, **changed: Any) -> Call:
    """Returns the constructor call of a kind.

    Args:
        kind: a layer, a loss, an optimizer …
        changed: arguments that replace or join the kind's own.

    Example:
        >>> from dlcore.spec.layers import Flatten
        >>> call_of(Flatten(name="flat"))
        Call(path='layers.Flatten', arguments={'name': 'flat', 'trainable': True}, defaults=frozenset({'trainable'}))
    """
    own, shown = kind.arguments(), (*SHOWN, *sorted(kind.shown))
    defaults = {
        name
        for name, field in type(kind).model_fields.items()
        if name in own and name not in changed and name not in shown and own[name] == field.default
    }
    merged = {**own, **changed}
    order = [name for name in shown if name in merged] + [name for name in merged if name not in shown]
    arguments = {
        name: call_of(merged[name]) if isinstance(merged[name], Kind) else merged[name] for name in order
    }
    return Call(f"{kind.namespace}.{kind.kind}", arguments, frozenset(defaults))


def layer_call(layer: Layer, *, output: bool, precision: str) -> Call:
    """Returns the call that makes a layer; open `units` must be resolved before."""
    if output and precision != OUTPUT_DTYPE:
        return call_of(layer, dtype=OUTPUT_DTYPE)
    return call_of(layer)


def augmentation_calls(step: Augmentation, input_shape: Shape, *, seed: int) -> tuple[Call, ...]:
    """Returns the layers of an augmentation that Keras has; samples keep their shape."""
    call = Call(f"{step.namespace}.{step.kind}", {**step.arguments(), "seed": seed})
    match step:
        case RandomCrop():
            height, width, *_ = input_shape
            return call, Call("layers.Resizing", {"height": height, "width": width})
        case RandomSaturation():
            # Keras clips the saturation, which is from 0 to 1 whatever the pixels are, to this range.
            return (Call(call.path, {**call.arguments, "value_range": (0, 1)}),)
        case RandomColorJitter():
            # One by one as Keras does it, but with the range that saturation needs.
            return tuple(
                inner for part in _jitter(step) for inner in augmentation_calls(part, input_shape, seed=seed)
            )
        case _:
            return (call,)


def _jitter(step: RandomColorJitter) -> Iterator[Augmentation]:
    if step.brightness_factor is not None:
        yield RandomBrightness(factor=step.brightness_factor)
    if step.contrast_factor is not None:
        yield RandomContrast(factor=step.contrast_factor)
    if step.saturation_factor is not None:
        yield RandomSaturation(factor=step.saturation_factor)
    if step.hue_factor is not None:
        yield RandomHue(factor=step.hue_factor)


def optimizer_call(training: TrainingSpec, *, steps_per_epoch: int | Expression, epochs: int) -> Call:
    """Returns the optimizer with its learning rate, as a number or as a schedule over steps.

    Args:
        training: what it is given.
        steps_per_epoch: how many batches an epoch has, or what a script calls that number.
        epochs: how many of them there will be.
    """
    return call_of(training.optimizer, learning_rate=_learning_rate(training, steps_per_epoch, epochs))


def _learning_rate(training: TrainingSpec, steps_per_epoch: int | Expression, epochs: int) -> float | Call:
    rate, schedule = training.optimizer.learning_rate, training.schedule

    def steps(length: float) -> int | Expression:
        if isinstance(steps_per_epoch, Expression):
            return Expression(f"max(1, round({length} * {steps_per_epoch}))")
        return max(1, round(length * steps_per_epoch))

    arguments: dict[str, Any]
    match schedule:
        case Constant() | ReduceLROnPlateau():
            return rate
        case ExponentialDecay():
            arguments = {
                "initial_learning_rate": rate,
                "decay_steps": steps(schedule.decay_epochs),
                "decay_rate": schedule.decay_rate,
                "staircase": schedule.staircase,
            }
        case CosineDecay():
            length = schedule.decay_epochs or max(epochs - schedule.warmup_epochs, 0)
            arguments = {"initial_learning_rate": rate, "decay_steps": steps(length), "alpha": schedule.alpha}
            if schedule.warmup_epochs:
                warm_up = {"warmup_target": rate, "warmup_steps": steps(schedule.warmup_epochs)}
                arguments = {**arguments, "initial_learning_rate": 0.0, **warm_up}
        case PiecewiseConstantDecay():
            arguments = {
                "boundaries": [steps(boundary) for boundary in schedule.boundaries],
                "values": [rate, *(rate * factor for factor in schedule.factors)],
            }
        case _:
            raise TypeError(f"no schedule over steps is known for {schedule.kind}")
    return Call(f"{schedule.namespace}.{schedule.kind}", arguments)


def metric_calls(training: TrainingSpec, loss: Loss, task: Task) -> tuple[Call, ...]:
    """Returns the metrics, in the form that suits the loss' labels; they take probabilities, not logits.

    Raises:
        SpecError: one is for other tasks.
    """
    form = "Categorical" if loss.one_hot else "SparseCategorical"
    top = "TopKCategorical" if loss.one_hot else "SparseTopKCategorical"
    accuracy = f"{form}Accuracy" if task is Task.MULTICLASS else "BinaryAccuracy"
    several: dict[str, Any] = {"multi_label": True} if task is Task.MULTILABEL else {}
    average = "macro" if task is Task.MULTILABEL else "micro"
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "accuracy": (accuracy, {}),
        "top_5_accuracy": (f"{top}Accuracy", {"k": 5}),
        "precision": ("Precision", {}),
        "recall": ("Recall", {}),
        "f1": ("F1Score", {"average": average, "threshold": 0.5}),
        "auc": ("AUC", several),
        "mae": ("MeanAbsoluteError", {}),
        "rmse": ("RootMeanSquaredError", {}),
        "r2": ("R2Score", {}),
    }
    names = resolved_metrics(training.metrics, task)
    return tuple(Call(f"metrics.{known[n][0]}", {**known[n][1], "name": n}) for n in names)


def early_stopping_call(training: TrainingSpec) -> Call | None:
    """Returns the callback that ends the training early, if wanted."""
    if training.early_stopping is None:
        return None
    arguments = training.early_stopping.model_dump()
    return Call("callbacks.EarlyStopping", {**arguments, "mode": _mode(arguments["monitor"])})


def plateau_call(training: TrainingSpec) -> Call | None:
    """Returns the callback that lowers the learning rate on a plateau, if wanted."""
    if not isinstance(training.schedule, ReduceLROnPlateau):
        return None
    return call_of(training.schedule, mode=_mode(training.schedule.monitor))


def _mode(monitor: str) -> str:
    return "max" if higher_is_better(monitor) else "min"
