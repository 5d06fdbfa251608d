"""Curves as TensorBoard reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
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
                _write_one("scalars", name, np.float32(value), round(float(step)))
        if text:
            _write_one("text", "settings", text, 0)
    writer.close()


def _write_one(plugin: str, name: str, value: np.float32 | str, step: int) -> None:
    """Writes a value for one of TensorBoard's plugins.

    `tf.summary.scalar` and `tf.summary.text` do the same, but come with TensorBoard, which TensorFlow does not install.
    """
    shown_by = tf.compat.v1.SummaryMetadata.PluginData(plugin_name=plugin)
    tf.summary.write(name, value, step, tf.compat.v1.SummaryMetadata(plugin_data=shown_by))
