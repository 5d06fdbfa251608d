"""What a stranger's process sees as its home: a folder of its own, with what it was asked to work on linked into it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.stored import NAME
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.word_vectors import with_vectors

KEPT_SECONDS = 24 * 3600.0
"""How long what was prepared for a stranger is kept after it was last used."""

_SHARED = ("prepared", "baselines")
"""What all processes of one owner share: it can be made again, and is asked for again and again."""

_SECRET = {"database_url": "", "optuna_url": "", "webhook_url": "", "secret_key": ""}


class PrivateHome:
    """The home of one process of a stranger.

    `settings` name it; `readable` and `writable` are what the process needs of the disk.
    """

    def __init__(self, real: Settings, folder: Path, shared: Path) -> None:
        self._real, self.folder = real, folder
        self.temporary = folder / "tmp"
        most = real.confined_disk_mb // 2
        self.settings = real.with_home(folder).model_copy(
            update={**_SECRET, "prepared_mb": min(most, real.prepared_mb), "data_roots": ()}
        )
        self._readable: list[Path] = [real.datasets_dir, real.weights_dir]
        if real.blocklist is not None:
            self._readable.append(real.blocklist.expanduser().resolve())
        self._shared = [shared / name for name in _SHARED]
        for place in (self.temporary, *self._shared):
            place.mkdir(parents=True, exist_ok=True)
        for place in self._shared:
            (folder / place.name).symlink_to(place)
        for name in CATALOGUE.names():
            self._link_prepared(name)
        os.utime(shared)

    @property
    def readable(self) -> tuple[Path, ...]:
        """What the process may read beside its own."""
        return tuple(self._readable)

    @property
    def writable(self) -> tuple[Path, ...]:
        """What it may write."""
        return (self.folder, *self._shared)

    def show_data(self, spec: ExperimentSpec) -> None:
        """Lets the process see the dataset and the word vectors that a spec names: its owner may use them."""
        self.show_dataset(spec.dataset.name)
        for name in {layer.vectors for _index, layer in with_vectors(spec.model)}:
            self._link(self._real.vectors_dir / name, "vectors")

    def show_dataset(self, name: str) -> None:
        """Lets the process see a stored dataset; the built-in ones are everybody's."""
        if name not in CATALOGUE:
            self._link(self._real.stored_dir / name, "datasets")

    def show(self, paths: Iterable[Path]) -> None:
        """Lets the process read files or folders where they lie."""
        self._readable += [path.resolve() for path in paths]

    def _link(self, target: Path, under: str) -> None:
        if not NAME.fullmatch(target.name) or not target.is_dir():
            return  # whoever opens it says that there is none
        (self.folder / under).mkdir(exist_ok=True)
        (self.folder / under / target.name).symlink_to(target)
        self._readable.append(target)

    def _link_prepared(self, name: str) -> None:
        """Links what is prepared of a built-in dataset, which no stranger's process has written."""
        for found in self._real.prepared_dir.glob(f"{name}*"):
            if found.name == f"{name}.json" or found.name.count("-") == name.count("-") + 2:
                with suppress(FileExistsError):  # by another process, or by the owner's last one
                    (self._shared[0] / found.name).symlink_to(found)
                self._readable.append(found)


@contextmanager
def private_home(settings: Settings, owner: str) -> Iterator[PrivateHome]:
    """Yields a home for one process of a stranger, which is deleted afterwards."""
    shared = _folder_of(settings, owner)
    shared.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=shared))
    try:
        yield PrivateHome(settings, folder, shared)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_private(settings: Settings, *, before: float) -> None:
    """Deletes what was prepared for strangers who have used it last before a moment, in seconds since 1970."""
    for folder in settings.confined_dir.glob("*/"):
        with suppress(FileNotFoundError):  # another supervisor has just deleted it
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def sweep_old(settings: Settings) -> None:
    """Deletes what was prepared for strangers and is no longer used."""
    sweep_private(settings, before=time.time() - KEPT_SECONDS)


def _folder_of(settings: Settings, owner: str) -> Path:
    """Returns the folder of an owner, whose id may hold anything."""
    return settings.confined_dir / sha256(owner.encode()).hexdigest()[:32]
