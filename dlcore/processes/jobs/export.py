"""A run written in a format to be taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcore.errors import N_, DatasetError
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import export_limits
from dlcore.processes.private import PrivateHome
from dlcore.records import JobUnit
from dlcore.records.registry import UseKind
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store


def _gather(arguments: Arguments, store: Store) -> Arguments:
    import dlcore.exports  # noqa: F401 - before the process is forked, so that it is loaded once
    from dlcore.store.run_records import read_records

    return {
        "records": read_records(store, arguments["run"]),
        "folder": store.artifacts.folder(arguments["run"]),
    }


def _reach(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    home.show_data(ExperimentSpec.from_dict(arguments["records"].run.spec))
    return [arguments["folder"], home.settings.browser_dir]


def _conclude(arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
    from dlcore.exports import EXPORTS, Agreement, Export
    from dlcore.exports.writing import put_at

    made = EXPORTS.usable(arguments["format"])
    # By what is known here: a name that comes from elsewhere could be that of any file.
    file = folder / f"{arguments['run']}{made.suffix}"
    if not file.is_file():
        raise DatasetError(N_("nothing was exported."), where=made.name)
    said = result["agreement"]
    agreement = None if said is None else Agreement.of(said)
    store.registry.note_use(arguments["run"], UseKind.EXPORT, made.name)
    if arguments.get("to"):
        put_at(file, Path(arguments["to"]))
    return Export(made.name, file.name, file.stat().st_size, agreement).to_dict()


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=_reach,
    store_side=StoreSide(_gather, _conclude),
)
def export(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the file into the job's folder; returns `Export.to_dict`.

    Args:
        arguments: the id of the `run`, and of the store its `records` and its `folder`; the `format`; optionally the
            `language` of its texts, `try`, whether a report holds the model to try, and `to`, a path that the file is
            copied to.
        handle: its settings and its folder; told the progress of the preparation, if that is made again.
    """
    from dlcore.engine.trained import TrainedModel
    from dlcore.exports import EXPORTS, ExportedRun
    from dlcore.exports.writing import export as write
    from dlcore.languages import Language

    folder = arguments["folder"]
    model = TrainedModel(
        folder, handle.settings, lambda what, done, total: handle.progress(done, total, JobUnit.NOTHING)
    )
    language = arguments.get("language", Language.ENGLISH)
    holds_model = bool(arguments.get("try", False))
    source = ExportedRun(arguments["records"], folder, model, handle.settings, language, holds_model)
    return write(source, EXPORTS.usable(arguments["format"]), handle.folder).to_dict()
