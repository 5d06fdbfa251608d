"""Loss functions."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_
from dlcore.spec.base import Kind, Registry
from dlcore.spec.data import Task
from dlcore.spec.fields import arg

FROM_LOGITS_HELP = N_(
    "Whether the model gives raw scores (logits); empty: yes, unless it ends in softmax or sigmoid."
)


class Loss(Kind):
    """How far a batch of outputs is from its labels."""

    namespace: ClassVar[str] = "losses"
    one_hot: ClassVar[bool] = True
    """Whether it takes labels of several classes as one-hot vectors (else as class numbers)."""
    tasks: ClassVar[frozenset[Task]] = frozenset({Task.MULTICLASS})
    """What it can be used for."""


_DISTANCES = frozenset({Task.MULTICLASS, Task.REGRESSION, Task.FORECASTING, Task.RATING, Task.RECONSTRUCTION})

LOSSES = Registry(N_("loss"), Loss)


class LogitsLoss(Loss):
    """A loss over probabilities, or over the logits they come from."""

    from_logits: bool | None = arg(None, FROM_LOGITS_HELP)


@LOSSES.register
class SparseCategoricalCrossentropy(LogitsLoss):
    """`−log p[label]`, for class numbers."""

    summary: ClassVar[str] = N_("Cross-entropy for one class among many: the usual choice.")
    one_hot: ClassVar[bool] = False


@LOSSES.register
class CategoricalCrossentropy(LogitsLoss):
    """`−Σ y log p`, for one-hot labels, with label smoothing."""

    summary: ClassVar[str] = N_("Cross-entropy with label smoothing.")

    label_smoothing: float = arg(0.0, N_("How much the labels are softened."), ge=0, lt=1)


@LOSSES.register
class CategoricalFocalCrossentropy(LogitsLoss):
    """Cross-entropy that weighs easy samples down (Lin et al., 2017)."""

    summary: ClassVar[str] = N_("Cross-entropy with less weight on easy samples.")

    alpha: float = arg(0.25, N_("All classes weigh the same."), gt=0, le=1)
    gamma: float = arg(2.0, N_("How strongly easy samples are down-weighted."), ge=0, le=10)
    label_smoothing: float = arg(0.0, N_("How much the labels are softened."), ge=0, lt=1)


@LOSSES.register
class BinaryCrossentropy(LogitsLoss):
    """An independent yes or no for each class."""

    summary: ClassVar[str] = N_("An independent yes or no for each class.")
    tasks: ClassVar[frozenset[Task]] = frozenset({Task.BINARY, Task.MULTILABEL, Task.MULTICLASS})

    label_smoothing: float = arg(0.0, N_("How much the labels are softened."), ge=0, lt=1)


@LOSSES.register
class BinaryFocalCrossentropy(LogitsLoss):
    """Binary cross-entropy that weighs easy samples down (Lin et al., 2017)."""

    summary: ClassVar[str] = N_("A yes or no for each class, with less weight on easy samples.")
    tasks: ClassVar[frozenset[Task]] = frozenset({Task.BINARY, Task.MULTILABEL})

    apply_class_balancing: bool = arg(False, N_("Weigh yes by alpha and no by 1 − alpha."))
    alpha: float = arg(0.25, N_("The weight of yes."), gt=0, lt=1)
    gamma: float = arg(2.0, N_("How strongly easy samples are down-weighted."), ge=0, le=10)
    label_smoothing: float = arg(0.0, N_("How much the labels are softened."), ge=0, lt=1)


@LOSSES.register
class KLDivergence(Loss):
    """`Σ y log(y / p)`; takes probabilities."""

    summary: ClassVar[str] = N_("A distance between distributions; needs a model that ends in softmax.")


@LOSSES.register
class MeanSquaredError(Loss):
    """The mean of squared differences."""

    summary: ClassVar[str] = N_("The mean of the squared differences.")
    tasks: ClassVar[frozenset[Task]] = _DISTANCES


@LOSSES.register
class MeanAbsoluteError(Loss):
    """The mean of absolute differences."""

    summary: ClassVar[str] = N_("The mean of the absolute differences.")
    tasks: ClassVar[frozenset[Task]] = _DISTANCES


@LOSSES.register
class Huber(Loss):
    """Squared near zero, absolute further out."""

    summary: ClassVar[str] = N_("Squared near zero, absolute beyond: robust to outliers.")
    tasks: ClassVar[frozenset[Task]] = _DISTANCES

    delta: float = arg(1.0, N_("The point where squared becomes absolute."), gt=0)


@LOSSES.register
class LogCosh(Loss):
    """`log cosh` of the differences: a smooth Huber."""

    summary: ClassVar[str] = N_("A smooth form of Huber.")
    tasks: ClassVar[frozenset[Task]] = _DISTANCES


@LOSSES.register
class CategoricalHinge(Loss):
    """The margin between the true class and the best other one."""

    summary: ClassVar[str] = N_("Requires a margin for the true class, like a support vector machine.")


AnyLoss = Annotated[SerializeAsAny[Loss] | None, BeforeValidator(LOSSES.parser())]


def default_loss(task: Task, *, soft_labels: bool = False) -> Loss:
    """Returns the default loss of a task.

    Args:
        task: what the data asks for.
        soft_labels: an augmentation mixes labels, so that they are no longer one class each.
    """
    match task:
        case Task.MULTICLASS:
            return CategoricalCrossentropy() if soft_labels else SparseCategoricalCrossentropy()
        case Task.BINARY | Task.MULTILABEL:
            return BinaryCrossentropy()
        case _:
            return MeanSquaredError()
