"""Requests about your own datasets; each checks the actor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.datasets import facts
from dlcore.datasets.stored import remove, stored_names
from dlcore.errors import N_, DatasetError, NotFoundError, StateError
from dlcore.queue.checks import check_actor
from dlcore.records import UNFINISHED_STATES, StudyState
from dlcore.settings import Settings
from dlcore.store import Store

_GO_ON = (StudyState.RUNNING, StudyState.PAUSED)


def remove_dataset(store: Store, name: str, *, actor: Actor, version: str = "") -> None:
    """Removes a dataset of your own: one version, or all of them.

    Raises:
        NotFoundError: you have none by that name.
        PermissionDeniedError: it is someone else's.
        StateError: a run that waits or is at work needs it, or a study that is not over.
    """
    if name not in stored_names(store.settings):
        raise NotFoundError(
            N_("there is no dataset '{name}' of your own."), hint=N_("List them: data list."), name=name
        )
    owner = owner_of_dataset(name, store.settings, version)
    check_actor(store, Verb.DELETE, Kind.DATASET, name, owner, actor=actor)
    for run in store.whole.runs.list(states=UNFINISHED_STATES, datasets=(name,), trials=True):
        if _needs(run.spec, version):
            raise StateError(
                N_("run {run} still needs it."), hint=N_("Stop that run first."), where=name, run=run.id
            )
    for study in store.whole.studies.list(states=_GO_ON, dataset=name, limit=1_000_000):
        if _needs(study.spec, version):
            raise StateError(
                N_("study {study} still needs it."),
                hint=N_("Stop that study first."),
                where=name,
                study=study.name,
            )
    remove(name, store.settings, version)
    if name not in stored_names(store.settings):  # who takes the name next has not shared it
        store.whole.shares.forget_dataset(name)
        store.whole.complaints.forget_dataset(name)


def owner_of_dataset(name: str, settings: Settings, version: str = "") -> str:
    """Returns the owner of a dataset; if it is too damaged to tell, the user who runs the program."""
    try:
        return facts(name, settings, version).owner
    except DatasetError:
        return settings.owner


def _needs(spec: Mapping[str, Any], version: str) -> bool:
    """Returns whether an experiment on that dataset is on this version of it; without one, on any."""
    return not version or bool(spec["dataset"]["version"] == version)
