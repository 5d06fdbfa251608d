"""A run's trained model as it is taken away: asked, scored, and saved in the formats that Keras and TensorFlow write."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array, Part, PreparedData
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.datasets.prepare.values import Affine, ValueOp, apply_value_ops
from dlcore.engine import converters
from dlcore.engine.evaluation import answer_names, answers
from dlcore.engine.events import write_events
from dlcore.engine.files import load_trained
from dlcore.engine.network import answering_model
from dlcore.engine.onnx_operators import check_onnx, register_operators
from dlcore.engine.scores import measure_answers
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.training import gives_probabilities

Inputs = Mapping[str, Array]


class TrainedModel:
    """The model in a run's folder, with the samples of its dataset to try it on.

    Args:
        folder: holds `model.keras` and `preparation.json`.
        settings: where the data is.
        tell: is told the progress of the preparation, which is made again where it is no longer kept.
    """

    def __init__(self, folder: Path, settings: Settings, tell: Callable[[str, int, int], None]) -> None:
        self._folder, self._settings, self._tell = folder, settings, tell

    @cached_property
    def preparation(self) -> Preparation:
        """How the samples were prepared."""
        return read_preparation(self._folder)

    @property
    def classes(self) -> tuple[str, ...]:
        """What each output is called; empty where the model gives back what it was given."""
        facts = self.preparation.facts
        if facts.task is Task.RECONSTRUCTION:
            return ()
        if facts.task is Task.BINARY:
            return facts.classes[1:]
        return facts.classes if facts.task.classifies else answer_names(facts, self.preparation.state)

    @property
    def activation(self) -> str:
        """What makes answers of the outputs of the model in `model.keras`: `softmax`, `sigmoid` or `linear`."""
        task = self.preparation.facts.task
        if not task.classifies or gives_probabilities(self.preparation.spec.model):
            return "linear"
        return "softmax" if task is Task.MULTICLASS else "sigmoid"

    @property
    def has_loops(self) -> bool:
        """Whether a layer goes through its sample step by step."""
        return any(isinstance(layer, keras.layers.RNN) for layer in self.network._flatten_layers())

    def samples(self, part: str, count: int) -> Inputs:
        """Returns the first samples of a part, before the steps on values.

        Args:
            part: `train`, `validation` or `test`.
            count: at most so many.
        """
        found: Part = getattr(self.data, part)
        return {
            tensor.name: _plain(found.inputs[tensor.name][found.indices[:count]])
            for tensor in self.network.inputs
        }

    def answers(self, inputs: Inputs) -> Array:
        """(samples, outputs) what the model answers in Keras, as the run's evaluation had it."""
        return self._answers_of(self.network, inputs)

    def score(self, found: Array) -> Mapping[str, float]:
        """Returns how good the answers for the first test samples are, by the metrics of the task."""
        facts, truth = self.preparation.facts, self.data.test.labels[: len(found)]
        if facts.task is Task.BINARY:
            found = np.concatenate([1 - found, found], axis=1)
        return measure_answers(found, truth if facts.task.single_label else _rows(truth), facts)

    def save_weights(self, path: Path) -> None:
        """Writes a `.weights.h5`."""
        self._whole.save_weights(path)

    def open_weights(self, path: Path) -> Callable[[Inputs], Array]:
        """Returns what the network answers with the weights in that file."""
        fresh = self._whole.__class__.from_config(self._whole.get_config())
        fresh.load_weights(path)
        answering = answering_model(fresh)
        return lambda inputs: self._answers_of(answering, inputs)

    def save_saved_model(self, folder: Path) -> None:
        """Writes TensorFlow's format, the steps on values within; the output is called `output`."""
        converters.save_function(self._served, folder, batch=None)

    def save_onnx(self, path: Path) -> None:
        """Writes an ONNX file, the steps on values within.

        Raises:
            ConversionError: ONNX has no operators for some of it; which.
        """
        register_operators()
        given = self._served.inputs
        wanted = {one.name: one for one in given} if len(given) > 1 else given[0]
        with _quiet():
            # Without a signature, Keras exports only a model that was called before.
            self._served.export(path, format="onnx", verbose=False, input_signature=[wanted])
        check_onnx(path, {one.name for one in given})

    def save_litert(self, path: Path, precision: str, examples: Inputs) -> None:
        """Writes a LiteRT file for one sample at a time.

        Args:
            path: the file.
            precision: `float32`, `float16`, or `int8`.
            examples: training samples that show the range of the values within; without any, only weights are int8.
        """
        with tempfile.TemporaryDirectory(dir=path.parent) as folder, _quiet():
            # With any other batch a recurrent layer becomes operators that LiteRT does not have.
            converters.save_function(self._served, Path(folder), batch=1)
            path.write_bytes(converters.convert_to_litert(Path(folder), precision, examples))

    def save_events(self, folder: Path, curves: Mapping[str, tuple[Array, Array]], text: str) -> None:
        """Writes curves by name, and a text, as TensorBoard reads them."""
        write_events(folder, curves, text=text)

    @cached_property
    def _whole(self) -> Any:
        """The model with its further outputs, if any."""
        return load_trained(self._folder)

    @cached_property
    def network(self) -> Any:
        """What of the model gives the answer."""
        return answering_model(self._whole)

    @cached_property
    def data(self) -> PreparedData:
        """The parts of its dataset, prepared as for the run."""
        return prepare(self.preparation.spec, self._settings, self._tell)

    @cached_property
    def _served(self) -> Any:
        """The model with the steps on values before it, and behind it what makes answers of its outputs."""
        ops = self.preparation.values
        inputs = {
            tensor.name: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=tensor.name)
            for tensor in self.network.inputs
        }
        given = {name: with_ops(tensor, ops.get(name, ())) for name, tensor in inputs.items()}
        model = in_full_precision(self.network)
        _hold_constants(model)
        outputs = model(given if len(given) > 1 else next(iter(given.values())), training=False)
        last = keras.layers.Activation(self.activation, dtype="float32", name="output")
        return keras.Model(inputs if len(inputs) > 1 else next(iter(inputs.values())), last(outputs))

    def _answers_of(self, model: Any, inputs: Inputs) -> Array:
        values, facts = self.preparation.values, self.preparation.facts
        given = {name: apply_value_ops(array, values.get(name, ())) for name, array in inputs.items()}
        outputs = model.predict_on_batch(given if len(given) > 1 else next(iter(given.values())))
        said = answers(_rows(outputs), facts.task, self.preparation.spec.model)
        return said[:, 1:] if facts.task is Task.BINARY else said


def _rows(outputs: Any) -> Array:
    """(samples, outputs)"""
    found = np.asarray(outputs)
    return found.reshape(len(found), -1)


def _plain(array: Array) -> Array:
    """Returns samples as a model takes them: ids stay ids, all else is float32."""
    found = np.asarray(array)
    return found if found.dtype == np.int32 else found.astype(np.float32)


def in_full_precision(model: Any) -> Any:
    """Returns a model that computes in float32 what may have been trained in half precision, as no runtime can."""
    config = model.get_config()
    if not _set_precision(config):
        return model
    full = model.__class__.from_config(config)
    full.set_weights(model.get_weights())
    return full


def _hold_constants(model: Any) -> None:
    """Makes arrays of the tensors in layers that scale: the converter to ONNX takes tensors for further inputs."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)


def _set_precision(config: Any) -> bool:
    """Makes every policy within a config that of float32; returns whether one was another."""
    found = False
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy" and config["config"]["name"] != "float32":
            config["config"], found = {**config["config"], "name": "float32"}, True
        return any([found, *map(_set_precision, config.values())])
    if isinstance(config, list | tuple):
        return any([*map(_set_precision, config)])
    return False


def with_ops(tensor: Any, ops: tuple[ValueOp, ...]) -> Any:
    """Returns a tensor with the operations on its values."""
    for op in ops:
        if isinstance(op, Affine):
            tensor = tensor * _constant(op.scale) + _constant(op.offset)
        else:
            tensor = keras.ops.sign(tensor) * keras.ops.log1p(keras.ops.abs(tensor))
    return tensor


def _constant(values: npt.NDArray[np.float32]) -> Any:
    return np.asarray(values, np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides warnings of the converters about themselves, which no user can act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
