"""A run written in a format to be taken away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.records import JobUnit
from dlcore.records.registry import UseKind


@JOBS.register(limits=export_limits, needs_keras=True, is_long=True)
def export(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the file into the job's folder; returns `Export.to_dict`.

    Args:
        arguments: the id of the `run`; the `format`; optionally the `language` of its texts, `try`, whether a report
            holds the model to try, and `to`, a path that the file is copied to.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.trained import TrainedModel
    from dlcore.exports import EXPORTS, ExportedRun
    from dlcore.exports.writing import export as write
    from dlcore.exports.writing import put_at
    from dlcore.languages import Language
    from dlcore.store import Store

    store = Store.open(handle.settings)
    try:
        run = store.runs.get(arguments["run"])
        folder = store.artifacts.folder(run.id)
        model = TrainedModel(
            folder, handle.settings, lambda what, done, total: handle.progress(done, total, JobUnit.NOTHING)
        )
        language = arguments.get("language", Language.ENGLISH)
        holds_model = bool(arguments.get("try", False))
        source = ExportedRun(run, folder, store, model, handle.settings, language, holds_model)
        made = write(source, EXPORTS.usable(arguments["format"]), handle.folder)
        store.registry.note_use(run.id, UseKind.EXPORT, made.format)
    finally:
        store.close()
    if arguments.get("to"):
        put_at(handle.folder / made.file, Path(arguments["to"]))
    return made.to_dict()
