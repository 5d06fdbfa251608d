"""Runs: their rows, their state transitions, and their one writer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, insert, select, update

from dlcore.access.permissions import Kind, missing
from dlcore.design.timing import Timing
from dlcore.errors import N_, Message, StateError
from dlcore.records import FINAL_STATES, MOVES, UNFINISHED_STATES, Run, RunState
from dlcore.store.annotations import name_and_number
from dlcore.store.database import Database, enum_member, now
from dlcore.store.filters import Condition, RunQuery
from dlcore.store.filters.fields import Field
from dlcore.store.ids import new_id
from dlcore.store.removals import note_folders
from dlcore.store.run_rows import filtered_runs, read_run
from dlcore.store.tables import runs
from dlcore.store.turns import begin_turn, end_turn

ACTIVE_STATES = (RunState.STARTING, RunState.RUNNING)


@dataclass(frozen=True)
class RunKinds:
    """What runs there are of."""

    states: frozenset[RunState]
    datasets: Sequence[str]
    templates: Sequence[str]


@dataclass(frozen=True)
class Progress:
    """How far a run is: its state, and which attempt it is."""

    state: RunState
    attempt: int


# Built once: to build a statement takes several times as long as to carry it out.
_BY_ID = select(runs).where(runs.c.id == bindparam("this"))
_PROGRESS = select(runs.c.id, runs.c.state, runs.c.attempt).where(
    runs.c.id.in_(bindparam("these", expanding=True))
)


class Runs:
    """The runs of a store.

    One writer per fact: pages create rows and set `stop_requested`; the supervisor places runs and
    marks the lost; everything else is the run process's (see `Reports`).

    Args:
        database: where the rows are.
        member_share: how many turns of the queue a member gets for one of a visitor's.
    """

    def __init__(self, database: Database, member_share: float = 1.0) -> None:
        self._database, self._member_share = database, member_share
        self._query = RunQuery(sqlite=database.is_sqlite)

    def create(
        self,
        *,
        spec: dict[str, Any],
        spec_hash: str,
        owner: str,
        dataset: str,
        epochs: int,
        name: str = "",
        template: str = "",
        workload: dict[str, Any] | None = None,
        parent_id: str | None = None,
        number: int | None = None,
    ) -> Run:
        """Returns a new run at the end of the queue; without a name it gets one that counts.

        Its number is the given one, if that is free.
        """
        with self._database.write() as connection:
            called = name_and_number(
                connection, owner=owner, dataset=dataset, template=template, name=name, wanted=number
            )
            run_id = add_run(
                connection, spec=spec, spec_hash=spec_hash, owner=owner, dataset=dataset, template=template,
                workload=workload or {}, epochs=epochs, parent_id=parent_id, **called,
            )  # fmt: skip
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """Returns the run of that id.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"this": run_id}).one_or_none()
        if row is None:
            raise missing(Kind.RUN, run_id)
        return read_run(row)

    def progress(self, ids: Collection[str]) -> Mapping[str, Progress]:
        """Returns how far runs are, by their ids, without reading what they are; those that are gone are left out."""
        with self._database.read() as connection:
            found = connection.execute(_PROGRESS, {"these": list(ids)})
            return {row.id: Progress(enum_member(RunState, row.state), row.attempt) for row in found}

    def list(
        self,
        *,
        owner: str | None = None,
        states: Collection[RunState] = (),
        datasets: Collection[str] = (),
        search: str = "",
        study: str = "",
        trials: bool = False,
        archived: bool | None = None,
        where: Condition | None = None,
        sort: Field | None = None,
        ascending: bool = False,
        limit: int = 200,
        offset: int = 0,
    ) -> Sequence[Run]:
        """Returns runs, newest first; an empty filter lets all through except the trials of studies.

        Args:
            owner: whose.
            states: which states.
            datasets: on which datasets.
            search: a part of the name, or the beginning of the id.
            study: the id of a study: its trials, and nothing else.
            trials: whether trials of studies are among them.
            archived: only those that are archived, or only those that are not; by default both.
            where: a filter of one line; see `dlcore.store.filters`.
            sort: what to sort by instead of the age; runs without a value come last.
            ascending: whether the lowest value comes first.
            limit: how many at most.
            offset: how many of the newest to leave out.
        """
        query = filtered_runs(select(runs), owner, states, datasets, search, study, trials, archived)
        query = self._ordered(self._narrowed(query, where), sort, ascending=ascending)
        query = query.limit(limit).offset(offset)
        with self._database.read() as connection:
            return [read_run(row) for row in connection.execute(query)]

    def count(
        self,
        *,
        owner: str | None = None,
        states: Collection[RunState] = (),
        datasets: Collection[str] = (),
        search: str = "",
        study: str = "",
        trials: bool = False,
        archived: bool | None = None,
        where: Condition | None = None,
    ) -> int:
        """Returns how many runs pass the filters."""
        query = filtered_runs(
            select(func.count()).select_from(runs), owner, states, datasets, search, study, trials, archived
        )
        with self._database.read() as connection:
            return int(connection.execute(self._narrowed(query, where)).scalar_one())

    def page(
        self,
        *,
        limit: int,
        offset: int = 0,
        owner: str | None = None,
        trials: bool = False,
        archived: bool | None = None,
        where: Condition | None = None,
        sort: Field | None = None,
        ascending: bool = False,
    ) -> tuple[Sequence[Run], int]:
        """Returns some of the runs that pass the filters, as `list` does, and how many pass them in all.

        The filter is evaluated once, over the ids of all; only the runs of the page are read whole.
        """
        query = filtered_runs(select(runs.c.id), owner, (), (), "", "", trials, archived)
        query = self._ordered(self._narrowed(query, where), sort, ascending=ascending)
        with self._database.read() as connection:
            ids = connection.execute(query).scalars().all()
            chosen = ids[offset : offset + limit]
            rows = connection.execute(select(runs).where(runs.c.id.in_(chosen)))
            found = {row.id: read_run(row) for row in rows}
        return [found[run_id] for run_id in chosen], len(ids)

    def values(
        self,
        fields: Sequence[Field],
        *,
        owner: str | None = None,
        trials: bool = False,
        archived: bool | None = None,
        where: Condition | None = None,
    ) -> Sequence[tuple[str, Sequence[Any]]]:
        """Returns the id of each run that passes the filters, and what it has in some fields; newest first.

        Nothing else of the runs is read: of 10,000 their specs alone are 30 MB.
        """
        columns = [self._query.plain(field).label(f"f{place}") for place, field in enumerate(fields)]
        query = filtered_runs(select(runs.c.id, *columns), owner, (), (), "", "", trials, archived)
        query = self._narrowed(query, where).order_by(runs.c.created_at.desc(), runs.c.id)
        with self._database.read() as connection:
            return [(row[0], list(row[1:])) for row in connection.execute(query)]

    def kinds(self, *, owner: str) -> RunKinds:
        """Returns of which states, datasets and templates someone has runs, but for trials."""
        found = select(runs.c.state, runs.c.dataset, runs.c.template).distinct()
        found = found.where(runs.c.owner == owner, runs.c.study_id.is_(None))
        with self._database.read() as connection:
            rows = connection.execute(found).all()
        return RunKinds(
            frozenset(enum_member(RunState, row.state) for row in rows),
            sorted({row.dataset for row in rows}),
            sorted({row.template for row in rows if row.template}),
        )

    def unfinished(self, *, owner: str) -> Sequence[tuple[str, RunState]]:
        """Returns ids and states of an owner's runs that have not ended, but for trials: first those at work.

        Only these columns: a page that shows a list asks it again and again.
        """
        waits = runs.c.state == RunState.QUEUED.value
        query = filtered_runs(
            select(runs.c.id, runs.c.state), owner, UNFINISHED_STATES, (), "", "", False, None
        )
        with self._database.read() as connection:
            found = connection.execute(query.order_by(waits, runs.c.queued_at, runs.c.id))
            return [(row.id, enum_member(RunState, row.state)) for row in found]

    def existing(self, ids: Collection[str]) -> frozenset[str]:
        """Returns those of some ids of which there is a run."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(runs.c.id).where(runs.c.id.in_(ids))).scalars())

    def children(self, run_id: str) -> Sequence[Run]:
        """Returns the runs that began with the weights of this one, oldest first."""
        query = select(runs).where(runs.c.parent_id == run_id).order_by(runs.c.created_at, runs.c.id)
        with self._database.read() as connection:
            return [read_run(row) for row in connection.execute(query)]

    def active(self) -> Sequence[Run]:
        """Returns those that a process is, or should be, at work on."""
        with self._database.read() as connection:
            found = connection.execute(select(runs).where(runs.c.state.in_([s.value for s in ACTIVE_STATES])))
            return [read_run(row) for row in found]

    def owners(self, owner: str | None = None) -> Sequence[tuple[str, str]]:
        """Returns the id of each run, and whose it is; by default of everybody's."""
        query = select(runs.c.id, runs.c.owner)
        query = query if owner is None else query.where(runs.c.owner == owner)
        with self._database.read() as connection:
            return [(row.id, row.owner) for row in connection.execute(query)]

    def devices_in_use(self) -> Sequence[str]:
        """Returns the device of each run that is at work."""
        query = select(runs.c.device).where(runs.c.state.in_([s.value for s in ACTIVE_STATES]))
        with self._database.read() as connection:
            return connection.execute(query).scalars().all()

    def process(self, run_id: str) -> tuple[str, int, str] | None:
        """Host, pid and start of the run's process, once it has said them."""
        query = select(runs.c.host, runs.c.pid, runs.c.pid_started).where(runs.c.id == run_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None or row.pid is None else (row.host, row.pid, row.pid_started or "")

    def move(self, run: Run, to: RunState, **values: Any) -> bool:
        """Moves a run on, if it still is where `run` says: of many who try at once, one wins.

        Args:
            run: the run as it was seen; its state and attempt must still hold.
            to: the new state.
            values: further columns to set in the same breath.

        Raises:
            StateError: that move is never allowed.
        """
        if to not in MOVES[run.state]:
            raise StateError(
                N_("a run that is {state} cannot become {to}."),
                where=run.id,
                state=run.state.value,
                to=to.value,
            )
        here = (runs.c.id == run.id) & (runs.c.state == run.state.value) & (runs.c.attempt == run.attempt)
        with self._database.write() as connection:
            # A lost one had its slot as long as it was heard of.
            heard = select(runs.c.heartbeat_at).where(here)
            ended_at = connection.execute(heard).scalar() if to is RunState.LOST else None
            if not _update(connection, here, {"state": to.value, **_stamps(to), **values}):
                return False
            if to is RunState.STARTING:
                begin_turn(connection, run, self._member_share)
            elif run.state.active and not to.active:
                end_turn(connection, run, ended_at or now())
            return True

    def request_stop(self, run_id: str, *, prune_reason: Message | None = None) -> bool:
        """Asks a run to stop; returns whether there was anything to stop.

        Args:
            run_id: which one.
            prune_reason: why its study prunes it, or its owner's budget ends it; without one it is merely stopped.
        """
        final = [state.value for state in FINAL_STATES]
        values: dict[str, Any] = {"stop_requested": True}
        if prune_reason is not None:
            values["prune_reason"] = prune_reason.to_dict()
        with self._database.write() as connection:
            return _update(connection, (runs.c.id == run_id) & runs.c.state.not_in(final), values)

    def of_trial(self, study_id: str, trial: int) -> Sequence[Run]:
        """Returns the runs of a trial, one per seed, in the order of the seeds."""
        query = select(runs).where(runs.c.study_id == study_id, runs.c.trial == trial)
        with self._database.read() as connection:
            return [read_run(row) for row in connection.execute(query.order_by(runs.c.repeat))]

    def lost_count(self, run_id: str) -> int:
        """Returns how often the run's process was lost since someone queued it."""
        with self._database.read() as connection:
            found = connection.execute(select(runs.c.lost_count).where(runs.c.id == run_id))
            return int(found.scalar_one())

    def delete(self, run: Run) -> bool:
        """Deletes a run with its curves and log, if it still is in the state that `run` says.

        Its folder is noted; `Removals.finish` removes it.
        """
        here = (runs.c.id == run.id) & (runs.c.state == run.state.value) & (runs.c.attempt == run.attempt)
        with self._database.write() as connection:
            note_folders(connection, here)
            return connection.execute(delete(runs).where(here)).rowcount == 1

    def timings(
        self, hardware: str, *, limit: int, without: str = ""
    ) -> Sequence[tuple[dict[str, Any], Timing]]:
        """Returns what runs had to do and where their seconds went,
        of the latest ones that ran on some hardware.

        Args:
            hardware: as their rows name it.
            limit: how many of the latest are looked at.
            without: the id of a run that is left out.
        """
        query = (
            select(runs.c.workload, runs.c.timing)
            .where(runs.c.hardware == hardware, runs.c.id != without)
            .order_by(runs.c.created_at.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [(row.workload, Timing.from_dict(row.timing)) for row in rows if row.timing]

    def _ordered(self, query: Select[Any], sort: Field | None, *, ascending: bool) -> Select[Any]:
        if sort is not None:
            value = self._query.value(sort)
            query = query.order_by(value.is_(None), value.asc() if ascending else value.desc())
        return query.order_by(runs.c.created_at.desc(), runs.c.id)

    def _narrowed(self, query: Select[Any], where: Condition | None) -> Select[Any]:
        return query if where is None else query.where(self._query.condition(where))


def _update(connection: Connection, where: ColumnElement[bool], values: dict[str, Any]) -> bool:
    """Returns whether there was a run to set columns of."""
    if isinstance(values.get("reason"), Message):
        values = {**values, "reason": values["reason"].to_dict()}
    return connection.execute(update(runs).where(where).values(**values)).rowcount == 1


def add_run(connection: Connection, **values: Any) -> str:
    """Inserts a run at the end of the queue; returns its id."""
    run_id, moment_now = new_id(), now()
    row = {
        "id": run_id, "state": RunState.QUEUED.value, "summary": {}, "created_at": moment_now,
        "queued_at": moment_now, **values,
    }  # fmt: skip
    connection.execute(insert(runs).values(**row))
    return run_id


def _stamps(to: RunState) -> dict[str, Any]:
    """Returns the moments that a move sets."""
    if to is RunState.QUEUED:
        return {"queued_at": now(), "finished_at": None, "heartbeat_at": None}
    if to is RunState.STARTING:
        return {"heartbeat_at": now(), "attempt": runs.c.attempt + 1, "pid": None, "first_batch_at": None}
    if to is RunState.RUNNING:
        return {"heartbeat_at": now(), "started_at": func.coalesce(runs.c.started_at, now())}
    return {"finished_at": now()} if to in FINAL_STATES else {}
