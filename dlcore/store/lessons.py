"""How far people are with lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from dlcore.records.lessons import LessonProgress
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.lesson_tables import lessons


class Lessons:
    """The progress of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, draft_id: str, *, owner: str) -> None:
        """Begins a lesson, or begins it again, and shows its guide in place of another's.

        Args:
            name: of the lesson.
            draft_id: the experiment that it begins with.
            owner: whose it is.
        """
        at = now()
        row = {"owner": owner, "name": name, "draft_id": draft_id, "step": 0, "done": [], "began_at": at}
        with self._database.write() as connection:
            connection.execute(update(lessons).where(lessons.c.owner == owner).values(opened_at=None))
            connection.execute(delete(lessons).where(*_of(name, owner)))
            connection.execute(insert(lessons).values(**row, opened_at=at))

    def open(self, name: str, *, owner: str) -> None:
        """Shows the guide of a lesson that was begun, in place of another's."""
        with self._database.write() as connection:
            connection.execute(update(lessons).where(lessons.c.owner == owner).values(opened_at=None))
            connection.execute(update(lessons).where(*_of(name, owner)).values(opened_at=now()))

    def close(self, *, owner: str) -> None:
        """Shows no guide; how far each lesson is stays."""
        with self._database.write() as connection:
            connection.execute(update(lessons).where(lessons.c.owner == owner).values(opened_at=None))

    def go(self, name: str, step: int, *, owner: str) -> None:
        """Shows another step, by its number from 0."""
        with self._database.write() as connection:
            connection.execute(update(lessons).where(*_of(name, owner)).values(step=step))

    def note_done(self, name: str, step: int, *, owner: str) -> None:
        """Notes that the check of a step has held."""
        with self._database.write() as connection:
            done = connection.execute(select(lessons.c.done).where(*_of(name, owner))).scalar()
            if done is not None and step not in done:
                connection.execute(
                    update(lessons).where(*_of(name, owner)).values(done=sorted([*done, step]))
                )

    def current(self, *, owner: str) -> LessonProgress | None:
        """Returns the lesson whose guide is shown, if any."""
        query = select(lessons).where(lessons.c.owner == owner, lessons.c.opened_at.is_not(None))
        with self._database.read() as connection:
            row = connection.execute(query.order_by(lessons.c.opened_at.desc())).first()
        return None if row is None else _read(row)

    def all(self, *, owner: str) -> Mapping[str, LessonProgress]:
        """Returns every lesson that somebody has begun, by its name."""
        with self._database.read() as connection:
            found = connection.execute(select(lessons).where(lessons.c.owner == owner))
            return {row.name: _read(row) for row in found}

    def forget(self, *, owner: str) -> None:
        """Removes all that is known of somebody's lessons."""
        with self._database.write() as connection:
            connection.execute(delete(lessons).where(lessons.c.owner == owner))


def _of(name: str, owner: str) -> tuple[Any, Any]:
    return lessons.c.owner == owner, lessons.c.name == name


def _read(row: Row[Any]) -> LessonProgress:
    return LessonProgress(
        row.name,
        row.draft_id,
        row.step,
        frozenset(row.done),
        to_datetime(row.began_at),
        row.opened_at is not None,
    )
