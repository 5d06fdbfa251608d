"""A `.keras` file checked as a whole, and kept for fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.models.storing import adopt_model, store_model
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, reads_path
from dlcore.processes.limits import short_limits
from dlcore.settings import Settings


def _adopt(arguments: Arguments, result: Result, private: Settings, real: Settings) -> None:
    adopt_model(result["model"], private, real, owner=arguments["owner"])


@JOBS.register(limits=short_limits, reach=reads_path, adopt=_adopt)
def model_storing(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Checks and keeps the file; returns the id of the `model`.

    Args:
        arguments: the `path` of the file; its `name`, for display; the `owner` of the model.
        handle: told how many bytes of the weights are checked.
    """
    stored = store_model(
        Path(arguments["path"]),
        handle.settings,
        name=arguments["name"],
        owner=arguments["owner"],
        progress=handle.progress,
    )
    return {"model": stored.id}
