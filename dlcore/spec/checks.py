"""Whether an experiment can be run, as far as that shows without the data."""

from __future__ import annotations

from dlcore.errors import SpecError
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import infer
from dlcore.spec.layers import Shape
from dlcore.spec.training import check_monitors, resolved_loss


def check(spec: ExperimentSpec, input_shape: Shape, outputs: int) -> None:
    """Checks the model, the loss and what is watched.

    Args:
        spec: what shall be run.
        input_shape: (height, width, channels) of the dataset's images.
        outputs: the number of its classes.

    Raises:
        SpecError: the first problem; its path starts at the root of the spec.
    """
    report = infer(spec.model, input_shape, outputs)
    if report.problem is not None:
        raise report.problem.under("model")
    problem = training_problem(spec)
    if problem is not None:
        raise problem


def training_problem(spec: ExperimentSpec) -> SpecError | None:
    """The first problem of the training part, if there is one."""
    try:
        resolved_loss(spec.training, spec.model)
        check_monitors(spec.training, has_validation=spec.dataset.validation_fraction > 0)
    except SpecError as error:
        return error
    return None
