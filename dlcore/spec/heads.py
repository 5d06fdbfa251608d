"""The outputs of a model, and what each of them learns by."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.spec.data import Task
from dlcore.spec.losses import Loss, default_loss
from dlcore.spec.model import ModelSpec
from dlcore.spec.paths import LAYER_LIST
from dlcore.spec.training import TrainingSpec, fitted_loss, gives_probabilities, resolved_loss


@dataclass(frozen=True)
class Head:
    """One output of a model.

    Attributes:
        name: of its layer; what is measured on a further output begins with it.
        loss: as it will be used.
        weight: how much its loss counts.
        gives_probabilities: whether it ends in softmax or sigmoid; else it gives logits.
        where: the field of its loss.
    """

    name: str
    loss: Loss
    weight: float
    gives_probabilities: bool
    where: str


def heads_of(
    training: TrainingSpec, model: ModelSpec, task: Task, *, soft_labels: bool = False
) -> tuple[Head, ...]:
    """Returns the outputs of a model: that of its last layer, then the further ones in their order.

    Args:
        training: may name the loss of the last layer, which is that of an output without one of its own.
        model: its layers.
        task: what the data asks for.
        soft_labels: an augmentation mixes labels, so that they are no longer one class each.

    Raises:
        SpecError: a loss does not fit the task, or what its output gives.
    """
    main = resolved_loss(training, model, task, soft_labels=soft_labels)
    heads = [Head(model.layers[-1].name, main, 1.0, gives_probabilities(model), "training.loss")]
    common = training.loss or default_loss(task, soft_labels=soft_labels)
    for index, layer in model.further:
        where = str(LAYER_LIST.item(index).child("loss"))
        probabilities = gives_probabilities(model, index)
        loss = fitted_loss(layer.loss or common, task, probabilities=probabilities, where=where)
        heads.append(Head(layer.name, loss, layer.loss_weight, probabilities, where))
    return tuple(heads)
