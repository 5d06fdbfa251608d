"""All that somebody has, in one zip."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcore.datasets.stored import stored_names
from dlcore.datasets.vectors.stored import all_vectors
from dlcore.errors import NotFoundError
from dlcore.models import stored_models
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.queue.client import trials_frame
from dlcore.queue.datasets import owner_of_dataset
from dlcore.records import JobUnit
from dlcore.store import Store
from dlcore.store.ids import short_id
from dlcore.store.run_archive import write_archive
from dlcore.store.run_records import read_records
from dlcore.text import file_name

FILE = "dl-studio.zip"
NOTE = """All that you had in DL Studio.

runs/*.run.zip       each run: settings, curves, log, results, model and checkpoint;
                     `python -m dlcore import-run FILE` adds one elsewhere
searches/*.json      each search, and its trials as a table in the .csv beside it
drafts/*.json        each draft, as `python -m dlcore train FILE` takes it
datasets/, vectors/  your own data, as it is stored
models/*.keras       models that you have uploaded
"""


@JOBS.register(limits=export_limits, is_long=True)
def belongings(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes the zip into the job's folder; returns `Export.to_dict`.

    Args:
        arguments: the `owner`.
        handle: its settings and its folder; told how many things are packed.
    """
    from dlcore.exports import Export

    store, path = Store.open(handle.settings), handle.folder / FILE
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", NOTE)
            _pack_runs(archive, store, arguments["owner"], handle)
            _pack_searches(archive, store, arguments["owner"])
            _pack_drafts(archive, store, arguments["owner"])
            _pack_files(archive, store, arguments["owner"])
    finally:
        store.close()
    return Export("belongings", FILE, path.stat().st_size).to_dict()


def _pack_runs(archive: zipfile.ZipFile, store: Store, owner: str, handle: JobHandle) -> None:
    found = store.runs.list(owner=owner, trials=True, limit=1_000_000)
    part = handle.folder / "part.zip"
    for number, run in enumerate(found):
        handle.progress(number, len(found), JobUnit.NOTHING)
        with suppress(NotFoundError):  # deleted in the meantime
            folder = store.artifacts.folder(run.id)
            write_archive(read_records(store, run.id), folder, part)
            # Packed already.
            archive.write(part, f"runs/{_called(run.name, run.id)}.run.zip", zipfile.ZIP_STORED)
    part.unlink(missing_ok=True)


def _pack_searches(archive: zipfile.ZipFile, store: Store, owner: str) -> None:
    for study in store.studies.list(owner=owner, limit=1_000_000):
        name = f"searches/{_called(study.name, study.id)}"
        archive.writestr(f"{name}.json", _json(study.spec))
        table = trials_frame(study, store.studies.trials(study.id))
        archive.writestr(f"{name}.csv", table.to_csv(index=False))


def _pack_drafts(archive: zipfile.ZipFile, store: Store, owner: str) -> None:
    for draft in store.drafts.list(owner=owner, limit=1_000_000):
        archive.writestr(
            f"drafts/{_called(draft.name, draft.id)}.json", _json({**draft.spec, **draft.search})
        )


def _pack_files(archive: zipfile.ZipFile, store: Store, owner: str) -> None:
    settings = store.settings
    folders = {
        f"datasets/{name}": settings.stored_dir / name
        for name in stored_names(settings)
        if owner_of_dataset(name, settings) == owner
    }
    for vectors in all_vectors(settings.vectors_dir):
        if vectors.about.owner == owner:
            folders[f"vectors/{vectors.name}"] = vectors.folder
    for name, folder in folders.items():
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                archive.write(file, f"{name}/{file.relative_to(folder).as_posix()}")
    for model in stored_models(settings):
        if model.owner == owner:
            archive.write(model.path, f"models/{_called(Path(model.name).stem, model.id)}.keras")


def _called(name: str, item_id: str) -> str:
    """Returns a file's name that no other thing has."""
    return f"{file_name(name)}-{short_id(item_id)}"


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
