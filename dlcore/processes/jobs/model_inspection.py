"""A look into the file of a Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.models.inspected import InspectedModel
from dlcore.models.keras_file import read_model_file
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, reads_path
from dlcore.processes.limits import short_limits


@JOBS.register(limits=short_limits, reach=reads_path)
def model_inspection(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Reads a `.keras` file or a JSON config; returns `InspectedModel.to_dict`.

    Args:
        arguments: its `path`.
        handle: its settings.
    """
    imported = read_model_file(Path(arguments["path"]))
    shapes = {name: one.shape for name, one in imported.inputs.items()}
    return InspectedModel(imported.name, imported.model, shapes, imported.notes).to_dict()
