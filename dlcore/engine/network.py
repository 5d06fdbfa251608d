"""A Keras model that separates loss and metrics: what training sees, and what users read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from dlcore.datasets.prepare.values import Affine


@dataclass(frozen=True)
class LearningHead:
    """One of several outputs, and what is measured on it.

    Attributes:
        loss: Keras' loss.
        weight: how much it counts.
        mean: of its loss, in the logs.
        metrics: what else is measured.
        squash: the metrics see `sigmoid` of what it gives, for it gives logits.
        classes: of how many classes labels are made one-hot for it; 0: they are not.
        sparse: whether one-hot labels become class numbers for it.
    """

    loss: Any
    weight: float
    mean: Any
    metrics: tuple[Any, ...]
    squash: bool = False
    classes: int = 0
    sparse: bool = False

    def labels(self, y: Any) -> Any:
        """Returns labels in the form that its loss and its metrics take."""
        if self.classes and len(y.shape) == 1:
            return ops.one_hot(y, self.classes)
        return ops.argmax(y, axis=-1) if self.sparse and len(y.shape) == 2 else y


class Network(keras.Model):  # type: ignore[misc]
    """A functional model whose loss sees standardised targets and whose metrics see probabilities.

    Its outputs all answer the same target; the first is that of the last layer.

    Attributes:
        squash: the metrics see `sigmoid` of what the model gives, for it gives logits.
        mixed: labels are shares of yes and no; the metrics see the larger one.
        target_scale: the loss sees `(y − offset) / scale`, while the model and its metrics are in the
            targets' own units.
        compiles: whether XLA can compile a training step.
        heads: of a model with several outputs, how each learns, in their order.
    """

    squash = False
    mixed = False
    target_scale: Affine | None = None
    compiles = True
    heads: tuple[LearningHead, ...] = ()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Returns Keras' own loss, on standardised targets; of several outputs the weighted sum."""
        if self.target_scale is not None:
            y, y_pred = self._standardised(y), keras.tree.map_structure(self._standardised, y_pred)
        if not self.heads:
            return super().compute_loss(x, y, y_pred, sample_weight, training=training)
        total = sum(ops.sum(penalty) for penalty in self.losses)
        for head, found in zip(self.heads, y_pred, strict=True):
            loss = head.loss(head.labels(y), found, sample_weight=sample_weight)
            head.mean.update_state(loss, sample_weight=ops.shape(found)[0])
            total = total + head.weight * loss
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns Keras' own metrics, on probabilities and plain labels."""
        if self.mixed:
            y = ops.round(y)
        for head, found in zip(self.heads, y_pred if self.heads else (), strict=True):
            for metric in head.metrics:
                metric.update_state(head.labels(y), ops.sigmoid(found) if head.squash else found)
        if self.heads:
            return self.get_metrics_result()
        if self.squash:
            y_pred = ops.sigmoid(y_pred)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def answer(self, outputs: Any) -> Any:
        """Returns, of what it gives, the answer: what its last layer gives."""
        return outputs[0] if isinstance(outputs, list) else outputs

    def _standardised(self, values: Any) -> Any:
        assert self.target_scale is not None, "asked for only where there is a scale"
        return (ops.cast(values, "float32") - self.target_scale.offset) / self.target_scale.scale

    @property
    def plain(self) -> Any:
        """The same layers as one of Keras' own models, which loads anywhere."""
        return model_of(self, self.outputs)

    def save(self, filepath: Any, **options: Any) -> None:
        """Saves the plain model."""
        self.plain.save(filepath, **options)

    def to_json(self, **options: Any) -> str:
        """Returns the configuration of the plain model."""
        return str(self.plain.to_json(**options))


def model_of(network: Any, outputs: Sequence[Any]) -> Any:
    """Returns one of Keras' own models from the inputs of a network to some of its tensors; one alone is no list."""
    inputs = network.inputs[0] if len(network.inputs) == 1 else {one.name: one for one in network.inputs}
    return keras.Model(inputs, list(outputs) if len(outputs) > 1 else outputs[0], name=network.name)


def answering_model(model: Any) -> Any:
    """Returns what of a trained model gives the answer: all but what leads to further outputs alone."""
    return model if len(model.outputs) == 1 else model_of(model, model.outputs[:1])


def layers_within(layer: Any) -> Iterator[Any]:
    """Yields a layer or model, and all layers within it."""
    yield layer
    inner = layer.layers if isinstance(layer, keras.Model) else [getattr(layer, "layer", None)]
    for part in inner:
        if part is not None:
            yield from layers_within(part)
