"""The Keras script that does what a spec says, readable and on its own."""

from __future__ import annotations

import builtins
import json
import keyword
from collections.abc import Iterator
from math import ceil

from dlcore.errors import N_, SpecError
from dlcore.spec.calls import (
    Call,
    call_of,
    early_stopping_call,
    layer_call,
    metric_calls,
    optimizer_call,
    plateau_call,
)
from dlcore.spec.checks import model_data, report
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Application, Shape
from dlcore.spec.model import INPUT, ModelSpec
from dlcore.spec.preprocessing import Normalization, Rescaling
from dlcore.spec.training import Balanced, PerClass, resolved_loss

WIDTH = 100
_TAKEN = frozenset(dir(builtins)) | {
    "keras",
    "np",
    "model",
    "inputs",
    "x_train",
    "y_train",
    "x_test",
    "y_test",
}


def keras_script(spec: ExperimentSpec, facts: DatasetFacts) -> str:
    """A Python script that needs Keras, NumPy and scikit-learn, and nothing of this package.

    Args:
        spec: what it shall do.
        facts: of the spec's dataset.

    Raises:
        SpecError: the model does not fit the dataset.
    """
    found = report(spec, facts)
    if found.problem is not None:
        raise found.problem
    if spec.fine_tuning is not None or any(isinstance(layer, Application) for layer in spec.model.layers):
        raise SpecError(
            N_("no script is written for a model that begins with weights from elsewhere."),
            hint=N_("Train it here; the file of its model loads in Keras."),
            where="fine_tuning",
        )
    parts = [_head(spec), _data(spec, facts), _preparation(spec), _model(spec, facts), _training(spec, facts)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(spec: ExperimentSpec) -> Iterator[str]:
    # Whatever a name holds, no line break of it may end the comment.
    yield f"# {' '.join(spec.name.split())}"
    yield "import keras"
    yield "import numpy as np"
    if spec.dataset.name == "digits":
        yield "from sklearn.datasets import load_digits"
    if _divides(spec):
        yield "from sklearn.model_selection import train_test_split"
    if spec.training.deterministic:
        yield "import tensorflow as tf"
        yield "tf.config.experimental.enable_op_determinism()"
    if spec.training.precision != "float32":
        yield f"keras.config.set_dtype_policy({_text(spec.training.precision)})"


def _divides(spec: ExperimentSpec) -> bool:
    dataset = spec.dataset
    return bool(dataset.name == "digits" or dataset.train_samples or dataset.validation_fraction)


def _data(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    yield "# Data"
    if facts.name == "digits":
        yield "digits = load_digits()"
        yield "images = np.rint(digits.images[..., None] * (255 / 16))"
        yield "x_train, x_test, y_train, y_test = train_test_split("
        yield "    images, digits.target, test_size=359, stratify=digits.target, random_state=0"
        yield ")"
    else:
        yield f"(x_train, y_train), (x_test, y_test) = keras.datasets.{facts.name}.load_data()"
        if facts.input_shape and facts.input_shape[-1] == 1:
            yield "x_train, x_test = x_train[..., None], x_test[..., None]"
        else:
            yield "y_train, y_test = y_train.ravel(), y_test.ravel()"
    yield 'x_train, x_test = x_train.astype("float32"), x_test.astype("float32")'
    if spec.dataset.validation_fraction:
        fraction = spec.dataset.validation_fraction
        yield "x_train, x_validation, y_train, y_validation = train_test_split("
        yield f"    x_train, y_train, test_size={fraction}, stratify=y_train, random_state={spec.seed}"
        yield ")"
    samples, division = spec.dataset.train_samples, spec.dataset.division(facts)
    if samples is not None and samples < facts.train_size - division.validation:
        yield "x_train, _, y_train, _ = train_test_split("
        yield f"    x_train, y_train, train_size={samples}, stratify=y_train, random_state={spec.seed}"
        yield ")"


def _images(spec: ExperimentSpec) -> list[str]:
    return ["x_train", *(["x_validation"] if spec.dataset.validation_fraction else []), "x_test"]


def _preparation(spec: ExperimentSpec) -> Iterator[str]:
    yield "# Preprocessing"
    for step in spec.preprocessing:
        if isinstance(step, Normalization):
            yield "mean = x_train.mean(axis=(0, 1, 2))"
            yield "deviation = np.maximum(x_train.std(axis=(0, 1, 2)), 1e-7)"
        for name in _images(spec):
            if isinstance(step, Rescaling):
                offset = f" + {step.offset}" if step.offset else ""
                yield f"{name} = {name} * {step.scale}{offset}"
            else:
                yield f"{name} = ({name} - mean) / deviation"


def _model(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    seen = model_data(spec, facts)
    model, shape = spec.model.resolved(seen), seen.inputs[INPUT].shape
    yield "# Model"
    yield f"keras.utils.set_random_seed({spec.seed})"
    calls = [
        layer_call(layer, output=index == len(model.layers) - 1, precision=spec.training.precision)
        for index, layer in enumerate(model.layers)
    ]
    # Keras' Sequential gives each layer one argument.
    plain = model.is_stack and all(len(layer.called_with([INPUT])) == 1 for layer in model.layers)
    yield from _stack(calls, shape) if plain else _graph(model, calls, shape)
    yield "model.summary()"


def _stack(calls: list[Call], shape: Shape) -> Iterator[str]:
    yield "model = keras.Sequential("
    yield "    ["
    yield f"        keras.Input({shape}),"
    for call in calls:
        yield from _block(f"{render(call, indent=8)},", 8)
    yield "    ]"
    yield ")"


def _graph(model: ModelSpec, calls: list[Call], shape: Shape) -> Iterator[str]:
    names = {INPUT: "inputs"}
    yield f"inputs = keras.Input({shape})"
    for index, (layer, call) in enumerate(zip(model.layers, calls, strict=True)):
        names[layer.name] = _variable(layer.name, set(names.values()))
        sources = [names[source] for source in model.sources(index)]
        given = (
            f"[{', '.join(one)}]" if isinstance(one, list) else one for one in layer.called_with(sources)
        )
        yield f"{names[layer.name]} = {render(call)}({', '.join(given)})"
    yield f"model = keras.Model(inputs, {names[model.layers[-1].name]})"


def _variable(name: str, taken: set[str]) -> str:
    while name in _TAKEN or name in taken or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        name += "_"
    return name


def _training(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    training, loss = spec.training, resolved_loss(spec.training, spec.model, facts.task)
    count = len(facts.classes)
    yield "# Training"
    if isinstance(training.class_weight, Balanced):
        yield f"counts = np.bincount(y_train, minlength={count})"
        yield f"class_weight = dict(enumerate(len(y_train) / ({count} * np.maximum(counts, 1))))"
    elif isinstance(training.class_weight, PerClass):
        weights = [training.class_weight.weights.get(name, 1.0) for name in facts.classes]
        yield from _block(f"class_weight = {render(dict(enumerate(weights)))}", 0)
    if loss.one_hot:
        for name in _images(spec):
            labels = name.replace("x_", "y_")
            yield f"{labels} = keras.utils.to_categorical({labels}, {count})"
    optimizer = optimizer_call(training, steps_per_epoch=_steps(spec, facts), epochs=training.epochs)
    metrics = ", ".join(render(call) for call in metric_calls(training, loss, facts.task))
    yield "model.compile("
    yield from _block(f"    optimizer={render(optimizer, indent=4)},", 4)
    yield f"    loss={render(call_of(loss))},"
    yield f"    metrics=[{metrics}],"
    yield ")"
    yield "model.fit("
    yield "    x_train,"
    yield "    y_train,"
    yield f"    batch_size={training.batch_size},"
    yield f"    epochs={training.epochs},"
    if spec.dataset.validation_fraction:
        yield "    validation_data=(x_validation, y_validation),"
    if training.class_weight is not None:
        yield "    class_weight=class_weight,"
    callbacks = [c for c in (early_stopping_call(training), plateau_call(training)) if c is not None]
    if callbacks:
        yield "    callbacks=["
        for call in callbacks:
            yield from _block(f"        {render(call, indent=8)},", 8)
        yield "    ],"
    yield ")"
    yield "model.evaluate(x_test, y_test)"


def _steps(spec: ExperimentSpec, facts: DatasetFacts) -> int:
    return max(1, ceil(spec.dataset.division(facts).train / spec.training.batch_size))


def _block(text: str, indent: int) -> Iterator[str]:
    lines = text.splitlines()
    yield lines[0] if lines[0].startswith(" " * indent) else " " * indent + lines[0]
    yield from lines[1:]


def render(value: object, *, indent: int = 0) -> str:
    """A value as Python source; a call that would be too long has a line for each argument.

    Example:
        >>> render(Call("layers.Dense", {"units": 10, "use_bias": True}, frozenset({"use_bias"})))
        'keras.layers.Dense(units=10)'
    """
    if isinstance(value, Call):
        given = {
            name: argument
            for name, argument in value.arguments.items()
            if name not in value.defaults and not (name == "name" and value.path.startswith("layers."))
        }
        parts = [f"{name}={render(argument, indent=indent + 4)}" for name, argument in given.items()]
        short = f"keras.{value.path}({', '.join(parts)})"
        if len(short) + indent <= WIDTH and "\n" not in short:
            return short
        inner = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
        return f"keras.{value.path}(\n{inner}{' ' * indent})"
    if isinstance(value, str):
        return _text(value)
    return repr(value)


def _text(value: str) -> str:
    return json.dumps(value)
