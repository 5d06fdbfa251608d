"""Uploads from a browser: each has a token, and a folder of that name.

All that is known of an upload is in its folder, so a restarted server resumes it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from dlcore.datasets.files import sha256_of
from dlcore.durable import is_full, read_json, write_json
from dlcore.locks import try_lock
from dlcore.settings import Settings

TOKEN = re.compile(r"[0-9a-f]{32}")
"""Hexadecimal: it is part of a component's key, where Streamlit refuses two underscores in a row."""
KEPT_SECONDS = 24 * 3600.0
"""How long an upload is kept after its last byte came."""
NAME_LENGTH = 255
_UNSEEN = ("Cc", "Cf", "Co", "Cs")


class RefusedError(Exception):
    """A request that an upload cannot take.

    Args:
        status: of the HTTP answer.
        code: what is wrong, a word that the browser's side has a sentence for.
    """

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(code)


@dataclass(frozen=True)
class Upload:
    """One file, wholly or partly here.

    Attributes:
        token: unguessable; whoever has it may send the file.
        owner: whom the file will belong to.
        name: what the file is called in the browser, for showing; never a path.
        size: of the whole file in bytes; 0 until it is begun.
        modified: when the file was last changed there, in milliseconds: the same name and size may have other
            content by now.
        sha256: of the whole file, in hexadecimal, once it is here.
    """

    token: str
    folder: Path
    owner: str
    name: str = ""
    size: int = 0
    modified: int = 0
    sha256: str = ""

    @property
    def content(self) -> Path:
        """The bytes that are here."""
        return self.folder / "content"

    @property
    def received(self) -> int:
        """How many bytes are here."""
        try:
            return self.content.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def done(self) -> bool:
        """Whether the file is here as a whole."""
        return 0 < self.size == self.received

    def lock(self) -> int | None:
        """Returns the right to change it, until the descriptor is unlocked; None while someone else has it."""
        return try_lock(self.folder / "lock")

    def begin(self, name: str, size: int, modified: int, settings: Settings) -> Upload:
        """Returns the same upload, bound to this file; the caller holds its lock.

        Raises:
            RefusedError: the file is too large, has no usable name, or is another than before.
        """
        if self.size:
            if (self.name, self.size, self.modified) != (shown_name(name), size, modified):
                raise RefusedError(409, "other_file")
            return self
        if size <= 0:
            raise RefusedError(400, "empty")
        if size > settings.max_upload_mb * 10**6:
            raise RefusedError(413, "too_large")
        begun = Upload(self.token, self.folder, self.owner, shown_name(name), size, modified)
        _write(begun)
        return begun

    def check_room(self, settings: Settings) -> None:
        """Raises `RefusedError` where the disk cannot hold the rest of the file beside what is kept free."""
        if shutil.disk_usage(self.folder).free < self.size - self.received + settings.least_free_mb * 10**6:
            raise RefusedError(507, "disk")

    def sealed(self) -> Upload:
        """Returns the same with its checksum, if the file is here as a whole; the caller holds its lock."""
        if not self.done or self.sha256:
            return self
        whole = replace(self, sha256=sha256_of(self.content))
        _write(whole)
        return whole

    def reset(self) -> Upload:
        """Returns the same token, free for another file; the caller holds its lock."""
        self.content.unlink(missing_ok=True)
        fresh = Upload(self.token, self.folder, self.owner)
        _write(fresh)
        return fresh


def shown_name(name: str) -> str:
    r"""Returns the last part of a file's name, without characters that cannot be seen.

    Raises:
        RefusedError: nothing is left, or too much.

    Example:
        >>> shown_name("../../etc/cats.zip"), shown_name("C:\\data\\cats.zip")
        ('cats.zip', 'cats.zip')
    """
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(char for char in last if unicodedata.category(char) not in _UNSEEN).strip()
    if not seen or len(seen) > NAME_LENGTH:
        raise RefusedError(400, "name")
    return seen


def new_upload(settings: Settings, *, owner: str) -> Upload:
    """Returns a token for one file of this owner."""
    token = secrets.token_hex(16)
    upload = Upload(token, _uploads_dir(settings) / token, owner)
    _write(upload)
    return upload


def find_upload(token: str, settings: Settings) -> Upload | None:
    """Returns the upload of that token, or None if no page gave it out or it is gone again."""
    if not TOKEN.fullmatch(token):
        return None
    folder = _uploads_dir(settings) / token
    try:
        data = read_json(folder / "upload.json")
    except ValueError:  # damaged: the file is sent again, and this folder swept
        return None
    return Upload(token, folder, **data) if data else None


def all_uploads(settings: Settings) -> list[Upload]:
    """Returns all uploads that are here, wholly or partly."""
    tokens = (folder.name for folder in _uploads_dir(settings).glob("*/"))
    return [found for token in tokens if (found := find_upload(token, settings))]


def discard(upload: Upload) -> None:
    """Removes the file and its token."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def sweep(settings: Settings, *, now: float | None = None) -> int:
    """Removes uploads untouched for a day; returns how many."""
    limit = (time.time() if now is None else now) - KEPT_SECONDS
    folders = _uploads_dir(settings).glob("*/")
    old = [folder for folder in folders if _touched(folder) < limit]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _touched(folder: Path) -> float:
    """Returns when something in the folder was last written; now, if it goes away meanwhile."""
    try:
        return max(entry.stat().st_mtime for entry in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return time.time()


def append(descriptor: int, data: bytes) -> None:
    """Writes all of `data`.

    Raises:
        RefusedError: the disk is full.
    """
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        if is_full(error):
            raise RefusedError(507, "disk") from None
        raise


def _uploads_dir(settings: Settings) -> Path:
    return settings.home_dir / "uploads"


def _write(upload: Upload) -> None:
    data = {name: value for name, value in vars(upload).items() if name not in ("token", "folder")}
    write_json(upload.folder / "upload.json", data)
