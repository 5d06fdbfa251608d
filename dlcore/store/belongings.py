"""All that belongs to one owner, as rows of the store; it can become another one's."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from dlcore.records import JobState, StudyState
from dlcore.store.correction_tables import corrections
from dlcore.store.database import Database
from dlcore.store.lesson_tables import lessons
from dlcore.store.moderation_tables import complaints, hidden
from dlcore.store.share_tables import links, shares
from dlcore.store.tables import drafts, jobs, registered_models, runs, studies, views
from dlcore.store.usage_tables import departures, own_budgets, sendings, turns

PLAIN = (runs, studies, drafts, jobs, links, shares, turns, sendings, complaints, hidden)
"""What may be equal in two owners' hands."""
STAYS = (departures, own_budgets)
"""What is about somebody as they were."""
NAMED = (registered_models, views, lessons, corrections)
"""What an owner has once by its name."""

_STUDIES_AT_WORK = (StudyState.RUNNING, StudyState.PAUSED)
_JOBS_AT_WORK = (JobState.QUEUED, JobState.RUNNING)


class Belongings:
    """What owners of a store have."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_experiments(self, owner: str) -> int:
        """Returns how many runs, studies and drafts somebody has; the runs of a study's trials are part of it."""
        mine = select(func.count()).select_from(runs).where(runs.c.owner == owner, runs.c.study_id.is_(None))
        with self._database.read() as connection:
            others = [
                connection.execute(
                    select(func.count()).select_from(table).where(table.c.owner == owner)
                ).scalar_one()
                for table in (studies, drafts)
            ]
            return int(connection.execute(mine).scalar_one()) + sum(others)

    def is_at_work(self, owner: str) -> bool:
        """Returns whether a search or a job of somebody goes on, which makes more for them."""
        going = [
            select(studies.c.id).where(studies.c.owner == owner, studies.c.state.in_(_STUDIES_AT_WORK)),
            select(jobs.c.id).where(jobs.c.owner == owner, jobs.c.state.in_(_JOBS_AT_WORK)),
        ]
        with self._database.read() as connection:
            return any(connection.execute(query.limit(1)).first() is not None for query in going)

    def move(self, owner: str, to: str) -> None:
        """Makes all that somebody has another one's, in one transaction.

        A kept model whose name the other one has, too, gets a number behind its name. What both have is kept as the other
        one has it: a saved view, how far a lesson is, and what was said of samples.
        """
        with self._database.write() as connection:
            for table in PLAIN:
                connection.execute(update(table).where(table.c.owner == owner).values(owner=to))
            _move_models(connection, owner, to)
            for table in (views, lessons):
                taken = select(table.c.name).where(table.c.owner == to).scalar_subquery()
                connection.execute(delete(table).where(table.c.owner == owner, table.c.name.in_(taken)))
                connection.execute(update(table).where(table.c.owner == owner).values(owner=to))
            _move_corrections(connection, owner, to)


def _move_corrections(connection: Connection, owner: str, to: str) -> None:
    theirs = corrections.alias()
    same = [theirs.c[name] == corrections.c[name] for name in ("dataset", "version", "sample")]
    taken = select(theirs.c.sample).where(theirs.c.owner == to, *same).exists()
    connection.execute(delete(corrections).where(corrections.c.owner == owner, taken))
    connection.execute(update(corrections).where(corrections.c.owner == owner).values(owner=to))


def _move_models(connection: Connection, owner: str, to: str) -> None:
    of = registered_models.c.owner
    taken = set(connection.execute(select(registered_models.c.name).where(of == to)).scalars())
    for row in connection.execute(select(registered_models).where(of == owner)).all():
        name, number = row.name, 2
        while name in taken:
            name, number = f"{row.name[:90]}-{number}", number + 1
        taken.add(name)
        here = registered_models.c.id == row.id
        connection.execute(update(registered_models).where(here).values(owner=to, name=name))
