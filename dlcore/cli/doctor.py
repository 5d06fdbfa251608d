"""What a machine has, and what is wrong with it."""

from __future__ import annotations

import shutil
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dlcore.confinement import NEEDS, Protection, missing_protections
from dlcore.datasets import CATALOGUE, is_available
from dlcore.datasets.blocks import damaged_files
from dlcore.datasets.files import sha256_of
from dlcore.datasets.stored import stored_damage
from dlcore.datasets.vectors.stored import vectors_damage
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.models import model_ids, stored_model
from dlcore.queue import worker_alive
from dlcore.queue.devices import gpus, memory_available
from dlcore.records import Worker
from dlcore.settings import Mode, Settings
from dlcore.store import PROGRAM, Store
from dlcore.store.database_copies import OPTUNA
from dlcore.store.repair import store_damage, stray_folders
from dlcore.store.sqlite_file import find_damage

PACKAGES = ("streamlit", "tensorflow", "keras", "plotly", "pandas", "numpy", "pydantic", "SQLAlchemy")
REPAIR = "Call `python -m dlcore doctor --repair`, which says what it will do, or restore a backup."
LEAST_DISK = 2_000_000_000
LEAST_MEMORY = 1_500_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` says what to do where it is not fine."""

    what: str
    found: str
    fine: bool = True
    advice: str = ""


def examine(settings: Settings, *, deep: bool = False) -> list[Finding]:
    """Looks at versions, devices, the store, the disk and the data; starts and imports nothing heavy.

    Args:
        settings: whose home it looks at.
        deep: whether every byte of the data is checked against its checksum.
    """
    found = [*_versions(), *_machine(settings), *_confinement(settings), *_store(settings, deep=deep)]
    return [*found, *_data(settings), *_damage(settings, deep=deep)]


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding("Python", python, fine, "" if fine else "Use Python 3.11, 3.12 or 3.13.")
    for package in PACKAGES:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, "not installed", False, "Call: pip install -r requirements.txt")


def _machine(settings: Settings) -> Iterator[Finding]:
    found = gpus()
    names = ", ".join(f"{gpu.index}: {gpu.name}, {gpu.memory_total / 1e9:.0f} GB" for gpu in found)
    yield Finding("GPUs", names or "none found; the CPU serves")
    memory = memory_available()
    little = memory < LEAST_MEMORY
    yield Finding(
        "free memory", f"{memory / 1e9:.1f} GB", not little, "A run needs about 1 GB." if little else ""
    )
    home = settings.home_dir
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    full = free < LEAST_DISK
    advice = "Delete runs or other files, or set DLCORE_HOME to another disk." if full else ""
    yield Finding("free disk", f"{free / 1e9:.1f} GB at {home}", not full, advice)


def _confinement(settings: Settings) -> Iterator[Finding]:
    """Yields what the machine can keep strangers' processes from; who is alone needs none of it."""
    missing = missing_protections()
    for one in Protection:
        is_there = one not in missing
        needed = settings.mode is not Mode.LOCAL and not is_there
        advice = "A demo does not start without it, unless DLCORE_ALLOW_UNCONFINED is set." if needed else ""
        found = "can be enforced" if is_there else f"cannot be enforced, which takes {NEEDS[one]}"
        yield Finding(f"confinement: {one}", found, not needed, advice)


def _store(settings: Settings, *, deep: bool) -> Iterator[Finding]:
    if damage := store_damage(settings, whole=deep):
        yield Finding("store", f"damaged: {damage}", False, REPAIR)
        return
    try:
        with closing(Store.open(settings)) as store:
            worker = store.workers.current() if worker_alive(store, settings) else None
            runs = store.runs.count(trials=True)
            things = "run" if runs == 1 else "runs"
            yield Finding("store", f"{runs} {things} in {store.database.url.render_as_string()}")
    except DlcoreError as error:
        yield Finding("store", "cannot be used", False, str(error))
        return
    yield from _worker(worker)


def _worker(worker: Worker | None) -> Iterator[Finding]:
    if worker is None:
        yield Finding("worker", "none alive; the dashboard and `dlcore train` start one when needed")
        return
    found, advice = f"alive, version {worker.program.version}", ""
    if worker.program.is_older_than(PROGRAM):
        found += f", older than this program ({PROGRAM.version})"
        advice = "Call `python -m dlcore worker`, or train something: it is replaced, and its runs go on."
    elif PROGRAM.is_older_than(worker.program):
        found += f", newer than this program ({PROGRAM.version})"
        advice = "Update this program, and restart the dashboard if it is as old."
    yield Finding("worker", found, not advice, advice)
    if worker.trouble is not None:
        what = f"not driven now: {worker.trouble.text()}"
        yield Finding(
            "searches", what, False, "It is tried again; worker.log in DLCORE_HOME has the details."
        )


def _data(settings: Settings) -> Iterator[Finding]:
    for entry in CATALOGUE:
        here = is_available(entry.facts.name, settings)
        where = f"downloaded at first use, to {settings.datasets_dir}"
        yield Finding(f"dataset {entry.facts.name}", "here" if here else where)


def _damage(settings: Settings, *, deep: bool) -> Iterator[Finding]:
    """Yields what has changed on the disk since it was written."""
    damage = "" if settings.optuna_url else find_damage(settings.home_dir / OPTUNA, whole=deep)
    if damage:
        yield Finding("searches", f"what the samplers know is damaged: {damage}", False, REPAIR)
    for error in stored_damage(settings, whole=deep):
        yield Finding("own dataset", error.message.where, False, error.message.body())
    for error in vectors_damage(settings.vectors_dir, whole=deep):
        yield Finding("word vectors", error.message.where, False, error.message.body())
    yield from _model_damage(settings, deep=deep)
    if deep:
        yield from _file_damage(settings)
    if not settings.database_url and not store_damage(settings):
        strays = stray_folders(settings)
        if strays:
            found = f"{len(strays)} folders of runs that the store does not know"
            yield Finding("runs", found, advice="`python -m dlcore doctor --repair` moves them aside.")


def _model_damage(settings: Settings, *, deep: bool) -> Iterator[Finding]:
    for model_id in model_ids(settings):
        try:
            model = stored_model(model_id, settings)
            _ = model.model
        except NotFoundError as error:
            yield Finding("model", model_id, False, str(error))
            continue
        if deep and (not model.path.is_file() or sha256_of(model.path)[:12] != model_id):
            yield Finding("model", f"{model.name}: its file has changed", False, "Upload it again.")


def _file_damage(settings: Settings) -> Iterator[Finding]:
    for folder in sorted(settings.prepared_dir.glob("*/")):
        if changed := damaged_files(folder, whole=True):
            yield Finding("prepared data", f"{folder.name}: {', '.join(changed)} changed", False, REPAIR)
    for path in sorted(settings.runs_dir.glob("*/*")):
        if path.suffix in (".npz", ".keras") and not _is_whole_zip(path):
            advice = (
                "Restore it from a backup; a run whose checkpoint is lost starts anew when it is duplicated."
            )
            yield Finding(f"run {path.parent.name}", f"{path.name} is damaged", False, advice)


def _is_whole_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return False
