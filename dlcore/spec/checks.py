"""Whether an experiment can be run, as far as that shows without the data."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.errors import SpecError
from dlcore.spec.augmentation import check_augmentation, mixes_labels
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import GraphReport, infer
from dlcore.spec.layers import Shape
from dlcore.spec.training import check_class_weight, check_monitors, resolved_loss


def check(spec: ExperimentSpec, input_shape: Shape, classes: Sequence[str]) -> GraphReport:
    """Checks the model, the loss, the class weights and what is watched.

    Args:
        spec: what shall be run.
        input_shape: (height, width, channels) of the dataset's images.
        classes: the names of its classes.

    Returns:
        The model as inferred.

    Raises:
        SpecError: the first problem; its path starts at the root of the spec.
    """
    report = infer(spec.model, input_shape, len(classes))
    if report.problem is not None:
        raise report.problem.under("model")
    problem = training_problem(spec, classes) or augmentation_problem(spec, input_shape)
    if problem is not None:
        raise problem
    return report


def augmentation_problem(
    spec: ExperimentSpec,
    input_shape: Shape,
    kind: DataKind = DataKind.IMAGE,
    task: Task = Task.MULTICLASS,
) -> SpecError | None:
    """The first problem of the augmentation, or of the loss it needs, if there is one."""
    try:
        loss = resolved_loss(spec.training, spec.model, soft_labels=mixes_labels(spec.augmentation))
        check_augmentation(spec.augmentation, kind, input_shape, task, loss)
    except SpecError as error:
        return error
    return None


def training_problem(spec: ExperimentSpec, classes: Sequence[str]) -> SpecError | None:
    """The first problem of the training part, if there is one."""
    try:
        resolved_loss(spec.training, spec.model, soft_labels=mixes_labels(spec.augmentation))
        check_class_weight(spec.training, classes)
        check_monitors(spec.training, has_validation=spec.dataset.validation_fraction > 0)
    except SpecError as error:
        return error
    return None
