"""What is measured besides the loss: a class a metric, with all that is known of it."""

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.errors import N_, Message, SpecError
from dlcore.spec.calls import Call
from dlcore.spec.data import Task
from dlcore.spec.losses import Loss
from dlcore.spec.measure_name import KNOWN, LOSS, MeasureName

VALUE_TASKS = frozenset({Task.REGRESSION, Task.FORECASTING, Task.RATING, Task.RECONSTRUCTION})
_CLASSES = frozenset({Task.BINARY, Task.MULTICLASS, Task.MULTILABEL})
_YES_NO = frozenset({Task.BINARY, Task.MULTILABEL})


class Metric:
    """One metric; it takes probabilities, not logits.

    Attributes:
        name: in specs and logs.
        title: for display, translatable.
        tasks: what it can be measured for.
        default_for: the tasks for which it is measured when nothing is said; the first of a task's is its main one.
        direction: whether higher or lower is better, in Optuna's words.
        low, high: the range it is in.
        additive: whether the value over several batches is the mean of theirs.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    tasks: ClassVar[frozenset[Task]]
    default_for: ClassVar[frozenset[Task]] = frozenset()
    direction: ClassVar[Literal["maximize", "minimize"]] = "maximize"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    additive: ClassVar[bool] = False

    @property
    def is_share(self) -> bool:
        """Whether it is a share of all samples, shown in per cent."""
        return (self.low, self.high) == (0.0, 1.0)

    def call(self, loss: Loss, task: Task) -> Call:
        """Returns Keras' metric, in the form that suits the loss' labels; by default the one of the class's name."""
        return self._call(type(self).__name__)

    def _call(self, kind: str, **arguments: Any) -> Call:
        return Call(f"metrics.{kind}", {**arguments, "name": self.name})


METRICS: dict[str, Metric] = {}
"""By name, in the order in which people see them."""


def register(cls: type[Metric]) -> type[Metric]:
    """Adds a metric to `METRICS`; a decorator."""
    METRICS[cls.name] = cls()
    KNOWN.add(cls.name)
    return cls


@register
class Accuracy(Metric):
    """The share of samples whose most probable class is theirs."""

    name, title = "accuracy", N_("Accuracy")
    tasks = default_for = _CLASSES
    additive = True

    def call(self, loss: Loss, task: Task) -> Call:
        """Returns the metric for classes as vectors, as numbers, or as yes and no."""
        if task is not Task.MULTICLASS:
            return self._call("BinaryAccuracy")
        return self._call("CategoricalAccuracy" if loss.one_hot else "SparseCategoricalAccuracy")


@register
class TopFiveAccuracy(Metric):
    """The share of samples whose class is among the five most probable ones."""

    name, title = "top_5_accuracy", N_("Top-5 accuracy")
    tasks = frozenset({Task.MULTICLASS})
    additive = True

    def call(self, loss: Loss, task: Task) -> Call:
        """Returns the metric for classes as vectors, or as numbers."""
        form = "TopKCategorical" if loss.one_hot else "SparseTopKCategorical"
        return self._call(f"{form}Accuracy", k=5)


@register
class Precision(Metric):
    """The share of true ones among what is found."""

    name, title = "precision", N_("Precision")
    tasks = _YES_NO


@register
class Recall(Metric):
    """The share of what is found among the true ones."""

    name, title = "recall", N_("Recall")
    tasks = _YES_NO


@register
class F1Score(Metric):
    """The harmonic mean of precision and recall."""

    name, title = "f1", N_("F1")
    tasks = default_for = _YES_NO

    def call(self, loss: Loss, task: Task) -> Call:
        """Returns the metric, for several labels the mean over them."""
        average = "macro" if task is Task.MULTILABEL else "micro"
        return self._call("F1Score", average=average, threshold=0.5)


@register
class AUC(Metric):
    """The area under the ROC curve."""

    name, title = "auc", N_("Area under ROC")
    tasks = _YES_NO

    def call(self, loss: Loss, task: Task) -> Call:
        """Returns the metric, for several labels the mean over them."""
        several = {"multi_label": True} if task is Task.MULTILABEL else {}
        return self._call("AUC", **several)


@register
class RootMeanSquaredError(Metric):
    """The root of the mean of squared differences."""

    name, title = "rmse", N_("Root mean squared error")
    tasks = default_for = VALUE_TASKS
    direction = "minimize"
    high = math.inf


@register
class MeanAbsoluteError(Metric):
    """The mean of absolute differences."""

    name, title = "mae", N_("Mean absolute error")
    tasks = default_for = VALUE_TASKS
    direction = "minimize"
    high = math.inf
    additive = True


@register
class R2Score(Metric):
    """The share of the variance that is explained."""

    name, title = "r2", N_("Explained share (R²)")
    tasks = VALUE_TASKS
    low = -math.inf


if TYPE_CHECKING:
    MetricName = str
    Monitor = str
else:
    MetricName = Literal[tuple(METRICS)]
    Monitor = Literal[
        tuple(
            str(MeasureName(name, on_validation=part)) for part in (True, False) for name in (LOSS, *METRICS)
        )
    ]
    """What can be monitored: the loss and each metric, on the validation and on the training part."""


def primary_metric(task: Task) -> MetricName:
    """Returns what a run of that task is judged by first."""
    return default_metrics(task)[0]


def judging_metric(measured: Collection[str]) -> str | None:
    """Of what was measured, the metric that a run is judged by; None where there is only a loss.

    Example:
        >>> judging_metric(["loss", "mae", "rmse"])
        'rmse'
    """
    return next((name for name in METRICS if name in measured), None)


def default_metrics(task: Task) -> tuple[MetricName, ...]:
    """Returns the default metrics of a task."""
    return tuple(name for name, metric in METRICS.items() if task in metric.default_for)


def resolved_metrics(names: Iterable[MetricName], task: Task) -> tuple[MetricName, ...]:
    """Returns the metrics as they will be used: those of the task if none are named.

    Raises:
        SpecError: one is for other tasks; lists those that fit.
    """
    chosen = tuple(names)
    for index, name in enumerate(chosen):
        if task not in METRICS[name].tasks:
            raise SpecError(
                N_("{metric} cannot be measured for {task}."),
                hint=N_("Choose among: {fitting}."),
                where=f"training.metrics[{index}]",
                metric=name,
                task=Message(task.value),
                fitting=", ".join(metric.name for metric in METRICS.values() if task in metric.tasks),
            )
    return chosen or default_metrics(task)


def metric_text(name: str, value: float) -> str:
    """Returns a metric's value as people read it: shares in per cent, the rest with four digits.

    Example:
        >>> metric_text("accuracy", 0.875), metric_text("aux_accuracy", 0.5), metric_text("loss", 0.4019)
        ('87.50%', '50.00%', '0.4019')
    """
    metric = metric_of(name)
    return f"{value:.2%}" if metric is not None and metric.is_share else f"{value:.4g}"


def metric_of(name: str) -> Metric | None:
    """Returns the metric in the name of a curve, whatever output it is measured on; None for a loss."""
    return METRICS.get(MeasureName.parse(name).metric)


def higher_is_better(monitor: str) -> bool:
    """Returns whether a metric, on whichever part, is better the higher it is; the loss is not."""
    metric = metric_of(monitor)
    return metric is not None and metric.direction == "maximize"


def monitor_mode(monitor: str) -> str:
    """Returns Keras' word for which way a monitored metric is better."""
    return "max" if higher_is_better(monitor) else "min"
