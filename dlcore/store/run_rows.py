"""Rows of the table of runs: which of them pass a filter, and the runs that they hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, false

from dlcore.design.timing import Timing
from dlcore.errors import Message
from dlcore.records import Run, RunState
from dlcore.store.annotations import read_annotation
from dlcore.store.database import enum_member, to_datetime
from dlcore.store.tables import runs


def stored_message(value: Any) -> Message | None:
    """Returns the message that a column holds, if it holds one."""
    return None if value is None else Message.from_dict(value)


def filtered_runs(
    query: Select[Any],
    owner: str | None,
    states: Collection[RunState],
    datasets: Collection[str],
    search: str,
    study: str,
    trials: bool,
    archived: bool | None,
) -> Select[Any]:
    """Returns a query over runs, narrowed to those that `Runs.list` is asked for; empty filters let all through."""
    # Trials would drown everything else; who asks for one by its id finds it.
    by_id = runs.c.id.startswith(search, autoescape=True) if search else false()
    if study:
        query = query.where(runs.c.study_id == study)
    elif not trials:
        query = query.where(runs.c.study_id.is_(None) | by_id)
    if archived is not None:
        query = query.where((runs.c.archived == archived) | by_id)
    if owner is not None:
        query = query.where(runs.c.owner == owner)
    if states:
        query = query.where(runs.c.state.in_([state.value for state in states]))
    if datasets:
        query = query.where(runs.c.dataset.in_(list(datasets)))
    if search:
        query = query.where(runs.c.name.icontains(search, autoescape=True) | by_id)
    return query


def read_run(row: Row[Any]) -> Run:
    """Returns the run that a row holds."""
    values = row._mapping

    def at(name: str) -> Any:
        return None if values[name] is None else to_datetime(values[name])

    moments = (
        "created_at", "queued_at", "started_at", "first_batch_at", "finished_at", "heartbeat_at",
    )  # fmt: skip
    plain = (
        "id", "name", "owner", "spec", "spec_hash", "epochs", "epoch", "step", "steps", "attempt",
        "stop_requested", "device", "hardware", "workload", "seconds", "summary", "parent_id", "study_id",
        "trial", "template", "number",
    )  # fmt: skip
    return Run(
        state=enum_member(RunState, values["state"]),
        reason=stored_message(values["reason"]),
        prune_reason=stored_message(values["prune_reason"]),
        timing=Timing.from_dict(values["timing"]),
        annotation=read_annotation(values),
        **{name: values[name] for name in plain},
        **{name: at(name) for name in moments},
    )
