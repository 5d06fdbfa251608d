"""A look at a stranger's file, from which a person's corrections begin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.ingest import Choices, inspect
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import short_limits


@JOBS.register(limits=short_limits)
def inspection(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """What a file or a folder seems to be, as `Proposal.to_dict` has it.

    Args:
        arguments: its `path`; its `origin`, what a person calls it; their `choices`.
        handle: told how much is looked at.
    """
    proposal = inspect(
        Path(arguments["path"]),
        handle.settings,
        Choices.from_dict(arguments["choices"]),
        origin=arguments["origin"],
        progress=handle.progress,
    )
    return proposal.to_dict()
