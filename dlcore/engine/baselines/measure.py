"""Measures all baselines on the test part of a run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dlcore.datasets.parts import Part
from dlcore.durable import read_derived, write_json
from dlcore.engine.baselines.fitted import fitted_answers
from dlcore.engine.baselines.plain import plain_answers
from dlcore.engine.data import TrainingData
from dlcore.engine.scores import measure_answers
from dlcore.records import Baseline

FORMAT = 2
"""Raised when the same data comes to give other baselines."""


def measure_baselines(
    data: TrainingData, *, fit: bool, cache: Path | None, log: Callable[[str], None]
) -> tuple[Baseline, ...]:
    """Returns all that a run is compared with: `plain_baselines`, and where wanted `fitted_baselines`."""
    return plain_baselines(data) + (fitted_baselines(data, cache, log) if fit else ())


def plain_baselines(data: TrainingData) -> tuple[Baseline, ...]:
    """Returns the answers that need no learning, with their metrics on the test part."""
    return tuple(
        Baseline(
            name,
            measure_answers(found, data.test.labels, data.facts),
            fitted=False,
            samples=len(data.train),
        )
        for name, found in plain_answers(data)
    )


def fitted_baselines(
    data: TrainingData, cache: Path | None, log: Callable[[str], None]
) -> tuple[Baseline, ...]:
    """Returns scikit-learn models fitted on the training part, with their metrics on the test part.

    Args:
        data: of the run.
        cache: the folder where what was measured is kept for the next run on the same arrays.
        log: is told what was fitted, and how long it took.
    """
    path = None if cache is None else cache / f"{_fingerprint(data)}.json"
    if path is not None and (kept := read_derived(path)) is not None:
        return tuple(map(Baseline.from_dict, kept))
    found = []
    began = time.monotonic()
    for name, samples, answers in fitted_answers(data, log):
        measured = measure_answers(answers, data.test.labels, data.facts)
        found.append(Baseline(name, measured, fitted=True, samples=samples))
        log(f"baseline: {name.text()}, fitted in {time.monotonic() - began:.1f} s")
        began = time.monotonic()
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, [one.to_dict() for one in found])
        except OSError as error:  # A full disk: the next run measures them again.
            log(f"baselines: not kept for the next run: {error}")
    return tuple(found)


def _fingerprint(data: TrainingData) -> str:
    """Returns a hash of all that the baselines depend on: the arrays of both parts, and the task."""
    digest = hashlib.blake2b(
        f"{FORMAT} {data.task} {data.facts.kind} {data.outputs}".encode(), digest_size=16
    )
    for part in (data.train, data.test):
        _add(digest, part)
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, part: Part) -> None:
    digest.update(np.ascontiguousarray(part.labels).tobytes())
    for name, array in part.inputs.items():
        digest.update(f"{name} {array.shape} {array.dtype}".encode())
        for block in part.blocks(name):
            digest.update(np.ascontiguousarray(block).data)
