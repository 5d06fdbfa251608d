"""One training: its model, its position, and its steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from dlcore.datasets.parts import Part
from dlcore.design.timing import Stage
from dlcore.design.workload import EVALUATION_FACTOR
from dlcore.engine import checkpoint, evaluation, transfer
from dlcore.engine.adapting import adapt
from dlcore.engine.adversarial import Opponent
from dlcore.engine.augmentation import Augmenter
from dlcore.engine.backend import Losses, Steps
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.checkpoint import Checkpoint, Logs, Position, Summary
from dlcore.engine.data import TrainingData, class_weights, epoch_order, save_preparation
from dlcore.engine.divergence import diverged
from dlcore.engine.files import write_whole
from dlcore.engine.handle import RunHandle
from dlcore.engine.latency import measure_latency
from dlcore.engine.meters import Meters, Totals, means_since
from dlcore.engine.pace import Pace
from dlcore.engine.phases import Phase, Phases
from dlcore.engine.points import describe, point, points
from dlcore.engine.randomness import random_states, reseed
from dlcore.engine.reconstruction import find_threshold
from dlcore.engine.scores import Floats
from dlcore.engine.signals import Probe
from dlcore.engine.start import START_KEPT, Start, blocks_of
from dlcore.engine.stopwatch import Stopwatch
from dlcore.engine.watch import Watch
from dlcore.engine.weights import settle_constants
from dlcore.errors import Message
from dlcore.records import Axis, Baseline, Scope, Segment, SeriesKey, Transfer
from dlcore.records.artifacts import CHECKPOINT_FILE, MODEL_FILE
from dlcore.records.gains import is_better
from dlcore.spec.augmentation import mixes_labels
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.training import check_class_weight, resolved_loss

SAVE_SECONDS = 60.0
"""Within an epoch, never is more work than this at stake."""

Begin = Callable[[Any], Transfer | None]


class Training:
    """The training of a model from the first batch to the evaluation.

    Args:
        spec: what to train.
        data: what on.
        handle: the outside.
        epochs: how many epochs it should have in the end.
        on_gpu: whether a GPU does the work.
        resident_bytes: how much of a dataset may lie in memory.
        begin: puts weights from elsewhere into the network, where there is no checkpoint yet.
        stopwatch: measures where the seconds go.
        clock: a monotonic clock, in seconds.

    Attributes:
        position: how far it is.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        data: TrainingData,
        handle: RunHandle,
        *,
        epochs: int,
        on_gpu: bool,
        resident_bytes: int,
        begin: Begin | None = None,
        stopwatch: Stopwatch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec, self.data, self.handle, self.epochs = spec, data, handle, epochs
        self._clock, self._saved_at, self._stopwatch = clock, clock(), stopwatch
        training = spec.training
        self.batch_size = min(training.batch_size, len(data.train))
        self.steps_per_epoch = math.ceil(len(data.train) / self.batch_size)
        self._evaluation_size = self.batch_size * EVALUATION_FACTOR
        self.network = build_model(
            spec.model, data.signature, number_format=training.precision, target_scale=data.target_scale
        )
        soft_labels = mixes_labels(spec.augmentation)
        check_class_weight(training, data.facts)
        self._probe = Probe(self.network, spec, epochs) if training.record_signals else None
        self._steps = Steps(
            self.network,
            data,
            batch_size=self.batch_size,
            one_hot=resolved_loss(training, spec.model, data.task, soft_labels=soft_labels).one_hot,
            class_weights=class_weights(training.class_weight, data.train, data.facts.classes),
            on_gpu=on_gpu,
            resident_bytes=resident_bytes,
            augmenter=Augmenter(spec.augmentation, data.image_shape, seed=spec.seed),
            probe=self._probe,
            opponent=Opponent.of(training.adversarial, data, seed=spec.seed),
        )
        self.position = Position(goal=epochs)
        self._margin = training.early_stopping.start_margin if training.early_stopping else None
        self._start: Start | None = None
        self._start_kept = False
        self._begin(checkpoint.load(handle.folder), begin)

    def _begin(self, saved: Checkpoint | None, begin: Begin | None) -> None:
        """Restores the checkpoint, or starts at the first batch."""
        transferred = transfer.load(self.handle.folder) if saved else begin and begin(self.network)
        if saved is None:
            known = frozenset(transferred.loaded) if transferred else frozenset[str]()
            adapt(self.network, self.spec.model, self.data, known=known)
        self._phases = Phases(self.spec, transferred, self.epochs)
        self._enter(self._phases.number(saved.position.phase) if saved else self._phases.at(0))
        if saved is None and self._margin is not None and len(self.data.validation) > 1:
            self._start = Start(self.network.get_weights(), self._measure_blocks())
        if saved is not None:
            self._restore(saved)
        elif transferred is not None:
            # From here on nothing but this folder is needed. In this order: a checkpoint says that all is here.
            transfer.save(transferred, self.handle.folder)
            self._save()

    def _enter(self, phase: Phase) -> None:
        """Lets the layers of a phase learn, with an optimizer and a watch of their own."""
        self._phase = phase
        phase.prepare(self.network, self.spec.model)
        metrics = compile_model(
            self.network,
            self.spec.model,
            phase.training,
            task=self.data.task,
            steps_per_epoch=self.steps_per_epoch,
            epochs=phase.epochs,
            soft_labels=mixes_labels(self.spec.augmentation),
            shares=phase.shares,
        )
        # Keras' own mean of the loss comes first; it has no other public name.
        self._meters = Meters([self.network.metrics[0], *metrics])
        has_validation = bool(len(self.data.validation))
        self._watch = Watch.of(phase.training, self.network, self.data.task, has_validation=has_validation)
        self._steps.retrace()
        self._pace = Pace()
        self._lap(Stage.STARTING, 1)
        self.position = replace(self.position, phase=phase.number)

    @property
    def step(self) -> int:
        """Batches trained so far."""
        return self.position.epoch * self.steps_per_epoch + self.position.batch

    def run(self) -> bool:
        """Trains until it is done.

        Returns:
            Whether it was asked to stop before.

        Raises:
            DlcoreError: the loss is no longer finite, or a checkpoint cannot be written.
        """
        self.handle.log(
            f"{self.network.count_params():,} parameters, {len(self.data.train):,} samples, "
            f"{self.steps_per_epoch:,} batches an epoch"
        )
        if self.step:
            self.handle.log(f"going on after epoch {self.position.epoch}, batch {self.position.batch}")
        self._tell()
        self._lap(Stage.STARTING, 0)
        while self.position.epoch < self.epochs and not self.position.ended:
            if self.handle.should_stop() or not self._train_epoch():
                return True
            self._end_epoch()
        return False

    def _train_epoch(self) -> bool:
        """Trains the rest of an epoch; returns whether it reached the end."""
        if not self.position.batch:
            self._follow_phase()
            self._meters.forget()
            self._reseed()
            if self._probe is not None:
                self._probe.forget()
        self._epoch_began = self._clock()
        epoch, total = self.position.epoch, self.steps_per_epoch
        order = self._steps.order(
            self.data.train, epoch_order(self.data.train, seed=self.spec.seed, epoch=epoch)
        )
        seen = self._totals()
        while (batch := self.position.batch) < total:
            count = self._pace.batches(total - batch)
            self._lap(Stage.EPOCHS, 0)
            began = self._clock()
            losses = self._train_batches(order, batch, batch + count)
            self._pace.took(count, seconds=self._clock() - began)
            self._lap(Stage.STEPS, count, phase=self._phase.number)
            self._report_losses(epoch * total + batch + 1, losses)
            self.position = replace(self.position, batch=batch + count)
            seen = self._report_chunk(seen)
            if batch + count < total and not self._may_continue():
                return False
        return True

    def _train_batches(self, order: Any, start: int, stop: int) -> Losses:
        """Trains some batches; the last step of an epoch apart, where its size is recorded."""
        train = partial(self._steps.train, self.data.train, order)
        if self._probe is None or stop < self.steps_per_epoch:
            return train(start, stop)
        before = [train(start, stop - 1)] if start < stop - 1 else []
        with self._probe.step(self.position.epoch):
            return np.concatenate([*before, train(stop - 1, stop)])

    def _follow_phase(self) -> None:
        """Enters the phase of the epoch that begins, unless it is in it."""
        phase = self._phases.at(self.position.epoch)
        if phase.number != self._phase.number:
            # A phase that keeps a moving average of its weights ends with it.
            self.network.optimizer.finalize_variable_values(self.network.trainable_variables)
            self._enter(phase)
        if len(self._phases) > 1 and self.position.epoch in (0, self._phases.second_at):
            self.handle.log(phase.describe(self.network, self.spec.model))

    def _may_continue(self) -> bool:
        stop = self.handle.should_stop()
        if stop or self._clock() - self._saved_at > SAVE_SECONDS:
            self._save()
        return not stop

    def _end_epoch(self) -> None:
        """Validates, tells the callbacks, reports, and saves."""
        training, measured = self._meters.logs(), {}
        self._lap(Stage.EPOCHS, 0)
        if len(self.data.validation):
            measured = {"validation": self._measure(self.data.validation)[0]}
            self._lap(Stage.VALIDATION, 1)
        # Told before anything else: what went on inside says why it may end here.
        self.handle.report(self._probe.points(self.position.epoch) if self._probe else ())
        if not all(math.isfinite(logs["loss"]) for logs in measured.values()):
            raise diverged(self.step, self.position.epoch + 1, self._rate())
        summary: Summary = {"train": training, **measured}
        rate, epoch = self._rate(), self.position.epoch
        ended = self._watch.after_epoch(epoch, summary)
        best = summary if self._watch.is_best(epoch) else self.position.best
        self.position = replace(self.position, epoch=epoch + 1, batch=0, ended=ended, last=summary, best=best)
        # In this order: an epoch that is told and not saved is trained again and told again; one that
        # was saved and not told would be missing from the curves forever.
        self.handle.report(
            [
                *points(Axis.EPOCH, epoch + 1, summary),
                *points(Axis.BATCH, self.step, measured),
                point("learning_rate", Scope.TRAIN, Axis.EPOCH, epoch + 1, rate),
            ]
        )
        self._save()
        self._lap(Stage.EPOCHS, 1)
        self._tell()
        seconds = self._clock() - self._epoch_began
        self.handle.log(f"epoch {epoch + 1}/{self.epochs}: {describe(summary)} ({seconds:.1f} s)")

    def conclude(self, compare: Callable[[TrainingData], tuple[Baseline, ...]]) -> Summary:
        """Evaluates and saves the model, once an epoch is done; returns the metrics of its weights.

        Args:
            compare: measures what it is compared with.
        """
        if not self.position.epoch:
            return {}
        best_weights = self._watch.best_weights
        if best_weights is not None:
            self.network.set_weights(best_weights)
        else:
            # Only a moving average of the weights has anything to finalize.
            self.network.optimizer.finalize_variable_values(self.network.trainable_variables)
        self._start_kept = self._keep_start()
        self._lap(Stage.ENDING, 0)
        logs, answers = self._answer(self.data.test)
        folder = self.handle.folder
        threshold = find_threshold(self.data, self.spec, lambda part: self._measure(part)[1])
        save_preparation(self.data, self.spec, folder, threshold)
        write_whole(folder / MODEL_FILE, self.network.save)
        result = evaluation.evaluate(logs, answers, self.data, compare(self.data), threshold)
        keeps_validation = len(self.data.validation) and self.data.task is not Task.RECONSTRUCTION
        validation = self._answer(self.data.validation)[1] if keeps_validation else None
        evaluation.save(folder, result, self.data, answers, validation)
        self._report(Axis.EPOCH, self.position.epoch, {"test": logs})
        self._report(Axis.BATCH, self.step, {"test": logs})
        self.handle.log("test: " + ", ".join(f"{name} {value:.4f}" for name, value in logs.items()))
        self._lap(Stage.ENDING, 1)
        latency = measure_latency(self.spec.training, self._steps, self.data.test, self.handle)
        kept_best = self._start_kept or best_weights is not None
        return {**(self.position.best if kept_best else self.position.last), "test": logs, **latency}

    def _measure_blocks(self) -> Losses:
        return np.array([self._measure(block)[0]["loss"] for block in blocks_of(self.data.validation)])

    def _keep_start(self) -> bool:
        """Goes back to the weights of the start, where those of now are not better; returns whether it did."""
        if self._start is None or self._margin is None:
            return False
        if is_better(self._start.losses, self._measure_blocks(), self._margin):
            return False
        self.network.set_weights(self._start.weights)
        self.position = replace(self.position, best={"validation": self._measure(self.data.validation)[0]})
        return True

    def reason(self) -> Message | None:
        """Returns what is to be told of its end, if anything."""
        if self._start_kept:
            return START_KEPT
        early = self.position.ended and self.position.epoch < self.epochs
        return self._watch.reason(self.position.epoch) if early else None

    def _answer(self, part: Part) -> tuple[Logs, Floats]:
        logs, outputs = self._measure(part)
        return logs, evaluation.answers(outputs, self.data.task, self.spec.model)

    def _measure(self, part: Part) -> tuple[Logs, np.ndarray[Any, Any]]:
        self._steps.warm_up(part, self._evaluation_size)
        self._meters.forget()
        self._lap(Stage.STARTING, 0)
        loss, outputs = self._steps.evaluate(part, self._evaluation_size)
        return {**self._meters.logs(), "loss": loss}, outputs

    def _totals(self) -> Totals:
        """Returns samples seen in this epoch, and the sum of each metric over them."""
        return self._meters.totals(min(self.position.batch * self.batch_size, len(self.data.train)))

    def _report_losses(self, first: int, losses: Losses) -> None:
        """Reports the loss of each batch from `first` on.

        Raises:
            DlcoreError: one is not finite; those before it are reported.
        """
        wrong = np.flatnonzero(~np.isfinite(losses))
        finite = losses[: wrong[0]] if len(wrong) else losses
        if len(finite):
            self.handle.report([Segment(SeriesKey("loss", Scope.TRAIN, Axis.BATCH), first, finite)])
        if len(wrong):
            raise diverged(first + int(wrong[0]), self.position.epoch + 1, self._rate())

    def _report_chunk(self, before: Totals) -> Totals:
        """Reports the means of the metrics over the samples since `before`; returns the new totals."""
        now = self._totals()
        self._report(Axis.BATCH, self.step, {"train": means_since(before, now)})
        self.handle.report([point("learning_rate", Scope.TRAIN, Axis.BATCH, self.step, self._rate())])
        self._tell()
        return now

    def _report(self, axis: Axis, x: int, summary: Summary) -> None:
        self.handle.report(list(points(axis, x, summary)))

    def _lap(self, stage: Stage, count: int, *, phase: int = 0) -> None:
        """Counts what was just done; steps that had to be compiled first are part of the start."""
        if stage is Stage.STEPS and self._steps.just_compiled:
            stage, count = Stage.STARTING, 0
        self._stopwatch.lap(stage, count, phase=phase)
        self.handle.record(self._stopwatch.timing)

    def _tell(self) -> None:
        steps = self.epochs * self.steps_per_epoch
        self.handle.progress(epoch=self.position.epoch, step=self.step, steps=steps)

    def _rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.network.optimizer.learning_rate))

    def _reseed(self) -> None:
        """Makes random layers and augmentation depend on nothing but the seed and the epoch."""
        states = [*random_states(self.network), *self._steps.random_states]
        reseed(states, seed=self.spec.seed, epoch=self.position.epoch)

    def _variables(self) -> list[Any]:
        aside = [*self._meters.variables, *self._steps.random_states]
        return [*self.network.variables, *self.network.optimizer.variables, *aside]

    def _save(self) -> None:
        values = [keras.ops.convert_to_numpy(variable) for variable in self._variables()]
        position = replace(self.position, goal=self.epochs, callbacks=self._watch.state())
        now = Checkpoint(position, values, self._watch.best_weights, self._start)
        checkpoint.save(self.handle.folder, now)
        self._saved_at = self._clock()

    def _restore(self, saved: Checkpoint) -> None:
        checkpoint.fit_into(self.handle.folder / CHECKPOINT_FILE, saved.variables, self._variables())
        settle_constants(self.network)
        more = self.epochs > saved.position.goal
        self._start = saved.start
        self._watch.restore(
            saved.position.callbacks, saved.best_weights, afresh=saved.position.ended and more
        )
        self.position = replace(saved.position, goal=self.epochs, ended=saved.position.ended and not more)
