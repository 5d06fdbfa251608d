"""Requests to the queue: submit, stop, resume, delete; each checks the actor."""

from __future__ import annotations

import logging
from typing import Any

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.design.recognition import template_of
from dlcore.design.workload import workload
from dlcore.errors import N_, Message, StateError
from dlcore.log_lines import current_request
from dlcore.queue.budgets import Account
from dlcore.queue.checks import check_actor
from dlcore.queue.library import Library
from dlcore.queue.registry import refuse_if_kept
from dlcore.queue.sources import parent_of, source_path
from dlcore.records import Run, RunState
from dlcore.records.alerts import ENDINGS
from dlcore.records.artifacts import CHECKPOINT_FILE
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.checks import check as check_spec
from dlcore.spec.data import DatasetFacts
from dlcore.store import Store

log = logging.getLogger(__name__)
NO_CHECKPOINT = N_("its checkpoint is gone, so it starts over from the first epoch.")


def submit(
    store: Store,
    spec: ExperimentSpec,
    *,
    owner: str,
    name: str | None = None,
    parent_id: str | None = None,
    number: int | None = None,
) -> Run:
    """Puts a run at the end of the queue.

    Without a name, of its own or of the spec, it gets the usual one: dataset, template and a number, the given
    one if that is free.

    Raises:
        SpecError: the dataset is unknown, the model or the loss does not fit it, or there are no weights
            of the owner's where a fine-tuning looks for them, or no word vectors of that name and length.
        BudgetError: it is more than the owner may use, or the disk is nearly full.
    """
    library = Library.of(store)
    known = library.facts_in(spec.dataset)
    report = check_spec(spec, known, library.vectors_for(spec))
    Account.of(store).check_run(spec, known, report)
    if known.version:
        # A run knows its data forever, whatever comes under the same name later.
        spec = spec.with_values({"dataset.version": known.version})
    source = spec.fine_tuning.source if spec.fine_tuning else None
    if source is not None:
        source_path(store, source, owner=owner)
    columns = run_columns(spec, known, report, owner=owner)
    own = {"name": name or spec.name, "parent_id": parent_id or columns["parent_id"], "number": number}
    run = store.runs.create(**{**columns, **own})
    _note_request(store, run.id, "queued")
    return run


def _note_request(store: Store, run_id: str, what: str) -> None:
    """Notes in the log of a run, and in that of the server, which request it goes back to, if there is one."""
    request = current_request()
    if request:
        store.logs.add(run_id, f"{what} by request {request}")
    log.info("run %s %s", run_id, what)


def run_columns(
    spec: ExperimentSpec, facts: DatasetFacts, report: GraphReport, *, owner: str
) -> dict[str, Any]:
    """Returns the columns of a new run.

    Args:
        spec: what it trains.
        facts: of its dataset.
        report: its model as inferred.
        owner: whose it is.
    """
    return {
        "spec": spec.to_dict(),
        "spec_hash": spec.hash,
        "name": spec.name,
        "owner": owner,
        "dataset": facts.name,
        "template": template_of(spec, facts),
        "epochs": spec.training.epochs,
        "workload": workload(spec, facts, report).to_dict(),
        "parent_id": parent_of(spec.fine_tuning.source if spec.fine_tuning else None),
    }


def request_stop(store: Store, run_id: str, *, actor: Actor) -> None:
    """Asks a run to stop; a queued one is stopped by the supervisor immediately, or once one is running.

    Raises:
        StateError: it has ended already.
    """
    run = store.runs.get(run_id)
    check_actor(store, Verb.STOP, Kind.RUN, run_id, run.owner, actor=actor)
    if not store.runs.request_stop(run_id):
        raise StateError(N_("the run has already ended."), where=run_id)


def resume(store: Store, run_id: str, *, actor: Actor, epochs: int | None = None) -> Run:
    """Queues a run that has ended again; it resumes where it was.

    Without its checkpoint it starts over, and says so.

    Args:
        store: where the run is.
        run_id: which one.
        actor: who asks.
        epochs: how many it should have in the end; by default as many as before.

    Raises:
        StateError: it has not ended, all of its epochs are done, or its model is kept.
        SpecError: it was added from an archive that names somebody else's data.
        BudgetError: it is more than the actor may use, or the disk is nearly full.
    """
    run = store.runs.get(run_id)
    check_actor(store, Verb.CHANGE, Kind.RUN, run_id, run.owner, actor=actor)
    Library.of(store).check_data(run.spec)
    goal = run.epochs if epochs is None else epochs
    _check_resumable(run, goal)
    _check_budget(store, run, goal)
    refuse_if_kept(
        store.registry.of_run(run_id),
        N_("More training would change it. Fine-tune it in a new run, or remove it from the models first."),
        where=run_id,
    )
    reason = None
    if run.epoch and not (store.artifacts.folder(run_id) / CHECKPOINT_FILE).exists():
        reason = Message(NO_CHECKPOINT)
    fresh = {
        "epochs": goal, "reason": reason, "stop_requested": False, "prune_reason": None, "lost_count": 0, "priority": 0,
    }  # fmt: skip
    if not store.runs.move(run, RunState.QUEUED, **fresh):
        raise StateError(
            N_("the run was changed in the meantime."), hint=N_("Reload and try again."), where=run_id
        )
    _note_request(store, run_id, "resumed")
    # It will end again, and that is news.
    store.alerts.forget(run_id, ENDINGS.values())
    return store.runs.get(run_id)


def _check_budget(store: Store, run: Run, goal: int) -> None:
    """Checks that a run may be trained to that epoch; an added one may have any model.

    Raises:
        BudgetError: it may not.
    """
    account = Account.of(store)
    if not account.budget:
        account.check_disk()
        return
    library, spec = Library.of(store), ExperimentSpec.from_dict(run.spec)
    known = library.facts_in(spec.dataset)
    report = check_spec(spec, known, library.vectors_for(spec))
    account.check_run(spec.with_values({"training.epochs": goal}), known, report)


def _check_resumable(run: Run, goal: int) -> None:
    """Checks that a run can be trained to that epoch.

    Raises:
        StateError: it has not ended, or all of its epochs are done.
    """
    if not run.state.final:
        raise StateError(
            N_("the run is {state}; only one that has ended can be resumed."),
            hint=N_("Stop it first."),
            where=run.id,
            state=run.state.value,
        )
    if run.state is RunState.COMPLETED and run.epoch < goal <= run.epochs:
        raise StateError(
            N_("the run ended by itself before epoch {epochs}."),
            hint=N_("Ask for more epochs than {epochs}."),
            where=run.id,
            epochs=run.epochs,
        )
    if goal < max(1, run.epoch) or (run.state is RunState.COMPLETED and goal <= run.epoch):
        raise StateError(
            N_("epochs done: {done}, requested: {goal}."),
            hint=N_("Ask for more epochs."),
            where=run.id,
            done=run.epoch,
            goal=goal,
        )


def delete(store: Store, run_id: str, *, actor: Actor) -> None:
    """Deletes a run that has ended, with its curves, log and files.

    Raises:
        StateError: it has not ended, or its model is kept.
    """
    run = store.runs.get(run_id)
    check_actor(store, Verb.DELETE, Kind.RUN, run_id, run.owner, actor=actor)
    if not run.state.final:
        raise StateError(
            N_("the run is {state}; only one that has ended can be deleted."),
            hint=N_("Stop it first."),
            where=run_id,
            state=run.state.value,
        )
    refuse_if_kept(store.registry.of_run(run_id), N_("Remove it from the models first."), where=run_id)
    if not store.runs.delete(run):
        raise StateError(
            N_("the run was changed in the meantime."), hint=N_("Reload and try again."), where=run_id
        )
    store.whole.removals.finish(run_id)


def position(store: Store, run_id: str) -> int:
    """Returns the place of a run among those that wait, from 1; 0 if it does not wait."""
    return store.queue.position(run_id)


def place_for(store: Store, *, owner: str) -> int:
    """Returns the place that a new run of an owner would get in the queue, from 1."""
    return store.queue.place_for(owner=owner)


def queue_length(store: Store) -> int:
    """Returns how many runs wait."""
    return store.whole.runs.count(states=(RunState.QUEUED,), trials=True)
