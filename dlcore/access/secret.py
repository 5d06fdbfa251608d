"""The key that cookies are signed with: from the environment, or made once and kept in the home folder."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from dlcore.durable import write_file
from dlcore.errors import N_, StoreError
from dlcore.locks import locked
from dlcore.settings import Settings

KEY_FILE = "secret.key"


def secret_key(settings: Settings) -> str:
    """Returns the key of this installation, which all of its processes share.

    Raises:
        StoreError: it cannot be kept, or others may read it.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path = settings.home_dir / KEY_FILE
    try:
        if not path.exists():
            settings.make_home()
            with locked(path.with_suffix(".lock")):
                if not path.exists():
                    write_file(path, _write_new)
        _check_private(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StoreError(
            N_("the key cannot be kept: {reason}."),
            hint=N_("Check the permissions of that path, or set DLCORE_SECRET_KEY."),
            where=str(path),
            reason=error.strerror or str(error),
        ) from error


def _write_new(path: Path) -> None:
    """Writes a new key to a file that is its owner's from its first moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")


def _check_private(path: Path) -> None:
    """Checks that nobody else can read the key: who can signs cookies as anybody.

    Raises:
        StoreError: others can.
    """
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreError(
            N_("others may read the key that cookies are signed with."),
            hint=N_("Remove the file: a new one is made, and all visits begin anew."),
            where=str(path),
        )
