"""One sample's way through a trained model and back: what each layer gets and gives, and how the loss depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.analysis.learning.trace import MOST_NUMBERS, Array, LayerTrace, StepTrace, Trace

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Of the steps that are tried."""
MOST_LAYERS = 200
_KEYS = (
    "activation", "recurrent_activation", "use_bias", "kernel_size", "strides", "padding", "dilation_rate", "groups",
    "data_format", "pool_size", "units", "filters", "reset_after", "go_backwards", "return_sequences", "rate", "epsilon",
    "axis", "center", "scale", "keepdims", "mask_zero", "target_shape",
)  # fmt: skip
"""What of a layer's config a working depends on."""
_PLAIN = (int, float, str, bool, type(None))


@dataclass(frozen=True)
class RunLoss:
    """The loss of a run as one sample has it.

    Attributes:
        name: Keras' class.
        compute: takes the target and what the model gives.
        from_logits: whether it makes probabilities of what the model gives.
        scale, offset: in which units of the target it counts.
    """

    name: str
    compute: Any
    from_logits: bool
    scale: Any = 1.0
    offset: Any = 0.0

    def of(self, target: Any, answer: Any) -> Any:
        """Returns the loss of the batch."""
        return self.compute(self.in_its_units(target), self.in_its_units(answer))

    def in_its_units(self, values: Any) -> Any:
        """Returns targets or answers as the loss sees them."""
        return (tf.cast(values, tf.float32) - self.offset) / self.scale


def trace(
    model: Any,
    inputs: Mapping[str, Array],
    target: Array,
    loss: RunLoss,
    *,
    optimizer: str,
    rate: float | None,
) -> tuple[Trace, dict[str, Array]]:
    """Returns a sample's way, and the numbers of it.

    Dropout and noise are off, as they are when a trained model answers.

    Args:
        model: one of Keras' functional models.
        inputs: by name, (1, …) each.
        target: (1, …) what is right, as the loss takes it.
        loss: of the run.
        optimizer: Keras' class of it.
        rate: where its learning rate begins.
    """
    nodes = list(_nodes(model))[:MOST_LAYERS]
    watched = {name: tf.convert_to_tensor(array) for name, array in inputs.items()}
    follow = keras.Model(model.inputs, [node.output for node in nodes])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([one for one in watched.values() if one.dtype.is_floating])
        found = follow([watched[tensor.name] for tensor in model.inputs], training=False)
        answer = found[[node.output is model.outputs[0] for node in nodes].index(True)]
        value = loss.of(target, answer)
    arrays: dict[str, Array] = {}
    for place, (node, output) in enumerate(zip(nodes, found, strict=True)):
        mask = _mask(node, nodes, found)
        _keep(arrays, f"mask{place}", None if mask is None else mask[0])
        _keep_layer(arrays, place, node, output, tape, value)
    said = Trace(
        layers=tuple(_layer(node, nodes) for node in nodes),
        loss_name=loss.name,
        from_logits=loss.from_logits,
        loss=float(value),
        penalty=float(sum(tf.reduce_sum(one) for one in model.losses)),
        target=_flat(loss.in_its_units(target)),
        answer=_flat(loss.in_its_units(answer)),
        optimizer=optimizer,
        rate=rate,
        steps=tuple(_steps(model, watched, target, loss, tape, value)),
    )
    return said, arrays


def _keep_layer(
    arrays: dict[str, Array], place: int, node: _Node, output: Any, tape: Any, value: Any
) -> None:
    """Keeps what a layer gives, its weights, and how the loss depends on each."""
    slope = tape.gradient(value, output) if output.dtype.is_floating else None
    _keep(arrays, f"out{place}", output[0])
    _keep(arrays, f"dout{place}", None if slope is None else slope[0])
    for number, weight in enumerate(node.layer.weights):
        _keep(arrays, f"w{place}.{number}", weight)
        of_weight = tape.gradient(value, weight.value) if weight.trainable else None
        _keep(arrays, f"dw{place}.{number}", None if of_weight is None else tf.convert_to_tensor(of_weight))


@dataclass(frozen=True)
class _Node:
    """A layer at its place in the graph; `output` is its tensor there, `given` are the tensors that come in."""

    layer: Any
    output: Any
    given: Sequence[Any]


def _nodes(model: Any) -> Iterator[_Node]:
    for layer in model.layers:
        made = layer._inbound_nodes[0]
        outputs = keras.tree.flatten(made.output_tensors)
        yield _Node(layer, outputs[0], tuple(made.input_tensors))


def _layer(node: _Node, nodes: Sequence[_Node]) -> LayerTrace:
    layer = node.layer
    config = {key: value for key, value in layer.get_config().items() if key in _KEYS and _is_plain(value)}
    places = {id(one.output): place for place, one in enumerate(nodes)}
    return LayerTrace(
        name=layer.name,
        kind=type(layer).__name__,
        config=config,
        sources=tuple(places[id(one)] for one in node.given if id(one) in places),
        output=tuple(node.output.shape[1:]),
        parameters={
            f"{number} {weight.name}": tuple(weight.shape) for number, weight in enumerate(layer.weights)
        },
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, _PLAIN) for one in value)
    return isinstance(value, _PLAIN)


def _mask(node: _Node, nodes: Sequence[_Node], found: Sequence[Any]) -> Any:
    """Returns where the sample is, for a recurrent layer after one that says so."""
    if not isinstance(node.layer, keras.layers.RNN):
        return None
    for one, values in zip(nodes, found, strict=True):
        if any(one.output is given for given in node.given):
            return getattr(values, "_keras_mask", None)
    return None


def _keep(arrays: dict[str, Array], name: str, values: Any) -> None:
    """Keeps an array, or as many of its units as there is room for."""
    if values is None:
        return
    array = np.asarray(keras.ops.convert_to_numpy(values))
    if array.size > MOST_NUMBERS:
        units = MOST_NUMBERS // max(1, array.size // array.shape[-1])
        if not units:
            return
        array = array[..., :units]
    arrays[name] = array.astype(np.float32) if array.dtype.kind == "f" else array


def _steps(
    model: Any, inputs: Mapping[str, Any], target: Array, loss: RunLoss, tape: Any, value: Any
) -> Iterator[StepTrace]:
    """Yields what one step of plain gradient descent with each rate does to the loss of this sample."""
    weights = model.trainable_variables
    slopes = tape.gradient(value, [weight.value for weight in weights])
    known = [
        (weight, keras.ops.convert_to_numpy(weight), tf.convert_to_tensor(slope))
        for weight, slope in zip(weights, slopes, strict=True)
        if slope is not None
    ]
    given = [inputs[tensor.name] for tensor in model.inputs]
    try:
        for rate in RATES:
            for weight, before, slope in known:
                weight.assign(before - rate * slope)
            answer = model(given if len(given) > 1 else given[0], training=False)
            yield StepTrace(rate, float(loss.of(target, answer)), _flat(loss.in_its_units(answer)))
    finally:
        for weight, before, _slope in known:
            weight.assign(before)


def _flat(values: Any) -> tuple[float, ...]:
    """Returns the first thousand numbers of a sample."""
    return tuple(float(one) for one in np.asarray(keras.ops.convert_to_numpy(values)).reshape(-1)[:1000])
