"""Jobs: work that pages request and must not do themselves, stored by its arguments."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dlcore.access.permissions import Kind, missing
from dlcore.durable import read_derived
from dlcore.errors import Message
from dlcore.records import Job, JobState, JobUnit
from dlcore.records.artifacts import RESULT_FILE
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.tables import jobs

_ID = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
_NO_PROGRESS = {"done": 0, "total": 0, "unit": "", "cancel_requested": False}
_FRESH: dict[str, Any] = {**_NO_PROGRESS, "state": JobState.QUEUED.value, "lost_count": 0, "reason": None}
"""Of a job that someone has just asked for."""


class Jobs:
    """The jobs of a store, and the folders of their results.

    One writer per fact: pages make rows, take back what still waits and ask that others end; the
    supervisor starts jobs, ends them and fails those whose process is gone; everything else is the process's.

    Args:
        database: where the rows are.
        root: the folder of all jobs' folders.
    """

    def __init__(self, database: Database, root: Path) -> None:
        self._database, self._root = database, root

    def request(
        self,
        what: str,
        arguments: Mapping[str, Any],
        *,
        owner: str,
        key: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> Job:
        """Returns the job that does this: the one that is there, else a new one.

        One that is done but has lost its result is done again, and so is one that came to nothing with
        other arguments: they may name a file that is gone.

        Args:
            what: which kind of job.
            arguments: JSON-ready.
            owner: who asks.
            key: what its result depends on; with `what` it decides the id. By default the arguments.
            again: whether one that has ended is done again.
        """
        job_id = _id_of(what, arguments if key is None else key)
        found = self.find(job_id)
        if found is None:
            row = {
                **_FRESH, "id": job_id, "what": what, "arguments": dict(arguments), "attempt": 0,
                "owner": owner, "created_at": now(),
            }  # fmt: skip
            # Suppressed within the transaction, which makes a StoreError of it on its way out.
            with self._database.write() as connection, suppress(IntegrityError):
                connection.execute(insert(jobs).values(**row))  # someone else may have asked by now
        elif found.state.final and (again or self._is_of_no_use(found, arguments)):
            fresh = {**_FRESH, "arguments": dict(arguments), "created_at": now(), "finished_at": None}
            self._move(job_id, found.attempt, found.state, fresh)
        return self.get(job_id)

    def find(self, job_id: str) -> Job | None:
        """Returns the job of that id, if any."""
        with self._database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        return None if row is None else _job(row)

    def find_like(self, what: str, key: Mapping[str, Any]) -> Job | None:
        """Returns the job of that key, if someone has asked for it."""
        return self.find(_id_of(what, key))

    def get(self, job_id: str) -> Job:
        """Returns the job of that id.

        Raises:
            NotFoundError: there is none.
        """
        found = self.find(job_id)
        if found is None:
            raise missing(Kind.JOB, job_id)
        return found

    def owners(self, owner: str | None = None) -> Sequence[tuple[str, str]]:
        """Returns the id of each job, and whose it is; by default of everybody's."""
        query = select(jobs.c.id, jobs.c.owner)
        query = query if owner is None else query.where(jobs.c.owner == owner)
        with self._database.read() as connection:
            return [(row.id, row.owner) for row in connection.execute(query)]

    def count_unfinished(self, *, owner: str) -> int:
        """Returns how many of somebody's jobs wait or run."""
        query = select(func.count()).where(jobs.c.owner == owner, jobs.c.state.in_(_UNFINISHED))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def unfinished(self) -> Sequence[Job]:
        """Returns those that wait or run; the newest first, for that is what someone looks at."""
        query = (
            select(jobs).where(jobs.c.state.in_(_UNFINISHED)).order_by(jobs.c.created_at.desc(), jobs.c.id)
        )
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def start(self, job: Job) -> bool:
        """Moves a job from *queued* to *running*, in its next attempt; False if it no longer waits."""
        fresh = {"state": JobState.RUNNING.value, "attempt": job.attempt + 1}
        return self._move(job.id, job.attempt, JobState.QUEUED, fresh)

    def report(self, job_id: str, attempt: int, done: int, total: int, unit: JobUnit) -> bool:
        """Notes how far a running job is; False if that attempt is over."""
        values = {"done": done, "total": total, "unit": unit.value}
        return self._move(job_id, attempt, JobState.RUNNING, values)

    def finish(self, job_id: str, attempt: int, reason: Message | None = None) -> bool:
        """Moves a job from *running* to *done*, or with a reason to *failed*;
        False if that attempt is over.
        """
        state = JobState.DONE if reason is None else JobState.FAILED
        said = None if reason is None else reason.to_dict()
        values = {"state": state.value, "reason": said, "finished_at": now()}
        return self._move(job_id, attempt, JobState.RUNNING, values)

    def put_back(self, job: Job, *, lost_count: int) -> bool:
        """Moves a job from *running* back to *queued*: its process was lost through no fault of its own."""
        values = {**_NO_PROGRESS, "state": JobState.QUEUED.value, "lost_count": lost_count}
        return self._move(job.id, job.attempt, JobState.RUNNING, values)

    def request_cancel(self, job_id: str) -> bool:
        """Ends a job that waits, and asks the supervisor to end one that runs; False if it has ended."""
        here, waits = jobs.c.id == job_id, jobs.c.state == JobState.QUEUED.value
        ended = {"state": JobState.CANCELLED.value, "finished_at": now()}
        with self._database.write() as connection:
            if connection.execute(update(jobs).where(here & waits).values(**ended)).rowcount:
                return True
            runs = jobs.c.state == JobState.RUNNING.value
            asked = update(jobs).where(here & runs).values(cancel_requested=True)
            return connection.execute(asked).rowcount == 1

    def cancel(self, job_id: str, attempt: int) -> bool:
        """Moves a job from *running* to *cancelled*: its process has been ended."""
        values = {"state": JobState.CANCELLED.value, "finished_at": now()}
        return self._move(job_id, attempt, JobState.RUNNING, values)

    def withdraw(self, job_id: str) -> None:
        """Takes back a job that still waits: no one looks for its result any more."""
        here = (jobs.c.id == job_id) & (jobs.c.state == JobState.QUEUED.value)
        with self._database.write() as connection:
            connection.execute(delete(jobs).where(here))

    def remove(self, job_id: str) -> bool:
        """Removes a job that has ended, with its files; False if it has not."""
        here = (jobs.c.id == job_id) & jobs.c.state.not_in(_UNFINISHED)
        with self._database.write() as connection:
            gone = connection.execute(delete(jobs).where(here)).rowcount == 1
        if gone:
            shutil.rmtree(self.folder(job_id), ignore_errors=True)
        return gone

    def result(self, job: Job) -> Mapping[str, Any]:
        """Returns what a job that is *done* gave, as it went through JSON.

        Raises:
            NotFoundError: its files have been swept away, or are damaged; ask for it again.
        """
        found = self._result(job)
        if found is None:
            raise missing(Kind.JOB, job.id)
        return found

    def _result(self, job: Job) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = read_derived(self.folder(job.id) / RESULT_FILE)
        return found

    def _is_of_no_use(self, job: Job, arguments: Mapping[str, Any]) -> bool:
        """Returns whether a job that has ended has nothing to say to who asks with these arguments."""
        return self._result(job) is None if job.state is JobState.DONE else job.arguments != arguments

    def sweep(self, *, before: float) -> int:
        """Removes what ended before that moment, with its files; returns how many jobs."""
        query = select(jobs.c.id).where(jobs.c.finished_at < before)
        with self._database.read() as connection:
            old = connection.execute(query).scalars().all()
        for job_id in old:
            with self._database.write() as connection:
                connection.execute(delete(jobs).where(jobs.c.id == job_id, jobs.c.finished_at < before))
            # What cannot be removed now is replaced when the same is asked for again.
            shutil.rmtree(self.folder(job_id), ignore_errors=True)
        self._sweep_parts(before)
        return len(old)

    def _sweep_parts(self, before: float) -> None:
        """Removes what killed processes left behind."""
        for part in self._root.glob(".*"):
            with suppress(FileNotFoundError):  # someone else has just removed it
                if part.stat().st_mtime < before:
                    shutil.rmtree(part, ignore_errors=True)

    def part(self, job: Job) -> Path:
        """Returns where the process of a job that runs gathers its results, until they are whole."""
        folder = self.folder(job.id)
        return folder.with_name(f".{folder.name}.{job.attempt}")

    def folder(self, job_id: str) -> Path:
        """Returns the folder of a job's results; there once it is done.

        Raises:
            NotFoundError: that is no id, so it cannot name a folder.
        """
        if not _ID.fullmatch(job_id):
            raise missing(Kind.JOB, job_id)
        return self._root / job_id

    def _move(self, job_id: str, attempt: int, state: JobState, values: dict[str, Any]) -> bool:
        here = (jobs.c.id == job_id) & (jobs.c.attempt == attempt) & (jobs.c.state == state.value)
        with self._database.write() as connection:
            return connection.execute(update(jobs).where(here).values(**values)).rowcount == 1


def _id_of(what: str, key: Mapping[str, Any]) -> str:
    content = json.dumps([what, key], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        what=row.what,
        arguments=row.arguments,
        state=enum_member(JobState, row.state),
        attempt=row.attempt,
        done=row.done,
        total=row.total,
        unit=enum_member(JobUnit, row.unit),
        cancel_requested=row.cancel_requested,
        lost_count=row.lost_count,
        reason=None if row.reason is None else Message.from_dict(row.reason),
        owner=row.owner,
        created_at=to_datetime(row.created_at),
        finished_at=None if row.finished_at is None else to_datetime(row.finished_at),
    )
