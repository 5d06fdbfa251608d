"""A stranger's file stored as a dataset of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.ingest import Choices, ingest
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import long_limits


@JOBS.register(limits=long_limits, is_long=True)
def ingestion(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """The `name` and the `version` that the data is stored under.

    Args:
        arguments: the `path` of a file or a folder; its `origin`, what a person calls it; their `choices`;
            the `owner` of the dataset.
        handle: told how much is stored.
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
