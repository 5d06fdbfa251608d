"""Inspection of an uploaded file, as the starting point for corrections."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import inspect
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, reads_path
from dlcore.processes.limits import short_limits


@JOBS.register(limits=short_limits, reach=reads_path)
def inspection(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Inspects a file or a folder; returns `Proposal.to_dict`.

    Args:
        arguments: its `path`; its `origin`, what the user calls it; their `choices`.
        handle: is told how much is looked at.
    """
    proposal = inspect(
        Path(arguments["path"]),
        handle.settings,
        Choices.from_dict(arguments["choices"]),
        origin=arguments["origin"],
        progress=handle.progress,
    )
    return proposal.to_dict()
