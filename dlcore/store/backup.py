"""Backup of everything in the home folder while the program works, and its restoration."""

from __future__ import annotations

import shutil
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcore.access.secret import KEY_FILE
from dlcore.durable import put_in_place, read_json, write_json
from dlcore.errors import N_, StoreError
from dlcore.settings import Settings
from dlcore.store.database_copies import OPTUNA, STORE, StoreCopies, copies_of, copy_sqlite
from dlcore.store.schema import HEAD, known_revisions
from dlcore.version import __version__

FORMAT = 1
MANIFEST = "backup.json"
FOLDERS = ("runs", "datasets", "models", "vectors")
"""What is next to the databases and cannot be made again."""
_ASIDE = "replaced-"
_BLOCK = 1 << 20

Tell = Callable[[str], None]
"""Told what has been done, one line at a time."""


def back_up(settings: Settings, target: Path, tell: Tell) -> Path:
    """Copies to a new folder all that cannot be made again: databases, the files beside them, and the key of cookies.

    Runs may train and pages may write meanwhile. Files are copied before the store: a checkpoint that is
    older than the curves is what a killed run leaves, and resuming rewinds to it. Those of runs that ended
    in between are copied again. Optuna's storage comes last, for it may be ahead of ours, never behind.

    Args:
        settings: whose home it is.
        target: a folder that is not there yet, or is empty.
        tell: is told about each part.

    Returns:
        The folder.

    Raises:
        StoreError: the target cannot be used, there is no room, or the database cannot be copied.
    """
    target = target.expanduser().resolve()
    _check_target(settings, target)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        _fill(settings, part, tell)
        if target.is_dir():
            target.rmdir()
        put_in_place(part, target)
    except OSError as error:
        raise _failed(error, target) from error
    except sqlite3.Error as error:
        raise _unreadable(settings.home_dir, str(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def restore(settings: Settings, source: Path, tell: Tell, *, replace: bool = False) -> None:
    """Puts a backup into the home folder; no process may work in it meanwhile.

    Every file is checked against its checksum before anything is put in place. Runs that were at work when
    the backup was taken wait in the queue, so that they continue from their checkpoints.

    Args:
        settings: whose home is filled.
        source: what `back_up` made.
        tell: is told about each part.
        replace: whether a home that is not empty is moved aside, to a folder of its own.

    Raises:
        StoreError: it is no backup, damaged, or of a newer version; or the home is not empty.
    """
    source, home = source.expanduser().resolve(), settings.home_dir
    manifest = _manifest(source)
    with copies_of(settings) as database:
        if database.name not in manifest["files"]:
            raise _of_another_kind(source, database.name)
        if not replace:
            _refuse_content(home, database)
        _put_back(source, settings, manifest["files"], database, tell)
    tell(
        f"{home} holds the backup of {time.strftime('%Y-%m-%d %H:%M', time.localtime(manifest['created_at']))}"
    )


def _refuse_content(home: Path, database: StoreCopies) -> None:
    if _content(home):
        raise StoreError(
            N_("the home folder is not empty."),
            hint=N_(
                "Choose another with DLCORE_HOME, or call restore with `--replace`, which moves it aside."
            ),
            where=str(home),
        )
    if not database.is_empty():
        raise StoreError(
            N_("the database is not empty."),
            hint=N_("Name another, or call restore with `--replace`, which keeps what is there beside it."),
            where="DLCORE_DATABASE_URL",
        )


def _put_back(
    source: Path, settings: Settings, files: Mapping[str, Any], database: StoreCopies, tell: Tell
) -> None:
    home = settings.home_dir
    part, old = home / ".restoring", _content(home)
    try:
        settings.make_home()
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        for name, about in files.items():
            if _copy(source / name, part / name) != (about["size"], about["checksum"]):
                raise _damaged(source, name)
        tell(f"{len(files)} files are as they were backed up")
        aside = time.strftime(f"{_ASIDE}%Y%m%d-%H%M%S")
        database.bring_back(part, aside)
        if old:
            _move_aside(home, old, aside)
            tell(f"what was there is in {home / aside} now")
        # The store last: until it is there, this is no home.
        for path in sorted(part.iterdir(), key=lambda path: path.name == STORE):
            put_in_place(path, home / path.name)
    except OSError as error:
        raise _failed(error, home) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _content(home: Path) -> list[Path]:
    """Returns what is in a home, but for what earlier restorations moved aside or began."""
    if not home.is_dir():
        return []
    return [path for path in home.iterdir() if not path.name.startswith((_ASIDE, ".restoring"))]


def _move_aside(home: Path, content: Iterable[Path], name: str) -> None:
    """Moves what is in a home into a new folder within it."""
    aside = home / name
    aside.mkdir()
    for path in content:
        path.rename(aside / path.name)


def _fill(settings: Settings, part: Path, tell: Tell) -> None:
    files: dict[str, dict[str, int]] = {}
    began = time.time()
    with suppress(FileNotFoundError):
        size, checksum = _copy(settings.home_dir / KEY_FILE, part / KEY_FILE)
        files[KEY_FILE] = {"size": size, "checksum": checksum}
    for folder in FOLDERS:
        files |= _copy_tree(settings.home_dir, folder, part)
        tell(f"{folder}: {sum(name.startswith(f'{folder}/') for name in files)} files")
    with copies_of(settings) as database:
        ended = database.save(part, began)
    for run in ended:
        shutil.rmtree(part / "runs" / run, ignore_errors=True)
        files = {name: about for name, about in files.items() if not name.startswith(f"runs/{run}/")}
        files |= _copy_tree(settings.home_dir, f"runs/{run}", part)
    databases = [database.name]
    if settings.optuna_url:
        tell("searches: DLCORE_OPTUNA_URL is a database of its own, and not part of this backup")
    elif (settings.home_dir / OPTUNA).is_file():
        copy_sqlite(settings.home_dir / OPTUNA, part / OPTUNA)
        databases.append(OPTUNA)
    files |= {name: _described(part / name) for name in databases}
    tell(f"databases: {', '.join(databases)}")
    manifest = {"format": FORMAT, "version": __version__, "schema": HEAD, "created_at": time.time()}
    write_json(part / MANIFEST, {**manifest, "files": files})


def _copy_tree(home: Path, folder: str, part: Path) -> dict[str, dict[str, int]]:
    """Copies a folder; what is being written, or is removed meanwhile, is left out as a whole."""
    files = {}
    for path in _files(home / folder):
        name = path.relative_to(home).as_posix()
        with suppress(FileNotFoundError):
            size, checksum = _copy(path, part / name)
            files[name] = {"size": size, "checksum": checksum}
    for name in list(files):
        if not (home / name).parent.is_dir():
            (part / name).unlink()
            del files[name]
    return files


def _files(folder: Path) -> Iterator[Path]:
    """Yields all files below a folder whose names do not begin with a dot, nor lie in such a folder."""
    with suppress(FileNotFoundError):
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if path.is_dir() and not path.is_symlink():
                yield from _files(path)
            elif path.is_file():
                yield path


def _copy(source: Path, target: Path) -> tuple[int, int]:
    """Copies a file; returns its size and its checksum."""
    with source.open("rb") as old:
        target.parent.mkdir(parents=True, exist_ok=True)
        size = checksum = 0
        with target.open("wb") as new:
            while block := old.read(_BLOCK):
                new.write(block)
                size, checksum = size + len(block), zlib.crc32(block, checksum)
    shutil.copystat(source, target)
    return size, checksum


def _described(path: Path) -> dict[str, int]:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return {"size": path.stat().st_size, "checksum": checksum}


def _manifest(source: Path) -> Mapping[str, Any]:
    try:
        manifest = read_json(source / MANIFEST)
    except ValueError as error:
        raise _damaged(source, MANIFEST) from error
    if manifest is None:
        raise StoreError(
            N_("there is no backup."), hint=N_("Name a folder that `backup` has made."), where=str(source)
        )
    if manifest["format"] != FORMAT or manifest["schema"] not in known_revisions():
        raise StoreError(
            N_("the backup was made by a newer version ({version})."),
            hint=N_("Update DL Studio, then restore it."),
            where=str(source),
            version=manifest["version"],
        )
    return dict(manifest)


def _check_target(settings: Settings, target: Path) -> None:
    home = settings.home_dir
    if target.is_relative_to(home) or home.is_relative_to(target):
        raise StoreError(
            N_("a backup does not belong into what it is a copy of."),
            hint=N_("Choose a folder elsewhere, best on another disk."),
            where=str(target),
        )
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise StoreError(
            N_("there is something already."),
            hint=N_("Choose a folder that is not there yet."),
            where=str(target),
        )


def _of_another_kind(source: Path, name: str) -> StoreError:
    return StoreError(
        N_("this backup was made of another kind of database: expected {name} in it."),
        hint=N_("Set DLCORE_DATABASE_URL as it was when the backup was made."),
        where=str(source),
        name=name,
    )


def _damaged(source: Path, name: str) -> StoreError:
    return StoreError(
        N_("this backup is damaged: {name} has changed since it was written."),
        hint=N_("Restore another one; nothing was changed."),
        where=str(source),
        name=name,
    )


def _unreadable(home: Path, reason: str) -> StoreError:
    return StoreError(
        N_("a database cannot be copied: {reason}."),
        hint=N_("Call `python -m dlcore doctor`."),
        where=str(home),
        reason=reason,
    )


def _failed(error: OSError, where: Path) -> StoreError:
    return StoreError(
        N_("it cannot be read or written: {reason}."),
        hint=N_("Free disk space, or check the permissions of that path."),
        where=str(error.filename or where),
        reason=error.strerror or str(error),
    )
