"""From specs to Keras objects; generic, since kinds have Keras' own names and arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from typing import Any

import keras

from dlcore.datasets.prepare.values import Affine
from dlcore.engine.backbones import backbone
from dlcore.engine.composites import composite
from dlcore.engine.fused import fuse_adam
from dlcore.engine.network import LearningHead, Network
from dlcore.engine.rates import with_rates
from dlcore.spec.calls import Call, layer_call
from dlcore.spec.calls import call_of as loss_call
from dlcore.spec.data import Task
from dlcore.spec.graph import infer
from dlcore.spec.heads import Head, heads_of
from dlcore.spec.layers import Application, Composite, Layer, Recurrent, Shape, State
from dlcore.spec.measure_name import LOSS, MeasureName
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import InputSpec, Signature
from dlcore.spec.training import (
    TrainingSpec,
    metric_calls,
    optimizer_call,
)

TARGET_UNITS = "target_units"
"""The name of the last layer that brings standardised answers to the targets' own units."""


def make(value: Any) -> Any:
    """Returns the Keras object of a call, its nested calls made first; anything else is itself."""
    if not isinstance(value, Call):
        return value
    constructor = reduce(getattr, value.path.split("."), keras)
    return constructor(**{name: make(argument) for name, argument in value.arguments.items()})


def _made(layer: Layer, source: Any, *, output: bool, precision: str) -> Any:
    """Returns the Keras layer or model of a layer for tensors like `source`."""
    match layer:
        case Application():
            return backbone(layer, tuple(source.shape[1:]))
        case Composite():
            return composite(layer, source)
    made = make(layer_call(layer, output=output, precision=precision))
    if not made.supports_masking:
        # One that knows no masks ends them, as in Keras, but without a warning.
        made.supports_masking, made.compute_mask = True, lambda inputs, previous_mask: None
    return made


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
    model: ModelSpec,
    data: Signature | Shape,
    outputs: int | None = None,
    number_format: str = "float32",
    target_scale: Affine | None = None,
) -> Network:
    """Returns the Keras model of a spec, built, not compiled.

    Args:
        model: the layers.
        data: what it sees; a shape alone stands for one numeric input.
        outputs: with a shape: how many numbers it gives; none: open `units` are not allowed, any output is.
        number_format: a Keras dtype policy.
        target_scale: brings what the last layer gives to the targets' own units.

    Raises:
        SpecError: something does not fit; its path starts at `model.layers`.
    """
    signature = Signature.of(data, outputs)
    report = infer(model, signature)
    if report.problem is not None:
        raise report.problem.under("model")
    resolved = model.resolved(signature)
    inputs = {name: _input(name, signature.inputs[name]) for name in model.inputs}
    with precision(number_format):
        outputs_by_name = _outputs(resolved, inputs, number_format)
    if target_scale is not None:
        scale, offset = target_scale.scale.tolist(), target_scale.offset.tolist()
        main = resolved.layers[-1].name
        for name, tensor in outputs_by_name.items():
            called = TARGET_UNITS if name == main else f"{TARGET_UNITS}_{name}"
            units = keras.layers.Rescaling(scale, offset, dtype="float32", name=called)
            outputs_by_name[name] = units(tensor)
    found = list(outputs_by_name.values())
    network = Network(
        inputs if len(inputs) > 1 else next(iter(inputs.values())),
        found if len(found) > 1 else found[0],
        name="model",
    )
    network.target_scale = target_scale
    network.compiles = all(layer.compiles for layer in model.layers)
    return network


def _outputs(model: ModelSpec, inputs: Mapping[str, Any], number_format: str) -> dict[str, Any]:
    """Returns what the last layer and then the further outputs give for these inputs; each layer is made once."""
    tensors, made, states = {**inputs}, dict[str, Any](), dict[str, list[Any]]()
    answering = model.answering
    for index, layer in enumerate(model.layers):
        names, called = model.sources(index), model.called(index)
        if isinstance(layer, State):
            sources = [states[names[0]][layer.number]]
        else:
            sources = [tensors[name] for name in names]
        if called is layer:
            output = layer.name in answering
            made[layer.name] = _made(layer, sources[0], output=output, precision=number_format)
        result = made[called.name](*called.called_with(sources), **called.call_options())
        if isinstance(called, Recurrent) and called.return_state:
            result, *states[layer.name] = result
        tensors[layer.name] = result
    ends = [model.layers[place].name for place in model.outputs]
    return {name: tensors[name] for name in ends}


def _input(name: str, spec: InputSpec) -> Any:
    return keras.Input(spec.shape, name=name, dtype="int32" if spec.dtype == "int32" else "float32")


def compile_model(
    network: Network,
    model: ModelSpec,
    training: TrainingSpec,
    *,
    task: Task,
    steps_per_epoch: int,
    epochs: int,
    soft_labels: bool = False,
    shares: Mapping[str, float] | None = None,
) -> list[Any]:
    """Gives a built model its optimizer, loss and metrics; `soft_labels` as in `heads_of`.

    Args:
        network: what `build_model` gave.
        model: its layers.
        training: what it is given.
        task: what the data asks for.
        steps_per_epoch: how many batches an epoch has, for schedules.
        epochs: how many of them there will be.
        soft_labels: an augmentation mixes labels.
        shares: for layers with a learning rate of their own, what it is multiplied by.

    Returns:
        The metric objects, in the order of the spec; those of further outputs follow, and of several outputs the
        mean of the loss of each.
    """
    heads = heads_of(training, model, task, soft_labels=soft_labels)
    further = [(head, _metrics(training, head, task, output=head.name)) for head in heads[1:]]
    main, metrics = heads[0], _metrics(training, heads[0], task)
    yes_no = task in (Task.BINARY, Task.MULTILABEL)
    network.squash = yes_no and not main.gives_probabilities
    network.mixed = yes_no and soft_labels
    network.heads = tuple(
        _learning(head, measured, network, task) for head, measured in ((main, metrics), *further) if further
    )
    variables = network.trainable_variables
    with precision(training.precision):
        optimizer = make(optimizer_call(training, steps_per_epoch=steps_per_epoch, epochs=epochs))
        network.compile(
            optimizer=with_rates(optimizer, variables, _by_place(network, shares)) if shares else optimizer,
            loss=make(loss_call(main.loss)),
            metrics=None if network.heads else metrics,
        )
    network.optimizer.build(variables)
    fuse_adam(network.optimizer)
    metrics += [metric for _head, measured in further for metric in measured]
    if task is not Task.MULTICLASS:
        _make_variables(metrics, network.outputs[0].shape[-1])
    return [*metrics, *(head.mean for head in network.heads)]


def _metrics(training: TrainingSpec, head: Head, task: Task, output: str = "") -> list[Any]:
    """Returns what is measured on an output; the names on a further one begin with that of the output."""
    calls = metric_calls(training, head.loss, task)
    named = [str(MeasureName(call.arguments["name"], output=output)) for call in calls]
    return [
        make(replace(call, arguments={**call.arguments, "name": name}))
        for call, name in zip(calls, named, strict=True)
    ]


def _learning(head: Head, metrics: list[Any], network: Network, task: Task) -> LearningHead:
    several = task is Task.MULTICLASS
    return LearningHead(
        loss=make(loss_call(head.loss)),
        weight=head.weight,
        mean=keras.metrics.Mean(name=str(MeasureName(LOSS, output=head.name))),
        metrics=tuple(metrics),
        squash=task in (Task.BINARY, Task.MULTILABEL) and not head.gives_probabilities,
        classes=network.outputs[0].shape[-1] if several and head.loss.one_hot else 0,
        sparse=several and not head.loss.one_hot,
    )


def _make_variables(metrics: list[Any], outputs: int) -> None:
    """Lets metrics make the variables that some make at their first batch: a checkpoint may be for them."""
    nothing = keras.ops.zeros((1, outputs))
    for metric in metrics:
        metric.update_state(nothing, nothing)
        metric.reset_state()


def _by_place(network: Network, shares: Mapping[str, float]) -> dict[int, float]:
    """Shares of the learning rate by the places of the variables they hold for."""
    places = {id(variable): place for place, variable in enumerate(network.trainable_variables)}
    return {
        places[id(variable)]: share
        for name, share in shares.items()
        for variable in network.get_layer(name).trainable_variables
    }
