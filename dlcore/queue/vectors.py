"""Requests about stored word vectors; each checks the actor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb, check
from dlcore.datasets.vectors.stored import open_vectors, remove_vectors
from dlcore.errors import N_, DatasetError, StateError
from dlcore.records import UNFINISHED_STATES, StudyState
from dlcore.settings import Settings
from dlcore.store import Store

_GO_ON = (StudyState.RUNNING, StudyState.PAUSED)
_ALL = 1_000_000


def remove_stored_vectors(store: Store, name: str, *, actor: Actor) -> None:
    """Removes word vectors of your own; runs that have begun with them keep what they took.

    Raises:
        SpecError: there are none of that name.
        PermissionDeniedError: they are someone else's.
        StateError: a run that waits or is at work needs them, or a study that is not over.
    """
    check(actor, Verb.DELETE, Kind.VECTORS, _owner(name, store.settings), name)
    for run in store.whole.runs.list(states=UNFINISHED_STATES, trials=True, limit=_ALL):
        if _names(run.spec, name):
            raise StateError(
                N_("run {run} still needs it."), hint=N_("Stop that run first."), where=name, run=run.id
            )
    for study in store.whole.studies.list(states=_GO_ON, limit=_ALL):
        if _names(study.spec, name):
            raise StateError(
                N_("study {study} still needs it."),
                hint=N_("Stop that study first."),
                where=name,
                study=study.name,
            )
    remove_vectors(name, store.settings.vectors_dir)


def _owner(name: str, settings: Settings) -> str:
    """Returns the owner; of what is too damaged to tell, the user who runs the program."""
    try:
        return open_vectors(name, settings.vectors_dir).about.owner
    except DatasetError:
        return settings.owner


def _names(spec: Mapping[str, Any], name: str) -> bool:
    """Returns whether a layer of an experiment as it is stored starts with these vectors."""
    return any(layer.get("vectors") == name for layer in spec["model"]["layers"])
