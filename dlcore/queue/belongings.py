"""What somebody made before they signed in becomes theirs as a member, if they want it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlcore.access.actors import Actor
from dlcore.datasets.blocks import reseal
from dlcore.datasets.stored import MANIFEST, lock_stored, version_folders
from dlcore.durable import read_json, write_json
from dlcore.errors import N_, StateError
from dlcore.queue.library import Library
from dlcore.store import Store
from dlcore.store.gate import open_to


@dataclass(frozen=True)
class Possessions:
    """How much of it there is.

    Attributes:
        experiments: runs, studies and drafts.
        data: datasets and word vectors.
        models: uploaded models.
    """

    experiments: int
    data: int
    models: int

    def __bool__(self) -> bool:
        return bool(self.experiments or self.data or self.models)


def possessions(store: Store, owner: Actor) -> Possessions:
    """Returns how much somebody has; an upload that was not stored yet does not count."""
    data, models = _folders(store, owner)
    return Possessions(store.whole.belongings.count_experiments(owner.id), len(data), len(models))


def take_along(store: Store, visitor: Actor, member: Actor) -> None:
    """Makes all that a visitor has a member's.

    What broke off, such as by a full disk, is done by calling it again.

    Args:
        store: where it is.
        visitor: whose it is.
        member: whose it becomes.

    Raises:
        StateError: a search or a job of the visitor goes on, and would make more for them.
    """
    if store.whole.belongings.is_at_work(visitor.id):
        raise StateError(
            N_("a search or a job still makes something for you as a visitor."),
            hint=N_("Wait until it has ended, or stop it."),
        )
    data, models = _folders(store, visitor)
    with lock_stored(store.settings):
        for folder in (*data, *models):
            _give(folder, member.id)
    store.whole.belongings.move(visitor.id, member.id)
    member.tell("take along", visitor.id, allowed=True)


def _folders(store: Store, owner: Actor) -> tuple[list[Path], list[Path]]:
    """Returns where somebody's data lies, each version of it, and where their models do."""
    library = Library.of(open_to(store.whole, owner))
    names = [name for name in library.names() if library.stored(name).facts.owner == owner.id]
    data = [folder for name in names for folder in version_folders(name, store.settings)]
    data += [one.folder for one in library.vectors() if one.about.owner == owner.id]
    return data, [one.folder for one in library.models() if one.owner == owner.id]


def _give(folder: Path, owner: str) -> None:
    about = read_json(folder / MANIFEST)
    (about.get("facts") or about)["owner"] = owner
    write_json(folder / MANIFEST, about)
    reseal(folder, MANIFEST)
