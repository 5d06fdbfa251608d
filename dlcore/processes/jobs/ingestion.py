"""Storing an uploaded file as a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import long_limits


@JOBS.register(limits=long_limits, is_long=True)
def ingestion(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Stores the data; returns the `name` and the `version` it is stored under.

    Args:
        arguments: the `path` of a file or a folder; its `origin`, what the user calls it; their `choices`;
            the `owner` of the dataset.
        handle: is told how much is stored.
    """
    stored = ingest(
        Path(arguments["path"]),
        handle.settings,
        Choices.from_dict(arguments["choices"]),
        owner=arguments["owner"],
        origin=arguments["origin"],
        progress=handle.progress,
    )
    return {"name": stored.facts.name, "version": stored.facts.version}
