"""A look into a file of word vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dlcore.datasets.vectors.storing import inspect_vectors
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, reads_path
from dlcore.processes.limits import short_limits


@JOBS.register(limits=short_limits, reach=reads_path)
def vectors_inspection(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Reads the first lines of each text in a file; returns what is known of those with word `vectors`.

    Args:
        arguments: its `path`; its `origin`, what the user calls it.
        handle: its settings.
    """
    found = inspect_vectors(Path(arguments["path"]), handle.settings, origin=arguments["origin"])
    return {"vectors": [asdict(one) for one in found]}
