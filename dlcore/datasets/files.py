"""Checksums of files, and what is said of those that the system does not let anyone read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dlcore.errors import N_, DatasetError


def sha256_of(path: Path) -> str:
    """Returns the file's SHA-256 in hexadecimal."""
    return digest_of(path, "sha256")


def digest_of(path: Path, method: str) -> str:
    """Returns the file's checksum in hexadecimal, by one of hashlib's methods."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest()


def unreadable(error: OSError, path: Path | None = None) -> DatasetError:
    """Returns the error for a file or folder that the system refuses to read.

    Args:
        error: what the system says.
        path: where it is; by default left to whoever knows what it is called.
    """
    return DatasetError(
        N_("it cannot be read: {reason}."),
        hint=N_("Check the path and its permissions."),
        where=str(path or ""),
        reason=error.strerror or type(error).__name__,
    )
