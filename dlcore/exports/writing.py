"""One export from the start to the end: written, run where it will be used, and put in place."""

from __future__ import annotations

import shutil
import statistics
import time
from pathlib import Path

from dlcore.durable import put_in_place
from dlcore.errors import not_written
from dlcore.exports.base import (
    Agreement,
    Ask,
    Export,
    ExportedRun,
    Format,
    Inputs,
    check_size,
    difference,
    refusal,
)

SAMPLES = 64
"""Test samples that an exported model must answer as the run's own before it is offered."""

FULL, HALF = "float32", 2e-2
"""The number format whose answers must be the same but for rounding, and how far they may be from those in another."""

SINGLE = 16
"""Of them, how many are answered one by one to measure how long it takes."""


def export(source: ExportedRun, made: Format, folder: Path) -> Export:
    """Writes a run in a format into a folder.

    Args:
        source: the run.
        made: what it is taken away as; what it needs is installed.
        folder: gets the file.

    Raises:
        DlcoreError: the format cannot hold this run, the exported model answers otherwise, or the disk is full; no
            file is left.
    """
    check_size(made, source.preparation)
    path = folder / f"{source.run.id}{made.suffix}"
    try:
        made.write(source, path)
        agreement = _checked(source, made, path)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise not_written(error, folder) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Export(made.name, path.name, path.stat().st_size, agreement)


def _checked(source: ExportedRun, made: Format, path: Path) -> Agreement | None:
    """Returns how the model in the file answers; None where there is none."""
    ask = made.open(source, path)
    if ask is None:
        return None
    inputs = source.model.samples("test", SAMPLES)
    expected, got = source.model.answers(inputs), ask(inputs)
    found = difference(expected, got)
    is_half = source.preparation.spec.training.precision != FULL
    allowed = max(made.tolerance, HALF) if is_half else made.tolerance
    if not found <= allowed:
        raise refusal(made.name, found, allowed)
    before, after = source.model.score(expected), source.model.score(got)
    return Agreement(len(expected), found, _milliseconds(ask, inputs), before, after)


def _milliseconds(ask: Ask, inputs: Inputs) -> float:
    """Returns how long one sample takes: the median of several, after the first, which warms up."""
    took = []
    for place in range(min(SINGLE, len(next(iter(inputs.values()))))):
        one = {name: values[place : place + 1] for name, values in inputs.items()}
        begun = time.perf_counter()
        ask(one)
        took.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(took[1:] or took)


def put_at(file: Path, target: Path) -> None:
    """Copies an exported file to where it was asked for, whole or not at all.

    Raises:
        DlcoreError: it cannot be written there.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(file, part)
        put_in_place(part, target)
    except OSError as error:
        raise not_written(error, target) from error
    finally:
        part.unlink(missing_ok=True)
