"""Alerts: what a person should know of a run or a study, each kind once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from dlcore.records import Run, Study
from dlcore.records.alerts import ENDINGS, STUDY_ENDINGS, Alert, AlertKind, Sign
from dlcore.records.kinds import RUN, SEARCH
from dlcore.records.runs import RunState
from dlcore.records.studies import StudyState
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.run_rows import read_run
from dlcore.store.studies import read_study
from dlcore.store.tables import alerts, runs, studies


class Alerts:
    """The alerts of a store. The supervisor writes them, their owner sees them.

    What a trial shows is kept once for its run, but told as one alert of its study, with a count.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: str, sign: Sign) -> Alert | None:
        """Keeps a sign of a run; of a trial it counts in the alert of its study.

        Returns:
            The alert, if it is news; None if there is one of its kind, or the run was deleted.
        """
        with self._database.write() as connection:
            known = select(alerts.c.number).where(alerts.c.run_id == run_id, alerts.c.kind == sign.kind.value)
            there = select(runs.c.study_id).where(runs.c.id == run_id)
            run = connection.execute(there).one_or_none()
            if run is None or connection.execute(known).first():
                return None
            number: int | None = _insert(connection, sign, run_id=run_id, seen=run.study_id is not None)
            if run.study_id is not None:
                number = _count(connection, run.study_id, sign)
        return None if number is None else self._read(_named().where(alerts.c.number == number))[0]

    def add_to_study(self, study_id: str, sign: Sign) -> Alert | None:
        """Keeps a sign of a study itself.

        Returns:
            The alert; None if there is one of its kind, or the study was deleted.
        """
        with self._database.write() as connection:
            there = select(studies.c.id).where(studies.c.id == study_id)
            if _of_study(connection, study_id, sign) or not connection.execute(there).first():
                return None
            number = _insert(connection, sign, study_id=study_id, seen=False)
        return self._read(_named().where(alerts.c.number == number))[0]

    def of_run(self, run_id: str) -> Sequence[Alert]:
        """Returns the alerts of a run, the oldest first."""
        return self._read(_named().where(alerts.c.run_id == run_id).order_by(alerts.c.number))

    def of_study(self, study_id: str) -> Sequence[Alert]:
        """Returns the alerts of a study, the oldest first."""
        return self._read(_named().where(alerts.c.study_id == study_id).order_by(alerts.c.number))

    def latest(self, *, owner: str, limit: int = 20) -> Sequence[Alert]:
        """Returns the newest alerts of someone's runs and studies, the newest first."""
        listed = or_(alerts.c.study_id.is_not(None), runs.c.study_id.is_(None))
        query = _named().where(_owner() == owner, listed).order_by(alerts.c.number.desc())
        return self._read(query.limit(limit))

    def count_unseen(self, *, owner: str) -> int:
        """Returns how many alerts of someone's runs and studies they have not seen."""
        query = select(func.count()).select_from(_with_names())
        with self._database.read() as connection:
            found = connection.execute(query.where(_owner() == owner, alerts.c.seen.is_(False)))
            return int(found.scalar_one())

    def unseen(self) -> Mapping[str, int]:
        """Returns how many alerts each owner has not seen; without those who have seen all."""
        with self._database.read() as connection:
            return {row.owner: row.number for row in connection.execute(_UNSEEN)}

    def mark_seen(self, *, owner: str, item_id: str = "") -> None:
        """Notes that someone has seen the alerts of a run or a study of theirs; without an id, of all."""
        of_runs = select(runs.c.id).where(runs.c.owner == owner)
        of_studies = select(studies.c.id).where(studies.c.owner == owner)
        own = or_(alerts.c.run_id.in_(of_runs), alerts.c.study_id.in_(of_studies))
        here: list[ColumnElement[bool]] = [alerts.c.seen.is_(False), own]
        if item_id:
            here.append(or_(alerts.c.run_id == item_id, alerts.c.study_id == item_id))
        with self._database.write() as connection:
            connection.execute(update(alerts).where(*here).values(seen=True))

    def forget(self, run_id: str, kinds: Collection[AlertKind]) -> None:
        """Removes alerts of a run that do not hold any more."""
        names = [kind.value for kind in kinds]
        with self._database.write() as connection:
            connection.execute(delete(alerts).where(alerts.c.run_id == run_id, alerts.c.kind.in_(names)))

    def ended_without(self, *, since: float) -> Sequence[Run]:
        """Returns the runs that have ended since a moment and have no alert that says so.

        Of trials only those that failed, unless it was said why.
        """
        found = []
        with self._database.read() as connection:
            for state, kind in ENDINGS.items():
                query = select(runs).where(
                    runs.c.state == state.value, runs.c.finished_at >= since, runs.c.id.not_in(_said(kind))
                )
                of_trial = runs.c.id.not_in(_said(AlertKind.NAN)) if state is RunState.FAILED else None
                no_trial = runs.c.study_id.is_(None)
                query = query.where(no_trial if of_trial is None else or_(no_trial, of_trial))
                found += [read_run(row) for row in connection.execute(query)]
        return found

    def resting_without(self, *, since: float) -> Sequence[Study]:
        """Returns the studies that have ended since a moment, or are paused, and have no alert that says so."""
        found = []
        with self._database.read() as connection:
            for state, kind in STUDY_ENDINGS.items():
                said = select(alerts.c.study_id).where(
                    alerts.c.kind == kind.value, alerts.c.study_id.is_not(None)
                )
                query = select(studies).where(studies.c.state == state.value, studies.c.id.not_in(said))
                if state is StudyState.COMPLETED:
                    query = query.where(studies.c.finished_at >= since)
                found += [read_study(row) for row in connection.execute(query)]
        return found

    def _read(self, query: Select[tuple[object, ...]]) -> Sequence[Alert]:
        with self._database.read() as connection:
            return [_alert(row) for row in connection.execute(query)]


def _said(kind: AlertKind) -> Select[tuple[str | None]]:
    """Returns the query for the ids of the runs that have an alert of a kind."""
    # NULL among them would make `not in` let nothing through.
    return select(alerts.c.run_id).where(alerts.c.kind == kind.value, alerts.c.run_id.is_not(None))


def _insert(connection: Connection, sign: Sign, **values: object) -> int:
    row = {"kind": sign.kind.value, "epoch": sign.epoch, "trials": sign.trials, "created_at": now(), **values}
    made = connection.execute(insert(alerts).values(**row).returning(alerts.c.number))
    return int(made.scalar_one())


def _of_study(connection: Connection, study_id: str, sign: Sign) -> int | None:
    here = (alerts.c.study_id == study_id) & (alerts.c.kind == sign.kind.value)
    return connection.execute(select(alerts.c.number).where(here)).scalar()


def _count(connection: Connection, study_id: str, sign: Sign) -> int | None:
    """Counts another trial in the alert of its study; returns the number of that if it is the first one."""
    number = _of_study(connection, study_id, sign)
    if number is None:
        return _insert(connection, Sign(sign.kind, trials=1), study_id=study_id, seen=False)
    more = update(alerts).where(alerts.c.number == number).values(trials=alerts.c.trials + 1)
    connection.execute(more)
    return None


def _with_names() -> FromClause:
    of_run = alerts.outerjoin(runs, runs.c.id == alerts.c.run_id)
    return of_run.outerjoin(studies, studies.c.id == alerts.c.study_id)


def _owner() -> ColumnElement[str]:
    return func.coalesce(runs.c.owner, studies.c.owner)


def _named() -> Select[tuple[object, ...]]:
    name = func.coalesce(runs.c.name, studies.c.name).label("name")
    return select(*alerts.c, name).select_from(_with_names())


def _alert(row: Row[tuple[object, ...]]) -> Alert:
    about, item_id = (RUN, row.run_id) if row.run_id is not None else (SEARCH, row.study_id)
    sign = Sign(enum_member(AlertKind, row.kind), row.epoch, row.trials)
    return Alert(row.number, about, item_id, row.name, sign, to_datetime(row.created_at), row.seen)


_UNSEEN = (
    select(_owner().label("owner"), func.count().label("number"))
    .select_from(_with_names())
    .where(alerts.c.seen.is_(False))
    .group_by(_owner())
)
