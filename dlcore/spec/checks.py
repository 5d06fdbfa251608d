"""Whether an experiment can be run, as far as that shows without the data."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.errors import SpecError
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
    problem = training_problem(spec, classes)
    if problem is not None:
        raise problem
    return report


def training_problem(spec: ExperimentSpec, classes: Sequence[str]) -> SpecError | None:
    """The first problem of the training part, if there is one."""
    try:
        resolved_loss(spec.training, spec.model)
        check_class_weight(spec.training, classes)
        check_monitors(spec.training, has_validation=spec.dataset.validation_fraction > 0)
    except SpecError as error:
        return error
    return None
