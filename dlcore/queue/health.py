"""How the place is, for its admins: what works, which versions, and how it is set, without its secrets."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import SecretStr

from dlcore.access.actors import Actor
from dlcore.access.audit import last_audit_lines
from dlcore.access.permissions import check_admin
from dlcore.queue.readiness import readiness
from dlcore.records import Worker
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.version import __version__

_PACKAGES = {
    "Streamlit": "streamlit",
    "Keras": "keras",
    "TensorFlow": "tensorflow",
    "SQLAlchemy": "sqlalchemy",
}
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_SECRET = frozenset({"database_url", "optuna_url", "webhook_url"})
"""Settings beside those of a secret's type that may hold a password."""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        variable: of the environment.
        value: what it is; of a secret only whether there is one.
        is_usual: whether that is what it is where nobody has set it.
    """

    variable: str
    value: str
    is_usual: bool


@dataclass(frozen=True)
class Health:
    """How a place is.

    Attributes:
        parts: `ok`, or what is amiss, by the name of the part.
        worker: the supervisor, if one is known.
        free, total: of the disk that the home folder is on, in bytes.
        versions: by the name of the program.
        database: what the store is in.
        settings: those that somebody has set first.
    """

    parts: Mapping[str, str]
    worker: Worker | None
    free: int
    total: int
    versions: Mapping[str, str]
    database: str
    settings: Sequence[Setting]


def health(store: Store, *, actor: Actor) -> Health:
    """Returns how the place is.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "health.look")
    disk = shutil.disk_usage(store.settings.home_dir)
    return Health(
        readiness(store.settings, store.whole),
        store.workers.current(),
        disk.free,
        disk.total,
        _versions(),
        _DATABASES[store.whole.database.url.get_backend_name()],
        settings_of(store.settings),
    )


def settings_of(settings: Settings) -> Sequence[Setting]:
    """Returns all settings as they may be shown, those first that somebody has set."""
    found = [_setting(settings, name) for name in type(settings).model_fields]
    return sorted(found, key=lambda one: (one.is_usual, one.variable))


def _setting(settings: Settings, name: str) -> Setting:
    field, value = type(settings).model_fields[name], getattr(settings, name)
    is_secret = isinstance(value, SecretStr)
    plain = value.get_secret_value() if is_secret else value
    if is_secret or name in _SECRET:
        shown = "•••" if plain else ""
    else:
        shown = (
            ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
        )
    return Setting(str(field.validation_alias or f"DLCORE_{name.upper()}"), shown, value == field.default)


def _versions() -> dict[str, str]:
    found = {"DL Studio": __version__, "Python": platform.python_version()}
    for title, name in _PACKAGES.items():
        with suppress(PackageNotFoundError):
            found[title] = version(name)
    return found


def audit_tail(store: Store, count: int, *, actor: Actor) -> Sequence[Mapping[str, Any]]:
    """Returns the newest of who did what, the newest first.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "audit.look")
    return last_audit_lines(store.settings, count)
