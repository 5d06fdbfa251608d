"""A file of word vectors read as a whole, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.vectors.storing import adopt_vectors, store_vectors
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, reads_path
from dlcore.processes.limits import long_limits
from dlcore.settings import Settings


def _adopt(arguments: Arguments, result: Result, private: Settings, real: Settings) -> None:
    adopt_vectors(result["name"], private, real, owner=arguments["owner"])


@JOBS.register(limits=long_limits, is_long=True, reach=reads_path, adopt=_adopt)
def vectors_storing(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Keeps the vectors; returns the `name` that they are kept under.

    Args:
        arguments: the `path` of the file; its `origin`, what the user calls it; the `name` of the vectors;
            the `file` in a zip; the `owner`.
        handle: is told how many bytes are read.
    """
    stored = store_vectors(
        Path(arguments["path"]),
        handle.settings,
        owner=arguments["owner"],
        origin=arguments["origin"],
        name=arguments["name"],
        file=arguments["file"],
        progress=handle.progress,
    )
    return {"name": stored.name}
