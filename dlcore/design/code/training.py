"""The part of a script that trains."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from dlcore.design.code.arrays import needs_export, part_names
from dlcore.design.code.network import scales_targets
from dlcore.design.code.rendering import WIDTH, block, render
from dlcore.design.code.values import continues_windows, value_steps
from dlcore.spec.augmentation import mixes_labels
from dlcore.spec.calls import (
    OUTPUT_DTYPE,
    Call,
    Expression,
    call_of,
)
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers.normalization import Normalization as NormalizationLayer
from dlcore.spec.losses import Loss
from dlcore.spec.schedules import StepSchedule
from dlcore.spec.signature import INPUT
from dlcore.spec.training import Balanced, PerClass, metric_calls, optimizer_call, resolved_loss

_START = """
def block_losses():
    blocks = np.array_split(np.arange(len(y_validation)), min(10, len(y_validation)))
    taken = [keras.tree.map_structure(lambda x: x[block], (x_validation, y_validation)) for block in blocks]
    return np.array([model.evaluate(x, y, verbose=0, return_dict=True)["loss"] for x, y in taken])

# The weights of the start are kept if training does not make the validation loss clearly lower.
start_weights, start_losses = model.get_weights(), block_losses()""".splitlines()


def training_lines(spec: ExperimentSpec, facts: DatasetFacts, classes: tuple[str, ...]) -> Iterator[str]:
    """Compiles, trains and evaluates `model`; `classes` are those that cleaning leaves."""
    soft = mixes_labels(spec.augmentation)
    loss = resolved_loss(spec.training, spec.model, facts.task, soft_labels=soft)
    yield "# Training"
    yield from _adapt(spec)
    yield from _targets(spec, facts, loss, classes)
    yield from _compile(spec, facts, loss)
    if spec.augmentation:
        yield from _augmentation(spec, facts)
    margin = spec.training.early_stopping.start_margin if spec.training.early_stopping else None
    if margin is not None:
        yield from _START
    yield from _fit(spec, facts)
    if margin is not None:
        yield "gains = start_losses - block_losses()"
        yield f"if gains.mean() <= {margin} * gains.std(ddof=1) / np.sqrt(len(gains)):"
        yield "    model.set_weights(start_weights)"
    yield "model.evaluate(x_test, y_test)"


def _adapt(spec: ExperimentSpec) -> Iterator[str]:
    """Lets the layers that have no numbers yet take those of the training part, in the order of the model."""
    if any(isinstance(layer, NormalizationLayer) and not layer.mean for layer in spec.model.layers):
        yield "for layer in model.layers:"
        yield "    if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:"
        yield "        layer.adapt(keras.Model(model.input, layer.input).predict(x_train, verbose=0))"


def target_lines(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    """Yields what brings answers from mean 0 and deviation 1 to their own units,
    where a model learns them so.
    """
    if not scales_targets(spec, facts):
        return
    yield "# Targets"
    if continues_windows(spec, facts):
        columns, key = list(model_data(spec, facts).continued), value_steps(spec, facts)[0].key
        yield f"raw, seen = raw_train[..., {columns}], x_train{key}[..., {columns}]"
        yield 'scale = raw.std(axis=(0, 1), dtype="float64") / seen.std(axis=(0, 1), dtype="float64")'
        yield 'shift = raw.mean(axis=(0, 1), dtype="float64") - seen.mean(axis=(0, 1), dtype="float64") * scale'
        yield f"steps_ahead = y_train.shape[1] // {len(columns)}"
        yield 'target_mean = np.tile(shift, steps_ahead).astype("float32")'
        yield 'target_deviation = np.tile(scale, steps_ahead).astype("float32")'
        return
    yield 'target_mean = y_train.mean(axis=0, dtype="float64").astype("float32")'
    yield 'target_deviation = y_train.std(axis=0, dtype="float64").astype("float32")'
    yield "target_deviation[target_deviation == 0] = 1"


def _targets(
    spec: ExperimentSpec, facts: DatasetFacts, loss: Loss, classes: tuple[str, ...]
) -> Iterator[str]:
    weight, count = spec.training.class_weight, len(classes)
    if isinstance(weight, Balanced):
        labels = "y_train[:, 0].astype(int)" if facts.task is Task.BINARY else "y_train"
        yield f"counts = np.bincount({labels}, minlength={count})"
        yield f"class_weight = dict(enumerate(len(y_train) / ({count} * np.maximum(counts, 1))))"
    elif isinstance(weight, PerClass):
        weights = [weight.weights.get(name, 1.0) for name in classes]
        yield from block(f"class_weight = {render(dict(enumerate(weights)))}", 0)
    if loss.one_hot and facts.task is Task.MULTICLASS:
        for part in part_names(spec, facts):
            yield f"y_{part} = keras.utils.to_categorical(y_{part}, {count})"


def _compile(spec: ExperimentSpec, facts: DatasetFacts, loss: Loss) -> Iterator[str]:
    training = spec.training
    steps: int | Expression = max(1, ceil(spec.dataset.division(facts).train / training.batch_size))
    if needs_export(spec, facts) and isinstance(training.schedule, StepSchedule):
        # Cleaning and windows change the number of samples.
        yield f"steps_per_epoch = int(np.ceil(len(y_train) / {training.batch_size}))"
        steps = Expression("steps_per_epoch")
    optimizer = optimizer_call(training, steps_per_epoch=steps, epochs=training.epochs)
    made = render(call_of(loss))
    if scales_targets(spec, facts):
        yield f"loss = {made}"
        yield ""
        yield "def scaled_loss(y, y_pred):"
        yield "    # It sees targets of mean 0 and deviation 1, the metrics see them in their own units."
        yield "    return loss((y - target_mean) / target_deviation, (y_pred - target_mean) / target_deviation)"
        yield ""
        made = "scaled_loss"
    metrics = [render(call, indent=8) for call in metric_calls(training, loss, facts.task)]
    short = f"    metrics=[{', '.join(metrics)}],"
    yield "model.compile("
    yield from block(f"    optimizer={render(optimizer, indent=4)},", 4)
    yield f"    loss={made},"
    if len(short) <= WIDTH:
        yield short
    else:
        yield "    metrics=["
        for metric in metrics:
            yield from block(f"        {metric},", 8)
        yield "    ],"
    yield ")"


def _augmentation(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    """Random changes come before the steps on values, as pixels are what they change."""
    shape = model_data(spec, facts).inputs[INPUT].shape
    # The policy of mixed precision is for the model alone.
    full = {} if spec.training.precision == OUTPUT_DTYPE else {"dtype": OUTPUT_DTYPE}
    layers: list[Call] = []
    changes: list[str] = []
    for index, step in enumerate(spec.augmentation):
        changes += [f"    {line}" for line in step.script_lines()]
        for call in step.calls(shape, seed=spec.seed + index):
            changes += _change(len(layers), mixes=step.mixes_labels)
            layers.append(Call(call.path, {**call.arguments, **full}))
    if layers:
        yield "augmentation = ["
        for call in layers:
            yield from block(f"    {render(call, indent=4)},", 4)
        yield "]"
        yield ""
    for source in dict.fromkeys(step.script for step in spec.augmentation if step.script):
        yield from source.splitlines()
        yield ""
    yield "def augment(x, y):"
    yield from changes
    for value in value_steps(spec, facts):
        yield f"    x = {value.value('x', 'keras.ops')}"
    if _weighs_mixed(spec):
        weights = "np.array(list(class_weight.values()), np.float32)"
        if facts.task is Task.BINARY:
            yield "    weights = class_weight[0] + (class_weight[1] - class_weight[0]) * y[:, 0]"
        else:
            yield f"    weights = tf.linalg.matvec(y, {weights})"
        yield "    return x, y, weights"
    else:
        yield "    return x, y"
    yield ""
    yield "batches = tf.data.Dataset.from_tensor_slices((raw_train, y_train))"
    yield f"batches = batches.shuffle(len(raw_train), seed={spec.seed}).batch({spec.training.batch_size})"
    yield "batches = batches.map(augment).prefetch(tf.data.AUTOTUNE)"


def _change(index: int, *, mixes: bool) -> list[str]:
    if not mixes:
        return [f"    x = augmentation[{index}](x, training=True)"]
    return [
        f'    mixed = augmentation[{index}]({{"images": x, "labels": y}}, training=True)',
        '    x, y = mixed["images"], mixed["labels"]',
    ]


def _weighs_mixed(spec: ExperimentSpec) -> bool:
    """Returns whether labels are shares of classes, by which the classes' weights are to be mixed, too."""
    return spec.training.class_weight is not None and mixes_labels(spec.augmentation)


def _fit(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    training = spec.training
    yield "model.fit("
    if spec.augmentation:
        yield "    batches,"
        yield "    shuffle=False,  # they are shuffled already"
    else:
        yield "    x_train,"
        yield "    y_train,"
        yield f"    batch_size={training.batch_size},"
    yield f"    epochs={training.epochs},"
    if "validation" in part_names(spec, facts):
        yield "    validation_data=(x_validation, y_validation),"
    if training.class_weight is not None and not _weighs_mixed(spec):
        yield "    class_weight=class_weight,"
    stopping = training.early_stopping.callback() if training.early_stopping else None
    callbacks = [call for call in (stopping, training.schedule.callback()) if call is not None]
    if callbacks:
        yield "    callbacks=["
        for call in callbacks:
            yield from block(f"        {render(call, indent=8)},", 8)
        yield "    ],"
    yield ")"
