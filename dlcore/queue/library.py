"""What an actor may read of the files in a home: datasets, word vectors, uploaded models and uploads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dlcore.access.actors import Actor, Role
from dlcore.access.permissions import Kind, Verb, may, missing
from dlcore.datasets import CATALOGUE, DatasetFacts, open_samples
from dlcore.datasets import facts as facts_of
from dlcore.datasets.samples import Samples
from dlcore.datasets.stored import StoredDataset, open_stored, stored_names
from dlcore.datasets.uploads import Upload, find_upload
from dlcore.datasets.vectors.stored import StoredVectors, all_vectors
from dlcore.errors import N_, DatasetError, unknown_name
from dlcore.models import StoredModel, stored_model, stored_models
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.spec.word_vectors import unknown_vectors, with_vectors
from dlcore.store import Store


@dataclass(frozen=True)
class Library:
    """The files of a home as one actor may see them.

    Attributes:
        settings: whose home it is.
        actor: who looks.
        store: where it stands what is shared, as the actor may see it.
        of_run: the dataset of the run whose page is shown; see `shown_with`.
    """

    settings: Settings
    actor: Actor
    store: Store
    of_run: str = ""

    @classmethod
    def of(cls, store: Store) -> Library:
        """Returns what may be seen by whom a store is open to."""
        return cls(store.settings, store.reader, store)

    def shown_with(self, run_id: str) -> Library:
        """Returns what the page of a run needs: besides what the actor has, the dataset of that run.

        Only what the owner of the run may read: the archive of an added run may name anybody's data.

        Raises:
            NotFoundError: there is no run that the actor may look at.
        """
        run = self.store.runs.get(run_id)
        if self.may_read(run.dataset):
            return self
        theirs = Library(self.settings, Actor(run.owner), self.store)
        return replace(self, of_run=run.dataset) if theirs.may_read(run.dataset) else self

    def names(self) -> tuple[str, ...]:
        """Returns the names of the stored datasets, sorted; without what is damaged and may be somebody else's."""
        found = stored_names(self.settings)
        if self._sees_all:
            return found
        readable = self._readable(found)
        return tuple(name for name in found if name in readable)

    def facts(self, name: str, version: str = "") -> DatasetFacts:
        """Returns what is known of a dataset, built in or stored.

        Raises:
            SpecError: there is none of that name that the actor may read.
            DatasetError: it is damaged, or there is no such version.
        """
        self.check_dataset(name)
        return facts_of(name, self.settings, version)

    def facts_in(self, spec: DatasetSpec) -> DatasetFacts:
        """Returns the facts of the dataset that a spec names; see `facts`."""
        return self.facts(spec.name, spec.version)

    def stored(self, name: str, version: str = "") -> StoredDataset:
        """Opens a stored dataset; see `facts`."""
        self.check_dataset(name)
        return open_stored(name, self.settings, version)

    def samples(self, spec: DatasetSpec) -> Samples:
        """Opens the samples of a dataset, without a network; see `facts`."""
        self.check_dataset(spec.name)
        return open_samples(spec, self.settings, use_network=False)

    def vectors(self) -> list[StoredVectors]:
        """Returns the word vectors that the actor may use."""
        found = all_vectors(self.settings.vectors_dir)
        return [one for one in found if may(self.actor, Verb.USE, Kind.VECTORS, one.about.owner)]

    def vectors_for(self, spec: ExperimentSpec) -> Mapping[str, int]:
        """Returns how many numbers a word has in each of the word vectors; nothing where a spec names none."""
        named = any(with_vectors(spec.model))
        return {one.name: one.about.dimension for one in self.vectors()} if named else {}

    def models(self) -> list[StoredModel]:
        """Returns the uploaded models that the actor may use, the newest first."""
        found = stored_models(self.settings)
        return [one for one in found if may(self.actor, Verb.READ, Kind.MODEL, one.owner)]

    def model(self, model_id: str) -> StoredModel:
        """Returns an uploaded model.

        Raises:
            NotFoundError: there is none that the actor may see, or it is damaged.
        """
        found = stored_model(model_id, self.settings)
        if not may(self.actor, Verb.READ, Kind.MODEL, found.owner):
            raise missing(Kind.MODEL, model_id)
        return found

    def upload(self, token: str) -> Upload | None:
        """Returns the upload of a token; None where the actor has none of that token."""
        found = find_upload(token, self.settings)
        return found if found and may(self.actor, Verb.USE, Kind.UPLOAD, found.owner) else None

    def may_read(self, name: str) -> bool:
        """Returns whether the actor may read a dataset: asked also before what is kept in memory of it is shown.

        The owner of the machine may read all; one that is nowhere is then reported by who opens it.
        """
        if self._sees_all or name in CATALOGUE or (name and name == self.of_run):
            return True
        return name in stored_names(self.settings) and name in self._readable([name])

    def check_dataset(self, name: str) -> None:
        """Checks that the actor may read a dataset.

        Raises:
            SpecError: there is none of that name that the actor may read.
        """
        if not self.may_read(name):
            raise unknown_name(N_("dataset"), name, [*CATALOGUE.names(), *self.names()], where="dataset.name")

    def check_data(self, spec: Mapping[str, Any]) -> None:
        """Checks that the actor may use the data that a run is of: the archive of an added run may name anybody's.

        Args:
            spec: of the run, as it is stored.

        Raises:
            SpecError: it names a dataset or word vectors that the actor may not use, or is of another version.
        """
        if self._sees_all:
            return
        wanted = ExperimentSpec.from_dict(spec)
        self.check_dataset(wanted.dataset.name)
        wanted_vectors = {layer.vectors for _index, layer in with_vectors(wanted.model)}
        if not wanted_vectors:
            return
        own = {one.name for one in self.vectors()}
        # Those that were removed are no longer needed: the run has taken from them what it needs.
        others = {one.name for one in all_vectors(self.settings.vectors_dir)} - own
        for name in sorted(wanted_vectors & others):
            raise unknown_vectors(name, own, where="model.layers")

    @property
    def _sees_all(self) -> bool:
        return self.actor.role is Role.ADMIN

    def _readable(self, names: Collection[str]) -> frozenset[str]:
        """Returns those of some stored datasets that the actor may read; with whom one is shared is asked for all at once."""
        owners = {name: self._owner(name) for name in names}
        own = {name for name, owner in owners.items() if may(self.actor, Verb.READ, Kind.DATASET, owner)}
        others = {name: owner for name, owner in owners.items() if name not in own}
        sharing = self.store.shares.of(Kind.DATASET, list(others), others)
        return frozenset(own) | {
            name
            for name, found in sharing.items()
            if may(self.actor, Verb.READ, Kind.DATASET, others[name], found)
        }

    def _owner(self, name: str) -> str:
        """Returns the owner of a stored dataset; of one too damaged to tell, the user who runs the program."""
        try:
            return open_stored(name, self.settings).facts.owner
        except DatasetError:
            return self.settings.owner
