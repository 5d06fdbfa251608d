"""What is measured besides the loss: for which tasks, which way is better, in what range."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from dlcore.errors import N_, Message, SpecError
from dlcore.spec.data import Task
from dlcore.spec.measure_name import MeasureName

MetricName = Literal[
    "accuracy", "top_5_accuracy", "precision", "recall", "f1", "auc", "mae", "rmse", "r2"
]  # fmt: skip

Monitor = Literal[
    "val_loss", "val_accuracy", "val_top_5_accuracy", "val_precision", "val_recall", "val_f1", "val_auc",
    "val_mae", "val_rmse", "val_r2", "loss", "accuracy", "top_5_accuracy", "precision", "recall", "f1",
    "auc", "mae", "rmse", "r2",
]  # fmt: skip
"""What can be watched: the loss and each metric, on the validation and on the training part."""

VALUE_TASKS = frozenset({Task.REGRESSION, Task.FORECASTING, Task.RATING})
_YES_NO = frozenset({Task.BINARY, Task.MULTILABEL})


@dataclass(frozen=True)
class MetricFacts:
    """One metric.

    Attributes:
        title: for display, translatable.
        direction: whether higher or lower is better, in Optuna's words.
        low, high: the range it is in.
        additive: whether the value over several batches is the mean of theirs.
    """

    name: MetricName
    title: str
    tasks: frozenset[Task]
    direction: Literal["maximize", "minimize"]
    low: float
    high: float
    additive: bool = True

    @property
    def is_share(self) -> bool:
        """Whether it is a share of all samples, shown in per cent."""
        return (self.low, self.high) == (0.0, 1.0)


_CLASSES = frozenset({Task.BINARY, Task.MULTICLASS, Task.MULTILABEL})

METRICS: dict[str, MetricFacts] = {
    facts.name: facts
    for facts in (
        MetricFacts("accuracy", N_("Accuracy"), _CLASSES, "maximize", 0.0, 1.0),
        MetricFacts(
            "top_5_accuracy", N_("Top-5 accuracy"), frozenset({Task.MULTICLASS}), "maximize", 0.0, 1.0
        ),
        MetricFacts("precision", N_("Precision"), _YES_NO, "maximize", 0.0, 1.0, additive=False),
        MetricFacts("recall", N_("Recall"), _YES_NO, "maximize", 0.0, 1.0, additive=False),
        MetricFacts("f1", N_("F1"), _YES_NO, "maximize", 0.0, 1.0, additive=False),
        MetricFacts("auc", N_("Area under ROC"), _YES_NO, "maximize", 0.0, 1.0, additive=False),
        MetricFacts("mae", N_("Mean absolute error"), VALUE_TASKS, "minimize", 0.0, math.inf),
        MetricFacts(
            "rmse", N_("Root mean squared error"), VALUE_TASKS, "minimize", 0.0, math.inf, additive=False
        ),
        MetricFacts(
            "r2", N_("Explained share (R²)"), VALUE_TASKS, "maximize", -math.inf, 1.0, additive=False
        ),
    )
}


def primary_metric(task: Task) -> MetricName:
    """Returns what a run of that task is judged by first."""
    return "rmse" if task in VALUE_TASKS else "accuracy"


def judging_metric(measured: Collection[str]) -> str | None:
    """Of what was measured, the metric that a run is judged by; None where there is only a loss.

    Example:
        >>> judging_metric(["loss", "mae", "rmse"])
        'rmse'
    """
    return next((name for name in ("accuracy", "rmse", *METRICS) if name in measured), None)


def default_metrics(task: Task) -> tuple[MetricName, ...]:
    """Returns the default metrics of a task."""
    if task in VALUE_TASKS:
        return ("rmse", "mae")
    return ("accuracy",) if task is Task.MULTICLASS else ("accuracy", "f1")


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


def higher_is_better(monitor: str) -> bool:
    """Returns whether a metric, on whichever part, is better the higher it is; the loss is not."""
    facts = METRICS.get(MeasureName.parse(monitor).metric)
    return facts is not None and facts.direction == "maximize"
