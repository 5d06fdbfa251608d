"""Where the weights of a fine-tuning lie: checked when it is queued, and again when it starts."""

from __future__ import annotations

from pathlib import Path

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb, check
from dlcore.errors import N_, DlcoreError, NotFoundError, SpecError
from dlcore.models import stored_model
from dlcore.records.artifacts import MODEL_FILE
from dlcore.spec.fine_tuning import FromModel, FromRun, Source
from dlcore.store import Store

WHERE = "fine_tuning.source"


def source_path(store: Store, source: Source, *, owner: str) -> Path:
    """Returns the `.keras` file whose weights a source names.

    Args:
        store: where runs and models are.
        source: a run or a model.
        owner: who wants to use it.

    Raises:
        SpecError: the owner has no such run or model, or the run has left no model yet.
    """
    match source:
        case FromRun(run="") | FromModel(model=""):
            raise SpecError(
                N_("the source of the weights is missing."),
                hint=N_("Give the id of a run or of an uploaded model."),
                where=WHERE,
            )
        case FromRun():
            return _of_run(store, source.run, owner)
        case FromModel():
            return _of_model(store, source.model, owner)
        case _:
            raise TypeError(f"no place is known for {source.kind}")


def parent_of(source: Source | None) -> str | None:
    """Returns the run that a run descends from, if its source is one."""
    return source.run if isinstance(source, FromRun) else None


def _of_run(store: Store, run_id: str, owner: str) -> Path:
    where = f"{WHERE}.run"
    try:
        run = store.runs.get(run_id)
        path = store.artifacts.folder(run_id) / MODEL_FILE
        check(Actor(owner), Verb.USE, Kind.RUN, run.owner, run_id)
    except NotFoundError as error:
        raise _missing(error, where) from None
    if not run.state.final or not path.is_file():
        raise SpecError(
            N_("the run '{id}' has no model yet."),
            hint=N_("Wait until it has finished, or choose another."),
            where=where,
            id=run_id,
        )
    return path


def _of_model(store: Store, model_id: str, owner: str) -> Path:
    where = f"{WHERE}.model"
    try:
        model = stored_model(model_id, store.settings)
        check(Actor(owner), Verb.USE, Kind.MODEL, model.owner, model_id)
    except NotFoundError as error:
        raise _missing(error, where) from None
    return model.path


def _missing(error: DlcoreError, where: str) -> SpecError:
    message = error.message
    return SpecError(message.template, hint=message.hint, where=where, **message.params)
