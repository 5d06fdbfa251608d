"""Studies and their trials: made and steered by pages, written by the one driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select

from dlcore.access.permissions import Kind, missing
from dlcore.errors import N_, LeaseLostError, NotFoundError
from dlcore.records import Origin, Study, StudyAction, StudyRequest, StudyState, Trial, TrialState
from dlcore.store.annotations import name_and_number, read_annotation
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.ids import new_id
from dlcore.store.removals import note_folders
from dlcore.store.run_rows import stored_message
from dlcore.store.study_writer import StudyWriter
from dlcore.store.tables import runs, studies, study_requests, trials, workers


class Studies:
    """The studies of a store.

    One writer per fact: pages make studies and requests; everything else is written by the study driver,
    which lives in the supervisor, and only while that one holds the lease.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        *,
        owner: str,
        spec: Mapping[str, Any],
        dataset: str,
        metrics: Sequence[str],
        directions: Sequence[str],
        parallel: int,
        max_trials: int | None,
        max_seconds: float | None,
        target: float | None,
        name: str = "",
        template: str = "",
        number: int | None = None,
    ) -> Study:
        """Returns a new study, which the driver begins; without a name it gets one that counts.

        Its number is the given one, if that is free.
        """
        study_id = new_id()
        row = {
            "id": study_id, "template": template, "owner": owner, "state": StudyState.RUNNING.value,
            "spec": dict(spec), "dataset": dataset, "metrics": list(metrics),
            "directions": list(directions), "parallel": parallel, "max_trials": max_trials,
            "max_seconds": max_seconds, "target": target, "counts": {}, "created_at": now(),
        }  # fmt: skip
        with self._database.write() as connection:
            called = name_and_number(
                connection, owner=owner, dataset=dataset, template=template, name=name, wanted=number
            )
            connection.execute(insert(studies).values(**row, **called))
        return self.get(study_id)

    def get(self, study_id: str) -> Study:
        """Returns the study of that id.

        Raises:
            NotFoundError: there is none.
        """
        found = self._all(select(studies).where(studies.c.id == study_id))
        if not found:
            raise missing(Kind.STUDY, study_id)
        return found[0]

    def named(self, name: str, *, owner: str | None = None) -> Study:
        """Returns the study of that id, or the newest of that name; of an owner, if one is given.

        Raises:
            NotFoundError: there is none.
        """
        query = select(studies).where((studies.c.id == name) | (studies.c.name == name))
        # One's id before the name of another.
        if owner is not None:
            query = query.where(studies.c.owner == owner)
        query = query.order_by(studies.c.id != name, studies.c.created_at.desc(), studies.c.id)
        found = self._all(query.limit(1))
        if not found:
            raise missing(Kind.STUDY, name)
        return found[0]

    def list(
        self,
        *,
        owner: str | None = None,
        search: str = "",
        states: Sequence[StudyState] = (),
        dataset: str = "",
        archived: bool | None = None,
        limit: int = 200,
    ) -> Sequence[Study]:
        """Returns studies, the newest first; an empty filter lets all through.

        Args:
            owner: whose.
            search: a part of the name, or the beginning of the id.
            states: which states.
            dataset: on which dataset.
            archived: only those that are archived, or only those that are not; by default both.
            limit: how many at most.
        """
        query = select(studies).order_by(studies.c.created_at.desc(), studies.c.id).limit(limit)
        if archived is not None:
            query = query.where(studies.c.archived == archived)
        if owner is not None:
            query = query.where(studies.c.owner == owner)
        if search:
            found = studies.c.name.icontains(search, autoescape=True)
            query = query.where(found | studies.c.id.startswith(search, autoescape=True))
        if states:
            query = query.where(studies.c.state.in_([state.value for state in states]))
        if dataset:
            query = query.where(studies.c.dataset == dataset)
        return self._all(query)

    def states(self, *, owner: str | None = None, limit: int = 200) -> Sequence[tuple[str, StudyState]]:
        """Returns ids and states of studies, the newest first.

        Only these columns: a page that shows a list asks it again and again.
        """
        query = select(studies.c.id, studies.c.state).order_by(studies.c.created_at.desc(), studies.c.id)
        if owner is not None:
            query = query.where(studies.c.owner == owner)
        with self._database.read() as connection:
            found = connection.execute(query.limit(limit))
            return [(row.id, enum_member(StudyState, row.state)) for row in found]

    def alive(self) -> Sequence[Study]:
        """Returns those with something to do for their driver, the oldest first."""
        asked = select(study_requests.c.study_id)
        open_trials = select(trials.c.study_id).where(trials.c.state == TrialState.RUNNING.value)
        working = studies.c.state == StudyState.RUNNING.value
        query = select(studies).where(working | studies.c.id.in_(asked) | studies.c.id.in_(open_trials))
        return self._all(query.order_by(studies.c.created_at, studies.c.id))

    def trials(
        self, study_id: str, *, since: int = 0, state: TrialState | None = None, limit: int = 1_000_000
    ) -> Sequence[Trial]:
        """Returns its trials by number.

        Args:
            study_id: whose.
            since: only those that changed after this revision of the study.
            state: only those in that state.
            limit: how many at most; those that changed first.
        """
        query = select(trials).where(trials.c.study_id == study_id)
        if since:
            query = query.where(trials.c.revision > since)
        if state is not None:
            query = query.where(trials.c.state == state.value)
        query = query.order_by(trials.c.revision if since else trials.c.number).limit(limit)
        with self._database.read() as connection:
            found = [_trial(row) for row in connection.execute(query)]
        return sorted(found, key=lambda trial: trial.number)

    def latest(self, study_id: str, limit: int) -> Sequence[Trial]:
        """Returns the finished trials that changed last, the latest first;
        its cost does not grow with the study.
        """
        # By the time and not by the state: its index would be read as a whole, and then sorted.
        query = select(trials).where(trials.c.study_id == study_id, trials.c.finished_at.is_not(None))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(trials.c.revision.desc()).limit(limit))
            return [_trial(row) for row in found]

    def trial(self, study_id: str, number: int) -> Trial:
        """Returns one trial.

        Raises:
            NotFoundError: there is no such number.
        """
        query = select(trials).where(trials.c.study_id == study_id, trials.c.number == number)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(
                N_("there is no trial {number}."),
                hint=N_("Look at the list of the study's trials."),
                where=study_id,
                number=number,
            )
        return _trial(row)

    def best_runs(self, study_ids: Sequence[str]) -> Mapping[str, tuple[str, int]]:
        """Returns the run of the best trial of each study that has one, and how many epochs it took."""
        best = (trials.c.study_id == studies.c.id) & (trials.c.number == studies.c.best)
        query = select(studies.c.id, trials.c.run_id, trials.c.epoch).join_from(studies, trials, best)
        with self._database.read() as connection:
            rows = connection.execute(query.where(studies.c.id.in_(study_ids), trials.c.run_id != ""))
            return {row.id: (row.run_id, row.epoch) for row in rows}

    def ask(self, study_id: str, action: StudyAction, arguments: Mapping[str, Any]) -> None:
        """Asks the driver of a study for something."""
        row = {"study_id": study_id, "action": action.value, "arguments": dict(arguments)}
        with self._database.write() as connection:
            connection.execute(insert(study_requests).values(**row, created_at=now()))

    def requests(self, study_id: str) -> Sequence[StudyRequest]:
        """Returns what was asked of its driver and is not done yet, the oldest first."""
        query = select(study_requests).where(study_requests.c.study_id == study_id)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(study_requests.c.id)).all()
        return [
            StudyRequest(
                r.id, r.study_id, enum_member(StudyAction, r.action), r.arguments, to_datetime(r.created_at)
            )
            for r in found
        ]

    @contextmanager
    def driving(self, study_id: str, worker_id: str) -> Iterator[StudyWriter]:
        """Yields a transaction of the driver of a study.

        Raises:
            LeaseLostError: another supervisor has taken over, so that nothing may be written here.
        """
        with self._database.write() as connection:
            holder = connection.execute(select(workers.c.id).with_for_update()).scalar()
            if holder != worker_id:
                raise LeaseLostError(N_("another supervisor has taken over."), where=study_id)
            yield StudyWriter(connection, study_id)

    def delete(self, study_id: str) -> None:
        """Deletes a study with its trials and runs, whose folders are noted for removal."""
        with self._database.write() as connection:
            note_folders(connection, runs.c.study_id == study_id)
            connection.execute(delete(studies).where(studies.c.id == study_id))

    def _all(self, query: Select[Any]) -> Sequence[Study]:
        with self._database.read() as connection:
            return [read_study(row) for row in connection.execute(query)]


def read_study(row: Row[Any]) -> Study:
    """Returns the study that a row holds."""
    values = row._mapping
    plain = (
        "id", "name", "owner", "spec", "dataset", "parallel", "max_trials", "max_seconds", "target", "best",
        "best_value", "seconds", "revision", "template", "number",
    )  # fmt: skip
    return Study(
        state=enum_member(StudyState, values["state"]),
        metrics=tuple(values["metrics"]),
        directions=tuple(values["directions"]),
        reason=stored_message(values["reason"]),
        counts={enum_member(TrialState, state): count for state, count in values["counts"].items()},
        created_at=to_datetime(values["created_at"]),
        finished_at=None if values["finished_at"] is None else to_datetime(values["finished_at"]),
        annotation=read_annotation(values),
        **{name: values[name] for name in plain},
    )


def _trial(row: Row[Any]) -> Trial:
    values = row._mapping

    def at(name: str) -> Any:
        return None if values[name] is None else to_datetime(values[name])

    plain = (
        "study_id", "number", "params", "measured", "violation", "run_id", "epoch", "bad", "retries",
        "revision",
    )  # fmt: skip
    return Trial(
        state=enum_member(TrialState, values["state"]),
        values=tuple(values["values"]),
        reason=stored_message(values["reason"]),
        origin=enum_member(Origin, values["origin"]),
        created_at=to_datetime(values["created_at"]),
        started_at=at("started_at"),
        finished_at=at("finished_at"),
        **{name: values[name] for name in plain},
    )
