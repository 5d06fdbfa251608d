"""From specs to Keras objects; generic, since kinds have Keras' own names and arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

import keras

from dlcore.spec.calls import Call, layer_call, metric_calls, optimizer_call
from dlcore.spec.calls import call_of as loss_call
from dlcore.spec.graph import infer
from dlcore.spec.layers import Shape
from dlcore.spec.model import INPUT, ModelSpec
from dlcore.spec.training import TrainingSpec, resolved_loss


def make(value: Any) -> Any:
    """The Keras object of a call, its nested calls made first; anything else is itself."""
    if not isinstance(value, Call):
        return value
    constructor = reduce(getattr, value.path.split("."), keras)
    return constructor(**{name: make(argument) for name, argument in value.arguments.items()})


def _made(call: Call) -> Any:
    """The Keras layer of a call; one that knows no masks ends them, as in Keras, but without a warning."""
    layer = make(call)
    if not layer.supports_masking:
        layer.supports_masking, layer.compute_mask = True, lambda inputs, previous_mask: None
    return layer


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Makes new layers compute in that number format while it lasts."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build_model(
    model: ModelSpec, input_shape: Shape, outputs: int | None, number_format: str = "float32"
) -> Any:
    """The Keras model of a spec, built, not compiled.

    Args:
        model: the layers.
        input_shape: (height, width, channels) of one sample.
        outputs: the number of classes; none: open `units` are not allowed, any output is.
        number_format: a Keras dtype policy.

    Raises:
        SpecError: something does not fit; its path starts at `model.layers`.
    """
    report = infer(model, input_shape, outputs)
    if report.problem is not None:
        raise report.problem.under("model")
    resolved = model.resolved(outputs)
    inputs = keras.Input(input_shape, name=INPUT)
    tensors = {INPUT: inputs}
    last = len(resolved.layers) - 1
    with precision(number_format):
        for index, layer in enumerate(resolved.layers):
            made = _made(layer_call(layer, output=index == last, precision=number_format))
            sources = [tensors[source] for source in resolved.sources(index)]
            tensors[layer.name] = made(*layer.called_with(sources))
        return keras.Model(inputs, tensors[resolved.layers[-1].name], name="model")


def compile_model(
    network: Any,
    model: ModelSpec,
    training: TrainingSpec,
    *,
    steps_per_epoch: int,
    epochs: int,
    soft_labels: bool = False,
) -> list[Any]:
    """Gives a built model its optimizer, loss and metrics; `soft_labels` as in `resolved_loss`.

    Returns:
        The metric objects, in the order of the spec.
    """
    loss = resolved_loss(training, model, soft_labels=soft_labels)
    metrics = [make(call) for call in metric_calls(training, loss)]
    with precision(training.precision):
        network.compile(
            optimizer=make(optimizer_call(training, steps_per_epoch=steps_per_epoch, epochs=epochs)),
            loss=make(loss_call(loss)),
            metrics=metrics,
        )
    network.optimizer.build(network.trainable_variables)
    return metrics
