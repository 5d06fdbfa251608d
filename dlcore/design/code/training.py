"""The part of a script that trains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dlcore.design.code.adversarial import adversarial_lines
from dlcore.design.code.arrays import part_names
from dlcore.design.code.compiling import compile_lines, loss_lines, target_function, targets
from dlcore.design.code.fine_tuning import script_phases, start_lines
from dlcore.design.code.network import scales_targets
from dlcore.design.code.rendering import block, render
from dlcore.design.code.values import continues_windows, value_steps
from dlcore.spec.augmentation import mixes_labels
from dlcore.spec.calls import OUTPUT_DTYPE, Call
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.heads import heads_of
from dlcore.spec.layers.normalization import Normalization as NormalizationLayer
from dlcore.spec.losses import Loss
from dlcore.spec.measure_name import LOSS, MeasureName
from dlcore.spec.signature import INPUT
from dlcore.spec.training import Balanced, PerClass

_START = """
def block_losses():
    blocks = np.array_split(np.arange(len(y_validation)), min(10, len(y_validation)))
    taken = [keras.tree.map_structure(lambda x: x[block], (x_validation, y_validation)) for block in blocks]
    losses = [model.evaluate(x, {y}, verbose=0, return_dict=True)["loss"] for x, y in taken]
    return np.array(losses)

# The weights of the start are kept if training does not make the validation loss clearly lower.
start_weights, start_losses = model.get_weights(), block_losses()""".splitlines()


def training_lines(
    spec: ExperimentSpec, facts: DatasetFacts, classes: tuple[str, ...], *, has_new: bool
) -> Iterator[str]:
    """Compiles, trains and evaluates `model`.

    Args:
        spec: what is trained.
        facts: of its dataset.
        classes: those that cleaning leaves.
        has_new: whether a layer of a fine-tuning starts without weights from elsewhere.
    """
    soft = mixes_labels(spec.augmentation)
    heads = heads_of(spec.training, spec.model, facts.task, soft_labels=soft)
    one_hot = heads[0].loss.one_hot and facts.task is Task.MULTICLASS
    yield "# Training"
    yield from start_lines(spec)
    yield from _adapt(spec)
    yield from _targets(spec, facts, heads[0].loss, classes)
    if spec.model.further:
        yield from target_function(heads, facts, len(classes))
    yield from loss_lines(spec, facts, heads)
    yield from adversarial_lines(spec, facts)
    margin = spec.training.early_stopping.start_margin if spec.training.early_stopping else None
    for number, phase in enumerate(script_phases(spec, has_new=has_new)):
        yield from phase.lines
        there = spec.updated(training=phase.training)
        yield from compile_lines(there, facts, heads)
        if number == 0:
            if spec.augmentation:
                yield from _augmentation(spec, facts, one_hot=one_hot)
            if margin is not None:
                yield from (line.replace("{y}", targets(spec, "y")) for line in _START)
        yield from _fit(there, facts, one_hot=one_hot)
    if margin is not None:
        yield "gains = start_losses - block_losses()"
        yield f"if gains.mean() <= {margin} * gains.std(ddof=1) / np.sqrt(len(gains)):"
        yield "    model.set_weights(start_weights)"
    right = targets(spec, "y_test")
    yield f"print(model.evaluate(x_test, {right}, verbose=0, return_dict=True))"


def _adapt(spec: ExperimentSpec) -> Iterator[str]:
    """Lets the layers that have no numbers yet take those of the training part, in the order of the model."""
    if any(isinstance(layer, NormalizationLayer) and not layer.mean for layer in spec.model.layers):
        yield "for layer in model.layers:"
        known = " and layer.name not in brought" if spec.fine_tuning else ""
        yield f"    if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None{known}:"
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


def _augmentation(spec: ExperimentSpec, facts: DatasetFacts, *, one_hot: bool) -> Iterator[str]:
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
    if _weighs_batches(spec):
        weights = "np.array(list(class_weight.values()), np.float32)"
        if facts.task is Task.BINARY:
            yield "    weights = class_weight[0] + (class_weight[1] - class_weight[0]) * y[:, 0]"
        elif one_hot:
            yield f"    weights = tf.linalg.matvec(y, {weights})"
        else:
            yield f"    weights = tf.gather({weights}, y)"
        yield f"    return x, {targets(spec, 'y')}, weights"
    else:
        yield f"    return x, {targets(spec, 'y')}"
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


def _weighs_batches(spec: ExperimentSpec) -> bool:
    """Returns whether samples are weighed while they are augmented, since Keras' `class_weight` cannot: labels are
    shares of classes, or there are several outputs.
    """
    several = bool(spec.augmentation and spec.model.further)
    return spec.training.class_weight is not None and (several or mixes_labels(spec.augmentation))


def _sample_weights(facts: DatasetFacts, *, one_hot: bool) -> str:
    """Returns how much each sample counts, by the weight of its class."""
    if facts.task is Task.BINARY:
        labels = "y_train[:, 0].astype(int)"
    else:
        labels = "y_train.argmax(axis=1)" if one_hot else "y_train"
    return f"np.array([class_weight[label] for label in {labels}])"


def _fit(spec: ExperimentSpec, facts: DatasetFacts, *, one_hot: bool) -> Iterator[str]:
    training = spec.training
    yield "model.fit("
    if spec.augmentation:
        yield "    batches,"
        yield "    shuffle=False,  # they are shuffled already"
    else:
        yield "    x_train,"
        yield f"    {targets(spec, 'y_train')},"
        yield f"    batch_size={training.batch_size},"
    yield f"    epochs={training.epochs},"
    if "validation" in part_names(spec, facts):
        yield f"    validation_data=(x_validation, {targets(spec, 'y_validation')}),"
    if training.class_weight is not None and not _weighs_batches(spec):
        # Keras takes no weights of classes for several outputs.
        weights = _sample_weights(facts, one_hot=one_hot) if spec.model.further else ""
        yield f"    sample_weight={weights}," if weights else "    class_weight=class_weight,"
    stopping = training.early_stopping.callback() if training.early_stopping else None
    watching = (stopping, training.schedule.callback())
    callbacks = [_watching_main(spec, call) for call in watching if call is not None]
    if callbacks:
        yield "    callbacks=["
        for call in callbacks:
            yield from block(f"        {render(call, indent=8)},", 8)
        yield "    ],"
    yield ")"


def _watching_main(spec: ExperimentSpec, callback: Call) -> Call:
    """Returns a callback that watches the metric of the last layer under the name that Keras gives it."""
    name = MeasureName.parse(callback.arguments["monitor"])
    if not spec.model.further or name.metric == LOSS:
        return callback
    watched = str(replace(name, output=spec.model.layers[-1].name))
    return replace(callback, arguments={**callback.arguments, "monitor": watched})
