"""Optuna's storage of all studies: written only by the driver, readable by anyone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Sequence
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage, RDBStorage, get_storage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from dlcore.errors import N_, DlcoreError, StoreError
from dlcore.records import Direction, Study
from dlcore.settings import Settings
from dlcore.store.sqlite_file import fold_log, is_damage

LOCKED_SECONDS = 60
# What the database, its driver, or Optuna raise: a driver that is absent, a schema of another version.
_UNUSABLE = (SQLAlchemyError, sqlite3.Error, optuna.exceptions.OptunaError, RuntimeError, ImportError)


def open_storage(settings: Settings) -> BaseStorage:
    """Returns Optuna's storage, made if need be; `optuna-dashboard` may read it at any time.

    Raises:
        StoreError: it cannot be opened.
        DamagedStorageError: it is damaged.
    """
    url = settings.optuna_storage_url
    sqlite = make_url(url).get_backend_name() == "sqlite"
    try:
        if sqlite:
            _use_wal(Path(str(make_url(url).database)))
        arguments: dict[str, Any] = {"connect_args": {"timeout": LOCKED_SECONDS}} if sqlite else {}
        return get_storage(RDBStorage(url, engine_kwargs=arguments))
    except _UNUSABLE as error:
        if is_damage(str(error)):
            raise DamagedStorageError(str(error)) from error
        raise StoreError(
            N_("Optuna's storage cannot be opened: {reason}."),
            hint=N_("Check DLCORE_OPTUNA_URL, and that the folder may be written."),
            where=make_url(url).render_as_string(hide_password=True),
            reason=str(error).splitlines()[0][:300],
        ) from error


class DamagedStorageError(DlcoreError):
    """Optuna's storage makes no sense, so no search can continue.

    Args:
        reason: in the words of the database.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            N_("Optuna's storage is damaged: {reason}."),
            hint=N_("Stop the worker, then call `python -m dlcore doctor --repair` or restore a backup."),
            reason=reason.splitlines()[0][:300],
        )


def explain(error: Exception, where: str) -> DlcoreError:
    """Translates an error of Optuna or its database: damage is permanent, anything else passes."""
    reason = str(error.__cause__ or error)
    if is_damage(reason):
        return DamagedStorageError(reason)
    return StoreError(
        N_("Optuna's storage cannot be read or written: {reason}."),
        hint=N_("Free disk space, or close programs that have it open."),
        where=where,
        reason=reason.splitlines()[0][:300],
    )


def fold_storage(settings: Settings) -> None:
    """Leaves Optuna's storage in one file, where it is an SQLite file; no one writes it any more."""
    url = make_url(settings.optuna_storage_url)
    if url.get_backend_name() == "sqlite" and url.database:
        fold_log(Path(url.database))


def _use_wal(path: Path) -> None:
    """Lets others read while the driver writes."""
    with closing(sqlite3.connect(path, timeout=LOCKED_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _passed_on(name: str) -> Callable[..., Any]:
    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        return getattr(self._inner, name)(*arguments, **named)

    return call


_PassedOn = type(
    "_PassedOn", (BaseStorage,), {name: _passed_on(name) for name in BaseStorage.__abstractmethods__}
)


class WithoutBad(_PassedOn):  # type: ignore[valid-type, misc]
    """A storage in which some trials of one study look failed: samplers and pruners learn nothing from them.

    Optuna lets no one change a trial that is finished, and its storage keeps what was measured.

    Args:
        inner: where all is kept.
        bad: numbers of the trials that should not count; may change at any time.
    """

    def __init__(self, inner: BaseStorage, bad: Container[int]) -> None:
        self._inner, self._bad = inner, bad

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Returns all trials, the bad ones as failed."""
        found = self._inner.get_all_trials(study_id, deepcopy=deepcopy)
        shown = [self._failed(trial) if trial.number in self._bad else trial for trial in found]
        return [trial for trial in shown if states is None or trial.state in states]

    def _failed(self, trial: FrozenTrial) -> FrozenTrial:
        failed = copy(trial)
        failed.state, failed.values = TrialState.FAIL, None
        return failed


class DrivenStudy(optuna.study.Study):
    """An Optuna study that is asked and told from outside.

    Attributes:
        exhausted: its sampler has said that there is nothing left to try.
    """

    exhausted = False

    def stop(self) -> None:
        """What samplers call when they have tried everything; Optuna's own works only within `optimize`."""
        self.exhausted = True


def optuna_name(storage: BaseStorage, study: Study) -> str:
    """Returns what a study is called in Optuna's storage: the name that it had when it began there."""
    known = (one.study_name for one in storage.get_all_studies())
    return next((name for name in known if name.endswith(f"({study.id})")), f"{study.name} ({study.id})")


def open_study(
    storage: BaseStorage, name: str, directions: Sequence[Direction], bad: Container[int]
) -> DrivenStudy:
    """Returns the Optuna study of that name, made if need be."""
    optuna.create_study(study_name=name, storage=storage, directions=list(directions), load_if_exists=True)
    return DrivenStudy(name, WithoutBad(storage, bad))


def delete_study(storage: BaseStorage, name: str) -> None:
    """Removes a study from Optuna's storage, if it is there."""
    if any(study.study_name == name for study in storage.get_all_studies()):
        storage.delete_study(storage.get_study_id_from_name(name))
