"""Checksums of files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Returns the file's SHA-256 in hexadecimal."""
    return digest_of(path, "sha256")


def digest_of(path: Path, method: str) -> str:
    """Returns the file's checksum in hexadecimal, by one of hashlib's methods."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest()
