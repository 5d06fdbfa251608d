"""Storing an uploaded file as a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.ingest.writing import adopt_dataset
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, reads_path
from dlcore.processes.limits import long_limits
from dlcore.settings import Settings


def _adopt(arguments: Arguments, result: Result, private: Settings, real: Settings) -> None:
    adopt_dataset(result["name"], result["version"], private, real, owner=arguments["owner"])


@JOBS.register(limits=long_limits, is_long=True, reach=reads_path, adopt=_adopt)
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
