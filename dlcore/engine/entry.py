"""Trains a spec, from its checkpoint if any, until it is done or asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras

from dlcore.datasets.vectors.matching import find_vectors
from dlcore.design.timing import Stage
from dlcore.engine import backend
from dlcore.engine.baselines.measure import measure_baselines
from dlcore.engine.checkpoint import Summary
from dlcore.engine.data import TrainingData, load
from dlcore.engine.handle import RunHandle
from dlcore.engine.stopwatch import Stopwatch
from dlcore.engine.training import Training
from dlcore.engine.transfer import SourceWeights, transfer
from dlcore.engine.word_vectors import start_with_vectors
from dlcore.errors import N_, DlcoreError, Message, SpecError
from dlcore.records import Transfer
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Attributes:
        stopped: someone asked it to stop before it was done.
        epoch: finished epochs.
        reason: why it ended before its last epoch, if it did.
        summary: the metrics of the epoch whose weights the model has, and those on the test part.
    """

    stopped: bool
    epoch: int
    reason: Message | None
    summary: Summary


def train(
    spec: ExperimentSpec,
    handle: RunHandle,
    *,
    epochs: int | None = None,
    settings: Settings,
    source: Callable[[], SourceWeights] | None = None,
) -> TrainResult:
    """Trains, evaluates and saves; resumes from the checkpoint in the handle's folder, if any.

    Leaves `checkpoint.npz`, and once an epoch is done `model.keras`, `evaluation.json` and
    `mistakes.npz` in that folder.

    Args:
        spec: what to train.
        handle: receives reports, and says when to stop.
        epochs: how many epochs it should have in the end; by default the spec's.
        settings: where data and the weights of backbones lie.
        source: gives the weights that a fine-tuning starts with; not asked once there is a checkpoint.

    Raises:
        SpecError: the spec cannot be run on this data.
        DlcoreError: the loss is no longer finite, memory or disk are full, data is absent.
    """
    stopwatch, told = Stopwatch(), []

    def tell(text: str) -> None:
        told.append(text)
        handle.log(text)

    data = load(spec, settings, tell)
    # Whoever finds everything prepared has nothing to tell.
    stopwatch.lap(Stage.DATA, int(bool(told)))
    return train_on(
        data,
        spec,
        handle,
        epochs=epochs,
        resident_bytes=settings.resident_mb * 2**20,
        source=source,
        weights_dir=settings.weights_dir,
        vectors_dir=settings.vectors_dir,
        baselines_dir=settings.baselines_dir,
        stopwatch=stopwatch,
    )


def train_on(
    data: TrainingData,
    spec: ExperimentSpec,
    handle: RunHandle,
    *,
    epochs: int | None = None,
    resident_bytes: int = 2**30,
    source: Callable[[], SourceWeights] | None = None,
    weights_dir: Path | None = None,
    vectors_dir: Path | None = None,
    baselines_dir: Path | None = None,
    stopwatch: Stopwatch | None = None,
) -> TrainResult:
    """`train` on arrays that are already there; what the spec says of the dataset does not matter.

    Args:
        data: the arrays.
        spec: what to train.
        handle: where reports go.
        epochs: how many epochs it should have in the end.
        resident_bytes: larger arrays are read from the disk batch by batch.
        source: as in `train`.
        weights_dir: where the weights of backbones are; by default that of Keras.
        vectors_dir: where word vectors are; by default in the home folder.
        baselines_dir: where what a run is compared with is kept for the next run on the same data, if anywhere.
        stopwatch: one that has measured what came before.
    """
    _check_parts(data)
    keras.utils.set_random_seed(spec.seed)
    try:
        with backend.device(spec.training.device, deterministic=spec.training.deterministic) as on_gpu:
            training = Training(
                spec,
                data,
                handle,
                epochs=epochs or spec.training.epochs,
                on_gpu=on_gpu,
                resident_bytes=resident_bytes,
                begin=partial(begin_with, spec, data, source, weights_dir, vectors_dir, handle.log),
                stopwatch=stopwatch or Stopwatch(),
            )
            stopped = training.run()
            # Whoever stops it does not want to wait, and may resume it.
            compare = partial(measure_baselines, fit=not stopped, cache=baselines_dir, log=handle.log)
            summary = training.conclude(compare)
    except backend.OUT_OF_MEMORY as error:
        raise _out_of_memory(spec.training.batch_size) from error
    reason = _stopped(training) if stopped else training.reason()
    return TrainResult(stopped, training.position.epoch, reason, summary)


def begin_with(
    spec: ExperimentSpec,
    data: TrainingData,
    source: Callable[[], SourceWeights] | None,
    weights_dir: Path | None,
    vectors_dir: Path | None,
    log: Callable[[str], None],
    network: Any,
) -> Transfer | None:
    """Puts weights from elsewhere into a network that was just built, and word vectors where there are none."""
    here = Settings.from_environment()
    folder = weights_dir or here.weights_dir
    done = transfer(network, spec, data, _given(spec, source), folder=folder, log=log)
    but = done.loaded if done else ()
    start_with_vectors(network, find_vectors(spec, data.state, vectors_dir or here.vectors_dir, but=but), log)
    return done


def _stopped(training: Training) -> Message:
    return Message(
        N_("stopped on request in epoch {epoch} of {epochs}."),
        N_("Resume it to continue from there."),
        params={"epoch": training.position.epoch + 1, "epochs": training.epochs},
    )


def _given(spec: ExperimentSpec, source: Callable[[], SourceWeights] | None) -> SourceWeights | None:
    """Returns the weights to start with, if the spec wants any."""
    if spec.fine_tuning is None or spec.fine_tuning.source is None:
        return None
    if source is None:
        raise SpecError(
            N_("the weights to start with were not given."),
            hint=N_("Call train with `source`, or queue a run."),
            where="fine_tuning.source",
        )
    return source()


def _check_parts(data: TrainingData) -> None:
    for part, what in ((data.train, N_("train on")), (data.test, N_("test with"))):
        if not len(part):
            raise SpecError(
                N_("no samples are left to {what}."),
                hint=N_("Change the fractions of the parts, or clean less."),
                where="dataset",
                what=Message(what),
            )


def _out_of_memory(batch_size: int) -> DlcoreError:
    if batch_size == 1:
        return DlcoreError(
            N_("out of memory, even with one sample a batch."),
            hint=N_("Make the model's largest layer smaller."),
            where="training.batch_size",
        )
    return DlcoreError(
        N_("out of memory with a batch size of {batch_size}."),
        hint=N_("Try {half}, or a smaller model."),
        where="training.batch_size",
        batch_size=batch_size,
        half=batch_size // 2,
    )
