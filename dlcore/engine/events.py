"""Curves as TensorBoard reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from dlcore.datasets.parts import Array
from dlcore.engine.converters import full_disks_named


def write_events(folder: Path, curves: Mapping[str, tuple[Array, Array]], *, text: str = "") -> None:
    """Writes the events of one of TensorBoard's runs.

    Args:
        folder: of that run.
        curves: steps and values by the name of the chart.
        text: Markdown that is shown under `settings`, if any.
    """
    with full_disks_named(folder):
        _write(folder, curves, text)


def _write(folder: Path, curves: Mapping[str, tuple[Array, Array]], text: str) -> None:
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        for name, (steps, values) in curves.items():
            for step, value in zip(steps, values, strict=True):
                tf.summary.scalar(name, float(value), step=round(float(step)))
        if text:
            tf.summary.text("settings", text, step=0)
    writer.close()
