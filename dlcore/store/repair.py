"""Repair of damage in a home folder; nothing that a user made is deleted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from dlcore.datasets.blocks import damaged_files
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.database_copies import OPTUNA, STORE
from dlcore.store.ranges import grow_all
from dlcore.store.salvage import count_invalid_rows, salvage
from dlcore.store.sqlite_file import find_damage
from dlcore.store.tables import runs


@dataclass(frozen=True)
class Repair:
    """One thing that can be repaired.

    Attributes:
        plan: what will be done, said before.
        do: does it, and gives what was done.
    """

    plan: str
    do: Callable[[], str]


def repairs(settings: Settings) -> list[Repair]:
    """Returns what there is to repair; nothing is changed by asking. No other program may work in the
    home.
    """
    aside = settings.home_dir / time.strftime("repaired-%Y%m%d-%H%M%S")
    found = [*_store(settings, aside), *_optuna(settings, aside), *_prepared(settings)]
    if not found and not settings.database_url and (settings.home_dir / STORE).is_file():
        # Only by a store that is whole: one that has lost rows does not know all of its folders.
        found = [*_removals(settings), *_strays(settings, aside)]
    return found


def store_damage(settings: Settings, *, whole: bool = False) -> str:
    """Returns what is wrong with the store's file; empty if nothing is, or it is no file."""
    if settings.database_url:
        return ""
    file = settings.home_dir / STORE
    damage = find_damage(file, whole=whole)
    if damage:
        return damage
    count = count_invalid_rows(file, whole=whole)
    return f"{count} rows make no sense" if count else ""


def stray_folders(settings: Settings) -> list[Path]:
    """Returns the folders of runs that the store does not know."""
    if not settings.runs_dir.is_dir():
        return []
    with closing(Store.open(settings)) as store, store.database.read() as connection:
        known = set(connection.execute(select(runs.c.id)).scalars()) | set(store.removals.pending())
    return sorted(path for path in settings.runs_dir.iterdir() if path.is_dir() and path.name not in known)


def _store(settings: Settings, aside: Path) -> Iterator[Repair]:
    damage = store_damage(settings, whole=True)
    if not damage:
        return

    def do() -> str:
        _move_aside(settings.home_dir, STORE, aside)
        Store.open(settings).close()
        kept, refused = salvage(aside / STORE, settings.home_dir / STORE)
        with closing(Store.open(settings)) as store, store.database.write() as connection:
            grow_all(connection)
        return f"{kept} rows were kept, {refused} were not; the old file is {aside / STORE}"

    yield Repair(
        f"the store is damaged ({damage}): move it to {aside}, and copy what can be read to a new one", do
    )


def _optuna(settings: Settings, aside: Path) -> Iterator[Repair]:
    damage = "" if settings.optuna_url else find_damage(settings.home_dir / OPTUNA, whole=True)
    if not damage:
        return

    def do() -> str:
        _move_aside(settings.home_dir, OPTUNA, aside)
        return (
            f"the old file is {aside / OPTUNA}; searches keep their trials but do not go on: "
            "restore a backup, or take them further as new ones"
        )

    yield Repair(f"what the samplers know is damaged ({damage}): move it to {aside}", do)


def _prepared(settings: Settings) -> Iterator[Repair]:
    for folder in sorted(settings.prepared_dir.glob("*/")):
        if changed := damaged_files(folder, whole=True):

            def do(folder: Path = folder) -> str:
                shutil.rmtree(folder)
                return f"{folder.name} is made again when it is needed"

            yield Repair(f"prepared data is damaged ({folder.name}: {', '.join(changed)}): delete it", do)


def _removals(settings: Settings) -> Iterator[Repair]:
    with closing(Store.open(settings)) as store:
        pending = [run for run in store.removals.pending() if store.artifacts.folder(run).exists()]
    if not pending:
        return

    def do() -> str:
        with closing(Store.open(settings)) as store:
            left = store.removals.sweep()
        return f"{len(left)} cannot be removed: {', '.join(left)}" if left else "they are removed"

    yield Repair(f"{len(pending)} runs were deleted, but not their folders: remove those", do)


def _strays(settings: Settings, aside: Path) -> Iterator[Repair]:
    strays = stray_folders(settings)
    if not strays:
        return

    def do() -> str:
        (aside / "runs").mkdir(parents=True, exist_ok=True)
        for folder in strays:
            folder.rename(aside / "runs" / folder.name)
        return f"they lie in {aside / 'runs'}"

    yield Repair(f"{len(strays)} folders are of runs that the store does not know: move them to {aside}", do)


def _move_aside(home: Path, name: str, aside: Path) -> None:
    aside.mkdir(exist_ok=True)
    for path in sorted(home.glob(f"{name}*")):  # with its log, which holds what was written last
        path.rename(aside / path.name)
