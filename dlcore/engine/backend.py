"""Everything specific to TensorFlow: devices, determinism, and many batches in one call.

A chunk of batches runs as one compiled loop over arrays in memory, so Python is needed only every few
tenths of a second. On two cores an epoch of a small CNN takes about 2/3 of the time `fit` takes. The
loop is traced once, whatever the length of a chunk.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.datasets.parts import Indices, Part
from dlcore.datasets.prepare.values import Affine, ValueOp
from dlcore.engine.adversarial import Opponent
from dlcore.engine.augmentation import Augmenter
from dlcore.engine.data import TrainingData
from dlcore.engine.signals import Probe
from dlcore.errors import N_, DlcoreError
from dlcore.spec.data import Task
from dlcore.spec.signature import INPUT

CHUNK_BYTES = 32 * 1024**2
"""Samples read from the disk in one go, of datasets too large to lie in memory."""

LATENCY_CALLS = 60

Losses = np.ndarray[Any, np.dtype[np.float32]]
"""One a batch."""

OUT_OF_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)


@contextmanager
def device(name: str, *, deterministic: bool) -> Iterator[bool]:
    """Places the computation of the block on a device; yields whether it is a GPU.

    Determinism, once asked for, stays on for the life of the process: TensorFlow offers no way back.

    Args:
        name: `auto`, `cpu`, or `gpu:n`. Which GPU the process sees is decided by its parent process
            (`CUDA_VISIBLE_DEVICES`), so the number does not matter here.
        deterministic: the same bits at each run.

    Raises:
        DlcoreError: a GPU is asked for and there is none.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Only before the first use in a process can it be set; a notebook may have used the GPU already.
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    if name.startswith("gpu") and not gpus:
        raise DlcoreError(
            N_("expected the device {device}, but no GPU was found."),
            hint=N_("Choose auto or cpu, or check the driver and requirements-gpu.txt."),
            where="training.device",
            device=name,
        )
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    on_gpu = bool(gpus) and name != "cpu"
    with nullcontext() if on_gpu else keras.device("cpu:0"):
        yield on_gpu


class Steps:
    """Trains and evaluates many batches in one call.

    Arrays up to `resident_bytes` are held in memory as tensors. Of larger ones, which are on the disk,
    only the samples of the next batches are read.

    Args:
        model: a model that is compiled before it trains.
        data: where the samples come from, and how they are prepared.
        batch_size: samples per training step.
        one_hot: whether the loss takes one-hot labels.
        class_weights: one per class, or none.
        on_gpu: whether it runs on a GPU: there XLA is quicker, on CPUs slower (13 s against 10 s).
        resident_bytes: how much of a dataset may lie in memory.
        augmenter: changes training batches, if that is wanted.
        probe: measures layers, if that is wanted.
        opponent: attacks training batches, if that is wanted.

    Attributes:
        just_compiled: whether the last call of `train` had to compile first.
    """

    def __init__(
        self,
        model: Any,
        data: TrainingData,
        *,
        batch_size: int,
        one_hot: bool,
        class_weights: np.ndarray[Any, np.dtype[np.float32]] | None,
        on_gpu: bool,
        resident_bytes: int,
        augmenter: Augmenter | None = None,
        probe: Probe | None = None,
        opponent: Opponent | None = None,
    ) -> None:
        self._model, self._data, self._augmenter, self._probe = model, data, augmenter, probe
        self._opponent = opponent
        self._batch_size, self._one_hot = batch_size, one_hot and data.task is Task.MULTICLASS
        self._class_weights = None if class_weights is None else tf.constant(class_weights)
        self._on_gpu, self._resident_bytes = on_gpu, resident_bytes
        self._arrays: dict[int, tuple[Any, Any]] = {}
        self._inputs = [tensor.name for tensor in model.inputs]
        inputs = {
            name: tf.TensorSpec([None, *data.train.inputs[name].shape[1:]], data.train.inputs[name].dtype)
            for name in self._inputs
        }
        y = data.train.y
        labels, index = tf.TensorSpec([None, *y.shape[1:]], y.dtype), tf.TensorSpec([None], tf.int32)
        scalar = tf.TensorSpec([], tf.int32)
        self._signatures = [inputs, labels, index, scalar, scalar], [inputs, labels, index, scalar]
        self.retrace()

    @property
    def random_states(self) -> list[Any]:
        """The states of the random generators beside those of the model, in a fixed order."""
        return [one for source in (self._augmenter, self._opponent) if source for one in source.variables]

    def retrace(self) -> None:
        """Follows the model when it has been compiled again."""
        training, evaluation = self._signatures
        if self._probe is not None:
            self._probe.follow()
        self._train = tf.function(self._train_loop, input_signature=training, autograph=False)
        self._evaluate = tf.function(self._evaluate_loop, input_signature=evaluation, autograph=False)
        self._train_batch = self._compiled(self._train_one)
        self._evaluate_batch = self._compiled(self._evaluate_one)
        self._trained: set[int] = set()
        self.just_compiled = self._evaluated = False

    def _note(self, samples: int) -> None:
        """Notes whether training that many samples compiles: XLA does so for each size of a batch."""
        size = self._batch_size
        sizes = {size if samples >= size else 0, samples % size} - {0} if self._on_gpu else {size}
        self.just_compiled = not sizes <= self._trained
        self._trained |= sizes

    def order(self, part: Part, indices: Indices) -> Any:
        """Returns an order of samples, made ready for `train`."""
        if not self._resident(part):
            return indices
        with tf.device("CPU:0"):
            return tf.constant(indices, tf.int32)

    def train(self, part: Part, order: Any, start: int, stop: int) -> Losses:
        """Trains batches `start` to `stop` of an order.

        Returns:
            The loss of each batch; fewer of them if one was not finite, which is among them.
        """
        samples = min(stop * self._batch_size, len(part)) - start * self._batch_size
        self._note(samples)
        if self._resident(part):
            return self._follow(self._train(*self._of(part), order, tf.constant(start), tf.constant(stop)))
        most = max(1, CHUNK_BYTES // (self._sample_bytes(part) * self._batch_size))
        found: list[Losses] = []
        for first in range(start, stop, most):
            last = min(stop, first + most)
            indices = order[first * self._batch_size : last * self._batch_size]
            losses = self._train(*self._read(part, indices), tf.constant(0), tf.constant(last - first))
            found.append(self._follow(losses))
            if not np.isfinite(found[-1]).all():
                break
        return np.concatenate(found)

    def _follow(self, trained: tuple[Any, Any]) -> Losses:
        """Takes what a call of the loop gave: returns the losses, and tells the probe the rest."""
        losses, squares = trained
        if self._probe is not None:
            self._probe.add_squares(np.asarray(squares))
        return np.asarray(losses)

    def warm_up(self, part: Part, batch_size: int) -> None:
        """Compiles the evaluation, unless that is done, by evaluating a batch of each size there is.

        The model's own metrics are updated on the way.
        """
        if not self._evaluated:
            self._evaluated = True
            self.evaluate(part.take(part.indices[: batch_size + len(part) % batch_size]), batch_size)

    def evaluate(self, part: Part, batch_size: int) -> tuple[float, np.ndarray[Any, Any]]:
        """Returns the mean loss over a part, and the model's answers in its order.

        The model's own metrics are updated on the way.
        """
        size = tf.constant(batch_size)
        if self._probe is not None:
            self._probe.forget_activations()
        if self._resident(part):
            return self._observe(self._evaluate(*self._of(part), self.order(part, part.indices), size))
        most = batch_size * max(1, CHUNK_BYTES // (self._sample_bytes(part) * batch_size))
        total, found = 0.0, []
        for first in range(0, len(part), most):
            indices = part.indices[first : first + most]
            loss, outputs = self._observe(self._evaluate(*self._read(part, indices), size))
            total += loss * len(indices)
            found.append(outputs)
        return total / len(part), np.concatenate(found)

    def _observe(self, evaluated: tuple[Any, Any, Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        """Takes what a call of the loop gave: returns loss and answers, and tells the probe the rest."""
        loss, outputs, moments, largest = evaluated
        if self._probe is not None:
            self._probe.add_activity(np.asarray(moments), [np.asarray(one) for one in largest])
        return float(loss), np.asarray(outputs)

    def latency(self, part: Part) -> float:
        """Returns seconds from one sample in memory to the model's answer, the median of some calls."""
        answer = tf.function(
            lambda x: self._model.answer(self._model(self._valued(x), training=False)), autograph=False
        )
        sample, _, _ = self._read(part, part.indices[:1])
        seconds = []
        for _ in range(LATENCY_CALLS):
            began = time.perf_counter()
            np.asarray(answer(sample))
            seconds.append(time.perf_counter() - began)
        # The first half compiles, and fills caches.
        return float(np.median(seconds[LATENCY_CALLS // 2 :]))

    def _resident(self, part: Part) -> bool:
        return part.bytes <= self._resident_bytes

    def _sample_bytes(self, part: Part) -> int:
        return max(1, part.bytes // max(1, len(part.y)))

    def _of(self, part: Part) -> tuple[Any, Any]:
        """Returns the arrays of a part as tensors, which parts of the same arrays share."""
        key = id(part.y)
        if key not in self._arrays:
            with tf.device("CPU:0"):
                self._arrays[key] = (
                    {name: tf.constant(part.inputs[name]) for name in self._inputs},
                    tf.constant(part.y),
                )
        return self._arrays[key]

    def _read(self, part: Part, indices: Indices) -> tuple[Any, Any, Any]:
        """Returns some samples of a part read from the disk, and their order."""
        with tf.device("CPU:0"):
            inputs = {name: tf.constant(part.inputs[name][indices]) for name in self._inputs}
            return inputs, tf.constant(part.y[indices]), tf.range(len(indices))

    def _compiled(self, step: Any) -> Any:
        compiles = self._on_gpu and self._model.compiles
        return tf.function(step, jit_compile=True, autograph=False) if compiles else step

    def _gather(self, x: Any, y: Any, index: Any) -> tuple[Any, Any]:
        # TensorFlow gathers bytes on the CPU alone; anywhere else it would first copy the whole array.
        with tf.device("CPU:0"):
            return {name: tf.gather(array, index) for name, array in x.items()}, tf.gather(y, index)

    def _labels(self, y: Any) -> Any:
        """Returns the targets in the form that the loss takes; those that are in it already stay."""
        if y.dtype.is_floating:
            return y
        if self._one_hot:
            return tf.one_hot(y, len(self._data.facts.classes))
        return tf.cast(y, tf.float32)[:, None] if self._data.task is Task.BINARY else y

    def _augmented(self, x: Any, y: Any) -> tuple[Any, Any]:
        # Not within the compiled step: XLA knows no operation that turns an image.
        if not self._augmenter:
            return x, y
        changed, y = self._augmenter(tf.cast(x[INPUT], tf.float32), self._labels(y))
        return {**x, INPUT: changed}, y

    def _weights(self, y: Any) -> Any:
        """Returns how much each sample counts, if not all count alike; a mixed one as its shares do."""
        weights = self._class_weights
        if weights is None:
            return None
        if self._data.task is Task.BINARY:
            return (weights[0] + (weights[1] - weights[0]) * y)[:, 0]
        return tf.linalg.matvec(y, weights) if self._one_hot else tf.gather(weights, y)

    def _valued(self, x: Any) -> Any:
        """Returns the inputs after the steps on values, as the model takes them; ids stay as they are."""
        done = {}
        for name, array in x.items():
            if name in self._data.values:
                array = tf.cast(array, tf.float32)
                for op in self._data.values[name]:
                    array = _applied(op, array)
            done[name] = array
        return done if len(done) > 1 else next(iter(done.values()))

    def _train_one(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Takes one step, as Keras' `train_step` does, which knows the epoch's mean but not the batch's loss."""
        model, x, y = self._model, self._valued(x), self._labels(y)
        weights = self._weights(y)
        if self._opponent is not None:
            x = self._opponent(model, x, y)
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x, y, outputs, weights, training=True)
            # Keras' own mean of the loss comes first; it has no other public name.
            model.metrics[0].update_state(loss, sample_weight=tf.shape(y)[0])
            scaled = model.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, model.trainable_weights)
        # Before they are applied: an optimizer may change them in place.
        squares = self._probe.squares(gradients) if self._probe else tf.zeros([0])
        if model.trainable_weights:
            model.optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        model.compute_metrics(x, y, outputs, weights)
        return tf.cast(loss, tf.float32), squares

    def _train_loop(self, x: Any, y: Any, order: Any, start: Any, stop: Any) -> tuple[Any, Any]:
        size = self._batch_size
        losses = tf.TensorArray(tf.float32, stop - start, element_shape=[])
        nothing = tf.zeros([self._probe.gradient_count if self._probe else 0])

        def one(batch: Any, losses: Any, squares: Any) -> tuple[Any, Any, Any]:
            index = order[batch * size : (batch + 1) * size]
            loss, found = self._train_batch(*self._augmented(*self._gather(x, y, index)))
            # Kept, not looked at: a branch on it would make a GPU wait for every batch.
            return batch + 1, losses.write(batch - start, loss), squares + found

        _, losses, squares = tf.while_loop(
            lambda batch, *_: batch < stop, one, (start, losses, nothing), parallel_iterations=1
        )
        return losses.stack(), squares

    def _evaluate_one(self, x: Any, y: Any) -> tuple[Any, Any, Any, list[Any]]:
        x, y = self._valued(x), self._labels(y)
        outputs, inside = self._probe.call(x) if self._probe else (self._model(x, training=False), [])
        loss = self._model.compute_loss(x, y, outputs, None, training=False)
        self._model.compute_metrics(x, y, outputs, None)
        moments, largest = self._probe.activity(inside) if self._probe else (tf.zeros([0]), [])
        return loss, self._model.answer(outputs), moments, largest

    def _evaluate_loop(self, x: Any, y: Any, order: Any, size: Any) -> tuple[Any, Any, Any, list[Any]]:
        count = tf.shape(order)[0]
        batches = (count + size - 1) // size
        shape = tf.TensorShape([None, *self._model.outputs[0].shape[1:]])
        rows = tf.TensorArray(tf.float32, batches, element_shape=shape, infer_shape=False)
        moments = tf.zeros([self._probe.moment_count if self._probe else 0])
        least = [tf.fill([width], tf.float32.min) for width in (self._probe.widths if self._probe else ())]

        def one(batch: Any, total: Any, rows: Any, moments: Any, largest: list[Any]) -> tuple[Any, ...]:
            index = order[batch * size : (batch + 1) * size]
            loss, outputs, found, high = self._evaluate_batch(*self._gather(x, y, index))
            samples = tf.cast(tf.shape(index)[0], tf.float32)
            largest = [tf.maximum(one, other) for one, other in zip(largest, high, strict=True)]
            total += tf.cast(loss, tf.float32) * samples
            return batch + 1, total, rows.write(batch, outputs), moments + found, largest

        _, total, rows, moments, largest = tf.while_loop(
            lambda batch, *_: batch < batches,
            one,
            (tf.constant(0), tf.constant(0.0), rows, moments, least),
            parallel_iterations=1,
        )
        return total / tf.cast(count, tf.float32), rows.concat(), moments, largest


def _applied(op: ValueOp, x: Any) -> Any:
    if isinstance(op, Affine):
        return x * op.scale + op.offset
    return tf.sign(x) * tf.math.log1p(tf.abs(x))
