"""How much of the disk each owner's things take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from dlcore.datasets.stored import stored_names
from dlcore.datasets.uploads import all_uploads
from dlcore.datasets.vectors.stored import all_vectors
from dlcore.durable import folder_bytes
from dlcore.models import stored_models
from dlcore.queue.datasets import owner_of_dataset
from dlcore.store import Store


@dataclass(frozen=True)
class DiskUse:
    """What somebody's things take, in bytes, by their kind."""

    runs: int = 0
    datasets: int = 0
    models: int = 0
    vectors: int = 0
    uploads: int = 0
    jobs: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(getattr(self, one.name) for one in fields(self))


def disk_use(store: Store, owner: str) -> DiskUse:
    """Returns what an owner's things take.

    Args:
        store: the whole of it.
        owner: whose.
    """
    return disk_by_owner(store, owner=owner).get(owner, DiskUse())


def disk_by_owner(store: Store, *, owner: str | None = None) -> Mapping[str, DiskUse]:
    """Returns what each owner's things take.

    Args:
        store: the whole of it.
        owner: whose alone; by default everybody's.
    """
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for kind, whose, folder in _folders(store, owner):
        if owner is None or whose == owner:
            found[whose][kind] += folder_bytes(folder)
    return {whose: DiskUse(**kinds) for whose, kinds in found.items()}


def _folders(store: Store, of: str | None) -> Iterator[tuple[str, str, Path]]:
    """Yields each folder of somebody's things: its kind, its owner, and where it is; others may be among them."""
    settings = store.settings
    for run_id, owner in store.runs.owners(of):
        yield "runs", owner, store.artifacts.folder(run_id)
    for job_id, owner in store.jobs.owners(of):
        yield "jobs", owner, store.jobs.folder(job_id)
    for name in stored_names(settings):
        yield "datasets", owner_of_dataset(name, settings), settings.stored_dir / name
    for model in stored_models(settings):
        yield "models", model.owner, model.folder
    for vectors in all_vectors(settings.vectors_dir):
        yield "vectors", vectors.about.owner, vectors.folder
    for upload in all_uploads(settings):
        yield "uploads", upload.owner, upload.folder
