"""The download of a dataset that can be had by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.datasets.ingest.keras_files import keras_source
from dlcore.datasets.ingest.keras_sets import keras_set
from dlcore.datasets.loader import load
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import download_limits
from dlcore.records import JobUnit


@JOBS.register(limits=download_limits, is_long=True)
def download(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Downloads a dataset to where `load` and `keras_source` look for it; returns nothing.

    Args:
        arguments: the `name` of a built-in dataset, or `keras:NAME`.
        handle: is told how many bytes are there.
    """

    def progress(done: int, total: int) -> None:
        handle.progress(done, total, JobUnit.BYTES)

    if entry := keras_set(arguments["name"]):
        keras_source(entry, handle.settings, progress)
    else:
        load(arguments["name"], handle.settings, progress=progress)
    return {}
