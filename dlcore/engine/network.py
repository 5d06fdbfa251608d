"""A Keras model that separates loss and metrics: what training sees, and what users read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

from dlcore.datasets.prepare.values import Affine


class Network(keras.Model):  # type: ignore[misc]
    """A functional model whose loss sees standardised targets and whose metrics see probabilities.

    Attributes:
        squash: the metrics see `sigmoid` of what the model gives, for it gives logits.
        mixed: labels are shares of yes and no; the metrics see the larger one.
        target_scale: the loss sees `(y − offset) / scale`, while the model and its metrics are in the
            targets' own units.
        compiles: whether XLA can compile a training step.
    """

    squash = False
    mixed = False
    target_scale: Affine | None = None
    compiles = True

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Returns Keras' own loss, on standardised targets."""
        if self.target_scale is not None:
            y, y_pred = self._standardised(y), self._standardised(y_pred)
        return super().compute_loss(x, y, y_pred, sample_weight, training=training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns Keras' own metrics, on probabilities and plain labels."""
        if self.squash:
            y_pred = ops.sigmoid(y_pred)
        if self.mixed:
            y = ops.round(y)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def _standardised(self, values: Any) -> Any:
        assert self.target_scale is not None, "asked for only where there is a scale"
        return (ops.cast(values, "float32") - self.target_scale.offset) / self.target_scale.scale

    @property
    def plain(self) -> Any:
        """The same layers as one of Keras' own models, which loads anywhere."""
        inputs = self.inputs[0] if len(self.inputs) == 1 else {one.name: one for one in self.inputs}
        return keras.Model(inputs, self.outputs[0], name=self.name)

    def save(self, filepath: Any, **options: Any) -> None:
        """Saves the plain model."""
        self.plain.save(filepath, **options)

    def to_json(self, **options: Any) -> str:
        """Returns the configuration of the plain model."""
        return str(self.plain.to_json(**options))


def layers_within(layer: Any) -> Iterator[Any]:
    """Yields a layer or model, and all layers within it."""
    yield layer
    inner = layer.layers if isinstance(layer, keras.Model) else [getattr(layer, "layer", None)]
    for part in inner:
        if part is not None:
            yield from layers_within(part)
