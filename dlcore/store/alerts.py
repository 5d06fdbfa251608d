"""Alerts: what a person should know of a run, each kind once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, update

from dlcore.records import Run
from dlcore.records.alerts import ENDINGS, Alert, AlertKind, Sign
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.run_rows import read_run
from dlcore.store.tables import alerts, runs


class Alerts:
    """The alerts of a store. The supervisor writes them, their owner sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: str, sign: Sign) -> bool:
        """Keeps a sign of a run; False if there is one of its kind, or the run was deleted."""
        with self._database.write() as connection:
            known = select(alerts.c.number).where(alerts.c.run_id == run_id, alerts.c.kind == sign.kind.value)
            there = select(runs.c.id).where(runs.c.id == run_id)
            if connection.execute(known).first() or not connection.execute(there).first():
                return False
            connection.execute(
                insert(alerts).values(
                    run_id=run_id, kind=sign.kind.value, epoch=sign.epoch, created_at=now(), seen=False
                )
            )
        return True

    def of_run(self, run_id: str) -> Sequence[Alert]:
        """Returns the alerts of a run, the oldest first."""
        return self._read(_named().where(alerts.c.run_id == run_id).order_by(alerts.c.number))

    def latest(self, *, owner: str, limit: int = 20) -> Sequence[Alert]:
        """Returns the newest alerts of someone's runs, the newest first."""
        query = _named().where(runs.c.owner == owner).order_by(alerts.c.number.desc()).limit(limit)
        return self._read(query)

    def count_unseen(self, *, owner: str) -> int:
        """Returns how many alerts of someone's runs they have not seen."""
        query = select(func.count()).select_from(alerts.join(runs, runs.c.id == alerts.c.run_id))
        with self._database.read() as connection:
            found = connection.execute(query.where(runs.c.owner == owner, alerts.c.seen.is_(False)))
            return int(found.scalar_one())

    def mark_seen(self, *, owner: str, run_id: str = "") -> None:
        """Notes that someone has seen the alerts of a run of theirs; without an id, of all."""
        own = select(runs.c.id).where(runs.c.owner == owner)
        here: list[ColumnElement[bool]] = [alerts.c.seen.is_(False), alerts.c.run_id.in_(own)]
        if run_id:
            here.append(alerts.c.run_id == run_id)
        with self._database.write() as connection:
            connection.execute(update(alerts).where(*here).values(seen=True))

    def forget(self, run_id: str, kinds: Collection[AlertKind]) -> None:
        """Removes alerts of a run that do not hold any more."""
        names = [kind.value for kind in kinds]
        with self._database.write() as connection:
            connection.execute(delete(alerts).where(alerts.c.run_id == run_id, alerts.c.kind.in_(names)))

    def ended_without(self, *, since: float) -> Sequence[Run]:
        """Returns the runs, not trials, that have ended since a moment and have no alert that says so."""
        found = []
        with self._database.read() as connection:
            for state, kind in ENDINGS.items():
                said = select(alerts.c.run_id).where(alerts.c.kind == kind.value)
                query = select(runs).where(
                    runs.c.state == state.value, runs.c.study_id.is_(None), runs.c.finished_at >= since,
                    runs.c.id.not_in(said),
                )  # fmt: skip
                found += [read_run(row) for row in connection.execute(query)]
        return found

    def _read(self, query: Select[tuple[object, ...]]) -> Sequence[Alert]:
        with self._database.read() as connection:
            return [_alert(row) for row in connection.execute(query)]


def _named() -> Select[tuple[object, ...]]:
    return select(alerts, runs.c.name).join_from(alerts, runs, runs.c.id == alerts.c.run_id)


def _alert(row: Row[tuple[object, ...]]) -> Alert:
    sign = Sign(enum_member(AlertKind, row.kind), row.epoch)
    return Alert(row.number, row.run_id, row.name, sign, to_datetime(row.created_at), row.seen)
