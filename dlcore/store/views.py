"""Views of the table of runs: a filter, an order, columns and groups that a person keeps by a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select

from dlcore.errors import N_, SpecError
from dlcore.store.database import Database
from dlcore.store.tables import views

LONGEST_NAME, MOST_VIEWS = 100, 200


@dataclass(frozen=True)
class SavedView:
    """One of them.

    Attributes:
        query: the parameters of the address of the page of runs.
    """

    name: str
    query: Mapping[str, str] = field(default_factory=dict)


class Views:
    """The views of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, owner: str) -> list[SavedView]:
        """Returns someone's views in alphabetical order."""
        query = select(views.c.name, views.c.query).where(views.c.owner == owner)
        with self._database.read() as connection:
            found = [SavedView(row.name, row.query) for row in connection.execute(query)]
        return sorted(found, key=lambda one: (one.name.casefold(), one.name))

    def save(self, view: SavedView, *, owner: str) -> None:
        """Keeps a view, in place of one of the same name.

        Raises:
            SpecError: the name cannot be used, or there are too many views.
        """
        name = " ".join(view.name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise SpecError(
                N_("expected one line of text, its length from 1 to {most}, got {got}."),
                hint=N_("Give it another name."),
                where="name",
                most=LONGEST_NAME,
                got=len(name),
            )
        of_name = (views.c.owner == owner) & (views.c.name == name)
        with self._database.write() as connection:
            connection.execute(delete(views).where(of_name))
            kept = connection.execute(select(views.c.name).where(views.c.owner == owner)).all()
            if len(kept) >= MOST_VIEWS:
                raise SpecError(
                    N_("the number of views may be at most {most}."),
                    hint=N_("Delete some first."),
                    where="name",
                    most=MOST_VIEWS,
                )
            connection.execute(insert(views).values(owner=owner, name=name, query=dict(view.query)))

    def delete(self, name: str, *, owner: str) -> None:
        """Removes a view; that it is gone already is no error."""
        of_name = (views.c.owner == owner) & (views.c.name == name)
        with self._database.write() as connection:
            connection.execute(delete(views).where(of_name))
