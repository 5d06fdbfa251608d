"""The mathematics of a run: its own model, loss and samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.analysis.learning.landscape import Landscape
from dlcore.analysis.learning.trace import Array, Trace
from dlcore.datasets.parts import Part
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.build import TARGET_UNITS, make
from dlcore.engine.files import load_trained
from dlcore.engine.mathematics.landscape import landscape
from dlcore.engine.mathematics.tracing import RunLoss, trace
from dlcore.engine.network import answering_model
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.augmentation.base import mixes_labels
from dlcore.spec.calls import call_of
from dlcore.spec.data import Task
from dlcore.spec.training import resolved_loss

MOST_SAMPLES = 256
"""Of a part, for the loss around a model: it is computed 441 times."""


def trace_sample(
    folder: Path, settings: Settings, part: str, sample: int, tell: Callable[[str, int, int], None]
) -> tuple[Trace, dict[str, Array]]:
    """Returns the way of a sample through the model of a run, and the numbers of it.

    Args:
        folder: holds `model.keras` and `preparation.json`.
        settings: where the data is.
        part: `train`, `validation` or `test`.
        sample: its row in the dataset as it was stored.
        tell: is told the progress of the preparation, which is made again where it is no longer kept.

    Raises:
        DatasetError: the part has no such sample.
    """
    how = read_preparation(folder)
    model = answering_model(load_trained(folder))
    found: Part = getattr(prepare(how.spec, settings, tell), part)
    places = np.flatnonzero(found.own_rows == sample)
    if not len(places):
        raise DatasetError(
            N_("there is no sample {sample} in the {part} part."),
            hint=N_("Choose another sample."),
            sample=sample,
            part=part,
        )
    at = found.indices[places[:1]]
    inputs = {
        tensor.name: _prepared(found.inputs[tensor.name][at], tensor.name, how) for tensor in model.inputs
    }
    optimizer = how.spec.training.optimizer
    return trace(
        model,
        inputs,
        _target(found.y[at], how),
        run_loss(model, how),
        optimizer=optimizer.kind,
        rate=float(optimizer.learning_rate),
    )


def run_landscape(
    folder: Path, settings: Settings, part: str, seed: int, tell: Callable[[int, int], None]
) -> Landscape:
    """Returns the loss around the model of a run, on some samples of a part.

    Args:
        folder: holds `model.keras` and `preparation.json`.
        settings: where the data is.
        part: `train`, `validation` or `test`.
        seed: of the directions.
        tell: is told how far it is.

    Raises:
        DatasetError: the part is empty.
    """
    how = read_preparation(folder)
    model = answering_model(load_trained(folder))
    found: Part = getattr(prepare(how.spec, settings, lambda *_progress: None), part)
    if not len(found):
        raise DatasetError(N_("the {part} part is empty."), hint=N_("Choose another part."), part=part)
    # Always the same ones, from all over the part: it may be sorted.
    at = np.random.default_rng(0).permutation(found.indices)[:MOST_SAMPLES]
    at.sort()
    inputs = {
        tensor.name: _prepared(found.inputs[tensor.name][at], tensor.name, how) for tensor in model.inputs
    }
    return landscape(model, inputs, _target(found.y[at], how), run_loss(model, how), seed=seed, tell=tell)


def run_loss(model: Any, how: Preparation) -> RunLoss:
    """Returns the loss that a run was trained with, of its answer alone."""
    spec, task = how.spec, how.facts.task
    loss = resolved_loss(spec.training, spec.model, task, soft_labels=mixes_labels(spec.augmentation))
    units = [layer for layer in model.layers if layer.name == TARGET_UNITS]
    scale, offset = (np.asarray(units[0].scale), np.asarray(units[0].offset)) if units else (1.0, 0.0)
    return RunLoss(loss.kind, make(call_of(loss)), bool(getattr(loss, "from_logits", False)), scale, offset)


def _prepared(array: Array, name: str, how: Preparation) -> Array:
    values = np.asarray(array)
    if values.dtype == np.int32:
        return values
    found: Array = apply_value_ops(values.astype(np.float32), how.values.get(name, ()))
    return found


def _target(y: Array, how: Preparation) -> Array:
    """(samples, …) the targets as the loss takes them."""
    spec, task = how.spec, how.facts.task
    loss = resolved_loss(spec.training, spec.model, task, soft_labels=mixes_labels(spec.augmentation))
    if task is Task.MULTICLASS and loss.one_hot:
        one_hot: Array = np.eye(len(how.facts.classes), dtype=np.float32)[y]
        return one_hot
    return y.reshape(-1, 1) if task is Task.BINARY else y
