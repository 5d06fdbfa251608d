"""Requests to the registry of models; each checks the actor."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.errors import N_, NotFoundError, StateError, unknown_name
from dlcore.queue.checks import check_actor
from dlcore.records import Run
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.registry import (
    LATEST,
    ModelStage,
    ModelVersion,
    RegisteredModel,
    checked_name,
    split_reference,
)
from dlcore.store import Store


def keep_model(store: Store, run_id: str, name: str, *, actor: Actor, notes: str = "") -> ModelVersion:
    """Keeps a run's model under a name, as its next version; until that is removed, the run stays as it is.

    Args:
        store: where the run is.
        run_id: the run.
        name: of the model, new or one that there is.
        actor: who asks.
        notes: free text.

    Raises:
        PermissionDeniedError: the run is someone else's.
        StateError: it has not ended, or has left no model.
        SpecError: the name cannot be used, or the model is kept under it already.
    """
    run = store.runs.get(run_id)
    check_actor(store, Verb.USE, Kind.RUN, run_id, run.owner, actor=actor)
    if not run.state.final:
        raise StateError(
            N_("the run is {state}; only the model of one that has ended can be kept."),
            hint=N_("Stop it first."),
            where=run_id,
            state=run.state.value,
        )
    if not (store.artifacts.folder(run_id) / MODEL_FILE).is_file():
        raise StateError(
            N_("the run has left no model."), hint=N_("Train it until an epoch is done."), where=run_id
        )
    return store.registry.keep(run_id, name, owner=actor.id, notes=notes)


def set_stage(store: Store, reference: str, stage: str, *, actor: Actor) -> ModelVersion:
    """Moves a version to a stage, and returns it as it is then; what was in production before it is archived.

    Raises:
        NotFoundError: there is no such version of the actor's.
        SpecError: there is no such stage.
    """
    if stage not in list(ModelStage):
        raise unknown_name(N_("stage"), stage, [one.value for one in ModelStage])
    version = find_version(store, reference, actor=actor)
    store.registry.set_stage(version, ModelStage(stage))
    return find_version(store, version.reference, actor=actor)


def edit_model(
    store: Store, name: str, *, actor: Actor, to: str | None = None, notes: str | None = None
) -> RegisteredModel:
    """Changes the name or the notes of a model, and returns it as it is then; what is None stays.

    Whatever names it, such as a service's command, needs the new name from then on.

    Raises:
        NotFoundError: the actor has no such model.
        SpecError: the name or the notes cannot be used, or another model has that name.
    """
    store.registry.edit(name, owner=actor.id, to=to, notes=notes)
    return store.registry.get(name if to is None else checked_name(to), owner=actor.id)


def note_version(store: Store, reference: str, notes: str, *, actor: Actor) -> ModelVersion:
    """Replaces the notes on a version, and returns it as it is then.

    Raises:
        NotFoundError: there is no such version of the actor's.
        SpecError: they are too long.
    """
    version = find_version(store, reference, actor=actor)
    store.registry.set_notes(version, notes)
    return find_version(store, version.reference, actor=actor)


def remove_version(store: Store, reference: str, *, actor: Actor) -> ModelVersion:
    """Removes a version from the registry, and returns it; its run stays, and can be deleted or resumed again.

    Raises:
        NotFoundError: there is no such version of the actor's.
    """
    version = find_version(store, reference, actor=actor)
    store.registry.remove(version)
    return version


def find_version(store: Store, reference: str, *, actor: Actor) -> ModelVersion:
    """Returns the version that a reference names: `name@2`, `name@production`, `name` (the newest one).

    Raises:
        NotFoundError: there is none of the actor's.
    """
    name, which = split_reference(reference) or (reference, LATEST)
    found = store.registry.get(name, owner=actor.id).version(which)
    if found is None:
        raise NotFoundError(
            N_("model '{name}' has no version '{which}'."),
            hint=N_("List them with `dlcore models`."),
            name=name,
            which=which,
        )
    return found


def find_run(store: Store, reference: str, *, actor: Actor) -> Run:
    """Returns a run by its id or the beginning of it, or by the version of a model that it is: `name@2`, `name@production`.

    Raises:
        NotFoundError: there is none.
    """
    if split_reference(reference) is None:
        return store.runs.get(store.ids.whole(reference))
    return store.runs.get(find_version(store, reference, actor=actor).run_id)


def refuse_if_kept(versions: Sequence[ModelVersion], hint: str, *, where: str) -> None:
    """Refuses what would change or delete a model that is kept.

    Raises:
        StateError: names the versions.
    """
    if versions:
        raise StateError(
            N_("a model that you keep comes from it: {versions}."),
            hint=hint,
            where=where,
            versions=", ".join(one.reference for one in versions[:5]),
        )
