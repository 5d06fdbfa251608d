"""What the driver of a study writes, in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from dlcore.errors import Message
from dlcore.records import Origin, StudyState, TrialState
from dlcore.records.alerts import STUDY_ENDINGS
from dlcore.store.database import now
from dlcore.store.runs import add_run
from dlcore.store.tables import alerts, runs, studies, study_requests, trials


class StudyWriter:
    """Writes a study and its trials; all of it takes effect together, or nothing.

    Args:
        connection: a transaction that holds the right to write.
        study_id: which study.
    """

    def __init__(self, connection: Connection, study_id: str) -> None:
        self._connection, self._id = connection, study_id

    def add_trial(
        self, number: int, *, origin: Origin, params: dict[str, Any], state: TrialState = TrialState.WAITING
    ) -> None:
        """A new trial; nothing happens if there is one of that number."""
        here = (trials.c.study_id == self._id) & (trials.c.number == number)
        if self._connection.execute(select(trials.c.number).where(here)).first():
            return
        row = {
            "study_id": self._id, "number": number, "state": state.value, "params": params, "values": [],
            "measured": {}, "origin": origin.value, "created_at": now(), "revision": self._next(),
        }  # fmt: skip
        self._connection.execute(insert(trials).values(**row))
        self._count()

    def set_trial(self, number: int, **values: Any) -> None:
        """Sets columns of a trial."""
        row = {name: _plain(value) for name, value in values.items()}
        state = values.get("state")
        if state is TrialState.RUNNING:
            row.setdefault("started_at", now())
        elif state is not None and state.finished:
            row.setdefault("finished_at", now())
        here = (trials.c.study_id == self._id) & (trials.c.number == number)
        self._connection.execute(update(trials).where(here).values(**row, revision=self._next()))
        if state is not None:
            self._count()

    def add_run(self, trial: int, repeat: int, **values: Any) -> str:
        """Returns the run of a trial for one of its seeds: the one that is there, else a new one.

        Args:
            trial: number of the trial.
            repeat: which of its seeds, from 0.
            **values: columns of the run.

        Returns:
            The id of the run.
        """
        here = (runs.c.study_id == self._id) & (runs.c.trial == trial) & (runs.c.repeat == repeat)
        found = self._connection.execute(select(runs.c.id).where(here)).scalar()
        if found is None:
            found = add_run(self._connection, study_id=self._id, trial=trial, repeat=repeat, **values)
        return str(found)

    def set_study(self, **values: Any) -> None:
        """Sets columns of the study."""
        row = {name: _plain(value) for name, value in values.items()}
        state = values.get("state")
        if state is not None:
            row["finished_at"] = now() if state in (StudyState.STOPPED, StudyState.COMPLETED) else None
        if state is StudyState.RUNNING:  # its end will be news again
            kinds = [kind.value for kind in STUDY_ENDINGS.values()]
            here = (alerts.c.study_id == self._id) & alerts.c.kind.in_(kinds)
            self._connection.execute(delete(alerts).where(here))
        self._connection.execute(update(studies).where(studies.c.id == self._id).values(**row))

    def done(self, request_id: int) -> None:
        """Takes a request off the list."""
        self._connection.execute(delete(study_requests).where(study_requests.c.id == request_id))

    def _next(self) -> int:
        here = studies.c.id == self._id
        self._connection.execute(update(studies).where(here).values(revision=studies.c.revision + 1))
        return int(self._connection.execute(select(studies.c.revision).where(here)).scalar_one())

    def _count(self) -> None:
        query = select(trials.c.state, func.count()).where(trials.c.study_id == self._id)
        counts = {row[0]: row[1] for row in self._connection.execute(query.group_by(trials.c.state))}
        self._connection.execute(update(studies).where(studies.c.id == self._id).values(counts=counts))


def _plain(value: Any) -> Any:
    """Returns a value as its column holds it."""
    if isinstance(value, Message):
        return value.to_dict()
    if isinstance(value, (TrialState, StudyState, Origin)):
        return value.value
    return list(value) if isinstance(value, tuple) else value
